"""The right pane: the sources of an answer, and the reader below them."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from store.types import Paper
from tui.presenters import reader, sources, turn
from tui.presenters.sources import Item
from tui.presenters.turn import TurnPage
from tui.widgets.reader import Reader, ReaderHead
from tui.widgets.virtual_list import LineList


class SourcesPane(Vertical):
    """Lists sources and shows one of them whole."""

    class PaperWanted(Message):
        """A source is shown of which the library may know more."""

        def __init__(self, item: Item) -> None:
            super().__init__()
            self.item = item

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown: Item | None = None

    def compose(self) -> ComposeResult:
        """The heading, the list, the reader."""
        yield Static(id="sources-head")
        yield LineList[Item](sources.row, id="sources")
        head = ReaderHead(id="reader-head")
        head.display = False
        yield head
        yield Reader(head, id="reader")

    @property
    def listed(self) -> LineList[Item]:
        """The list of sources."""
        return self.query_one("#sources", LineList)

    @property
    def reader(self) -> Reader:
        """The reader."""
        return self.query_one(Reader)

    def list_turn(self, page: TurnPage | None, is_busy: bool, keep: bool) -> None:
        """List the sources of a turn; `keep` leaves in the reader what is no source of it."""
        items = page.items if page else ()
        self.listed.fill(
            items,
            sources.none_listed(has_turn=page is not None, is_busy=is_busy),
            sources.place(items, self.listed.current) or 0,
        )
        self.query_one("#sources-head", Static).update(Content(sources.heading(items)))
        if not keep and self._shown is not None and sources.place(items, self._shown) is None:
            self._shown = None
            self.run_worker(self.reader.clear(), group="reader", exclusive=True)

    async def choose(self, item: Item) -> None:
        """Show a source, and ask for what the library knows of it now."""
        if item.is_known:
            await self.show(item)
        if item.is_looked_up:
            self._shown = item
            # A message does not rise past the screen when the screen itself has us choose.
            self.app.post_message(self.PaperWanted(item))

    async def show(self, item: Item, paper: Paper | None = None, gone: str = "") -> None:
        """Show a source; `paper` is what the library says of it now, `gone` that it went."""
        self._shown = item
        await self.reader.show(reader.page(item, paper, gone))

    def is_shown(self, item: Item) -> bool:
        """True while this source stands in the reader."""
        return self._shown == item

    def reads_one_of(self, page: TurnPage) -> bool:
        """True while a source of a turn, by its number there, stands in the reader."""
        shown = self._shown
        return bool(shown and shown.number and sources.place(page.items, shown) is not None)

    async def cite(self, page: TurnPage, number: int, claim: int | None) -> bool:
        """Show a source of a turn by its number; False when the turn has none such."""
        item = turn.item(page, number, claim)
        if item is None:
            return False
        self.listed.cursor = sources.place(page.items, item) or 0
        await self.choose(item)
        return True

    @on(LineList.Highlighted, "#sources")
    async def _moved(self, event: LineList.Highlighted) -> None:
        await self.choose(event.item)

    @on(LineList.Chosen, "#sources")
    async def _chosen(self, event: LineList.Chosen) -> None:
        await self.choose(event.item)
        self.reader.focus()
