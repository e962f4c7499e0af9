"""One paper as a place of its own: its abstract, and beside it what is known of it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message

from tui.presenters.sources import Item
from tui.widgets.paper_acts import PaperActs, SummaryWanted, marking
from tui.widgets.paper_pane import PaperPane


class PaperPlace(Horizontal, PaperActs):
    """Shows a paper; `item` is what it was opened as, None before the first one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "step(1)", "next", id="paper.next"),
        Binding("p", "step(-1)", "previous", id="paper.previous"),
        *marking("paper"),
        Binding("S", "summarize", "summary", id="paper.summarize"),
        Binding("A", "ask", "ask about it", id="paper.ask"),
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

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.pane = PaperPane(hint="", id="paper-page")
        self.item: Item | None = None

    def compose(self) -> ComposeResult:
        """The page."""
        yield self.pane

    @property
    def meant(self) -> tuple[str, ...]:
        """The id of the paper."""
        return (self.item.id,) if self.item else ()

    async def open(self, item: Item) -> None:
        """Show a paper."""
        self.item = item
        await self.pane.choose(item)

    def action_step(self, by: int) -> None:
        """Go to the next paper, or to the one before."""
        self.post_message(self.StepWanted(by))

    def action_summarize(self) -> None:
        """Ask for a summary of the paper."""
        if self.item is not None:
            self.post_message(SummaryWanted(self.item))

    def action_ask(self) -> None:
        """Ask about the paper."""
        if self.item is not None:
            self.post_message(self.AskWanted(self.item))
