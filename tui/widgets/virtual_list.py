"""A list that draws only the rows in view, so that 300 000 papers cost no more than 30."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

T = TypeVar("T")

Row = tuple[str, str]
"""The two lines of an entry, both cleaned: what it is, and what is known of it."""


class ListMessage(Message):
    """What a list tells; handlers may be chosen by the list."""

    def __init__(self, sender: LineList[Any]) -> None:
        super().__init__()
        self.sender = sender

    @property
    def control(self) -> LineList[Any]:
        """The list."""
        return self.sender


class EntryMessage(ListMessage):
    """What a list tells of one of its entries."""

    def __init__(self, sender: LineList[Any], item: Any) -> None:
        super().__init__(sender)
        self.item = item


class LineList(ScrollView, Generic[T], can_focus=True):
    """A list of two-line entries; `row` says how one is shown.

    Another kind of list has another number of lines, and another `draw`, which may have more lines
    below the entry under the cursor (`open_below`).
    """

    LINES: ClassVar[int] = 2
    """Lines of an entry."""

    CHOSEN_BY_CLICKS: ClassVar[int] = 1
    """Clicks that choose an entry; the first one sets the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, id="list.up"),
        Binding("down,j", "move(1)", "Down", show=False, id="list.down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="list.page_up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="list.page_down"),
        Binding("home,g", "first", "First", show=False, id="list.first"),
        Binding("end,G", "last", "Last", show=False, id="list.last"),
        Binding("enter", "choose", "Choose", show=False, id="list.choose"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "list--entry",
        "list--detail-entry",
        "list--cursor",
        "list--detail-cursor",
    }

    cursor: reactive[int] = reactive(0)

    class Highlighted(EntryMessage):
        """The cursor moved to an entry."""

    class Missing(ListMessage):
        """An entry came into view that has not been fetched; `index` counts from 0."""

        def __init__(self, sender: LineList[Any], index: int) -> None:
            super().__init__(sender)
            self.index = index

    class Chosen(EntryMessage):
        """The reader chose an entry."""

    def __init__(self, row: Callable[[T], Row], *, empty: str = "", id: str | None = None) -> None:
        super().__init__(id=id)
        self._row = row
        self._empty = empty
        self._items: Sequence[T | None] = ()
        self._below = 0

    @property
    def items(self) -> Sequence[T | None]:
        """All entries; None stands for one that has not been fetched."""
        return self._items

    @property
    def top(self) -> int:
        """The place of the first entry in view."""
        return self._entry_at(self.scroll_offset.y)[0]

    @property
    def current(self) -> T | None:
        """The entry under the cursor."""
        return self._items[self.cursor] if self.cursor < len(self._items) else None

    def fill(
        self, items: Sequence[T | None], empty: str | None = None, cursor: int | None = 0
    ) -> None:
        """Show other entries; `empty` is said where there are none.

        With `cursor=None` cursor and scrolling stay where they are, for entries that are
        mostly the same.
        """
        before, self._items = len(self._items), items
        self._empty = self._empty if empty is None else empty
        self._measure()
        place = self.cursor if cursor is None else cursor
        self.set_reactive(LineList.cursor, max(0, min(place, len(items) - 1)))
        if cursor is not None:
            self._show_cursor()
        # As many rows as before stand where those did: nothing beside them moves.
        self.refresh(layout=not items or len(items) != before)

    def watch_cursor(self, old: int, new: int) -> None:
        """Redraw the two entries and keep the cursor in view."""
        if self._below:
            self.refresh()
        else:
            for index in (old, new):
                self.refresh_lines(index * self.LINES, self.LINES)
        self._show_cursor()

    def open_below(self, lines: int) -> None:
        """Have so many lines more below the entry under the cursor, wherever it goes."""
        if lines != self._below:
            self._below = lines
            self._measure()
            self._show_cursor()
            self.refresh(layout=True)

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        self._move_to(self.cursor + by)

    def action_go(self, place: int) -> None:
        """Move the cursor to an entry, counted from 0."""
        self._move_to(place)

    def action_page(self, direction: int) -> None:
        """Move the cursor by what fits in view."""
        self._move_to(self.cursor + direction * max(self.size.height // self.LINES, 1))

    def action_first(self) -> None:
        """Move to the first entry."""
        self._move_to(0)

    def action_last(self) -> None:
        """Move to the last entry."""
        self._move_to(len(self._items) - 1)

    def action_choose(self) -> None:
        """Choose the entry under the cursor."""
        if (item := self.current) is not None:
            self.post_message(self.Chosen(self, item))

    def on_click(self, event: events.Click) -> None:
        """Set the cursor on the entry that was clicked, and choose it with as many as it takes."""
        index, _ = self._entry_at(event.y + self.scroll_offset.y)
        if index < len(self._items):
            self._move_to(index)
            if event.chain >= self.CHOSEN_BY_CLICKS:
                self.action_choose()

    def render_line(self, y: int) -> Strip:
        """Draw one line of the view."""
        width = self.scrollable_content_region.width
        index, part = self._entry_at(y + self.scroll_offset.y)
        if index >= len(self._items):
            text = self._empty if not self._items and index == part == 0 else ""
            return strip(f" {text}", width, self.get_component_rich_style("list--detail-entry"))
        if (item := self._items[index]) is None and not part:
            self.post_message(self.Missing(self, index))
        return self.draw(item, part, width, is_current=index == self.cursor)

    def draw(self, item: T | None, part: int, width: int, *, is_current: bool) -> Strip:
        """Draw a line of an entry, counted from 0; None stands for one not fetched yet."""
        is_lit = is_current and self.has_focus
        return self.drawn(item, part, width, is_current=is_current, is_lit=is_lit)

    def drawn(
        self, item: T | None, part: int, width: int, *, is_current: bool, is_lit: bool
    ) -> Strip:
        """A line of an entry as it is drawn, with or without the colours of the cursor."""
        kind = "cursor" if is_lit else "entry"
        style = self.get_component_rich_style(f"list--{'detail-' if part else ''}{kind}")
        pointer = "❯ " if is_current and not part else "  "
        return strip(pointer + ("…" if item is None else self._row(item)[part]), width, style)

    def tell_current(self) -> None:
        """Tell which entry the cursor is on, once it has been fetched."""
        if (item := self.current) is not None:
            self.post_message(self.Highlighted(self, item))

    def _move_to(self, index: int) -> None:
        if not self._items:
            return
        self.cursor = max(0, min(index, len(self._items) - 1))
        self.tell_current()

    def _entry_at(self, y: int) -> tuple[int, int]:
        """The entry that has a line, and which of its lines that is, both counted from 0."""
        first = self.cursor * self.LINES
        if y < first + self.LINES:
            return divmod(y, self.LINES)
        if y < first + self.LINES + self._below:
            return self.cursor, y - first
        return divmod(y - self._below, self.LINES)

    def _measure(self) -> None:
        below = self._below if self._items else 0
        self.virtual_size = Size(0, max(len(self._items) * self.LINES + below, 1))

    def _show_cursor(self) -> None:
        first, lines = self.cursor * self.LINES, self.LINES + self._below
        region = Region(0, first, max(self.size.width, 1), lines)
        self.scroll_to_region(region, animate=False)


def strip(line: str, width: int, style: Style) -> Strip:
    """A line of one style, cut to a width in cells."""
    text = Text(line)
    text.truncate(max(width, 0), overflow="ellipsis")
    return Strip([Segment(text.plain, style)]).adjust_cell_length(max(width, 0), style)
