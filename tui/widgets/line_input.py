"""A box for one line."""

from __future__ import annotations

from textual import events
from textual.widgets import Input

from store.clean import clean_line


class LineInput(Input):
    """A box for one line, whatever is pasted into it."""

    def _on_paste(self, event: events.Paste) -> None:
        # The base class would keep control characters.
        event.prevent_default()
        event.stop()
        self.insert_text_at_cursor(clean_line(event.text[: self.max_length]).strip())
