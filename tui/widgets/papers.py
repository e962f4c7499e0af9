"""The papers of the library: all of them, those that a filter leaves, or those of a search."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static

from store.ledger.browse import AS_ADDED, Listing, Order, PaperLine, Progress
from tui.widgets.beginning import Beginning
from tui.widgets.footer import Leading
from tui.widgets.going_through import ThroughWanted
from tui.widgets.inputs import LineInput
from tui.widgets.paper_acts import ExportWanted, PaperActs, SummaryWanted, marking
from tui.widgets.paper_list import PaperList
from tui.widgets.paper_table import ColumnHeads
from tui.widgets.preview import Preview
from tui.widgets.virtual_list import LineList

if TYPE_CHECKING:
    from assistant.types.search import SearchResult
    from store.types import Status
    from tui.presenters.sources import Item

MAX_FILTER = 400
"""Characters that a filter may have."""

PAUSE = 0.01
"""Seconds without a key before the filter is applied."""

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

    class AddWanted(Message):
        """The reader wants to add papers."""

    class SortWanted(Message):
        """The reader wants another order: a certain one, or to be asked."""

        def __init__(self, order: Order | None = None) -> None:
            super().__init__()
            self.order = order

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._typing: Timer | None = None
        self._rest: str | None = None
        self.order: Order = AS_ADDED
        self.selected: dict[str, None] = {}
        self._filter = FilterBox(
            placeholder="Filter by words, tag:, year:, is:", id="filter", max_length=MAX_FILTER
        )
        self._count = Static(id="paper-count")
        self._heads = ColumnHeads(id="paper-columns")
        self.listed = PaperList(self.selected.__contains__, id="paper-list")
        self.pane = Preview(id="preview")
        self.beginning = Beginning(id="beginning")

    def compose(self) -> ComposeResult:
        """How to begin; the filter with the count, the heads of the columns, list and preview."""
        yield self.beginning
        with Horizontal(id="papers-top"):
            yield self._filter
            yield self._count
        with Horizontal(id="papers-panes"):
            with Vertical(id="papers-left"):
                yield self._heads
                yield self.listed
            yield self.pane

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
    def wanted(self) -> str:
        """What the filter asks for."""
        return self._filter.value.strip()

    @property
    def leading(self) -> Collection[str]:
        """Who goes through papers marks them."""
        return THROUGH_KEYS if self.listed.through is not None else ()

    @property
    def among(self) -> str:
        """What the papers selected, or those listed, have in common; empty where all are listed."""
        if self.selected:
            return "selected"
        return f"ranked for {self.wanted}" if self.listed.is_ranked else self.wanted

    def show(
        self, listing: Listing, page: int, lines: Sequence[PaperLine], at: int | None = None
    ) -> None:
        """Show what is wanted, with the lines of one page; `at` is where the cursor goes."""
        if (listing.text, listing.order) == (self.wanted, self.order):
            self._rest = None
            self.listed.show(listing, page, lines, at)
            self._filled()

    def rank(self, result: SearchResult) -> None:
        """Show what a search found, best first; found again, the cursor stays."""
        if result.query != self.wanted:
            return
        same = self.listed.rank(result)
        self._filled()
        if not same:
            self.listed.focus()

    def tell_emptied(self, text: str, line: str, rest: str) -> None:
        """Say which part of a filter leaves no paper; Esc has the `rest` of it."""
        if text == self.wanted and not self.listed.items:
            self._rest = rest
            self.listed.fill((), line)

    def filter_by(self, text: str) -> None:
        """Have another filter, which is not applied by that."""
        with self.prevent(Input.Changed):
            self._filter.value = text

    def show_progress(self, gone: Progress | None) -> None:
        """Say how far going through the papers has come."""
        self.listed.progress(gone)
        self._filled(is_new=False)

    def marked(self, ids: tuple[str, ...], status: Status) -> None:
        """Show a mark in the rows at once; who goes through papers is on the next one unread."""
        self.listed.mark(ids, status)
        if self.listed.through is not None and not self.selected and status != "unread":
            self.listed.go_on()

    def refuse(self, line: str) -> None:
        """Say what is wrong with what is typed; the list stays as it is."""
        self._say(line)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In the filter itself, its keys are text; without papers there is nothing to act on."""
        return not (self.is_beginning or self._filter.has_focus)

    def action_filter(self) -> None:
        """Go to the filter, at once: the next key is meant for it already."""
        self.screen.set_focus(self._filter)

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

    def action_export(self) -> None:
        """Ask for the papers selected, or for those listed, to be written to a file."""
        self.post_message(ExportWanted(tuple(self.selected)))

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
        """Drop what leaves no paper, leave the filter for the list, select none; else False."""
        if self._rest is not None:
            self.filter_by(self._rest)
            self.post_message(self.ListingWanted())
            return True
        if self._filter.has_focus or self.pane.has_focus_within:
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

    def statuses(self, ids: Collection[str]) -> set[Status]:
        """The marks of those of some papers that have been fetched."""
        return self.listed.statuses(ids)

    @property
    def meant(self) -> tuple[str, ...]:
        """The ids of the papers selected, else of the one under the cursor."""
        if self.selected:
            return tuple(self.selected)
        return (self.current.id,) if self.current else ()

    @on(LineList.Missing, "#paper-list")
    def _missing(self, event: LineList.Missing) -> None:
        if (wanted := self.listed.missing(event.index)) is not None:
            self.post_message(wanted)

    @on(LineList.Highlighted, "#paper-list")
    async def _passed(self, event: LineList.Highlighted) -> None:
        # From here: what the list posts while we handle its message would end with us.
        if (wanted := self.listed.pass_by(event.item)) is not None:
            self.post_message(wanted)
        await self.pane.choose(event.item)

    @on(LineList.Chosen, "#paper-list")
    def _chosen(self, event: LineList.Chosen) -> None:
        self.post_message(self.OpenWanted(event.item))

    @on(ColumnHeads.Clicked)
    def _head_clicked(self, event: ColumnHeads.Clicked) -> None:
        if (order := self.listed.order_of_head(event.x, self.order)) is not None:
            self.post_message(self.SortWanted(order))

    @on(Input.Changed, "#filter")
    def _typed(self) -> None:
        if self._typing:
            self._typing.stop()
        self._typing = self.set_timer(PAUSE, self._apply)

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
        if said := self.listed.count(len(self.selected)):
            self._say(said)
        self.listed.refresh()
        if is_new:
            self._show_columns()
            self.listed.tell_current()
            if not self.listed.items:
                self.run_worker(self.pane.clear(), group="preview", exclusive=True)

    def _show_columns(self) -> None:
        if self.is_mounted:
            self._heads.update(Content(self.listed.head))

    def _say(self, line: str) -> None:
        self._count.update(Content(line))


class FilterBox(LineInput):
    """The filter; Down leaves it for the list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "rank by meaning", key_display="Enter", id="papers.rank"),
        Binding("down", "app.focus_next", "to the list", key_display="↓", id="papers.to_list"),
        Binding("escape", "screen.back", "to the list", show=False, id="papers.leave"),
    ]
