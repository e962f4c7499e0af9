"""The two lines at the bottom: how things stand and what just happened, and the keys."""

from __future__ import annotations

from collections.abc import Collection

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import ActiveBinding
from textual.containers import Horizontal
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Footer, Input, Static, TextArea
from textual.widgets._footer import FooterKey

from store.clean import clean_line

NOTICE_SECONDS = 8.0
"""How long a notice stands."""


class StatusLine(Horizontal):
    """Left: a notice, else the job that runs. Right: the model and where text is sent."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._job = ""
        self._clearing: Timer | None = None
        self._left = Static(id="status-left")
        self._right = Static(id="status-right")
        self.standing = ""
        self.notice = ""

    def compose(self) -> ComposeResult:
        """The two halves."""
        yield self._left
        yield self._right

    def stand(self, text: str) -> None:
        """Set what the right half says."""
        self.standing = clean_line(text)
        self._right.update(Content(self.standing))

    def job(self, text: str) -> None:
        """Set what is said of the long job that runs, "" for none."""
        self._job = clean_line(text)
        self._draw()

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
        self._left.update(Content(self.notice or self._job))
        self._left.set_class(bool(self.notice), "notice")
        self.set_class(bool(self.notice or self._job), "-speaking")


class KeyLine(Footer):
    """Shows the keys of what has the focus, as many as have room, then help and the palette."""

    def compose(self) -> ComposeResult:
        """The keys of the focus, the most used first, those of the screen, a gap, the last two."""
        screen = self.screen
        active = screen.active_bindings
        first: dict[str, str] = {}
        for key, one in active.items():
            if one.binding.show:
                first.setdefault(one.binding.action, key)
        shown = first.values()
        if not shown or not self._bindings_ready:
            return
        own = [key for key in shown if active[key].node not in (screen, self.app)]
        own.sort(key=lambda key: _leads(active[key]), reverse=True)
        every = [key for key in shown if active[key].node is screen]
        in_box = isinstance(screen.focused, (TextArea, Input))
        ids = {one.binding.id: key for key, one in reversed(active.items())}
        help_key = ids.get("help" if in_box else "help.typed") or ids.get("help")
        palette = ids.get("palette")
        last = [self._key(help_key)] if help_key else []
        last += [self._key(palette, "all")] if palette else []
        keys = [self._key(key) for key in (*own, *every)]
        while keys and sum(map(_cells, (*keys, *last))) + 1 > self.size.width:
            keys.pop()
        yield from keys
        yield Static(classes="gap")
        yield from last

    def on_resize(self, event: events.Resize) -> None:
        """Let keys go, or bring them back."""
        self.call_after_refresh(self.recompose)

    def _key(self, key: str, description: str = "") -> FooterKey:
        binding = self.screen.active_bindings[key].binding
        display = self.app.get_key_display(binding)
        shown = FooterKey(key, display, description or binding.description, binding.action)
        return shown.data_bind(compact=Footer.compact)


class Leading(Widget):
    """Has keys that are more used than its others for now, by the ids of their bindings."""

    @property
    def leading(self) -> Collection[str]:
        """Their ids; none where all are as they stand."""
        return ()


def _leads(one: ActiveBinding) -> bool:
    return isinstance(one.node, Leading) and one.binding.id in one.node.leading


def _cells(one: FooterKey) -> int:
    """How wide a key and what it does are, with the spaces behind them."""
    return cell_len(f"{one.key_display} {one.description} ")
