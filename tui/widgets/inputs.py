"""The boxes that are typed into: one for questions, one for a single line."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, TextArea

from store.clean import clean_line, clean_text

MAX_QUESTION = 20_000
"""Characters that a question may have."""


class AskBox(TextArea, inherit_bindings=False):
    """Takes a question: Enter sends it, ctrl+j starts a new line, digits are text."""

    BINDINGS: ClassVar[list[BindingType]] = [
        # The base class selects a line with F6, which is the screen's.
        *(one for one in TextArea.BINDINGS if isinstance(one, Binding) and one.key != "f6"),
        # Here as well as on the screen: a question holds what was typed before its key, no more.
        Binding("f6", "screen.ask_all", "Ask all", key_display="F6", id="ask.every_here"),
        Binding("enter", "send", "Send", show=False, id="ask.send"),
        Binding("ctrl+j,shift+enter", "new_line", "New line", show=False, id="ask.new_line"),
    ]

    class Sent(Message):
        """The reader sent a question; it is not empty."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

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
        """Send what is in the box, unless it is blank."""
        if text := self.text.strip():
            self.post_message(self.Sent(text))

    def action_new_line(self) -> None:
        """Start a new line at the cursor."""
        self.insert("\n")

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        """Leave Alt with a digit to the citations."""
        return not key.startswith("alt+") and super().check_consume_key(key, character)

    async def _on_key(self, event: events.Key) -> None:
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
