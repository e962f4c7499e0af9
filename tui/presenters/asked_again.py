"""Turns whose question can be asked again: what is asked then, and why another is not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from assistant.retrieval.summary_plan import is_summary
from tui.presenters.key_names import AS_THEY_COME, KeyNames

if TYPE_CHECKING:
    from tui.presenters.turn import TurnPage

NOT_AGAIN = "There is no answer whose question could be asked again."
"""What is said where there is nothing to ask again."""


def overtaken(page: TurnPage, number: int, keys: KeyNames = AS_THEY_COME) -> TurnPage:
    """The turn of which so many papers were added since that it would rest on now."""
    new = f"{number} new {'abstract' if number == 1 else 'abstracts'}"
    if page.answer is not None and page.answer.coverage is not None:
        told = f"{new} came since and {'was' if number == 1 else 'were'} not asked"
    else:
        told = f"{new} {'matches' if number == 1 else 'match'} since"
    return replace(page, since=f"{told} · {keys['again']} asks again" if number else "")


def asked_again(page: TurnPage | None) -> str:
    """The question of a turn as it stands alone; "" where there is none to ask again.

    Of a summary it is the title, where it is known what the summary was made of.
    """
    if page is None or page.answer is None:
        return ""
    answer = page.answer
    if is_summary(answer.question) and not is_summed_up(page):
        return ""
    has_title = answer.coverage is not None or is_summed_up(page)
    return answer.standalone or (answer.question if has_title else page.question)


def is_summed_up(page: TurnPage) -> bool:
    """True for a summary of which it is known what it was made of."""
    asked = page.answer.asked_of if page.answer else None
    return asked is not None and asked.is_summary


def other_model_refusal(page: TurnPage | None, keys: KeyNames = AS_THEY_COME) -> str:
    """Why no other model is put to what a turn asks; "" where one may be."""
    if page is None or not asked_again(page):
        return NOT_AGAIN
    if is_summed_up(page) or (page.answer and page.answer.coverage is not None):
        return (
            "Another model is put to a question, by its sources: "
            f"{keys['model']} chooses one for all else."
        )
    return ""
