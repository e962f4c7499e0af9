"""A pane in which one paper stands: title and byline fixed, the abstract below."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from tui.presenters import reader
from tui.presenters.paper import ALL_NAMES, FEW_NAMES
from tui.widgets.reader import Reader, ReaderHead

if TYPE_CHECKING:
    from store.types import Paper
    from tui.presenters.reader import Answers
    from tui.presenters.sources import Item


class PaperPane(Vertical):
    """Shows what is known of a paper, and asks for what the library knows of it now.

    Without `has_origin` it stands alone, names all authors, and does not say where it came from,
    which stands elsewhere while it is in the library.
    """

    class PaperWanted(Message):
        """A paper is shown in a pane of which the library may know more."""

        def __init__(self, pane: PaperPane, item: Item) -> None:
            super().__init__()
            self.pane = pane
            self.item = item

    def __init__(
        self,
        *,
        hint: str = reader.NONE_CHOSEN,
        has_origin: bool = True,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._has_origin = has_origin
        self.shown: Item | None = None
        self.head = ReaderHead()
        self.head.add_class("-none")
        self.reader = Reader(self.head, hint)

    def compose(self) -> ComposeResult:
        """The head, the reader."""
        yield self.head
        yield self.reader

    async def choose(self, item: Item) -> None:
        """Show a paper, and ask for what the library knows of it now."""
        if item.is_known:
            await self.show(item)
        if item.is_looked_up:
            self.shown = item
            # A message does not rise past the screen when the screen itself has us choose.
            self.app.post_message(self.PaperWanted(self, item))

    async def show(
        self,
        item: Item,
        paper: Paper | None = None,
        gone: str = "",
        answers: Answers = reader.NO_ANSWERS,
    ) -> None:
        """Show a paper; `paper` is what the library says of it now, `gone` that it went.

        `answers` are the saved ones that cite a sentence of it, by its text.
        """
        self.shown = item
        names = FEW_NAMES if self._has_origin else ALL_NAMES
        page = reader.page(item, paper, gone, answers, names)
        await self.reader.show(page if self._has_origin or gone else replace(page, origin=()))

    def is_shown(self, item: Item) -> bool:
        """True while this paper stands here."""
        return self.shown == item

    async def clear(self) -> None:
        """Show no paper."""
        self.shown = None
        await self.reader.clear()
