"""The paper under the cursor of the library, and below it what leads on from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tui.widgets.paper_pane import PaperPane

if TYPE_CHECKING:
    from tui.presenters.sources import Item


class Preview(PaperPane):
    """A pane whose last row says what leads on from the paper, where there is room for it."""

    class LeadsWanted(Message):
        """A paper stands here of which it may be said what leads on from it."""

        def __init__(self, item: Item) -> None:
            super().__init__()
            self.item = item

    def __init__(self, id: str | None = None) -> None:
        super().__init__(hint="", id=id)
        self._foot = Static(id="preview-foot")

    def compose(self) -> ComposeResult:
        """The head, the reader, the last row."""
        yield from super().compose()
        yield self._foot

    async def choose(self, item: Item) -> None:
        """Show another paper; what leads on from it is asked for, and not known yet."""
        if not self.is_shown(item):
            self._foot.update("")
        await super().choose(item)
        self.ask_leads()

    def ask_leads(self) -> None:
        """Ask what leads on from the paper shown."""
        if self.shown is not None and self._foot.display:
            # A message does not rise past the screen when the screen itself has us choose.
            self.app.post_message(self.LeadsWanted(self.shown))

    def wants_leads(self, item: Item) -> bool:
        """True while a paper stands here in view, with a row for what leads on from it."""
        return self.is_shown(item) and self._foot.is_on_screen

    def tell_leads(self, item: Item, line: str) -> None:
        """Say what leads on from a paper, while it stands here."""
        if self.is_shown(item):
            self._foot.update(Content(line))

    async def clear(self) -> None:
        """Show no paper."""
        self._foot.update("")
        await super().clear()

    def on_resize(self) -> None:
        """There may be a row now that was not there before."""
        self.ask_leads()
