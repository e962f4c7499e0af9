"""Asking for a file to write."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui.widgets.dialog_keys import DialogKeys
from tui.widgets.inputs import LineInput


class NameFile(ModalScreen[str | None]):
    """Asks for a file; `path` is what the box holds at first, `written_as` what it may be."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", id="document.cancel"),
    ]

    def __init__(self, heading: str, path: str, written_as: str) -> None:
        super().__init__()
        self._heading = heading
        self._path = path
        self._written_as = written_as

    def compose(self) -> ComposeResult:
        """The file, what may be written, the keys."""
        with VerticalScroll(classes="dialog small", can_focus=False):
            yield Static(Content(self._heading), classes="heading")
            yield LineInput(self._path, id="document-path", max_length=4096)
            yield Static(Content(self._written_as), classes="detail")
            yield DialogKeys("Enter  write      Esc  cancel")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value if event.value.strip() else None)
