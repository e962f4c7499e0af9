"""The papers of the library: all of them, those that a filter leaves, or those of a search."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static

from assistant.types.search import SearchResult
from store.ledger.browse import AS_ADDED, Listing, Order, PaperLine, Progress
from store.types import Status
from tui.presenters import papers
from tui.presenters.papers import PAGE, Pages
from tui.presenters.sources import Item
from tui.widgets.beginning import Beginning
from tui.widgets.footer import Leading
from tui.widgets.going_through import Sentences, SentenceWanted, ThroughWanted, next_unread
from tui.widgets.inputs import LineInput
from tui.widgets.paper_acts import PaperActs, SummaryWanted, marking
from tui.widgets.paper_pane import PaperPane
from tui.widgets.paper_table import BELOW, PaperTable
from tui.widgets.virtual_list import LineList

MAX_FILTER = 400
"""Characters that a filter may have."""

LEAST_PAUSE, MOST_PAUSE = 0.03, 0.4
"""Seconds without a key before the filter is applied: as long as that took the last time, between
these. A library of 100 000 papers is looked through for a fraction of a second."""


THROUGH_KEYS = frozenset(
    f"papers.{one}" for one in ("keep", "skip", "later", "read", "undo", "through")
)
"""What is pressed most while papers are gone through."""


class PapersView(Vertical, PaperActs, Leading):
    """The library: a filter over a list of papers, and the one under the cursor beside it.

    Only the part of the list that is in view is in memory.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        # Before anything else sees it: what is typed right after it belongs to the filter.
        Binding("slash", "filter", "filter", key_display="/", priority=True, id="papers.filter"),
        Binding("s", "sort", "sort", id="papers.sort"),
        Binding("space", "select", "select", key_display="Space", id="papers.select"),
        *marking("papers"),
        Binding("f6", "ask_these", "ask these", key_display="F6", id="papers.ask"),
        Binding("T", "through", "unread", id="papers.through"),
        Binding("a", "add", "add", id="papers.add"),
        Binding("S", "summarize", "summary", id="papers.summarize"),
        Binding("p", "preview", "preview", show=False, id="papers.preview"),
    ]

    class OpenWanted(Message):
        """The reader wants to read a paper."""

        def __init__(self, item: Item) -> None:
            super().__init__()
            self.item = item

    class AskWanted(Message):
        """The reader wants to ask the papers selected, or those listed."""

    class SearchWanted(Message):
        """The reader wants the papers ranked by how much they speak to a text."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class ListingWanted(Message):
        """The reader wants the papers that have what is typed into the filter."""

    class PageWanted(Message):
        """Rows of a listing came into view that have not been fetched."""

        def __init__(self, listing: Listing, page: int) -> None:
            super().__init__()
            self.listing = listing
            self.page = page

    class AddWanted(Message):
        """The reader wants to add papers."""

    class SortWanted(Message):
        """The reader wants another order."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._listing: Listing | None = None
        self._result: SearchResult | None = None
        self._pages = Pages[Item](0)
        self._asked: set[int] = set()
        self._typing: Timer | None = None
        self._pause = LEAST_PAUSE
        self._gone: Progress | None = None
        self._sentences = Sentences()
        self.order: Order = AS_ADDED
        self.selected: dict[str, None] = {}
        self.pane = PaperPane(hint="", id="preview")
        self.beginning = Beginning(id="beginning")

    def compose(self) -> ComposeResult:
        """How to begin; the filter with the count, the heads of the columns, list and preview."""
        yield self.beginning
        with Horizontal(id="papers-top"):
            yield FilterBox(
                placeholder="Filter by words, tag:, year:, is:",
                id="filter",
                max_length=MAX_FILTER,
            )
            yield Static(id="paper-count")
        with Horizontal(id="papers-panes"):
            with Vertical(id="papers-left"):
                yield Static(id="paper-columns")
                yield PaperTable(self.selected.__contains__, id="paper-list")
            yield self.pane

    @property
    def listed(self) -> PaperTable:
        """The list."""
        return self.query_one("#paper-list", PaperTable)

    @property
    def current(self) -> Item | None:
        """The paper under the cursor."""
        return self.listed.current

    @property
    def is_beginning(self) -> bool:
        """True while there is no paper, and the ways to begin stand here."""
        return bool(self.beginning.display)

    def on_mount(self) -> None:
        """Whether there are papers is not known yet."""
        self.beginning.display = False

    def begin(self, *, is_empty: bool) -> None:
        """Show the ways to begin while there is no paper; with the first one it has the cursor."""
        if is_empty == self.is_beginning:
            return
        had_focus = self.has_focus_within
        for part in self.query("#papers-top, #papers-panes"):
            part.display = not is_empty
        self.beginning.display = is_empty
        if had_focus:
            self.to_list()

    def to_list(self) -> None:
        """Give the focus to the list that stands here."""
        self.screen.set_focus(self.beginning.listed if self.is_beginning else self.listed)

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
    def through(self) -> Listing | None:
        """The list that is gone through; None while the list is not there for that."""
        listing = None if self.shows_ranking else self._listing
        return listing if listing is not None and listing.through is not None else None

    @property
    def leading(self) -> Collection[str]:
        """Who goes through papers marks them."""
        return THROUGH_KEYS if self.through is not None else ()

    @property
    def ranking(self) -> tuple[str, ...]:
        """The ids of what a search found, best first; empty while none is shown."""
        return tuple(one.id for one in self.listed.items if one and self.shows_ranking)

    @property
    def among(self) -> str:
        """What the papers selected, or those listed, have in common; empty where all are listed."""
        if self.selected:
            return "selected"
        return f"ranked for {self.wanted}" if self.shows_ranking else self.wanted

    def shows(self, text: str, order: Order) -> bool:
        """True while the list holds the papers that have what this text asks for, in this order."""
        listing = self._listing
        is_it = listing is not None and (listing.text, listing.order) == (text, order)
        return is_it and not self.shows_ranking

    @property
    def first_page(self) -> int:
        """The page that the top of the list shows."""
        return self.listed.top // PAGE

    def show(
        self, listing: Listing, page: int, lines: Sequence[PaperLine], at: int | None = None
    ) -> None:
        """Take the papers that have what is wanted, with the lines of one page of them.

        The cursor goes to the place `at`, counted from 0. Without one it stays with the scrolling
        where it is what was wanted before.
        """
        if listing.text != self.wanted or listing.order != self.order:
            return
        same = self.shows(listing.text, listing.order)
        self._listing, self._pages, self._asked = listing, Pages(len(listing)), {page}
        self._result = None
        self._pages.put(page, [papers.line_item(line) for line in lines])
        self.listed.told = listing.told
        self._gone = None
        self._open(listing.through is not None)
        self.listed.fill(self._pages, papers.none_listed(listing), None if same else 0)
        if at is not None:
            self.listed.cursor = at
        self._filled()

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
        """Show what a search found, best first; found again, the cursor stays."""
        if result.query != self.wanted:
            return
        same = self._result is not None and self._result.query == result.query
        self._result = result
        self.listed.told = papers.told_of(result)
        self._open(False)
        items = [papers.found_item(hit) for hit in result.hits]
        self.listed.fill(items, papers.NONE_FOUND, None if same else 0)
        self._filled()
        if not same:
            self.listed.focus()

    def _open(self, is_through: bool) -> None:
        """Make room for a sentence below the cursor, and have the keys that lead drawn first."""
        self.listed.open_below(BELOW if is_through else 0)
        self.screen.refresh_bindings()

    def filter_by(self, text: str) -> None:
        """Have another filter, which is not applied by that."""
        with self.prevent(Input.Changed):
            self.query_one("#filter", Input).value = text

    def show_progress(self, gone: Progress | None) -> None:
        """Say how far going through the papers has come."""
        self._gone = gone
        self._filled(is_new=False)

    def say_of(self, paper: str, sentence: str) -> None:
        """Say something of a paper that is gone through, by its id, while the cursor is on it."""
        self._sentences.put(paper, sentence)
        if self.current is not None and self.current.id == paper:
            self.listed.say_below(sentence)

    def knows(self, paper: str) -> bool:
        """True for a paper, by its id, of which something was said."""
        return paper in self._sentences

    def marked(self, ids: tuple[str, ...], status: Status) -> None:
        """Show a mark in the rows at once; who goes through papers is on the next one unread."""
        for at, item in tuple(self._pages.fetched):
            if item.id in ids and item.row is not None:
                self._pages.change(at, replace(item, row=item.row._replace(status=status)))
        self.listed.refresh()
        if self.through is None or self.selected or status == "unread":
            return
        if (unread := next_unread(self.listed.items, self.listed.cursor)) is not None:
            self.listed.action_go(unread)

    def find(self, paper: str) -> bool:
        """Go to the row of a paper, by its id; False where it is not at hand."""
        at = next((at for at, item in self._pages.fetched if item.id == paper), None)
        if at is not None:
            self.listed.action_go(at)
        return at is not None

    def took(self, seconds: float) -> None:
        """Take how long the filter took: so long a pause in typing is waited for from now on."""
        self._pause = max(LEAST_PAUSE, min(seconds, MOST_PAUSE))

    def refuse(self, line: str) -> None:
        """Say what is wrong with what is typed; the list stays as it is."""
        self._say(line)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In the filter itself, its keys are text; without papers there is nothing to act on."""
        return not (self.is_beginning or self.query_one("#filter").has_focus)

    def action_filter(self) -> None:
        """Go to the filter, at once: the next key is meant for it already."""
        self.screen.set_focus(self.query_one("#filter"))

    def action_through(self) -> None:
        """Go through what is unread, or end that."""
        self.post_message(ThroughWanted())

    def action_summarize(self) -> None:
        """Ask for a summary of the paper under the cursor."""
        if (item := self.current) is not None:
            self.post_message(SummaryWanted(item))

    def action_ask_these(self) -> None:
        """Ask the papers selected, or those listed."""
        self.post_message(self.AskWanted())

    def action_add(self) -> None:
        """Ask for papers to be added."""
        self.post_message(self.AddWanted())

    def action_select(self) -> None:
        """Select the paper under the cursor, or no more, and go on to the next."""
        if (item := self.current) is not None:
            if item.id in self.selected:
                del self.selected[item.id]
            else:
                self.selected[item.id] = None
            self.listed.action_move(1)
            self._filled(is_new=False)

    def go_back(self) -> bool:
        """Leave the filter for the list, else select none; False where neither was so."""
        if self.query_one("#filter").has_focus or self.pane.has_focus_within:
            self.listed.focus()
            return True
        return self.unselect()

    def unselect(self) -> bool:
        """Select none; False where none was."""
        had = bool(self.selected)
        self.selected.clear()
        if had:
            self._filled(is_new=False)
        return had

    def action_sort(self) -> None:
        """Ask for another order."""
        self.post_message(self.SortWanted())

    def action_preview(self) -> None:
        """Hide the preview, or show it again."""
        self.toggle_class("-plain")

    @property
    def in_memory(self) -> tuple[tuple[Listing, int], ...]:
        """The pages of the listing that are kept, by number; none before one was made."""
        listing = self._listing
        return tuple((listing, page) for page in self._pages.numbers) if listing else ()

    def statuses(self, ids: Collection[str]) -> set[Status]:
        """The marks of those of some papers that have been fetched."""
        ranked = [one for one in self.listed.items if one] if self.shows_ranking else ()
        fetched = (item for _, item in self._pages.fetched)
        rows = [one.row for one in ranked or fetched if one.id in ids]
        return {row.status for row in rows if row}

    @property
    def meant(self) -> tuple[str, ...]:
        """The ids of the papers selected, else of the one under the cursor."""
        if self.selected:
            return tuple(self.selected)
        return (self.current.id,) if self.current else ()

    @on(LineList.Missing, "#paper-list")
    def _missing(self, event: LineList.Missing) -> None:
        page = event.index // PAGE
        lacking = self.listed.items is self._pages and self._pages.lacks(event.index)
        if self._listing is not None and lacking and page not in self._asked:
            self._asked.add(page)
            self.post_message(self.PageWanted(self._listing, page))

    @on(LineList.Highlighted, "#paper-list")
    async def _passed(self, event: LineList.Highlighted) -> None:
        if self.through is not None:
            self.listed.say_below(self._sentences[event.item.id])
            self.post_message(SentenceWanted(event.item))
        await self.pane.choose(event.item)

    @on(LineList.Chosen, "#paper-list")
    def _chosen(self, event: LineList.Chosen) -> None:
        self.post_message(self.OpenWanted(event.item))

    @on(Input.Changed, "#filter")
    def _typed(self) -> None:
        if self._typing:
            self._typing.stop()
        self._typing = self.set_timer(self._pause, self._apply)

    @on(Input.Submitted, "#filter")
    def _submitted(self) -> None:
        if self._typing:
            self._typing.stop()
        if self.wanted:
            self.post_message(self.SearchWanted(self.wanted))
        else:
            self.listed.focus()

    def on_resize(self, event: events.Resize) -> None:
        """The heads stand over their columns at every width."""
        self.call_after_refresh(self._show_columns)

    def _apply(self) -> None:
        self.post_message(self.ListingWanted())

    def _filled(self, *, is_new: bool = True) -> None:
        number = len(self.selected)
        if self.shows_ranking and self._result is not None:
            self._say(papers.ranked_count(self._result, number))
        elif self._listing is not None:
            self._say(papers.count(self._listing, number, self._gone))
        self.listed.refresh()
        if is_new:
            self._show_columns()
            self.listed.tell_current()
            if not self.listed.items:
                self.run_worker(self.pane.clear(), group="preview", exclusive=True)

    def _show_columns(self) -> None:
        if self.is_mounted:
            self.query_one("#paper-columns", Static).update(Content(self.listed.head))

    def _say(self, line: str) -> None:
        self.query_one("#paper-count", Static).update(Content(line))


class FilterBox(LineInput):
    """The filter; Down leaves it for the list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "rank by meaning", key_display="Enter", id="papers.rank"),
        Binding("down", "app.focus_next", "to the list", key_display="↓", id="papers.to_list"),
        Binding("escape", "screen.back", "to the list", show=False, id="papers.leave"),
    ]
