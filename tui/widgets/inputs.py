"""The boxes that are typed into: one for questions, one for a single line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, TextArea

from store.clean import clean_line, clean_text

MAX_QUESTION = 20_000
"""Characters that a question may have."""

BURST_SECONDS = 0.03
"""Keys that come closer than this after each other are pasted: terminals hand a paste over in one
read, its keys less than .1 ms apart; the fastest typists leave 50 ms, a key that repeats 30."""


class AskBox(TextArea, inherit_bindings=False):
    """Takes a question: Enter sends it, ctrl+j starts a new line, digits are text.

    `asked` tells the questions asked before, which Up puts into an empty box.

    Enter amid keys of a paste, from a terminal that does not bracket it, is a new line.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        # The base class selects a line, and all, with keys that are ours.
        *(
            one
            for one in TextArea.BINDINGS
            if isinstance(one, Binding) and one.key not in ("f6", "f7")
        ),
        Binding("enter", "send", "send", key_display="Enter", id="ask.send"),
        Binding("ctrl+j,shift+enter", "new_line", "new line", id="ask.new_line"),
        # Here as well as on the screen: a question holds what was typed before its key, no more.
        Binding("f6", "screen.ask_all", "ask every paper", key_display="F6", id="ask.every_here"),
        Binding("up", "cursor_up", "last question", key_display="↑", id="ask.last"),
        Binding("escape", "screen.back", "to the answer", key_display="Esc", id="ask.leave"),
    ]

    class Sent(Message):
        """The reader sent a question; it is not empty."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Widened(Message):
        """The reader deletes where nothing is left: from now on all papers are asked."""

    class Risen(Message):
        """The reader goes up in an empty box, and no question was asked before."""

    class TooLong(Message):
        """What was typed or pasted is longer than a question may be."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(
            soft_wrap=True,
            show_line_numbers=False,
            tab_behavior="focus",
            placeholder="Ask the library…",
            highlight_cursor_line=False,
            id=id,
        )
        self.cursor_blink = False
        self._key_came = 0.0
        self._in_burst = False
        self._held_enter: Timer | None = None
        self.asked: Callable[[], Sequence[str]] = tuple
        self._recalled, self._recalled_at = "", 0

    def take(self, text: str) -> None:
        """Put a text into the box, in front of what was typed meanwhile."""
        if not text:
            return
        typed = self.text.strip()
        text = clean_text(text)[:MAX_QUESTION]
        self.load_text(f"{text}\n{typed}" if typed and typed != text.strip() else text)
        self.move_cursor(self.document.end)

    def let_go(self, text: str) -> None:
        """Take a text that was sent out of the box; what was typed after it stays."""
        rest = self.text.lstrip().removeprefix(text).lstrip()
        self.load_text(rest)
        self.move_cursor(self.document.end)

    def action_send(self) -> None:
        """Send what is in the box, unless it is blank; in a burst of keys when it has ended."""
        if self._in_burst:
            self._held_enter = self.set_timer(BURST_SECONDS, self._burst_may_end)
        elif text := self.text.strip():
            self.post_message(self.Sent(text))

    def _burst_may_end(self) -> None:
        # Keys of the burst may wait before the app and before the box.
        self.app.call_later(self.call_later, self._settle, is_line_break=False)

    def _settle(self, *, is_line_break: bool) -> None:
        """Have an Enter that ended a burst so far be a line break, or send."""
        if self._held_enter is None:
            return
        self._held_enter.stop()
        self._held_enter, self._in_burst = None, False
        if is_line_break:
            self.action_new_line()
        else:
            self.action_send()

    def action_cursor_up(self, select: bool = False) -> None:
        """Move up; in a box that is empty, or holds an old question, put the one before in."""
        if select or not self._recall(-1):
            if not self.text:
                self.post_message(self.Risen())
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        """Move down; in a box that holds an old question, put the one after it in."""
        if select or not self._recall(1):
            super().action_cursor_down(select)

    def _recall(self, by: int) -> bool:
        """Put an earlier question in, or a later one; False where the text is the reader's own."""
        asked = list(self.asked())
        if self.text and self.text != self._recalled:
            return False
        at = (self._recalled_at if self.text else len(asked)) + by
        if not 0 <= at <= len(asked) or (not self.text and by > 0):
            return False
        self._recalled_at, self._recalled = at, [*asked, ""][at]
        self.load_text(self._recalled)
        self.move_cursor(self.document.end)
        return True

    def action_delete_left(self) -> None:
        """Delete the character before the cursor; in an empty box, what narrows the question."""
        if not self.text:
            self.post_message(self.Widened())
        super().action_delete_left()

    def action_new_line(self) -> None:
        """Start a new line at the cursor."""
        self.insert("\n")

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        """Leave Alt with a digit to the citations."""
        return not key.startswith("alt+") and super().check_consume_key(key, character)

    async def _on_key(self, event: events.Key) -> None:
        in_burst = event.time - self._key_came < BURST_SECONDS
        self._settle(is_line_break=in_burst)
        self._key_came, self._in_burst = event.time, in_burst
        if event.key == "enter" or event.key.startswith("alt+"):
            # The base class would insert these; as bindings they can be changed by the reader.
            event.prevent_default()
        elif event.is_printable:
            if len(self.text) >= MAX_QUESTION:
                event.stop()
                event.prevent_default()
                self.post_message(self.TooLong())
            return
        await _run_bound(self, event)

    async def _on_paste(self, event: events.Paste) -> None:
        # The base class would take any length, and control characters with it.
        event.prevent_default()
        event.stop()
        if len(self.text) - len(self.selected_text) + len(event.text) > MAX_QUESTION:
            self.post_message(self.TooLong())
            return
        if result := self._replace_via_keyboard(clean_text(event.text), *self.selection):
            self.move_cursor(result.end_location)


class LineInput(Input):
    """A box for one line, whatever is pasted into it."""

    async def _on_key(self, event: events.Key) -> None:
        if not event.is_printable:
            await _run_bound(self, event)

    def _on_paste(self, event: events.Paste) -> None:
        # The base class would keep control characters.
        event.prevent_default()
        event.stop()
        self.insert_text_at_cursor(clean_line(event.text[: self.max_length]).strip())


async def _run_bound(box: Widget, event: events.Key) -> None:
    """Run what a box itself binds to a key; a key that it does not bind, or declines, rises.

    Now, and not when the key has risen to the app, where Textual (8.2.8) runs bindings: letters
    typed behind it would be inserted before.
    """
    bound = box.screen.active_bindings.get(event.key)
    if bound is None or bound.node is not box or not bound.enabled:
        return
    if await box.app.run_action(bound.binding.action, box):
        event.stop()
        event.prevent_default()
