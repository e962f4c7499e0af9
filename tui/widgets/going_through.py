"""Going through papers one by one: the next one unread, and a sentence on it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from tui.presenters.sources import Item

_SENTENCES = 500
"""Sentences that are remembered, those met last."""


class ThroughWanted(Message):
    """The reader wants to go through what is unread, or to end that."""


class SentenceWanted(Message):
    """The cursor stands on a paper that is gone through, of which a sentence is to be shown."""

    def __init__(self, item: Item) -> None:
        super().__init__()
        self.item = item


def next_unread(rows: Sequence[Item | None], at: int) -> int | None:
    """The place of the next paper unread behind a place, else of the first before it; or None.

    A row that has not been fetched counts as unread, for what is listed was so.
    """
    order = (*range(at + 1, len(rows)), *range(min(at, len(rows))))
    return next((place for place in order if _is_unread(rows[place])), None)


def _is_unread(item: Item | None) -> bool:
    return item is None or item.row is None or item.row.status == "unread"


class Sentences:
    """A sentence on each of the papers met last, by their ids."""

    def __init__(self) -> None:
        self._of: OrderedDict[str, str] = OrderedDict()

    def __getitem__(self, name: str) -> str:
        """The sentence on a paper; "" where it is not there."""
        return self._of.get(name, "")

    def __contains__(self, name: str) -> bool:
        """True for a paper whose sentence was looked for."""
        return name in self._of

    def put(self, name: str, sentence: str) -> None:
        """Remember a sentence on a paper."""
        self._of[name] = sentence
        if len(self._of) > _SENTENCES:
            self._of.popitem(last=False)
