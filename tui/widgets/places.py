"""The three places, one of them in view: where the reader is, and the way that led there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual.widget import Widget
from textual.widgets import ContentSwitcher

from tui.presenters import places, sources, status
from tui.widgets.ask_place import AskPlace
from tui.widgets.paper_place import PaperPlace
from tui.widgets.papers import PapersView

if TYPE_CHECKING:
    from store.types import Status
    from tui.presenters.places import Place
    from tui.presenters.sources import Item
    from tui.widgets.paper_pane import PaperPane
    from tui.widgets.virtual_list import LineList

_IDS: dict[Place, str] = {"library": "papers", "ask": "asking", "paper": "reading"}


class Places(ContentSwitcher):
    """Shows a place where it was left, and leads back from a paper to where it was opened."""

    def __init__(self) -> None:
        self.asking = AskPlace(id=_IDS["ask"])
        self.papers = PapersView(id=_IDS["library"])
        self.reading = PaperPlace(id=_IDS["paper"])
        super().__init__(self.asking, initial=_IDS["ask"], id="places")
        self._opened_from: Place = "ask"
        self._left_asking: Widget | None = None

    async def complete(self) -> None:
        """Lay out the places that are not in view at first, which the first paint does not need."""
        for one in (self.papers, self.reading):
            await self.add_content(one)

    @property
    def place(self) -> Place:
        """Where the reader is."""
        return next(place for place, one in _IDS.items() if one == self.current)

    @property
    def pane(self) -> PaperPane:
        """The pane of this place in which a paper stands."""
        panes = {
            "library": self.papers.pane,
            "ask": self.asking.pane,
            "paper": self.reading.pane,
        }
        return panes[self.place]

    @property
    def at_hand(self) -> Item | None:
        """The paper under the cursor of the library, or the source shown beside the answer."""
        return self.papers.current if self.place == "library" else self.asking.pane.shown

    def go(self, place: Place) -> None:
        """Show a place and give the focus to its list or its text; where one asks, to what had
        it there when the reader left, to the box where the reader is there already."""
        before = self._left_asking if self.place != "ask" else None
        if place != self.place == "ask":
            self._left_asking = self.screen.focused
        self.current = _IDS[place]
        match place:
            case "library":
                self.papers.to_list()
            case "paper":
                self.screen.set_focus(self.reading.pane.reader)
            case "ask":
                box = self.asking.box
                if before is self.asking.pane.listed:
                    self.asking.pane.to_list()
                    return
                is_there = before in (box, self.asking.conversation)
                self.screen.set_focus(before if is_there else box)

    async def read(self, item: Item, came_from: Place) -> None:
        """Show a paper as a place of its own; the way back leads to where it was opened."""
        self._opened_from = came_from
        await self.reading.open(item)

    async def step(self, by: int) -> str:
        """Read the next paper of the list that this one was opened from.

        Returns what is to be said where there is none.
        """
        listed = self._opened_list
        if self.reading.item is None or not listed.items:
            return ""
        listed.action_move(by)
        item = listed.current
        if item is not None and item.kind == "fold":
            listed.action_move(by)  # to what is unfolded behind it
            item = listed.current
        if item is None or item.kind == "fold" or item.id == self.reading.item.id:
            return "This is the last one." if by > 0 else "This is the first one."
        await self.reading.open(item)
        return ""

    async def back(self) -> Place | None:
        """Go one step back within the library or the paper; else the place one step back."""
        if self.place == "paper":
            return None if await self.reading.go_back() else self._opened_from
        return None if self.papers.go_back() else "ask"

    def state(self, papers: int | None, marked: Mapping[Status, int]) -> str:
        """How things stand in this place, of so many papers with so many marks."""
        match self.place:
            case "library":
                return places.library_state(papers, marked) if papers is not None else ""
            case "ask":
                told = status.papers(papers) if papers is not None else ""
                return places.ask_state(self.asking.conversation.asked, told)
            case "paper" if self.reading.before is not None:
                return places.similar_state(self.reading.before.title)
            case "paper":
                at, number = self._stands_at()
                return places.paper_state(at, number, self.papers.wanted) if number else ""

    def _stands_at(self) -> tuple[int, int]:
        """Where the paper read stands in the list that it was opened from, and how many do."""
        if self._opened_from == "library":
            return self.papers.listed.cursor, len(self.papers.listed.items)
        listed = self.asking.pane.listed
        return sources.place(listed.papers, listed.current) or 0, len(listed.papers)

    @property
    def _opened_list(self) -> LineList[Item]:
        """The list from which the paper that is read was opened."""
        return self.papers.listed if self._opened_from == "library" else self.asking.pane.listed
