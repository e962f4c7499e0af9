"""The settings: a list with what each does, and the boxes in which one is changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from store.clean import clean_line
from tui.presenters import settings
from tui.screens.connect import Saying
from tui.widgets.dialog_keys import DialogKeys
from tui.widgets.inputs import LineInput
from tui.widgets.virtual_list import LineList

if TYPE_CHECKING:
    from assistant.workspace.configuration import SettingLine


class ShowSettings(Saying):
    """Lists the settings of the file at `path`.

    `change` takes the one chosen, `reset` the one that is to be as it comes.
    """

    AUTO_FOCUS = "#setting-list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Close", id="settings.close"),
        Binding("d", "reset", "Default", id="settings.reset"),
    ]

    def __init__(
        self,
        path: str,
        change: Callable[[SettingLine], None],
        reset: Callable[[SettingLine], None],
    ) -> None:
        super().__init__()
        self._path = path
        self._change = change
        self._reset = reset
        self._list: LineList[SettingLine] = LineList(settings.row, id="setting-list")

    def compose(self) -> ComposeResult:
        """The settings, more on the one under the cursor, the keys."""
        with VerticalScroll(classes="dialog", can_focus=False):
            yield Static(Content(f"Settings, {clean_line(self._path)}"), classes="heading")
            yield self._list
            yield Static(classes="detail", id="setting-detail")
            yield Static(classes="said")
            yield DialogKeys(settings.KEYS)

    def fill(self, lines: Sequence[SettingLine]) -> None:
        """List the settings; the cursor stays where it is."""
        if self.is_mounted:
            self._list.fill(list(lines), cursor=None)
            self._tell()

    def action_reset(self) -> None:
        """Have the setting under the cursor be as it comes."""
        if (line := self._list.current) is not None:
            self._reset(line)

    @on(LineList.Highlighted)
    def _passed(self, event: LineList.Highlighted) -> None:
        event.stop()
        self.say("")
        self._tell()

    @on(LineList.Chosen)
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        self._tell()
        self._change(event.item)

    def _tell(self) -> None:
        if (line := self._list.current) is not None:
            self.query_one("#setting-detail", Static).update(Content(settings.detail(line)))


class ChangeSetting(Saying):
    """Asks for the value of a setting: one of its options, else a text; `done` takes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Cancel", id="setting.cancel"),
    ]

    def __init__(self, line: SettingLine, done: Callable[[str], None]) -> None:
        super().__init__()
        self._line = line
        self._done = done
        self._options = _Options(lambda one: (clean_line(one), ""), id="setting-options")

    def compose(self) -> ComposeResult:
        """What the setting does, its options or a box, the keys."""
        line = self._line
        with VerticalScroll(classes="dialog small", can_focus=False):
            yield Static(Content(clean_line(line.name)), classes="heading")
            if line.options:
                yield self._options
            else:
                yield LineInput(line.text, placeholder=line.default, id="setting-text")
            yield Static(classes="said")
            yield Static(Content(settings.detail(line)), classes="detail")
            keys = settings.CHOOSE_KEYS if line.options else settings.TYPE_KEYS
            yield DialogKeys(keys)

    def on_mount(self) -> None:
        """Fill the list of options, the cursor on the one there is."""
        options = list(self._line.options)
        if options:
            at = options.index(self._line.text) if self._line.text in options else 0
            self._options.fill(options, cursor=at)
            self._options.focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._done(event.value.strip())

    @on(LineList.Highlighted)
    def _passed(self, event: LineList.Highlighted) -> None:
        event.stop()

    @on(LineList.Chosen)
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        self._done(event.item)


class _Options(LineList[str]):
    """Values of a setting, a line each."""

    LINES: ClassVar[int] = 1
