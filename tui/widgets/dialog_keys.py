"""The keys of a dialog in words; a click on one does what the key does."""

from __future__ import annotations

from textual.content import Content
from textual.style import Style
from textual.widgets import Static

from tui.presenters.key_words import read_key, told_keys
from tui.widgets.bound_keys import key_now, named


class DialogKeys(Static):
    """Tells keys and what they do, as `Enter  add      Esc  cancel`, in one line or more."""

    ALLOW_SELECT = False

    def __init__(self, text: str = "", *, id: str | None = None, classes: str = "keys") -> None:
        super().__init__(_clickable(text), id=id, classes=classes)
        self._told = text

    def on_mount(self) -> None:
        """Name the keys that the reader chose: they are known on the screen."""
        self.tell(self._told)

    def tell(self, text: str) -> None:
        """Tell other keys, as they come with the app; those are named that are bound now."""
        for start, end, key in reversed(told_keys(text)):
            if now := key_now(self, named(read_key(key))):
                text = text[:start] + text[start:end].replace(key, now, 1) + text[end:]
        self.update(_clickable(text))

    def action_press(self, key: str) -> None:
        """Do what a key does."""
        self.app.simulate_key(key)


def _clickable(text: str) -> Content:
    content = Content(text)
    for start, end, key in told_keys(text):
        style = Style.from_meta({"@click": f"press({named(read_key(key))!r})"})
        content = content.stylize(style, start, end)
    return content
