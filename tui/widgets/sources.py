"""The right pane: the sources of an answer, and the reader below them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from store.types import Paper
from tui.presenters import sources
from tui.presenters.sources import Item
from tui.widgets.answer import TurnView
from tui.widgets.reader import Reader
from tui.widgets.virtual_list import LineList, Row


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
        yield LineList[Item](_row, id="sources")
        yield Reader(id="reader")

    @property
    def listed(self) -> LineList[Item]:
        """The list of sources."""
        return self.query_one("#sources", LineList)

    @property
    def reader(self) -> Reader:
        """The reader."""
        return self.query_one(Reader)

    def list_turn(self, turn: TurnView | None, is_busy: bool, keep: bool) -> None:
        """List the sources of a turn; `keep` leaves in the reader what is no source of it."""
        items = turn.items if turn else ()
        empty = "Searching…" if is_busy else "No sources."
        self.listed.fill(
            items, empty if turn else "No sources yet.", _place(items, self.listed.current)
        )
        self.query_one("#sources-head", Static).update(Content(heading(items)))
        if not keep and self._shown is not None and _place(items, self._shown, -1) < 0:
            self._shown = None
            self.run_worker(self.reader.clear(), group="reader", exclusive=True)

    async def choose(self, item: Item) -> None:
        """Show a source, and ask for what the library knows of it now."""
        if item.kind != "paper":
            await self.show(item)
        elif item.paper is not None:
            await self.show(item)
            return
        self._shown = item
        # A message does not rise past the screen when the screen itself has us choose.
        self.app.post_message(self.PaperWanted(item))

    async def show(self, item: Item, paper: Paper | None = None, missing: bool = False) -> None:
        """Show a source; `paper` is what the library says of it now, `missing`: it is gone."""
        self._shown = item
        await self.reader.show(sources.page(item, paper, missing))

    def is_shown(self, item: Item) -> bool:
        """True while this source stands in the reader."""
        return self._shown == item

    async def cite(self, turn: TurnView, number: int, claim: int | None) -> bool:
        """Show a source of a turn by its number; False when the turn has none such."""
        item = turn.item(number, claim)
        if item is None:
            return False
        self.listed.cursor = [one.number for one in turn.items].index(number)
        await self.choose(item)
        return True

    @on(LineList.Highlighted, "#sources")
    async def _moved(self, event: LineList.Highlighted) -> None:
        await self.choose(event.item)

    @on(LineList.Chosen, "#sources")
    async def _chosen(self, event: LineList.Chosen) -> None:
        await self.choose(event.item)
        self.reader.focus()


def heading(items: Sequence[Item]) -> str:
    """What a list of sources holds, in one line."""
    counts = Counter(item.kind for item in items)
    parts = [
        f"{counts['cited']} cited" if counts["cited"] else "",
        f"{counts['held']} not cited" if counts["held"] else "",
        f"{counts['yes']} more yes" if counts["yes"] else "",
        f"{counts['unclear']} unclear" if counts["unclear"] else "",
        f"{counts['failed']} failed" if counts["failed"] else "",
        f"{counts['candidate']} found, not cited yet" if counts["candidate"] else "",
        f"{counts['near']} near, none of them answers" if counts["near"] else "",
    ]
    said = " · ".join(part for part in parts if part)
    return f"Sources: {said}" if said else "Sources"


def _place(items: Sequence[Item], wanted: Item | None, default: int = 0) -> int:
    places = (at for at, one in enumerate(items) if wanted and one.id == wanted.id)
    return next(places, default)


def _row(item: Item) -> Row:
    number = f"[{item.number}] " if item.number is not None else ""
    return f"{number}{item.title or '(no title)'}", item.detail
