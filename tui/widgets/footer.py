"""The two lines at the bottom: how things stand and what just happened, and the keys."""

from __future__ import annotations

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Footer, Static
from textual.widgets._footer import FooterKey

from store.clean import clean_line

NOTICE_SECONDS = 8.0
"""How long a notice stands."""

ROOMY = 70
"""Columns from which all keys have room."""

_SPARED = frozenset({"ask_all", "screen.ask_all", "new"})
"""Actions whose keys go first where there is no room; the help names them all."""


_ALWAYS = frozenset({"f1", "ctrl+q"})


class StatusLine(Horizontal):
    """Left: a notice, else the job that runs, else the model and where text is sent.

    Right: the library.
    """

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._standing = ""
        self._job = ""
        self._clearing: Timer | None = None
        self._left = Static(id="status-left")
        self._right = Static(id="status-right")
        self.notice = ""

    def compose(self) -> ComposeResult:
        """The two halves."""
        yield self._left
        yield self._right

    def stand(self, text: str) -> None:
        """Set what the left half says while there is no notice."""
        self._standing = clean_line(text)
        self._draw()

    def job(self, text: str) -> None:
        """Set what is said of the long job that runs, "" for none."""
        self._job = clean_line(text)
        self._draw()

    def library(self, text: str) -> None:
        """Set the right half."""
        self._right.update(Content(clean_line(text)))

    def say(self, text: str) -> None:
        """Show a notice for a while."""
        self.notice = clean_line(text)
        if self._clearing:
            self._clearing.stop()
        self._clearing = self.set_timer(NOTICE_SECONDS, self.quieten)
        self._draw()

    def quieten(self) -> None:
        """Take the notice away."""
        self.notice = ""
        self._draw()

    def _draw(self) -> None:
        self._left.update(Content(self.notice or self._job or self._standing))
        self._left.set_class(bool(self.notice), "notice")


class KeyLine(Footer):
    """Shows the keys, on a narrow screen fewer of them rather than the last one cut."""

    def compose(self) -> ComposeResult:
        """The keys of what has the focus, then those of the app; those that may go marked as such.

        Where the focus has keys of its own, of the app's only help and the way out stand behind.
        """
        screen = self.screen
        active = screen.active_bindings.values()
        own = {one.binding.key for one in active if one.node not in (screen, self.app)}
        box = screen.focused is not None and screen.focused.id == "ask"
        keys = list(super().compose())
        first = [one for one in keys if isinstance(one, FooterKey) and one.key in own]
        if first and not box:
            last = [one for one in keys if isinstance(one, FooterKey) and one.key in _ALWAYS]
            while first and sum(map(_cells, (*first, *last))) > self.size.width:
                first.pop()
            yield from (*first, *last)
            return
        for one in sorted(keys, key=_order):
            if isinstance(one, FooterKey) and one.action in _SPARED:
                one.add_class("-spared")
            yield one

    def on_resize(self, event: events.Resize) -> None:
        """Let keys go, or bring them back."""
        self.set_class(event.size.width < ROOMY, "-slim")
        self.call_after_refresh(self.recompose)


def _cells(one: FooterKey) -> int:
    """How wide a key and what it does are, with the spaces behind them."""
    return cell_len(f"{one.key_display} {one.description} ")


def _order(one: Widget) -> tuple[bool, str]:
    """The function keys first, by number; the others as they come."""
    key = one.key if isinstance(one, FooterKey) else ""
    numbered = key[:1] == "f" and key[1:].isdecimal()
    return not numbered, key if numbered else ""
