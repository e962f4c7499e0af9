"""The help: the pane in focus, its keys as they are bound now, the marks that it shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Static

from tui.presenters import pane_help
from tui.presenters.help import (
    CHANGE_KEYS,
    LEGEND,
    LEGEND_FOOT,
    LEGEND_HEAD,
    all_keys,
    names_of_keys,
)
from tui.presenters.pane_help import ABOUT, PANES, Bound, Pane
from tui.widgets.bound_keys import spelt
from tui.widgets.dialog_keys import DialogKeys
from tui.widgets.reader import ScrollingText

_SIGNED: tuple[Pane, ...] = ("box", "answer", "sources")


class Help(ModalScreen[None]):
    """Tells of the pane that has the focus on a screen; Tab turns to all keys, and back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,q,question_mark", "dismiss(None)", "Close", id="help.close"),
        Binding("tab", "turn", "All keys", priority=True, id="help.turn"),
    ]

    def __init__(self, screen: Screen[Any]) -> None:
        super().__init__()
        self._pane = _pane(screen.focused)
        self._spelt = spelt(screen)
        self._here, self._more, self._everywhere = _bound(screen)

    def compose(self) -> ComposeResult:
        """The pane, its keys, the marks; or all keys."""
        with Vertical(classes="dialog", id="help"):
            with HelpText(id="help-here"):
                yield from self._of_pane()
            yield HelpText(id="help-all")
            yield DialogKeys(pane_help.FOOT, id="help-foot")

    def on_mount(self) -> None:
        """Begin with the pane."""
        self.query_one("#help-all").display = False
        self.query_one("#help-here").focus()

    async def action_turn(self) -> None:
        """Turn to all keys, which are laid out when they are first wanted, or back."""
        here, every = self.query_one("#help-here"), self.query_one("#help-all")
        if not every.children:
            await every.mount_all(self._all())
        here.display, every.display = every.display, here.display
        (here if here.display else every).focus()
        foot = pane_help.FOOT if here.display else pane_help.FOOT_ALL
        self.query_one("#help-foot", DialogKeys).tell(foot)

    def _all(self) -> Iterator[Widget]:
        yield from _keys("All keys", all_keys(self._spelt))
        yield from _names(names_of_keys(self._spelt))

    def _of_pane(self) -> Iterator[Widget]:
        told = ABOUT[self._pane]
        yield Static(told.name, classes="heading")
        yield Static(Content(told.about))
        yield from _keys(pane_help.KEYS_HEAD, pane_help.entries(self._here))
        if self._pane in _SIGNED:
            yield Static(LEGEND_HEAD, classes="heading")
            for one in LEGEND:
                yield _entry(one.symbol, one.words, f"sign {one.role}")
            yield Static(Content(LEGEND_FOOT), classes="detail")
        elif self._pane != "beginning":
            yield Static(pane_help.MARKS_HEAD, classes="heading")
            for mark, says in pane_help.PAPER_MARKS:
                yield _entry(mark, says, "sign")
        yield from _keys(pane_help.MORE_HEAD, pane_help.entries(self._more))
        yield from _keys(pane_help.EVERYWHERE_HEAD, pane_help.entries(self._everywhere))


class HelpText(ScrollingText):
    """The text of the help."""


def _pane(focused: Widget | None) -> Pane:
    """The pane that has the focus."""
    nodes = focused.ancestors_with_self if focused is not None else ()
    return next((PANES[one.id] for one in nodes if one.id in PANES), "box")


def _bound(screen: Screen[Any]) -> tuple[list[Bound], list[Bound], list[Bound]]:
    """The keys as they are now: those of the focus and its place that are told, the others there,
    and those of the screen and the app."""
    here: list[Bound] = []
    more: list[Bound] = []
    everywhere: list[Bound] = []
    for key, active in screen.active_bindings.items():
        binding = active.binding
        if binding.id and binding.description and active.enabled and not key.startswith("alt+"):
            shown = screen.app.get_key_display(binding)
            found = Bound(binding.id, shown, binding.description)
            is_everywhere = active.node in (screen, screen.app)
            (everywhere if is_everywhere else here if binding.show else more).append(found)
    return here, more, everywhere


def _keys(heading: str, entries: Iterable[tuple[str, str]]) -> Iterator[Widget]:
    yield Static(heading, classes="heading")
    for key, does in entries:
        yield _entry(key, does, "key")


def _names(entries: Sequence[tuple[str, str]]) -> Iterator[Widget]:
    """The names in one text: a hundred widgets would take their time."""
    width = max(len(name) for name, _ in entries)
    yield Static(Content(CHANGE_KEYS), classes="heading")
    yield Static(Content("\n".join(f"{name:<{width}}  {keys}" for name, keys in entries)))


def _entry(name: str, does: str, kind: str) -> Horizontal:
    return Horizontal(Static(Content(name), classes=kind), Static(Content(does)), classes="entry")
