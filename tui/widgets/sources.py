"""Beside an answer: the source of the claim at hand, and the list of all its sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Static

from tui.presenters import sources, turn
from tui.presenters.sources import Item
from tui.widgets.paper_pane import PaperPane
from tui.widgets.virtual_list import LineList, strip

if TYPE_CHECKING:
    from assistant.types.answers import Answer
    from tui.presenters.turn import TurnPage


class SourceList(LineList[Item]):
    """The sources of an answer, a row each; the one under the cursor is shown, Enter reads it.

    What was read and not cited stands behind a row of its own, which unfolds and folds it.
    """

    LINES: ClassVar[int] = 1
    CHOSEN_BY_CLICKS: ClassVar[int] = 2
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "read", key_display="Enter", id="sources.open"),
    ]

    def __init__(self, id: str | None = None) -> None:
        super().__init__(lambda item: (item.title, item.detail), id=id)

    @property
    def papers(self) -> list[Item]:
        """The sources as they are listed."""
        return [one for one in self.items if one is not None and one.kind != "fold"]

    def on_click(self, event: events.Click) -> None:
        """One click turns the row that folds; two read a source."""
        super().on_click(event)
        is_row = event.y + self.scroll_offset.y < len(self.items)
        if event.chain < self.CHOSEN_BY_CLICKS and is_row and _folds(self.current):
            self.action_choose()

    def draw(self, item: Item | None, part: int, width: int, *, is_current: bool) -> Strip:
        """Draw a row."""
        kind = "cursor" if is_current and self.has_focus else "entry"
        style = self.get_component_rich_style(f"list--{kind}")
        if item is None:
            return strip("", width, style)
        text, muted = sources.line(item, width, is_current=is_current)
        behind = self.get_component_rich_style(f"list--detail-{kind}")
        return Strip([Segment(text, style), Segment(muted, behind)]).adjust_cell_length(
            max(width, 0), style
        )


class SourcesPane(PaperPane):
    """Shows one source of an answer whole, and lists them all below it.

    On a narrow screen it is a drawer of some rows, in which the source stands, or the list where
    that has the focus (`-listing`); where there is neither it goes (`-empty`).
    """

    class OpenWanted(Message):
        """The reader wants a source as a place of its own."""

        def __init__(self, item: Item) -> None:
            super().__init__()
            self.item = item

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._page: TurnPage | None = None
        self._unfolded: Answer | None = None
        self.add_class("-empty")

    def compose(self) -> ComposeResult:
        """The reader, the heading of the list, the list."""
        yield from super().compose()
        yield Static(id="sources-head")
        yield SourceList(id="sources")

    @property
    def listed(self) -> SourceList:
        """The list of sources."""
        return self.query_one("#sources", SourceList)

    def list_turn(self, page: TurnPage | None, is_busy: bool) -> None:
        """List the sources of a turn; what is no source of it leaves the reader."""
        items = page.items if page else ()
        self._page = page
        rows = self._rows(page)
        self.listed.fill(
            rows,
            sources.none_listed(has_turn=page is not None, is_busy=is_busy),
            sources.place(rows, self.listed.current) or 0,
        )
        head, heading = self.query_one("#sources-head", Static), Content(sources.heading(items))
        if head.content != heading:
            head.update(heading)
        self.set_class(not rows, "-empty")
        if self.shown is not None and sources.place(rows, self.shown) is None:
            self.shown = None
            self.run_worker(self.reader.clear(), group="reader", exclusive=True)
        self._arrange()

    def _rows(self, page: TurnPage | None) -> tuple[Item, ...]:
        """The sources of a turn, what was read alone folded unless the reader unfolded it."""
        if page is None:
            return ()
        unfolded = page.answer is not None and page.answer is self._unfolded
        return sources.with_read(page.items, page.read, unfolded=unfolded)

    def _turn_fold(self) -> None:
        answer = self._page.answer if self._page else None
        self._unfolded = None if self._unfolded is answer else answer
        self.listed.fill(self._rows(self._page), cursor=None)

    def reads_one_of(self, page: TurnPage) -> bool:
        """True while a source of a turn, by its number there, stands in the reader."""
        shown = self.shown
        return bool(shown and shown.number and sources.place(page.items, shown) is not None)

    async def cite(self, page: TurnPage, number: int, claim: int | None) -> bool:
        """Show a source of a turn by its number; False when the turn has none such."""
        item = turn.item(page, number, claim)
        if item is not None:
            await self.point(page, item)
        return item is not None

    async def point(self, page: TurnPage, item: Item) -> None:
        """Show a source of a turn, with the cursor of the list on it."""
        self.listed.cursor = sources.place(page.items, item) or 0
        await self.choose(item)
        self._arrange()

    def to_list(self) -> None:
        """Go to the list, which a narrow screen makes room for."""
        self.add_class("-listing")
        self.call_after_refresh(self.listed.focus)

    def on_descendant_blur(self) -> None:
        """The list that is left gives a narrow screen back to the source."""
        self.call_after_refresh(self._arrange)

    def _arrange(self) -> None:
        if self.is_mounted:
            self.set_class(self.listed.has_focus or self.shown is None, "-listing")

    @on(LineList.Highlighted, "#sources")
    async def _moved(self, event: LineList.Highlighted) -> None:
        if not _folds(event.item):
            await self.choose(event.item)

    @on(LineList.Chosen, "#sources")
    def _chosen(self, event: LineList.Chosen) -> None:
        if _folds(event.item):
            self._turn_fold()
        else:
            self.post_message(self.OpenWanted(event.item))


def _folds(item: Item | None) -> bool:
    return item is not None and item.kind == "fold"
