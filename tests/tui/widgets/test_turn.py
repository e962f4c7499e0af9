"""The widget of one turn."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from fake_service import make_answer
from textual.app import App, ComposeResult
from textual.widgets import Static

from tui.presenters import turn as turns
from tui.presenters.turn import TurnPage
from tui.widgets.answer_text import AnswerMarkdown
from tui.widgets.turn import TurnView

ASKED = turns.begun("What lives in kelp?")
BEFORE = turns.finished(ASKED, make_answer(note="noted before"))
AFTER = turns.finished(ASKED, make_answer(text="Other.", claims=(), note="noted after"))


class Host(App[None]):
    def compose(self) -> ComposeResult:
        yield TurnView(BEFORE)


@pytest.mark.parametrize("page", [BEFORE, AFTER])
async def test_a_drawing_that_was_stopped_is_made_up_for(
    page: TurnPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the same page, or the one before, is shown next."""
    app, begun = Host(), asyncio.Event()
    whole = AnswerMarkdown.update

    async def endless(self: AnswerMarkdown, text: str) -> None:
        begun.set()
        await asyncio.Event().wait()

    async with app.run_test() as pilot:
        await pilot.pause()
        turn = app.query_one(TurnView)
        monkeypatch.setattr(AnswerMarkdown, "update", endless)
        drawing: asyncio.Task[Any] = asyncio.create_task(turn.show(AFTER))
        await begun.wait()
        drawing.cancel()
        with suppress(asyncio.CancelledError):
            await drawing
        monkeypatch.setattr(AnswerMarkdown, "update", whole)
        await turn.show(page)
        assert turn.shown == page.text
        assert page.text is not None
        assert app.query_one(AnswerMarkdown).source == page.text
        assert str(turn.query_one(".ending", Static).render()) == page.ending
