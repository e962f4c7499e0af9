"""What stands in a conversation without a question: what may be asked, and the last chats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rich.cells import cell_len

from store.clean import clean_line
from tui.presenters.beginning import model_line
from tui.presenters.days import when
from tui.presenters.key_names import AS_THEY_COME, KeyNames
from tui.presenters.paper_table import fitted
from tui.presenters.sessions import title

if TYPE_CHECKING:
    from assistant.types.sessions import SessionLine

CHATS_SHOWN = 5
"""Chats that are listed; ^r lists all."""
MOST_CHOICES = 9
"""As many as there are digits."""

_MARGIN = 5
"""Cells before the text of a choice: the pointer, its digit, two spaces."""


@dataclass(frozen=True)
class Opening:
    """A row: a question to be asked, a chat to be opened, or the heading of these.

    `number` is the digit that chooses it, 0 for a heading.
    """

    kind: Literal["heading", "question", "chat"]
    text: str
    detail: str = ""
    number: int = 0
    chat: SessionLine | None = None


def openings(questions: Sequence[str], chats: Sequence[SessionLine]) -> tuple[Opening, ...]:
    """The rows for these questions and the first of these chats."""
    rows: list[Opening] = []
    number = 0
    if questions:
        rows.append(Opening("heading", "These papers can answer (Esc, then the digit asks)"))
    for text in questions:
        number += 1
        rows.append(Opening("question", clean_line(text), number=number))
    if chats:
        rows.append(Opening("heading", "Your last chats"))
    for chat in chats[: min(CHATS_SHOWN, MOST_CHOICES - number)]:
        number += 1
        rows.append(Opening("chat", title(chat), when(chat.updated_at), number, chat))
    return tuple(rows)


def parts(one: Opening, width: int, *, is_current: bool) -> tuple[str, str]:
    """What a row says in so many cells, and what stands muted at its end."""
    if one.kind == "heading":
        return "", f"  {one.text}"
    pointer = "▌" if is_current else " "
    room = max(width - _MARGIN - (cell_len(one.detail) + 2 if one.detail else 0), 1)
    text = fitted(one.text, room) if one.detail else one.text
    return f"{pointer} {one.number}  {text}", f"  {one.detail}" if one.detail else ""


def model_told(destination: str, keys: KeyNames = AS_THEY_COME, *, is_extractive: bool) -> str:
    """Which model answers, and the key that connects or chooses one."""
    if is_extractive or not destination:
        return model_line(is_extractive, keys)
    return f"answered by {clean_line(destination)} · {keys['model']} chooses another"
