"""What the chats say: a row each, what was said last beside it, and what was done to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from store.clean import clean_line, clean_text, shorten
from store.pattern import pattern
from tui.presenters.days import when
from tui.presenters.key_names import AS_THEY_COME, KeyNames
from tui.presenters.sessions import title

if TYPE_CHECKING:
    from assistant.types.sessions import SessionLine, TurnText

NONE_SAVED = "No chat is saved yet: ask a question, and it is here."
NONE_FOUND = "No chat holds all of these words; %s closes."
KEYS = (
    ("Enter", "open"),
    ("^e", "rename"),
    ("^d", "delete"),
    ("^z", "undo"),
    ("^s", "export"),
    ("Esc", "close"),
)
"""The keys of the chats with the filter in focus, the most used first."""
UNREADABLE = "The text of this answer cannot be read."
NOTHING_TO_UNDO = "No chat was deleted here."
_SHOWN = 1500
"""Characters of an answer that are shown: more than a large screen has room for."""
_NO_NAME = pattern(r"[^\w]+")
_NAME = 60


@dataclass(frozen=True)
class Beside:
    """A turn as it is shown beside the list."""

    question: str
    when: str
    text: str


WRITES = "Write this chat to a file"
WRITTEN_AS = "Its end says as what: .md, .html, .docx, .json, or .bib for the papers it cites."
"""What is asked of the file of a chat."""


def row(line: SessionLine) -> tuple[str, str]:
    """The two lines of a chat in the list: its name, and when and how long it was."""
    return title(line), f"{when(line.updated_at)} · {_questions(line.turns)}"


def count(shown: int, of: int, *, is_filtered: bool, left_out: int = 0) -> str:
    """How many chats are shown, and what is not looked at."""
    if not is_filtered:
        return _chats(of)
    older = f" · the answers of {left_out:,} older questions are not searched" if left_out else ""
    return f"{shown:,} of {_chats(of)}{older}"


def beside(turn: TurnText | None) -> Beside:
    """What is shown of a turn; of one that is gone nothing."""
    if turn is None:
        return Beside("", "", "")
    text = clean_text(turn.text).strip()
    return Beside(
        clean_text(turn.question).strip(), when(turn.asked_at), text[:_SHOWN] or UNREADABLE
    )


def keys(width: int) -> str:
    """The line of keys, as many as have room."""
    shown = list(KEYS)
    while len(shown) > 1 and len(_keys(shown)) > width:
        shown.pop(-2)
    return _keys(shown)


def _keys(shown: Sequence[tuple[str, str]]) -> str:
    return "  ".join(f"{key} {does}" for key, does in shown)


def deleted(line: SessionLine, keys: KeyNames = AS_THEY_COME) -> str:
    """What is said of a chat that was deleted."""
    return f"Deleted: {shorten(title(line), 40)} ({keys['chats.take_back']} takes it back)"


def restored(line: SessionLine) -> str:
    """What is said of a chat that was put back."""
    return f"Taken back: {shorten(title(line), 40)} is here again"


def renamed(name: str) -> str:
    """What is said of a chat with another name."""
    return f"It is called: {clean_line(name)}"


def written(files: Sequence[Path]) -> str:
    """What is said of a document that was written."""
    return f"Written: {' and '.join(clean_line(str(one)) for one in files)}"


def file_name(line: SessionLine) -> str:
    """The document that a chat is exported to unless another one is named."""
    words = _NO_NAME.sub("-", title(line).lower()).strip("-_")[:_NAME].rstrip("-_")
    return f"{words or 'chat'}.md"


def _questions(number: int) -> str:
    return "1 question" if number == 1 else f"{number:,} questions"


def _chats(number: int) -> str:
    return "1 chat" if number == 1 else f"{number:,} chats"
