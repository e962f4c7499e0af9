"""The library without a paper: the ways to begin, to be chosen by cursor, key or click."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tui.presenters import beginning
from tui.widgets.virtual_list import LineList

if TYPE_CHECKING:
    from tui.presenters.beginning import Act, Choice
    from tui.presenters.key_names import KeyNames


class Beginning(Vertical):
    """Lists the ways to begin, and says whether a model answers."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "want('add')", "add papers", id="begin.add"),
        Binding("d", "want('sample')", "sample", id="begin.sample"),
        Binding("h", "want('how')", "how to save a page", id="begin.how"),
    ]

    class Wanted(Message):
        """The reader begins in one of the ways."""

        def __init__(self, act: Act) -> None:
            super().__init__()
            self.act = act

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.listed: LineList[Choice] = LineList(beginning.row, id="beginnings")
        self._model = Static(id="beginning-model", classes="hint")

    def compose(self) -> ComposeResult:
        """What there is not, the ways, the model."""
        yield Static(beginning.HEAD, classes="hint")
        yield self.listed
        yield self._model

    def on_mount(self) -> None:
        """Fill the list."""
        self.listed.fill(beginning.CHOICES, cursor=0)

    def tell_model(self, keys: KeyNames, *, is_extractive: bool) -> None:
        """Say that no model answers, where that is so."""
        self._model.update(Content(beginning.model_line(is_extractive, keys)))

    def action_want(self, act: Act) -> None:
        """Begin in one of the ways."""
        self.post_message(self.Wanted(act))

    @on(LineList.Chosen)
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        self.post_message(self.Wanted(event.item.act))

    @on(LineList.Highlighted)
    def _passed(self, event: LineList.Highlighted) -> None:
        event.stop()
