"""The line of keys at the bottom."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

ROOMY = 70
"""Columns from which all keys have room."""

_SPARED = frozenset({"ask_all", "screen.ask_all", "new"})
"""Actions whose keys go first where there is no room; the help names them all."""


class KeyLine(Footer):
    """Shows the keys, on a narrow screen fewer of them rather than the last one cut."""

    def compose(self) -> ComposeResult:
        """The keys in their order, wherever the focus is; those that may go marked as such."""
        for one in sorted(super().compose(), key=_order):
            if isinstance(one, FooterKey) and one.action in _SPARED:
                one.add_class("-spared")
            yield one

    def on_resize(self, event: events.Resize) -> None:
        """Let keys go, or bring them back."""
        self.set_class(event.size.width < ROOMY, "-slim")


def _order(one: Widget) -> tuple[bool, str]:
    """The function keys first, by number; the others as they come."""
    key = one.key if isinstance(one, FooterKey) else ""
    numbered = key[:1] == "f" and key[1:].isdecimal()
    return not numbered, key if numbered else ""
