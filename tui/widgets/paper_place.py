"""One paper as a place of its own: its abstract, and beside it what is known of it."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message

from assistant.types.sessions import Citing
from tui.presenters import paper_side
from tui.presenters.key_names import AS_THEY_COME
from tui.presenters.reader import NO_ANSWERS, Answers
from tui.widgets.paper_acts import PaperActs, SummaryWanted, marking
from tui.widgets.paper_pane import PaperPane
from tui.widgets.paper_side import Leads, PaperSide
from tui.widgets.virtual_list import LineList

if TYPE_CHECKING:
    from assistant.types.search import SearchResult
    from store.types import Paper, Status
    from tui.presenters.sources import Item


class PaperPlace(Horizontal, PaperActs):
    """Shows a paper; `item` is what it was opened as, None before the first one.

    `paper` is what the library knows of it, None until that came and where it knows nothing.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "step(1)", "next", id="paper.next"),
        Binding("p", "step(-1)", "previous", id="paper.previous"),
        *marking("paper"),
        Binding("N", "note", "note", id="paper.note"),
        Binding("i", "unfold", "all", id="paper.unfold"),
        Binding("S", "summarize", "summary", id="paper.summarize"),
        Binding("A", "ask", "ask about it", id="paper.ask"),
        *(
            Binding(f"{n}", f"lead({n})", f"Open {n}", show=False, id=f"paper.lead.{n}")
            for n in range(1, 10)
        ),
    ]

    class StepWanted(Message):
        """The reader wants the next paper of those that this one is among, or the one before."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    class AskWanted(Message):
        """The reader wants to ask about a paper."""

        def __init__(self, item: Item) -> None:
            super().__init__()
            self.item = item

    class Opened(Message):
        """A paper is shown of which the library may know more."""

        def __init__(self, place: PaperPlace, item: Item) -> None:
            super().__init__()
            self.place = place
            self.item = item

    class NoteWanted(Message):
        """The reader wants to write the note of a paper."""

        def __init__(self, paper: Paper) -> None:
            super().__init__()
            self.paper = paper

    class ChatWanted(Message):
        """The reader wants to see a saved answer that cites the paper."""

        def __init__(self, citing: Citing) -> None:
            super().__init__()
            self.citing = citing

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.pane = PaperPane(hint="", has_origin=False, id="paper-page")
        self.side = PaperSide(id="paper-side")
        self.item: Item | None = None
        self.paper: Paper | None = None
        self._found: SearchResult | None = None
        self._citing: tuple[Citing, ...] = ()
        self._before: list[Item] = []
        self.keys = AS_THEY_COME

    def compose(self) -> ComposeResult:
        """The page, and what stands beside it."""
        yield self.pane
        yield self.side

    @property
    def meant(self) -> tuple[str, ...]:
        """The id of the paper."""
        return (self.item.id,) if self.item else ()

    @property
    def before(self) -> Item | None:
        """The paper that led to this one, to which Esc leads back."""
        return self._before[-1] if self._before else None

    def statuses(self, ids: Collection[str]) -> set[Status]:
        """The mark of the paper, where it is among these."""
        return {self.paper.status} if self.paper and self.paper.id in ids else set()

    async def open(self, item: Item) -> None:
        """Show a paper; Esc leads to none before it."""
        self._before.clear()
        await self._open(item)

    async def go_back(self) -> bool:
        """Show the paper that this one was opened from; False where there is none."""
        if not self._before:
            return False
        await self._open(self._before.pop())
        return True

    async def _open(self, item: Item) -> None:
        self.item, self.paper = item, None
        self._found, self._citing = None, ()
        self.side.clear()
        self.pane.shown = item
        if item.is_known:
            await self.pane.show(item)
        # A message does not rise past the screen when the screen itself has us open.
        self.app.post_message(self.Opened(self, item))

    def shows(self, item: Item) -> bool:
        """True while this paper stands here."""
        return self.item == item

    async def know(
        self,
        paper: Paper | None,
        found: SearchResult | None = None,
        citing: tuple[Citing, ...] = (),
        answers: Answers = NO_ANSWERS,
        gone: str = "",
    ) -> None:
        """Take what the library knows of the paper now, or that it is gone.

        `found` are similar papers, None while they are looked for; `answers` are the saved ones
        that cite a sentence of it, by its text.
        """
        if self.item is None:
            return
        self.paper, self._found, self._citing = paper, found, citing
        self._show_side()
        await self.pane.show(self.item, paper, gone, answers)

    def _show_side(self) -> None:
        if self.paper is None:
            self.side.clear()
            return
        is_whole = self.has_class("-whole")
        told = paper_side.side(
            self.paper, self._found, self._citing, is_whole=is_whole, keys=self.keys
        )
        self.side.show(told)

    def action_step(self, by: int) -> None:
        """Go to the next paper, or to the one before."""
        self.post_message(self.StepWanted(by))

    def action_note(self) -> None:
        """Ask for the note of the paper."""
        if self.paper is not None:
            self.post_message(self.NoteWanted(self.paper))

    def action_unfold(self) -> None:
        """Show all that is known of the paper, or fold it again."""
        self.toggle_class("-whole")
        self._show_side()
        if self.side.has_focus_within and not self.has_class("-whole"):
            self.pane.reader.focus()

    async def action_lead(self, number: int) -> None:
        """Open what carries a digit; where that is folded, unfold it first."""
        if self.side.is_folded:
            self.action_unfold()
        elif (lead := self.side.lead(number)) is not None:
            await self._follow(lead.target)

    async def _follow(self, target: Item | Citing) -> None:
        if isinstance(target, Citing):
            self.post_message(self.ChatWanted(target))
            return
        if self.item is not None:
            self._before.append(self.item)
        await self._open(target)
        self.pane.reader.focus()

    def action_summarize(self) -> None:
        """Ask for a summary of the paper."""
        if self.item is not None:
            self.post_message(SummaryWanted(self.item))

    def action_ask(self) -> None:
        """Ask about the paper."""
        if self.item is not None:
            self.post_message(self.AskWanted(self.item))

    @on(LineList.Chosen)
    async def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        if isinstance(event.sender, Leads):
            await self._follow(event.item.target)
