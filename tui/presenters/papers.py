"""The list of papers: its rows, of which only some are in memory, and what is said above it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Generic, TypeVar, overload

from assistant.query.syntax import parse_query, parts
from store.clean import clean_line
from tui.presenters import paper_table, status
from tui.presenters.key_names import AS_THEY_COME, KeyNames
from tui.presenters.paper import about
from tui.presenters.sources import Item

if TYPE_CHECKING:
    from assistant.types.search import Found, SearchResult
    from assistant.workspace.browsing import Emptied
    from store.ledger.browse import Listing, PaperLine, Progress, Told
    from store.types import Paper

T = TypeVar("T")

PAGE = 100
"""Rows that are fetched at once."""

_KEPT = 30

UNREAD_ALONE = "is:unread"
"""What the filter says for papers that are there to be gone through."""

NONE_FOUND = "No paper speaks to it."
"""What stands in the list where a search found nothing."""


def paper_item(paper: Paper) -> Item:
    """A paper of the library as a list item."""
    title, detail, row = clean_line(paper.title), about(paper), paper_table.row(paper)
    return Item("paper", paper.id, title, detail, None, paper, row=row)


def line_item(line: PaperLine) -> Item:
    """A line of the list of papers as an item; the paper itself is asked for when it is read."""
    row = paper_table.row(line)
    return Item("paper", line.id, clean_line(line.title), about(line), row=row)


def found_item(found: Found) -> Item:
    """A paper that a search found, with the sentence that speaks most to it."""
    item = paper_item(found.paper)
    sentence = found.sentence
    if sentence is None:
        return item
    at_title = sentence.index == 0
    return replace(item, quotes=() if at_title else (sentence.text,), title_cited=at_title)


def none_listed(listing: Listing, keys: KeyNames = AS_THEY_COME) -> str:
    """What stands in the list where no paper has what is asked for, or there is none at all."""
    if not listing.total:
        return f"No papers yet: {keys['papers.add']} adds some."
    if listing.through is not None and not listing.notes:
        return f"Nothing unread is left here. {keys['papers.through']} shows the others again."
    said = "No paper has all this" if listing.notes else "No paper has all these words"
    return "; ".join([said, *map(clean_line, listing.notes)]) + "."


def emptied(one: Emptied, listing: Listing, keys: KeyNames = AS_THEY_COME) -> str:
    """What stands in the list where one part of the filter left no paper."""
    without = status.papers(one.papers) if one.papers < listing.total else "all papers"
    said = f"“{clean_line(one.part)}” leaves none; {without} without it. {keys['back']} drops it."
    return " ".join([said, *(f"{clean_line(note)}." for note in listing.notes)])


def count(listing: Listing, selected: int = 0, gone: Progress | None = None) -> str:
    """How many papers are listed, or gone through, what none of them has, and their order.

    A `+` stands behind the number while more may be found.
    """
    total = status.papers(listing.total)
    more = "+" if listing.is_part else ""
    listed = f"{len(listing):,}{more} of {total}" if listing.text.strip() else total
    lacks = paper_table.lacking(listing.told) if len(listing) else ""
    notes = listing.notes if len(listing) else ()
    order = paper_table.order_name(listing.order)
    if gone is not None:
        listed = progress(gone)
    return _together(
        listed, _selected(selected), f"{order} ▾" if len(listing) else "", lacks, *notes
    )


def ranked_count(result: SearchResult, selected: int = 0) -> str:
    """How many papers a search found, with its notes."""
    found = status.papers(len(result.hits))
    best = f"{paper_table.BEST} ▾" if result.hits else ""
    return _together(found, _selected(selected), best, *result.notes)


def _selected(number: int) -> str:
    return f"{number} {paper_table.SELECTED}" if number else ""


def _together(*parts: str) -> str:
    return " · ".join(clean_line(one) for one in parts if one)


def told_of(result: SearchResult) -> frozenset[Told]:
    """The columns that some paper found has something for."""
    papers = [hit.paper for hit in result.hits]
    has: dict[Told, bool] = {
        "author": any(one.authors for one in papers),
        "year": any(one.year is not None for one in papers),
        "tag": any(one.tags for one in papers),
    }
    return frozenset(one for one, there in has.items() if there)


def progress(gone: Progress) -> str:
    """How far going through papers has come."""
    return f"{gone.done:,} of {gone.total:,} gone through"


def through(text: str) -> str:
    """What a filter asks for, and of that what is unread."""
    return f"{text.strip()} {UNREAD_ALONE}".strip()


def not_through(text: str) -> str:
    """What a filter asks for besides that it is unread; raises QuerySyntaxError."""
    for part, rest in parts(text):
        if parse_query(part, may_only_exclude=True).statuses == ("unread",):
            return not_through(rest)
    return text.strip()


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

    def change(self, at: int, row: T) -> None:
        """Put another row in the place of one that is kept."""
        number, place = divmod(at, PAGE)
        if number in self._pages:
            page = list(self._pages[number])
            page[place : place + 1] = [row]
            self._pages[number] = page

    @property
    def fetched(self) -> Iterator[tuple[int, T]]:
        """The rows that are kept, with their places."""
        for number, page in self._pages.items():
            yield from enumerate(page, number * PAGE)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The pages that are kept, counted from 0."""
        return tuple(self._pages)

    def put(self, number: int, rows: Sequence[T]) -> None:
        """Keep a page, counted from 0; the one used longest ago may go."""
        self._pages[number] = rows
        self._pages.move_to_end(number)
        if len(self._pages) > _KEPT:
            self._pages.popitem(last=False)
