"""The list of saved conversations, and the heading of a saved question."""

from __future__ import annotations

from collections.abc import Iterable

from assistant.types.sessions import SessionLine
from store.clean import clean_line

NONE_SAVED = "No conversation is saved yet."
"""What stands in the list where there is none."""


def latest_first(sessions: Iterable[SessionLine]) -> list[SessionLine]:
    """The conversations in the order of the list."""
    return sorted(sessions, key=lambda one: one.updated_at, reverse=True)


def count(number: int) -> str:
    """How many conversations there are, and the keys of the list."""
    said = "1 conversation" if number == 1 else f"{number} conversations"
    return f"{said} · Enter opens, r renames, d deletes"


def title(line: SessionLine) -> str:
    """The title of a conversation, which says when it has none."""
    return clean_line(line.title) or "(no title)"


def row(line: SessionLine) -> tuple[str, str]:
    """The two lines of a conversation in the list: its title, and when and how long it was."""
    turns = "1 question" if line.turns == 1 else f"{line.turns} questions"
    when = clean_line(line.updated_at)[:16].replace("T", " ")
    return title(line), f"{when} UTC · {turns}"
