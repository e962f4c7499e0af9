"""Asking which embedder a library shall use, and once more before texts leave the machine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from assistant.wiring.embedders import EmbedderChoice
from tui.presenters import wording
from tui.widgets.dialogs import Confirm
from tui.widgets.virtual_list import LineList

_MEANWHILE = "Questions use the old vectors until all new ones are made."


class ChooseEmbedder(ModalScreen[EmbedderChoice | None]):
    """Lists the embedders; `wrong` says in one line why one will not do, "" where it may."""

    AUTO_FOCUS = "#embedder-list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", id="embedder.cancel"),
    ]

    def __init__(
        self, choices: Sequence[EmbedderChoice], wrong: Callable[[EmbedderChoice], str]
    ) -> None:
        super().__init__()
        self._choices = choices
        self._wrong = wrong
        self._list: LineList[EmbedderChoice] = LineList(wording.embedder_row, id="embedder-list")

    def compose(self) -> ComposeResult:
        """The embedders, what a change does, the keys."""
        with VerticalScroll(classes="dialog small", can_focus=False):
            yield Static("Change what finds papers by meaning", classes="heading")
            yield self._list
            yield Static(classes="wrong", id="embedder-wrong")
            yield Static(_MEANWHILE, classes="label", id="embedder-note")
            yield Static("Enter  change      Esc  cancel", classes="keys")

    def on_mount(self) -> None:
        """Fill the list, the cursor on the embedder in use."""
        used = [at for at, one in enumerate(self._choices) if one.in_use]
        self._list.fill(self._choices, cursor=used[0] if used else 0)

    @on(LineList.Highlighted)
    def _passed(self, event: LineList.Highlighted) -> None:
        event.stop()
        self._say("")

    @on(LineList.Chosen)
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        if line := self._wrong(event.item):
            self._say(line)
        else:
            self.dismiss(event.item)

    def _say(self, line: str) -> None:
        """Say why not, in the place of the note: a small screen has no room for both."""
        said = self.query_one("#embedder-wrong", Static)
        said.update(Content(line))
        said.display = bool(line)
        self.query_one("#embedder-note").display = not line


def ask_for_embedder(
    screen: Screen[None], choices: Sequence[EmbedderChoice], use: Callable[[str], None]
) -> None:
    """Ask over a screen which embedder to use; `use` takes the name of the one chosen.

    Where texts would leave the machine, the reader is asked once more, with the host named.
    """

    def chosen(one: EmbedderChoice | None) -> None:
        if one is None:
            return
        if one.sends_to is None:
            use(one.name)
            return
        name = one.name
        confirm = Confirm(*wording.embedder_consent(one))
        screen.app.push_screen(confirm, lambda yes: use(name) if yes else None)

    screen.app.push_screen(ChooseEmbedder(choices, wording.embedder_refusal), chosen)
