"""Choosing the theme, with the app itself as the preview."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.presenters import looks
from tui.widgets.dialog_keys import DialogKeys
from tui.widgets.virtual_list import LineList


class ChooseTheme(ModalScreen[str | None]):
    """Asks for one of the `themes`, `now` the one there is; `preview` takes each that is passed.

    It stands at the side and dims nothing: what is chosen is seen beside it.
    """

    AUTO_FOCUS = "#theme-list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Cancel", id="theme.cancel"),
    ]

    def __init__(self, themes: Sequence[str], now: str, preview: Callable[[str], None]) -> None:
        super().__init__()
        self._themes = themes
        self._now = now
        self._preview = preview
        self._list = _Names(looks.row, id="theme-list")

    def compose(self) -> ComposeResult:
        """The themes, the keys."""
        with VerticalScroll(classes="dialog small", can_focus=False):
            yield Static("Theme", classes="heading")
            yield self._list
            yield DialogKeys(looks.KEYS)

    def on_mount(self) -> None:
        """Fill the list, the cursor on the theme there is."""
        themes = list(self._themes)
        self._list.fill(themes, cursor=themes.index(self._now) if self._now in themes else 0)

    @on(LineList.Highlighted)
    def _passed(self, event: LineList.Highlighted) -> None:
        event.stop()
        self._preview(event.item)

    @on(LineList.Chosen)
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        self.dismiss(event.item)


class _Names(LineList[str]):
    """Names, a line each."""

    LINES: ClassVar[int] = 1
