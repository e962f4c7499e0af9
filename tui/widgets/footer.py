"""The two lines at the bottom: how things stand and what just happened, and the keys."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Footer, Input, Static, TextArea
from textual.widgets._footer import FooterKey

from store.clean import clean_line

if TYPE_CHECKING:
    from textual.binding import ActiveBinding
    from textual.screen import Screen

NOTICE_SECONDS = 8.0
"""How long a notice stands."""


class StatusLine(Horizontal):
    """Left: a notice, else the job that runs. Right: the model and where text is sent."""

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
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


class _Key(NamedTuple):
    """A key of the line: what is pressed, how it is spelt, what it does."""

    key: str
    display: str
    told: str
    action: str

    @property
    def cells(self) -> int:
        """How wide it is with what it does, and the spaces behind them."""
        return cell_len(f"{self.display} {self.told} ")


class KeyLine(Footer):
    """Shows the keys of what has the focus, as many as have room, then help and the palette."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False, compact=True)
        self._drawn: tuple[list[_Key], list[_Key]] = ([], [])
        self._is_due = False

    def compose(self) -> ComposeResult:
        """The keys of the focus, the most used first, those of the screen, a gap, the last two."""
        self._drawn = keys, last = self._keys() if self._bindings_ready else ([], [])
        if keys or last:
            yield from map(self._shown, keys)
            yield Static(classes="gap")
            yield from map(self._shown, last)

    def on_resize(self, event: events.Resize) -> None:
        """Let keys go, or bring them back."""
        self._draw_soon()

    def bindings_changed(self, screen: Screen[Any]) -> None:
        """Show other keys, where there are other ones now."""
        self._bindings_ready = True
        if screen.app.app_focus and self.is_attached and screen is self.screen:
            self._draw_soon()

    def _draw_soon(self) -> None:
        # What moves the focus tells so several times, and mostly the keys are those of before.
        if not self._is_due:
            self._is_due = True
            self.call_after_refresh(self._draw)

    async def _draw(self) -> None:
        self._is_due = False
        if self.is_attached and self._bindings_ready and self._keys() != self._drawn:
            await self.recompose()

    def _keys(self) -> tuple[list[_Key], list[_Key]]:
        """The keys that have room, and the last two; none where nothing has a key to show."""
        screen = self.screen
        active = screen.active_bindings
        first: dict[str, str] = {}
        for key, one in active.items():
            if one.binding.show:
                first.setdefault(one.binding.action, key)
        shown = first.values()
        if not shown:
            return [], []
        own = [key for key in shown if active[key].node not in (screen, self.app)]
        own.sort(key=lambda key: _leads(active[key]), reverse=True)
        every = [key for key in shown if active[key].node is screen]
        in_box = isinstance(screen.focused, (TextArea, Input))
        ids = {one.binding.id: key for key, one in reversed(active.items())}
        help_key = ids.get("help" if in_box else "help.typed") or ids.get("help")
        palette = ids.get("palette")
        last = [self._key(active, help_key)] if help_key else []
        last += [self._key(active, palette, "all")] if palette else []
        keys = [self._key(active, key) for key in (*own, *every)]
        while keys and sum(one.cells for one in (*keys, *last)) + 1 > self.size.width:
            keys.pop()
        return keys, last

    def _key(self, active: Mapping[str, ActiveBinding], key: str, told: str = "") -> _Key:
        binding = active[key].binding
        display = self.app.get_key_display(binding)
        return _Key(key, display, told or binding.description, binding.action)

    def _shown(self, one: _Key) -> FooterKey:
        return FooterKey(*one).data_bind(compact=Footer.compact)


class Leading(Widget):
    """Has keys that are more used than its others for now, by the ids of their bindings."""

    @property
    def leading(self) -> Collection[str]:
        """Their ids; none where all are as they stand."""
        return ()


def _leads(one: ActiveBinding) -> bool:
    return isinstance(one.node, Leading) and one.binding.id in one.node.leading
