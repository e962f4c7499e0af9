"""The list of papers: its rows, of which only some are in memory, and what is said above it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from typing import Generic, TypeVar, overload

from assistant.types.search import Found, SearchResult
from store.clean import clean_line
from store.ledger.browse import Listing, PaperLine
from store.types import Paper
from tui.presenters.paper import about
from tui.presenters.sources import Item

T = TypeVar("T")

PAGE = 100
"""Rows that are fetched at once."""

_KEPT = 30

NONE_FOUND = "No paper speaks to it."
"""What stands in the list where a search found nothing."""


def paper_item(paper: Paper) -> Item:
    """A paper of the library as a list item."""
    return Item("paper", paper.id, clean_line(paper.title), about(paper), None, paper)


def line_item(line: PaperLine) -> Item:
    """A line of the list of papers as an item; the paper itself is asked for when it is read."""
    return Item("paper", line.id, clean_line(line.title), about(line))


def found_item(found: Found) -> Item:
    """A paper that a search found, with the sentence that speaks most to it."""
    item = paper_item(found.paper)
    sentence = found.sentence
    if sentence is None:
        return item
    at_title = sentence.index == 0
    return replace(item, quotes=() if at_title else (sentence.text,), title_cited=at_title)


def none_listed(listing: Listing) -> str:
    """What stands in the list where no paper has the words, or there is none at all."""
    return "No paper has all these words." if listing.total else "No papers yet: a adds some."


def count(listing: Listing) -> str:
    """How many papers are listed, and the keys of the list."""
    total = "1 paper" if listing.total == 1 else f"{listing.total:,} papers"
    listed = f"{len(listing):,} of {total}" if listing.words else total
    return f"{listed} · Enter reads, s summarizes, / filters, a adds"


def ranked_count(result: SearchResult) -> str:
    """How many papers a search found, with its notes."""
    found = "1 paper" if len(result.hits) == 1 else f"{len(result.hits)} papers"
    return " · ".join([f"{found}, best first", *(clean_line(note) for note in result.notes)])


class Pages(Sequence[T | None], Generic[T]):
    """Rows of a list by place; None stands for a row that has not been fetched.

    The pages used last are kept, at most 30.
    """

    def __init__(self, length: int) -> None:
        self._length = length
        self._pages: OrderedDict[int, Sequence[T]] = OrderedDict()

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, at: int) -> T | None: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[T | None]: ...
    def __getitem__(self, at: int | slice) -> T | Sequence[T | None] | None:
        """The row at a place, or the rows of a slice."""
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(self._length))]
        if not 0 <= at < self._length:
            raise IndexError(at)
        number, place = divmod(at, PAGE)
        if number not in self._pages:
            return None
        self._pages.move_to_end(number)
        page = self._pages[number]
        return page[place] if place < len(page) else None

    def lacks(self, at: int) -> bool:
        """True when the page that holds a place has not been fetched."""
        return at // PAGE not in self._pages

    def put(self, number: int, rows: Sequence[T]) -> None:
        """Keep a page, counted from 0; the one used longest ago may go."""
        self._pages[number] = rows
        self._pages.move_to_end(number)
        if len(self._pages) > _KEPT:
            self._pages.popitem(last=False)
