"""The list of sources beside an answer: a row each, what was read alone behind one that folds."""

from __future__ import annotations

import fake_service as fake
import pytest
from desk import Desk
from waiting import until

ALONE = fake.make_answer(
    text="Only kelp [1].", claims=(), references=fake.make_answer().references[:1]
)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_what_was_read_alone_is_unfolded_and_folded(
    desk: Desk, size: tuple[int, int]
) -> None:
    desk.service.scripts.append(fake.whole_answer(ALONE))
    async with desk.opened(*size):
        await desk.ask()
        await desk.press("escape", "s")
        await desk.sees("1 more was read and not cited")
        assert [one.kind for one in desk.main.pane.listed.items if one] == ["cited", "fold"]
        await desk.press("end", "enter")
        kinds = lambda: [one.kind for one in desk.main.pane.listed.items if one]  # noqa: E731
        await until(lambda: kinds() == ["cited", "fold", "read"])
        await desk.press("down")
        await until(lambda: desk.main.pane.shown and desk.main.pane.shown.id == "ptide")
        await desk.press("enter")
        await until(lambda: desk.main.place == "paper")
        assert "2 of 2" in desk.screen
        await desk.press("p")
        await until(lambda: desk.main.reading.item and desk.main.reading.item.id == "pkelp")
        await desk.press("escape", "up")
        await desk.pilot.click(offset=desk.place_of("was read and", 1))
        await until(lambda: kinds() == ["cited", "fold"])


async def test_a_refusal_lists_what_came_near(desk: Desk) -> None:
    refusal = fake.make_answer(
        outcome="not_in_collection",
        text="The collection does not answer this.",
        claims=(),
        references=(),
        near_misses=({"id": "pkelp", "title": "Rockfish", "score": 0.1, "why": "no word of tax"},),
    )
    desk.service.scripts.append(fake.whole_answer(refusal))
    async with desk.opened(120, 40):
        await desk.ask()
        kinds = [one.kind for one in desk.main.pane.listed.items if one]
        assert kinds == ["near", "fold"]
        await desk.press("escape", "s", "down", "up")
        await desk.sees("no word of tax")


async def test_an_opened_list_has_all_rows_of_the_drawer(desk: Desk) -> None:
    async with desk.opened(60, 20):
        await desk.ask()
        await desk.press("escape", "j")
        await until(lambda: desk.main.pane.head.region.height == 1)
        await desk.press("s")
        await until(lambda: desk.main.pane.listed.has_focus)
        await until(lambda: desk.main.pane.head.region.height == 0)
        rows = desk.main.pane.listed.region.height
        assert rows == desk.main.pane.content_region.height - 1, "one is the heading's"
        await desk.press("escape")
        await until(lambda: desk.main.pane.head.region.height == 1)
