"""Going through what is unread: from where it was left off, and how far that has come."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from assistant.workspace.left_off import LeftOff
from tui.controllers.paper import noticing
from tui.presenters.papers import PAGE, not_through, through

if TYPE_CHECKING:
    from store.ledger.browse import Listing
    from tui.presenters.sources import Item
    from tui.screens.main import MainScreen
    from tui.service import Service

_AT_REST_S = 0.05
"""Seconds on a paper before its sentence is looked for: who holds a key down passes many."""


class GoingThrough:
    """Lists what is unread and tells of the paper at hand; `list_papers` fills the list."""

    def __init__(
        self, service: Service, screen: MainScreen, list_papers: Callable[[], Awaitable[None]]
    ) -> None:
        self._service = service
        self._screen = screen
        self._list_papers = list_papers

    async def begin_or_end(self) -> None:
        """Go through what is unread of what the filter asks for, or show the others again.

        With no words in the filter it goes on where it was left off, on the paper that was next.
        """
        view = self._screen.papers
        async with noticing(self._screen):
            words, left = not_through(view.wanted), None
            if view.listed.through is None or words == view.wanted:
                left = await self._service.left_off()
                if left is not None and not words:
                    words, view.order = left.text, left.order
                view.filter_by(through(words))
            else:
                view.filter_by(words)
            await self._list_papers()
            view.to_list()
            if left is not None and (left.text, left.order) == (words, view.order):
                await self._go_on(left.paper)

    async def show(self, listing: Listing, at: int | None) -> None:
        """Show a list with the cursor at a place, counted from 0, and how far it has come."""
        view = self._screen.papers
        page = view.listed.first_page if at is None else at // PAGE
        page = page if page * PAGE < len(listing) else 0
        view.show(listing, page, await self._service.lines(listing, page * PAGE, PAGE), at)
        await self.tell()

    async def tell(self, *, ends: bool = False) -> None:
        """Say how far it has come; where `ends`, also that it is done with the last mark."""
        view = self._screen.papers
        async with noticing(self._screen):
            if (listing := view.listed.through) is None:
                return
            gone = await self._service.progress(listing)
            if view.listed.through is not listing:
                return
            view.show_progress(gone)
            if ends and gone is not None and gone.done == gone.total:
                self._screen.status.say(
                    "That was the last one unread. "
                    f"{self._screen.keys['papers.through']} shows the others again."
                )

    async def go_back(self, ids: Sequence[str]) -> None:
        """Go to the one paper whose mark was taken back."""
        view = self._screen.papers
        async with noticing(self._screen):
            if view.listed.through is None or len(ids) != 1:
                return
            if not view.listed.find(ids[0]):
                await self._list_papers()
                await self._go_on(ids[0])
            await self.tell()

    async def say_of(self, item: Item) -> None:
        """Say something of the paper under the cursor, and keep that one is there."""
        view = self._screen.papers
        await asyncio.sleep(_AT_REST_S)
        async with noticing(self._screen):
            if not view.listed.knows(item.id):
                view.listed.say_of(item.id, await self._service.tldr(item.id))
            if view.listed.through is not None and view.current == item:
                words = not_through(view.listed.through.text)
                at = LeftOff(text=words, order=view.order, paper=item.id)
                await self._service.leave_off(at)

    async def _go_on(self, paper: str) -> None:
        """Go to a paper of the list, where it is in it."""
        view = self._screen.papers
        async with noticing(self._screen):
            if (listing := view.listed.through) is None:
                return
            if (at := await self._service.place(listing, paper)) is not None:
                await self.show(listing, at)
