"""A conversation without a question: how to begin, what may be asked, the last chats, the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Static

from tui.presenters import openings
from tui.presenters.openings import Opening
from tui.widgets.virtual_list import LineList, strip


class OpeningList(LineList[Opening]):
    """Rows of one line; the cursor passes over the headings."""

    LINES: ClassVar[int] = 1
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "ask, or open", key_display="Enter", id="openings.choose"),
    ]

    def __init__(self, id: str | None = None) -> None:
        super().__init__(lambda one: (one.text, one.detail), id=id)

    @property
    def choices(self) -> list[Opening]:
        """The rows that may be chosen."""
        return [one for one in self.items if one is not None and one.number]

    def show(self, rows: Sequence[Opening]) -> None:
        """Show these rows, the cursor on what it was on, else on the first choice."""
        before = self.current
        at = next((at for at, one in enumerate(rows) if one == before), None)
        self.fill(rows, cursor=at if at is not None else self._choice(rows, 0, 1))
        self.styles.height = max(len(rows), 1)

    def draw(self, item: Opening | None, part: int, width: int, *, is_current: bool) -> Strip:
        """Draw a row."""
        if item is None:
            return strip("", width, self.rich_style)
        is_lit = is_current and self.has_focus
        text, detail = openings.parts(item, width, is_current=is_lit)
        kind = "cursor" if is_lit else "entry"
        plain = self.get_component_rich_style(f"list--{kind}")
        muted = self.get_component_rich_style(f"list--detail-{kind}")
        segments = [Segment(text, plain), Segment(detail, muted)]
        return Strip(segments).adjust_cell_length(max(width, 0), plain)

    def _move_to(self, index: int) -> None:
        step = -1 if index < self.cursor else 1
        super()._move_to(self._choice(self.items, index, step))

    def _choice(self, rows: Sequence[Opening | None], index: int, step: int) -> int:
        """The choice at a place, else the next one in a direction, else the one there is."""
        places = (at for at, row in enumerate(rows) if row is not None and row.number)
        return min(places, key=lambda at: ((at - index) * step < 0, abs(at - index)), default=0)


class Openings(Vertical):
    """Says how to begin, and lists what may be asked and gone on with."""

    class Chosen(Message):
        """The reader chose a question to ask, or a chat to open."""

        def __init__(self, opening: Opening) -> None:
            super().__init__()
            self.opening = opening

    def __init__(self, welcome: str, rows: Sequence[Opening], model: str) -> None:
        super().__init__(classes="openings")
        self._rows = rows
        self._welcome = Static(welcome, classes="welcome")
        self.listed = OpeningList(id="openings")
        self._model = Static(Content(model), classes="model")

    def compose(self) -> ComposeResult:
        """How to begin, the rows, the model."""
        yield self._welcome
        yield self.listed
        yield self._model

    def on_mount(self) -> None:
        """Show what is known by now."""
        self.show(self._rows)

    def welcome(self, line: str) -> None:
        """Say how to begin."""
        self._welcome.update(line)

    def tell_model(self, line: str) -> None:
        """Say which model answers."""
        self._model.update(Content(line))

    def show(self, rows: Sequence[Opening]) -> None:
        """Show these rows."""
        self.listed.show(rows)
        self.set_class(not rows, "-empty")

    def numbered(self, number: int) -> Opening | None:
        """The row of a digit, None where there is none."""
        return next((one for one in self.listed.choices if one.number == number), None)

    @on(LineList.Chosen)
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        self.post_message(self.Chosen(event.item))

    @on(LineList.Highlighted)
    def _passed(self, event: LineList.Highlighted) -> None:
        event.stop()
