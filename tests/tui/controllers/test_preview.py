"""What leads on from the paper under the cursor: looked for where the reader rests, once."""

from __future__ import annotations

import asyncio

import pytest
from desk import Desk
from fake_service import FakeService
from waiting import until

from assistant.types.search import SearchResult
from tui.app import QuireApp
from tui.widgets.preview import Preview

LINE = "1 similar"


class SlowService(FakeService):
    """Looks for similar papers until it is let go; counts who is looked at, and at once."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = asyncio.Event()
        self.looked: list[str] = []
        self.at_once = self.most = 0

    async def similar(self, name: str, *args: object, **more: object) -> SearchResult:
        self.looked.append(name)
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await self.go_on.wait()
        self.at_once -= 1
        return await super().similar(name, *args, **more)  # type: ignore[arg-type]


@pytest.fixture
def service() -> SlowService:
    """A service that does not find similar papers until it is let go."""
    return SlowService()


async def test_one_paper_is_looked_at_at_a_time(
    desk: Desk, app: QuireApp, service: SlowService
) -> None:
    async with desk.opened(120, 40):
        await desk.press("f2")
        await until(lambda: service.looked == ["pkelp"])
        # Passed quickly: nothing is looked for, nor while the first one is still looked at.
        await desk.press(*["down", "up"] * 5, "down")
        await asyncio.sleep(0.5)
        assert service.looked == ["pkelp"]
        assert LINE not in desk.text
        service.go_on.set()
        await desk.sees(LINE)
        assert (service.looked, service.most) == (["pkelp", "ptide"], 1)
        # Elsewhere it is not looked for; back here it is, for chats may cite the paper now.
        pane = desk.main.papers.pane
        await desk.press("f3")
        first = desk.main.papers.listed.items[0]
        assert first is not None
        await pane.choose(first)
        await asyncio.sleep(0.5)
        assert len(service.looked) == 2
        await desk.press("f2")
        await until(lambda: service.looked[2:] == ["pkelp"])


async def test_nothing_is_looked_for_where_there_is_no_row_for_it(
    desk: Desk, service: SlowService
) -> None:
    async with desk.opened(80, 24):
        await desk.press("f2", "down")
        await desk.sees("Tides move sediment")
        await asyncio.sleep(0.5)
        assert not service.looked
        await desk.pilot.resize_terminal(120, 40)
        await until(lambda: service.looked == ["ptide"])
        service.go_on.set()
        await desk.sees(LINE)
        assert desk.main.query_one(Preview).is_shown(desk.main.papers.current)


async def test_a_paper_out_of_view_is_read_again_when_it_is_shown(
    desk: Desk, service: SlowService
) -> None:
    """It reads all vectors: not for each mark that is given in the library."""
    service.go_on.set()
    async with desk.opened(80, 24):
        await desk.press("f2", "enter")
        await until(lambda: service.looked == ["pkelp"])
        await desk.press("escape", "asterisk")
        await desk.told("Marked kept")
        await desk.press("l")
        await desk.told("Marked later")
        assert service.looked == ["pkelp"]
        await desk.press("f4")
        await desk.sees("later")
        await until(lambda: service.looked == ["pkelp", "pkelp"])
        await desk.press("asterisk")
        await until(lambda: len(service.looked) == 3)
