"""The places of the app: their names and keys, and what the first row and the box say of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

from assistant.query.planning.filter_words import described
from store.clean import clean_line, shorten
from tui.presenters import status
from tui.presenters.paper_table import MARKS

if TYPE_CHECKING:
    from assistant.types.asked_of import AskedOf
    from store.types import Status

Place = Literal["library", "ask", "paper"]
"""Where the reader is."""


class PlaceName(NamedTuple):
    """A place, what it is called, and the key that leads there."""

    place: Place
    name: str
    key: str


PLACES = (
    PlaceName("library", "Library", "F2"),
    PlaceName("ask", "Ask", "F3"),
    PlaceName("paper", "Paper", "F4"),
)
"""The places in the order of the first row."""

NO_PAPER = "No paper was read yet: Enter opens the one under the cursor."
"""What is said where the last paper read is wanted, and there is none."""

_WORDS = 60


def told(one: PlaceName, *, is_active: bool) -> str:
    """How a place is written: the active one in brackets, so that it is told without colour."""
    return f"[{one.name}]" if is_active else f" {one.name} "


def library_state(papers: int, marked: Mapping[Status, int]) -> str:
    """How many papers there are, how many of them are unread, and how many are kept."""
    unread, kept = marked.get("unread", 0), marked.get("kept", 0)
    parts = [
        status.papers(papers),
        f"{unread:,} unread" if unread else "",
        f"{kept:,} {MARKS['kept']}" if kept else "",
    ]
    return " · ".join(part for part in parts if part)


def ask_state(questions: int, papers: str) -> str:
    """How many questions the conversation holds, and what is said of the papers."""
    asked = "1 question" if questions == 1 else f"{questions:,} questions"
    return " · ".join(part for part in (asked if questions else "", papers) if part)


def paper_state(at: int, number: int, among: str) -> str:
    """Which of so many papers is read, counted from 0, and what those have in common."""
    return " · ".join(part for part in (f"{at + 1:,} of {number:,}", clean_line(among)) if part)


def similar_state(title: str) -> str:
    """What a paper is read as that another one led to."""
    return f"similar to {shorten(clean_line(title), _WORDS)}"


class Scope(NamedTuple):
    """The papers that a question is put to: their ids, and what they have in common in words.

    Where a search chose them, `query` is what was searched for.
    """

    ids: tuple[str, ...]
    words: str
    query: str = ""

    @property
    def title(self) -> str:
        """How many papers these are, and which."""
        return f"{status.papers(len(self.ids))} ({shorten(clean_line(self.words), _WORDS)})"


def scope_words(asked: AskedOf, papers: int) -> str:
    """How many papers something is asked of again, and which: "12 papers (tag:cil)"."""
    words = shorten(clean_line(asked.words) or described(asked.filter), _WORDS)
    if not papers:
        return f"papers {words}".strip()
    return f"{status.papers(papers)} ({words})" if words else status.papers(papers)


def box_title(papers: int | None, scope: Scope | None) -> str:
    """What is asked: the papers of a scope, or all of them where their number is known."""
    if scope is not None:
        return f"Ask {scope.title}"
    return "Ask" if not papers else f"Ask {status.papers(papers)}"
