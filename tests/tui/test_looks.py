"""The theme: as configured, and kept where another is chosen."""

from __future__ import annotations

import pytest
from desk import Desk
from fake_service import FakeService, opener
from waiting import until

from assistant.errors import WrongUse
from tui.app import QuireApp

pytestmark = pytest.mark.asyncio


def keeping(theme: str, kept: list[str], failure: Exception | None = None) -> Desk:
    def keep(name: str) -> None:
        kept.append(name)
        if failure is not None:
            raise failure

    service = FakeService()
    return Desk(QuireApp(opener(service), looks=(theme, keep)), service)


async def test_a_theme_is_taken_from_the_configuration_and_another_is_kept() -> None:
    kept: list[str] = []
    desk = keeping("nord", kept)
    async with desk.opened(120, 40):
        assert desk.app.theme == "nord"
        await desk.pilot.pause()
        assert kept == []
        desk.app.theme = "textual-light"
        await until(lambda: kept == ["textual-light"])
        desk.app.theme = "nord"
        await until(lambda: kept == ["textual-light", "nord"])


async def test_a_theme_that_is_not_there_or_cannot_be_kept_is_said() -> None:
    kept: list[str] = []
    desk = keeping("no such theme", kept, WrongUse("the disk is full", "make room"))
    async with desk.opened(120, 40):
        await desk.told("No theme is called no such theme")
        desk.app.theme = "textual-light"
        await desk.told("The theme is not kept. The disk is full. Make room.")
