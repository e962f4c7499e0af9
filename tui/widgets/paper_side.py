"""What stands beside a paper, or on a narrow screen below it: facts, note, and what leads on."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.strip import Strip
from textual.widgets import Static

from tui.presenters import paper_side
from tui.presenters.paper_side import Lead, Side
from tui.presenters.paper_table import CURSOR
from tui.widgets.virtual_list import LineList, strip

_LABEL = 8
"""Cells of what a fact is, and the space behind it."""


class Leads(LineList[Lead]):
    """What leads on from a paper, a line each; Enter and a click open it."""

    LINES: ClassVar[int] = 1
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "open", key_display="Enter", id="paper.lead"),
    ]

    def __init__(self, *, id: str) -> None:
        super().__init__(lambda lead: (lead.title, lead.told), id=id)

    def show(self, leads: tuple[Lead, ...], title: str) -> None:
        """List them below a title; where there are none it goes."""
        self.border_title = title
        self.fill(leads)
        self.set_class(not leads, "-none")

    def draw(self, item: Lead | None, part: int, width: int, *, is_current: bool) -> Strip:
        """Draw what leads on."""
        is_lit = is_current and self.has_focus
        style = self.get_component_rich_style(f"list--{'cursor' if is_lit else 'entry'}")
        text = "" if item is None else paper_side.row(item, width - 1)
        return strip((CURSOR if is_lit else " ") + text, width, style)


class PaperSide(VerticalScroll, can_focus=False):
    """Shows what is known of a paper beside its abstract; folded it is a line and the note."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id, classes="-empty")
        self.shown: Side | None = None
        self._facts = Static(id="side-facts")
        self._note = Static(id="side-note")
        self._folded = Static(id="side-folded")
        self._hint = Static(id="side-hint")
        self.similar = Leads(id="side-similar")
        self.citing = Leads(id="side-citing")

    def compose(self) -> ComposeResult:
        """The facts, the note, the similar papers, the answers that cite it, the line of all."""
        yield self._facts
        yield self._note
        yield self.similar
        yield self.citing
        with Horizontal(id="side-line"):
            yield self._folded
            yield self._hint

    def on_mount(self) -> None:
        """There is nothing to show yet."""
        self._note.border_title = "Note"

    def clear(self) -> None:
        """Show nothing."""
        self.shown = None
        self.add_class("-empty")

    def show(self, side: Side) -> None:
        """Show what is known of a paper."""
        self.shown = side
        self.remove_class("-empty")
        self._facts.update(_facts(side))
        self._note.update(Content(side.note))
        self._note.set_class(not side.note, "-none")
        self._folded.update(Content(side.folded))
        self._hint.update(Content(side.hint or side.unfold))
        self.similar.show(side.similar, "Similar")
        self.citing.show(side.citing, "Cited in")

    @property
    def is_folded(self) -> bool:
        """True while what leads on is not in view."""
        return self.query_one("#side-line").display

    def lead(self, number: int) -> Lead | None:
        """What a digit opens."""
        leads = (*self.shown.similar, *self.shown.citing) if self.shown else ()
        return next((one for one in leads if one.number == number), None)


def _facts(side: Side) -> Content:
    # On the line that is never too long for it.
    hint = f"   ({side.hint})" if side.hint else ""
    return Content("\n").join(
        [
            Content.assemble(side.mark, (hint, "$text-muted")),
            *(
                Content.assemble((one.label.ljust(_LABEL), "$text-muted"), one.text)
                for one in side.facts
            ),
        ]
    )
