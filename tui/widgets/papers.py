"""The papers of the library: all of them, those that a filter leaves, or those of a search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static

from assistant.types.search import SearchResult
from store.ledger.browse import Listing, PaperLine
from tui.presenters import papers, sources
from tui.presenters.papers import PAGE, Pages
from tui.presenters.sources import Item
from tui.widgets.inputs import LineInput
from tui.widgets.virtual_list import LineList

MAX_FILTER = 400
"""Characters that a filter may have."""

TYPING_PAUSE = 0.12
"""Seconds without a key before the filter is applied."""


class PapersView(Vertical):
    """A filter over a list of papers, of which only the part in view is in memory."""

    BINDINGS: ClassVar[list[BindingType]] = [
        # Before anything else sees it: what is typed right after it belongs to the filter.
        Binding("slash", "filter", "Filter", show=False, priority=True, id="papers.filter"),
        Binding("s", "summarize", "Summarize", show=False, id="papers.summarize"),
        Binding("a", "add", "Add", show=False, id="papers.add"),
    ]

    class SummaryWanted(Message):
        """The reader wants a summary of a paper."""

        def __init__(self, item: Item) -> None:
            super().__init__()
            self.item = item

    class SearchWanted(Message):
        """The reader wants the papers ranked by how much they speak to a text."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class ListingWanted(Message):
        """The reader wants the papers that hold these words."""

        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    class PageWanted(Message):
        """Rows of a listing came into view that have not been fetched."""

        def __init__(self, listing: Listing, page: int) -> None:
            super().__init__()
            self.listing = listing
            self.page = page

    class AddWanted(Message):
        """The reader wants to add papers."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._listing: Listing | None = None
        self._pages = Pages[Item](0)
        self._asked: set[int] = set()
        self._typing: Timer | None = None

    def compose(self) -> ComposeResult:
        """The filter, the count, the list."""
        yield FilterBox(
            placeholder="Filter by words; Enter ranks by them", id="filter", max_length=MAX_FILTER
        )
        yield Static(id="paper-count")
        yield LineList[Item](sources.row, empty="Reading the library…", id="paper-list")

    @property
    def listed(self) -> LineList[Item]:
        """The list."""
        return self.query_one("#paper-list", LineList)

    @property
    def current(self) -> Item | None:
        """The paper under the cursor."""
        return self.listed.current

    @property
    def is_loaded(self) -> bool:
        """True once papers were listed."""
        return self._listing is not None

    @property
    def wanted(self) -> str:
        """What the filter asks for."""
        return self.query_one("#filter", Input).value.strip()

    @property
    def shows_ranking(self) -> bool:
        """True while the list holds what a search found."""
        return self.is_loaded and self.listed.items is not self._pages

    @property
    def ranking(self) -> tuple[str, ...]:
        """The ids of what a search found, best first; empty while none is shown."""
        return tuple(one.id for one in self.listed.items if one and self.shows_ranking)

    def shows(self, words: str) -> bool:
        """True while the list holds the papers that have these words."""
        listing = self._listing
        return listing is not None and listing.words == words and not self.shows_ranking

    @property
    def first_page(self) -> int:
        """The page that the top of the list shows."""
        return self.listed.top // PAGE

    def show(self, listing: Listing, page: int, lines: Sequence[PaperLine]) -> None:
        """Take the papers that hold the words wanted, with the lines of one page of them.

        Where the words are those of before, cursor and scrolling stay.
        """
        if listing.words != self.wanted:
            return
        same = self.shows(listing.words)
        self._listing, self._pages, self._asked = listing, Pages(len(listing)), {page}
        self._pages.put(page, [papers.line_item(line) for line in lines])
        self.listed.fill(self._pages, papers.none_listed(listing), None if same else 0)
        self._count(papers.count(listing))

    def put(self, listing: Listing, page: int, lines: Sequence[PaperLine]) -> None:
        """Take a page of the listing that is shown."""
        if listing is not self._listing:
            return
        self._pages.put(page, [papers.line_item(line) for line in lines])
        self._asked.discard(page)
        if self.listed.items is self._pages:
            self.listed.refresh()
            if self.listed.cursor // PAGE == page:
                self.listed.tell_current()

    def ranked(self, result: SearchResult) -> None:
        """Show what a search found, best first."""
        if result.query != self.wanted:
            return
        self.listed.fill([papers.found_item(hit) for hit in result.hits], papers.NONE_FOUND)
        self._count(papers.ranked_count(result))
        self.listed.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In the filter itself, its key is text."""
        return action != "filter" or not self.query_one("#filter").has_focus

    def action_filter(self) -> None:
        """Go to the filter, at once: the next key is meant for it already."""
        self.screen.set_focus(self.query_one("#filter"))

    def action_summarize(self) -> None:
        """Ask for a summary of the paper under the cursor."""
        if (item := self.current) is not None:
            self.post_message(self.SummaryWanted(item))

    def action_add(self) -> None:
        """Ask for papers to be added."""
        self.post_message(self.AddWanted())

    @on(LineList.Missing, "#paper-list")
    def _missing(self, event: LineList.Missing) -> None:
        page = event.index // PAGE
        lacking = self.listed.items is self._pages and self._pages.lacks(event.index)
        if self._listing is not None and lacking and page not in self._asked:
            self._asked.add(page)
            self.post_message(self.PageWanted(self._listing, page))

    @on(Input.Changed, "#filter")
    def _typed(self) -> None:
        if self._typing:
            self._typing.stop()
        self._typing = self.set_timer(TYPING_PAUSE, self._apply)

    @on(Input.Submitted, "#filter")
    def _submitted(self) -> None:
        if self._typing:
            self._typing.stop()
        if self.wanted:
            self.post_message(self.SearchWanted(self.wanted))
        else:
            self.listed.focus()

    def _apply(self) -> None:
        self.post_message(self.ListingWanted(self.wanted))

    def _count(self, line: str) -> None:
        self.query_one("#paper-count", Static).update(Content(line))


class FilterBox(LineInput):
    """The filter; Down leaves it for the list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", "To the list", show=False, id="papers.to_list"),
    ]
