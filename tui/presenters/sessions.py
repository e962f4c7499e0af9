"""What a saved conversation is called."""

from __future__ import annotations

from assistant.types.sessions import SessionLine
from store.clean import clean_line


def title(line: SessionLine) -> str:
    """The title of a conversation, which says when it has none."""
    return clean_line(line.title) or "(no title)"
