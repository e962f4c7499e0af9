"""What papers of a library hold, asked of those that a filter leaves."""

from __future__ import annotations

from store.library.library import Library
from store.types import Filter, Words

NO_PAPER = Filter(papers=("",))
"""A filter that leaves nothing."""


def papers_left(wanted: Filter, library: Library) -> Filter:
    """A filter by the ids of the papers that another leaves."""
    ids = tuple(library.ids(wanted))
    return Filter(papers=ids) if ids else NO_PAPER


def is_held(words: tuple[str, ...], wanted: Filter, library: Library) -> bool:
    """True where one of the papers that a filter leaves has all of some words."""
    return library.worded(wanted, [Words(text=word) for word in words], []) is not None
