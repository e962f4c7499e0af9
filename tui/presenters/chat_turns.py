"""The turns of a saved conversation, with what they have to do with each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tui.presenters.turn import Again, TurnPage, asked_again, saved

if TYPE_CHECKING:
    from assistant.types.sessions import Turn, UnreadTurn


def all_saved(turns: Sequence[Turn | UnreadTurn]) -> list[TurnPage]:
    """The turns of a saved conversation, marked where another model answered the same before."""
    pages: list[TurnPage] = []
    asked: dict[str, list[int]] = {}
    for at, page in enumerate(map(saved, turns)):
        answer, text = page.answer, asked_again(page)
        if answer is not None and text:
            earlier = asked.setdefault(text, [])
            of = next((one for one in reversed(earlier) if _model(pages[one]) != answer.model), -1)
            page = replace(page, again=Again(answer.model, of)) if of >= 0 else page
            earlier.append(at)
        pages.append(page)
    return pages


def _model(page: TurnPage) -> str:
    return page.answer.model if page.answer else ""
