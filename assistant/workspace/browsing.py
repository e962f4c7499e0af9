"""Looking through the papers of an open library: lists of them, and going through one."""

from __future__ import annotations

import asyncio
import threading
from array import array
from dataclasses import replace

from assistant.query.syntax import Query, parse_query, parts
from assistant.retrieval.filter_coverage import coverage_notes
from assistant.retrieval.nearness import by_nearness
from assistant.types.asked_of import AskedOf
from assistant.workspace import left_off
from assistant.workspace.chats import Chats
from assistant.workspace.left_off import LeftOff
from store.ledger.browse import (
    AS_ADDED,
    Browser,
    Listing,
    Order,
    PaperLine,
    Progress,
)
from store.ledger.looked import Looked
from store.library.library import Library
from store.types import Filter, Status
from store.value import Value

_NOTHING_KEPT = "nothing is kept yet that the order could go by"


_SOON_S = 0.03
"""Seconds after which the first papers of a list are shown, while the others are looked for."""

_MOST_PARTS = 8
"""Parts of a query that are left out one by one to tell which one emptied a list."""


class Emptied(Value):
    """A part of a query without which papers are left, so many, and the query without it."""

    part: str
    rest: str
    papers: int


class Browsing(Chats):
    """The papers of an open library as lists; raises StoreError."""

    def __init__(self, library: Library) -> None:
        super().__init__(library)
        self._browser: Browser | None = None
        self._browsing = threading.Lock()

    async def listing(self, text: str, order: Order = AS_ADDED) -> Listing:
        """The papers that have what a query in the search syntax asks for, all for an empty one.

        Every plain word is to be somewhere, as a part of a word too. A list of what is unread is
        there to be gone through, one in the order of the marks too. Raises QuerySyntaxError.
        """
        while (found := await self.first_listed(text, order)).is_part:
            pass  # a list that nobody waits for any more ends here
        return found

    async def first_listed(self, text: str, order: Order = AS_ADDED) -> Listing:
        """As `listing`; of many papers a part of them that is found soon."""
        return await asyncio.to_thread(self._listing, text, order, _SOON_S)

    def _listing(self, text: str, order: Order, seconds: float | None = None) -> Listing:
        query = parse_query(text, may_only_exclude=True) if text.strip() else Query()
        looked = _looked(query, query.narrowed(Filter()))
        found = self._browse().listing(text, looked, order, seconds)
        notes = query.notes
        if not found and not looked.wanted.is_empty:
            notes = (*notes, *coverage_notes(self._library, looked.wanted))
        found = replace(found, notes=notes, through=_gone_through(looked, order))
        return self._by_nearness(found) if order.by == "nearness" else found

    def _by_nearness(self, listing: Listing) -> Listing:
        keys = self._browse().by_id(listing)
        near = by_nearness(self._library, [*keys])
        if near is None:
            return replace(listing, notes=(*listing.notes, _NOTHING_KEPT))
        return replace(listing, keys=array("q", [keys[name] for name in near]))

    async def emptied(self, text: str) -> Emptied | None:
        """The part of a query that left no paper: that without which most are left.

        None where there is none such. Raises QuerySyntaxError.
        """
        told: list[Emptied] = []
        for part, rest in parts(text)[:_MOST_PARTS]:
            if left := len(await self.listing(rest)):
                told.append(Emptied(part=part, rest=rest, papers=left))
        return max(told, key=lambda one: one.papers, default=None)

    async def lines(self, listing: Listing, start: int, limit: int) -> tuple[PaperLine, ...]:
        """A window of a listing, counted from 0."""
        return await asyncio.to_thread(lambda: self._browse().lines(listing, start, limit))

    async def holding(self, text: str) -> tuple[str, ...]:
        """The ids of the papers that `listing` finds for a query, in the order added."""
        return await asyncio.to_thread(lambda: self._browse().ids(self._listing(text, AS_ADDED)))

    async def papers_of(self, asked: AskedOf | None) -> Filter | None:
        """What leaves the papers that an answer was asked of, as they are now; None for none left.

        Those that a query chose are those that it finds now.
        """
        if asked is None or not asked.query:
            return Filter() if asked is None else asked.filter
        ids = await self.holding(asked.query)
        return Filter(papers=ids) if ids else None

    async def place(self, listing: Listing, paper_id: str) -> int | None:
        """The place of a paper in a listing, counted from 0; None where it is not in it."""
        return await asyncio.to_thread(lambda: self._browse().place(listing, paper_id))

    async def progress(self, listing: Listing) -> Progress | None:
        """How far what a list is gone through has come; None where it is not there for that."""
        return await asyncio.to_thread(lambda: self._browse().progress(listing))

    async def marked(self) -> dict[Status, int]:
        """How many papers have which mark; one that no paper has is left out."""
        return await asyncio.to_thread(lambda: self._browse().marked())

    async def left_off(self) -> LeftOff | None:
        """Where the reader last left off going through the papers; None where nowhere is known."""
        return await asyncio.to_thread(left_off.kept, self._library.folder)

    async def leave_off(self, at: LeftOff) -> None:
        """Keep where the reader left off; where that cannot be kept, it is begun anew."""
        await asyncio.to_thread(left_off.keep, self._library.folder, at)

    def _browse(self) -> Browser:
        with self._browsing:
            if self._browser is None:
                self._browser = Browser.open(self._library.folder)
            return self._browser

    def _end_browsing(self) -> None:
        with self._browsing:
            if self._browser is not None:
                self._browser.close()


def _looked(query: Query, wanted: Filter) -> Looked:
    return Looked(
        words=tuple(query.text.split()),
        required=query.required,
        excluded=query.excluded,
        wanted=wanted,
        without=tuple(one.narrowed(Filter()) for one in query.without),
    )


def _gone_through(looked: Looked, order: Order) -> Looked | None:
    """What the papers have that a list is gone through, where it is there for that."""
    if looked.wanted.statuses == ("unread",):
        return looked.model_copy(
            update={"wanted": looked.wanted.model_copy(update={"statuses": ()})}
        )
    return looked if order.by == "status" else None
