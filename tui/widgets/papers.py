"""The papers of the library: all of them, those that a filter leaves, or those of a search."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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
from store.ledger.browse import AS_ADDED, Listing, Order, PaperLine
from store.types import Status
from tui.presenters import papers
from tui.presenters.papers import PAGE, Pages
from tui.presenters.reader import ReaderPage
from tui.presenters.sources import Item
from tui.widgets.inputs import LineInput
from tui.widgets.paper_table import PaperTable
from tui.widgets.virtual_list import LineList

MAX_FILTER = 400
"""Characters that a filter may have."""

TYPING_PAUSE = 0.12
"""Seconds without a key before the filter is applied."""


class PapersView(Vertical):
    """A filter over a list of papers, of which only the part in view is in memory."""

    BINDINGS: ClassVar[list[BindingType]] = [
        # Before anything else sees it: what is typed right after it belongs to the filter.
        Binding("slash", "filter", "filter", key_display="/", priority=True, id="papers.filter"),
        Binding("s", "sort", "sort", id="papers.sort"),
        Binding("space", "select", "select", key_display="Space", id="papers.select"),
        Binding("asterisk", "mark('kept')", "keep", key_display="*", id="papers.keep"),
        Binding("x", "mark('skipped')", "skip", id="papers.skip"),
        Binding("l", "mark('later')", "later", id="papers.later"),
        Binding("r", "mark('read')", "read", id="papers.read"),
        Binding("t", "tag", "tag", id="papers.tag"),
        Binding("u", "undo", "undo", id="papers.undo"),
        Binding("y", "screen.copy", "copy", id="papers.copy"),
        Binding("S", "summarize", "summary", id="papers.summarize"),
        Binding("a", "add", "add", id="papers.add"),
        Binding("p", "preview", "Preview", show=False, id="papers.preview"),
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
        """The reader wants the papers that have what is typed into the filter."""

    class PageWanted(Message):
        """Rows of a listing came into view that have not been fetched."""

        def __init__(self, listing: Listing, page: int) -> None:
            super().__init__()
            self.listing = listing
            self.page = page

    class AddWanted(Message):
        """The reader wants to add papers."""

    class MarkWanted(Message):
        """The reader wants papers marked; those that all have the mark are unread again."""

        def __init__(self, ids: tuple[str, ...], status: Status) -> None:
            super().__init__()
            self.ids = ids
            self.status = status

    class TagWanted(Message):
        """The reader wants tags given to papers, or taken."""

        def __init__(self, ids: tuple[str, ...]) -> None:
            super().__init__()
            self.ids = ids

    class UndoWanted(Message):
        """The reader wants the last mark or tag taken back."""

    class SortWanted(Message):
        """The reader wants another order."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._listing: Listing | None = None
        self._result: SearchResult | None = None
        self._pages = Pages[Item](0)
        self._asked: set[int] = set()
        self._typing: Timer | None = None
        self.order: Order = AS_ADDED
        self.selected: dict[str, None] = {}

    def compose(self) -> ComposeResult:
        """The filter with the count beside it, the heads of the columns, the list, a preview."""
        with Horizontal(id="papers-top"):
            yield FilterBox(
                placeholder="Filter by words, tag:, year:, is:",
                id="filter",
                max_length=MAX_FILTER,
            )
            yield Static(id="paper-count")
        yield Static(id="paper-columns")
        yield PaperTable(self.selected.__contains__, id="paper-list")
        with Vertical(id="preview"):
            yield Static(id="preview-title")
            yield Static(id="preview-byline")
            yield Static(id="preview-text")

    @property
    def listed(self) -> PaperTable:
        """The list."""
        return self.query_one("#paper-list", PaperTable)

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

    @property
    def among(self) -> str:
        """Which papers a question is put to from here, in words; empty for all of them."""
        if self.selected:
            return f"the papers selected ({len(self.selected)})"
        return f"the papers that {self.wanted!r} leaves" if self.wanted else ""

    def shows(self, text: str, order: Order) -> bool:
        """True while the list holds the papers that have what this text asks for, in this order."""
        listing = self._listing
        is_it = listing is not None and (listing.text, listing.order) == (text, order)
        return is_it and not self.shows_ranking

    @property
    def first_page(self) -> int:
        """The page that the top of the list shows."""
        return self.listed.top // PAGE

    def show(self, listing: Listing, page: int, lines: Sequence[PaperLine]) -> None:
        """Take the papers that have what is wanted, with the lines of one page of them.

        Where it is what was wanted before, cursor and scrolling stay.
        """
        if listing.text != self.wanted or listing.order != self.order:
            return
        same = self.shows(listing.text, listing.order)
        self._listing, self._pages, self._asked = listing, Pages(len(listing)), {page}
        self._result = None
        self._pages.put(page, [papers.line_item(line) for line in lines])
        self.listed.told = listing.told
        self.listed.fill(self._pages, papers.none_listed(listing), None if same else 0)
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
        items = [papers.found_item(hit) for hit in result.hits]
        self.listed.fill(items, papers.NONE_FOUND, None if same else 0)
        self._filled()
        if not same:
            self.listed.focus()

    def refuse(self, line: str) -> None:
        """Say what is wrong with what is typed; the list stays as it is."""
        self._say(line)

    def show_preview(self, page: ReaderPage | None) -> None:
        """Show the beginning of a paper below the list, where that stands alone."""
        title, byline, text = (
            ("", "", "")
            if page is None
            else (page.title, page.byline, " ".join(one.text for one in page.passages))
        )
        for name, part in (("title", title), ("byline", byline), ("text", text)):
            self.query_one(f"#preview-{name}", Static).update(Content(part))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In the filter itself, its keys are text."""
        return not self.query_one("#filter").has_focus

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

    def action_select(self) -> None:
        """Select the paper under the cursor, or no more, and go on to the next."""
        if (item := self.current) is not None:
            if item.id in self.selected:
                del self.selected[item.id]
            else:
                self.selected[item.id] = None
            self.listed.action_move(1)
            self._filled(is_new=False)

    def unselect(self) -> bool:
        """Select none; False where none was."""
        had = bool(self.selected)
        self.selected.clear()
        if had:
            self._filled(is_new=False)
        return had

    def action_mark(self, status: Status) -> None:
        """Mark the papers selected, or the one under the cursor."""
        if ids := self.meant:
            self.post_message(self.MarkWanted(ids, status))

    def action_tag(self) -> None:
        """Ask for tags for the papers selected, or for the one under the cursor."""
        if ids := self.meant:
            self.post_message(self.TagWanted(ids))

    def action_undo(self) -> None:
        """Take the last mark or tag back."""
        self.post_message(self.UndoWanted())

    def action_sort(self) -> None:
        """Ask for another order."""
        self.post_message(self.SortWanted())

    def action_preview(self) -> None:
        """Hide the preview, or show it again."""
        self.toggle_class("-plain")

    def statuses(self, ids: Collection[str]) -> set[Status]:
        """The marks of those of some papers that have been fetched."""
        ranked = [one for one in self.listed.items if one] if self.shows_ranking else ()
        rows = [one.row for one in ranked or self._pages.fetched if one.id in ids]
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
            self._say(papers.count(self._listing, number))
        self.listed.refresh()
        if is_new:
            self._show_columns()
            self.listed.tell_current()

    def _show_columns(self) -> None:
        if self.is_mounted:
            self.query_one("#paper-columns", Static).update(Content(self.listed.head))

    def _say(self, line: str) -> None:
        self.query_one("#paper-count", Static).update(Content(line))


class FilterBox(LineInput):
    """The filter; Down leaves it for the list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", "To the list", show=False, id="papers.to_list"),
    ]
