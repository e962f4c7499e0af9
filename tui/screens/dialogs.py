"""What lies over the screen for a moment: questions to answer, the help, the palette."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.command import CommandList, CommandPalette
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from assistant.wiring.embedders import EmbedderChoice
from store.ledger.sessions import NAME_LIMIT
from tui.presenters import embedders
from tui.widgets.dialog_keys import DialogKeys
from tui.widgets.inputs import LineInput
from tui.widgets.virtual_list import LineList


class Confirm(ModalScreen[bool]):
    """Asks one thing; `detail` is what it is about, shown whole.

    Enter is no answer: it may have been on its way to something else.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", "Yes", id="confirm.yes"),
        Binding("n,escape", "dismiss(False)", "No", id="confirm.no"),
    ]

    def __init__(self, asked: str, detail: str) -> None:
        super().__init__()
        self._asked = asked
        self._detail = detail

    def compose(self) -> ComposeResult:
        """The question, what it is about, the keys."""
        with VerticalScroll(classes="dialog small"):
            yield Static(Content(self._asked), classes="heading")
            yield Static(Content(self._detail), classes="detail")
            yield DialogKeys("y  yes      n  no")


class NameConversation(ModalScreen[str | None]):
    """Asks for the name of a conversation; `name` is what it is called now."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", id="name.cancel"),
    ]

    def __init__(self, name: str) -> None:
        super().__init__()
        self._called = name

    def compose(self) -> ComposeResult:
        """The name, the keys."""
        with VerticalScroll(classes="dialog small", can_focus=False):
            yield Static("What is this conversation to be called?", classes="heading")
            yield LineInput(self._called, id="session-name", max_length=NAME_LIMIT)
            yield DialogKeys("Enter  rename      Esc  cancel")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)


class ChooseEmbedder(ModalScreen[EmbedderChoice | None]):
    """Asks which embedder a library shall use."""

    AUTO_FOCUS = "#embedder-list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", id="embedder.cancel"),
    ]

    def __init__(self, choices: Sequence[EmbedderChoice]) -> None:
        super().__init__()
        self._choices = choices
        self._list: LineList[EmbedderChoice] = LineList(embedders.row, id="embedder-list")

    def compose(self) -> ComposeResult:
        """The embedders, what a change does, the keys."""
        with VerticalScroll(classes="dialog small", can_focus=False):
            yield Static("Change what finds papers by meaning", classes="heading")
            yield self._list
            yield Static(classes="wrong", id="embedder-wrong")
            yield Static(embedders.MEANWHILE, classes="label", id="embedder-note")
            yield DialogKeys("Enter  change      Esc  cancel")

    def on_mount(self) -> None:
        """Fill the list, the cursor on the embedder in use."""
        self._list.fill(self._choices, cursor=embedders.place_in_use(self._choices))

    @on(LineList.Highlighted)
    def _passed(self, event: LineList.Highlighted) -> None:
        event.stop()
        self._say("")

    @on(LineList.Chosen)
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        if line := embedders.refusal(event.item):
            self._say(line)
        else:
            self.dismiss(event.item)

    def _say(self, line: str) -> None:
        """Say why not, in the place of the note: a small screen has no room for both."""
        said = self.query_one("#embedder-wrong", Static)
        said.update(Content(line))
        said.display = bool(line)
        self.query_one("#embedder-note").display = not line


class Palette(CommandPalette):
    """The palette of commands, which takes the page keys before its list is laid out as well."""

    def _action_command_list(self, action: str) -> None:
        listed = self.query_one(CommandList)
        if listed.option_count and listed.size.height:
            super()._action_command_list(action)
