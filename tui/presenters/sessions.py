"""What a saved conversation is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.clean import clean_line

if TYPE_CHECKING:
    from assistant.types.sessions import SessionLine


def title(line: SessionLine) -> str:
    """The title of a conversation, which says when it has none."""
    return clean_line(line.title) or "(no title)"
