"""The table of papers: one row a paper, its marks before it, the column heads above."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Static

from tui.presenters import paper_table
from tui.presenters.paper_table import MARGIN
from tui.presenters.sources import Item
from tui.widgets.virtual_list import LineList, strip

if TYPE_CHECKING:
    from store.ledger.browse import Order, Told

BELOW = 2
"""Lines below the row under the cursor for a sentence."""


class PaperTable(LineList[Item]):
    """A list of papers of one line each; `is_selected` tells which are, by id.

    `told` are the columns that some paper has something for. `say_below` puts a sentence below
    the paper under the cursor, where there is room for one.
    """

    LINES: ClassVar[int] = 1
    CHOSEN_BY_CLICKS: ClassVar[int] = 2
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "read", key_display="Enter", id="papers.open"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"table--pointer", "table--unread", "table--mark"}

    def __init__(self, is_selected: Callable[[str], bool], *, id: str | None = None) -> None:
        super().__init__(
            lambda item: (item.title, item.detail), empty="Reading the library…", id=id
        )
        self._is_selected = is_selected
        self.told: Collection[Told] = ()
        self._sentence = ""

    def say_below(self, sentence: str) -> None:
        """Say something of the paper under the cursor."""
        if sentence != self._sentence:
            self._sentence = sentence
            self.refresh()

    @property
    def head(self) -> str:
        """The heads of the columns, as wide as the rows."""
        width = self.scrollable_content_region.width
        return paper_table.head(paper_table.shown(self.told, width), width)

    def order_of_head(self, x: int, now: Order) -> Order | None:
        """The order that a click on the heads means, so many cells from the left."""
        width = self.scrollable_content_region.width
        columns = paper_table.shown(self.told, width)
        return paper_table.order_of_head(x, columns, width, now)

    def draw(self, item: Item | None, part: int, width: int, *, is_current: bool) -> Strip:
        """Draw a row, or what is said below the one under the cursor."""
        if part:
            return self._said(part - 1, width)
        is_cursor = is_current and self.has_focus
        style = self.get_component_rich_style(f"list--{'cursor' if is_cursor else 'entry'}")
        if item is None or item.row is None:
            return strip("     …", width, style)
        marks = paper_table.margin(
            item.row, is_current=is_current, is_selected=self._is_selected(item.id)
        )
        text = paper_table.line(item.row, paper_table.shown(self.told, width), width)
        pointer, unread, mark = (
            style if is_cursor else self.get_component_rich_style(f"table--{one}")
            for one in ("pointer", "unread", "mark")
        )
        segments = [
            Segment(marks[:2], pointer),
            Segment(marks[2], unread),
            Segment(marks[3:], mark),
            Segment(text, style),
        ]
        return Strip(segments).adjust_cell_length(max(width, 0), style)

    def _said(self, number: int, width: int) -> Strip:
        """A line of the sentence below the cursor, counted from 0; what has no room is cut off."""
        lines = Content(self._sentence).wrap(max(width - MARGIN - 1, 1))
        there = [one.plain.rstrip() for one in lines]
        if len(there) > BELOW:
            there[BELOW - 1 :] = [" ".join(there[BELOW - 1 :])]
        line = " " * MARGIN + there[number] if number < len(there) else ""
        return strip(line, width - 1, self.get_component_rich_style("list--detail-entry"))


class ColumnHeads(Static):
    """The heads above the table; a click on one tells where."""

    class Clicked(Message):
        """The heads were clicked, so many cells from the left."""

        def __init__(self, x: int) -> None:
            super().__init__()
            self.x = x

    def on_click(self, event: events.Click) -> None:
        """Tell where."""
        event.stop()
        self.post_message(self.Clicked(event.x))
