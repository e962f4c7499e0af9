"""The papers of a library as rows: those listed, or those that a search found, best first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.message import Message

from tui.presenters import papers
from tui.presenters.key_names import AS_THEY_COME
from tui.presenters.papers import PAGE, Pages
from tui.presenters.sources import Item
from tui.widgets.going_through import Sentences, SentenceWanted, next_unread
from tui.widgets.paper_table import BELOW, PaperTable

if TYPE_CHECKING:
    from assistant.types.search import SearchResult
    from store.ledger.browse import Listing, Order, PaperLine, Progress
    from store.types import Status


class PaperList(PaperTable):
    """Has the rows of a listing or of a search; only those in view and near are in memory.

    Where the papers are gone through, the rows stay as they are marked, and a sentence stands
    below the cursor.
    """

    class PageWanted(Message):
        """Rows of a listing came into view that have not been fetched."""

        def __init__(self, listing: Listing, page: int) -> None:
            super().__init__()
            self.listing = listing
            self.page = page

    def __init__(self, is_selected: Callable[[str], bool], *, id: str | None = None) -> None:
        super().__init__(is_selected, id=id)
        self._listing: Listing | None = None
        self._result: SearchResult | None = None
        self._pages = Pages[Item](0)
        self._asked: set[int] = set()
        self._gone: Progress | None = None
        self._sentences = Sentences()
        self.keys = AS_THEY_COME

    @property
    def is_loaded(self) -> bool:
        """True once papers were listed."""
        return self._listing is not None

    @property
    def is_ranked(self) -> bool:
        """True while the rows are what a search found."""
        return self.is_loaded and self.items is not self._pages

    @property
    def ranking(self) -> tuple[str, ...]:
        """The ids of what a search found, best first; empty while none is shown."""
        return tuple(one.id for one in self.items if one and self.is_ranked)

    @property
    def through(self) -> Listing | None:
        """The listing that is gone through; None while it is not there for that."""
        listing = None if self.is_ranked else self._listing
        return listing if listing is not None and listing.through is not None else None

    @property
    def first_page(self) -> int:
        """The page that the top of the list shows."""
        return self.top // PAGE

    @property
    def in_memory(self) -> tuple[tuple[Listing, int], ...]:
        """The pages of the listing that are kept, by number; none before one was made."""
        listing = self._listing
        return tuple((listing, page) for page in self._pages.numbers) if listing else ()

    def shows(self, text: str, order: Order) -> bool:
        """True while the rows are the papers that a text asks for, in this order."""
        listing = self._listing
        is_it = listing is not None and (listing.text, listing.order) == (text, order)
        return is_it and not self.is_ranked

    def count(self, selected: int) -> str:
        """How many papers there are, what none of them has, and their order."""
        if self.is_ranked and self._result is not None:
            return papers.ranked_count(self._result, selected)
        listing = self._listing
        return "" if listing is None else papers.count(listing, selected, self._gone)

    def show(
        self, listing: Listing, page: int, lines: Sequence[PaperLine], at: int | None = None
    ) -> None:
        """Take a listing, with the lines of one page of it.

        The cursor goes to the place `at`, counted from 0. Without one it stays with the scrolling
        where the same was listed before.
        """
        same = self.shows(listing.text, listing.order)
        self._listing, self._pages, self._asked = listing, Pages(len(listing)), {page}
        self._result = self._gone = None
        self._pages.put(page, [papers.line_item(line) for line in lines])
        self.told = listing.told
        self._open(is_through=listing.through is not None)
        self.fill(self._pages, papers.none_listed(listing, self.keys), None if same else 0)
        if at is not None:
            self.cursor = at

    def put(self, listing: Listing, page: int, lines: Sequence[PaperLine]) -> None:
        """Take a page of the listing that is shown."""
        if listing is not self._listing:
            return
        self._pages.put(page, [papers.line_item(line) for line in lines])
        self._asked.discard(page)
        if self.items is self._pages:
            self.refresh()
            if self.cursor // PAGE == page:
                self.tell_current()

    def rank(self, result: SearchResult) -> bool:
        """Take what a search found; True where it was found before, and the cursor stays."""
        same = self._result is not None and self._result.query == result.query
        self._result = result
        self.told = papers.told_of(result)
        self._open(is_through=False)
        items = [papers.found_item(hit) for hit in result.hits]
        self.fill(items, papers.NONE_FOUND, None if same else 0)
        return same

    def missing(self, index: int) -> PageWanted | None:
        """What asks for the page of a row that came into view; None where it was asked for."""
        page = index // PAGE
        lacking = self.items is self._pages and self._pages.lacks(index)
        if self._listing is None or not lacking or page in self._asked:
            return None
        self._asked.add(page)
        return self.PageWanted(self._listing, page)

    def statuses(self, ids: Collection[str]) -> set[Status]:
        """The marks of those of some papers that have been fetched."""
        ranked = [one for one in self.items if one] if self.is_ranked else ()
        fetched = (item for _, item in self._pages.fetched)
        rows = [one.row for one in ranked or fetched if one.id in ids]
        return {row.status for row in rows if row}

    def mark(self, ids: Collection[str], status: Status) -> None:
        """Show a mark of some papers in their rows."""
        for at, item in tuple(self._pages.fetched):
            if item.id in ids and item.row is not None:
                self._pages.change(at, replace(item, row=item.row._replace(status=status)))
        self.refresh()

    def go_on(self) -> None:
        """Go to the next paper unread, where there is one."""
        if (at := next_unread(self.items, self.cursor)) is not None:
            self.action_go(at)

    def find(self, paper: str) -> bool:
        """Go to the row of a paper, by its id; False where it is not at hand."""
        at = next((at for at, item in self._pages.fetched if item.id == paper), None)
        if at is not None:
            self.action_go(at)
        return at is not None

    def progress(self, gone: Progress | None) -> None:
        """Take how far going through the papers has come."""
        self._gone = gone

    def pass_by(self, item: Item) -> SentenceWanted | None:
        """What asks for a sentence on a paper that the cursor came to; None where none is shown."""
        if self.through is None:
            return None
        self.say_below(self._sentences[item.id])
        return SentenceWanted(item)

    def say_of(self, paper: str, sentence: str) -> None:
        """Say something of a paper that is gone through, by its id, while the cursor is on it."""
        self._sentences.put(paper, sentence)
        if self.current is not None and self.current.id == paper:
            self.say_below(sentence)

    def knows(self, paper: str) -> bool:
        """True for a paper, by its id, of which something was said."""
        return paper in self._sentences

    def _open(self, *, is_through: bool) -> None:
        """Make room for a sentence below the cursor, and have the keys that lead drawn first."""
        self.open_below(BELOW if is_through else 0)
        self.screen.refresh_bindings()
