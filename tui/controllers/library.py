"""What the views show of the library, asked of the service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from textual.worker import WorkType

from assistant.errors import QuerySyntaxError
from store.clean import clean_line
from tui.controllers.copies import CopyController
from tui.controllers.going_through import GoingThrough
from tui.controllers.marks import MarksController
from tui.controllers.openings import OpeningsController
from tui.controllers.paper import PaperController, found_paper, noticing
from tui.controllers.preview import PreviewController
from tui.controllers.since import tell_what_came_since
from tui.presenters import costs, papers, status
from tui.presenters.chat_turns import SavedPages
from tui.presenters.embedders import OFFER, consent
from tui.presenters.papers import PAGE
from tui.presenters.places import Scope
from tui.screens.dialogs import ChooseEmbedder, Confirm
from tui.screens.paper_dialogs import ChooseOrder

if TYPE_CHECKING:
    from assistant.types.sessions import SessionChoice
    from assistant.wiring.embedders import EmbedderChoice
    from store.ledger.browse import Listing, Order
    from store.types import Narrate
    from tui.presenters.sources import Item
    from tui.screens.main import MainScreen
    from tui.service import Service
    from tui.widgets.paper_pane import PaperPane

_AT_REST_S = 0.3
"""Seconds without another key before it is looked for which part of a filter leaves no paper: of
many papers that takes as long as several listings."""

FOUND_AT_ONCE = 50
"""Papers that a search in the list of papers ranks."""


class LibraryController:
    """Fetches what a view needs and puts it there; a failure becomes a notice."""

    def __init__(self, service: Service, screen: MainScreen) -> None:
        self._service = service
        self._screen = screen
        self.reading = PaperController(service, screen, self.count)
        self.going = GoingThrough(service, screen, self.list_papers)
        self.marks = MarksController(service, screen, self.show_changed, self.going)
        self.previewing = PreviewController(service, screen.papers.pane)
        self.copies = CopyController(service, screen)
        self.openings = OpeningsController(service, screen)
        self._behind = False
        self._is_catching_up = False

    @property
    def is_catching_up(self) -> bool:
        """True while the long work is done."""
        return self._is_catching_up

    async def count(self) -> None:
        """Say how many papers there are, and where text goes: a neighbour may change both."""
        service, screen = self._service, self._screen
        async with self._noticing():
            host = await service.embedding_host()
            judges_at = service.judges_at
            where = status.destination(service.model, service.sends_to, host, judges_at)
            tokens = costs.usual(*await service.usual_tokens())
            screen.stand(where, is_extractive=service.is_extractive, takes=tokens)
        async with self._noticing():
            stands = await service.status()
            screen.count(stands.papers)
            screen.tell_state(status.standing(stands) if stands.pending else "")
            screen.conversation.welcome(is_empty=not stands.papers)
        # Beside the rest: it reads the rows of all papers, and nothing waits for it.
        work: WorkType[None] = self._count_marks
        screen.run_worker(work, group="marked", exclusive=True)

    async def _count_marks(self) -> None:
        async with self._noticing():
            self._screen.count_marks(await self._service.marked())

    async def offer_embedders(self, use: Callable[[str], None]) -> None:
        """Ask which embedder the library shall use; `use` takes the name of another one.

        Where texts would leave the machine, the reader is asked once more, with the host named.
        """

        def chosen(one: EmbedderChoice | None) -> None:
            if one is None:
                return
            name = one.name
            if asked := consent(one):
                confirm = Confirm(*asked)
                self._screen.app.push_screen(confirm, lambda yes: use(name) if yes else None)
            else:
                use(name)

        async with self._noticing():
            choices = await self._service.embedders()
            if self._screen.is_current:
                self._screen.app.push_screen(ChooseEmbedder(choices), chosen)

    async def offer_better(self) -> None:
        """Tell the reader of an empty library, once, what finds more."""
        async with self._noticing():
            if await self._service.offer_better():
                await self._screen.conversation.hint(OFFER)

    async def make_wanted(self, make: Callable[[str], None]) -> None:
        """Have made what papers wait for; `make` takes the name of the embedder that makes it."""
        async with self._noticing():
            if name := await self._service.wanted_embedder():
                make(name)

    async def list_papers(self) -> None:
        """Fill the list with the papers that hold what the filter asks for."""
        view = self._screen.papers
        async with self._noticing():
            text, order = view.wanted, view.order
            is_there = view.listed.shows(text, order)
            try:
                listing = await self._listed(text, order, at_once=not is_there)
            except QuerySyntaxError as wrong:
                view.refuse(status.failure(wrong))
                return
            at = None
            if is_there and view.current is not None:
                at = await self._service.place(listing, view.current.id)
            await self.going.show(listing, at)
            if text and listing.total and not len(listing) and listing.through is None:
                await asyncio.sleep(_AT_REST_S)
                one = await self._service.emptied(text)
                view.tell_emptied(
                    text, papers.emptied(one, listing, self._screen.keys), one.rest
                ) if one else None

    async def _listed(self, text: str, order: Order, *, at_once: bool) -> Listing:
        """The papers of a filter; with `at_once` the first of them are shown before all are."""
        if at_once:
            first = await self._service.first_listed(text, order)
            if not first.is_part:
                return first
            if first.through is None:
                await self.going.show(first, None)
        return await self._service.listing(text, order)

    async def list_again(self) -> None:
        """Show what the list holds as it is now: the cursor stays on its paper."""
        view = self._screen.papers
        if view.listed.is_ranked:
            await self.rank(view.wanted)
        elif view.listed.is_loaded:
            await self.list_papers()

    async def show_changed(self) -> None:
        """Show what a change of the reader's made of the papers, wherever they stand.

        A list that is gone through stays: what is marked goes when it is listed anew.
        """
        async with self._noticing():
            if self._screen.papers.listed.through is not None:
                await self.reading.show_marks()
            else:
                await self.list_again()
            self.reading.is_behind = True
            if self._screen.place == "paper":
                await self.reading.read_again()
            await self.count()

    async def narrow(self) -> None:
        """Ask the papers selected in the library from now on, or those listed there."""
        view, screen = self._screen.papers, self._screen
        words = view.among
        async with self._noticing():
            if view.selected:
                ids = tuple(view.selected)
            elif words:
                ranking = view.listed.is_ranked
                ids = view.listed.ranking if ranking else await self._service.holding(view.wanted)
            if words and not ids:
                screen.status.say("The list holds no paper to ask.")
                return
            is_query = not (view.selected or view.listed.is_ranked)
            query = view.wanted if is_query else ""
            screen.asking.narrow(Scope(ids, words, query) if words else None)
            screen.action_ask_all()

    async def offer_orders(self) -> None:
        """Ask in which order papers shall be listed."""
        view = self._screen.papers

        def chosen(order: Order | None) -> None:
            if order is not None:
                self._screen.run_worker(self.order_by(order), group="papers", exclusive=True)

        self._screen.app.push_screen(ChooseOrder(view.order), chosen)

    async def order_by(self, order: Order) -> None:
        """List papers in an order."""
        self._screen.papers.order = order
        await self.list_papers()

    async def page(self, listing: Listing, page: int) -> None:
        """Fetch rows that came into view."""
        async with self._noticing():
            lines = await self._service.lines(listing, page * PAGE, PAGE)
            self._screen.papers.listed.put(listing, page, lines)

    async def rank(self, text: str) -> None:
        """Fill the list of papers with those that speak most to a text."""
        async with self._noticing():
            self._screen.papers.rank(await self._service.search(text, FOUND_AT_ONCE))

    async def complete(self, pane: PaperPane, item: Item) -> None:
        """Show of a paper in a pane what the library knows now, or that it is gone."""
        async with self._noticing():
            paper, gone = await found_paper(self._service, item.id)
            if pane.is_shown(item):
                await pane.show(item, paper, gone)

    async def go_on(self, going: SessionChoice) -> None:
        """Go on with a saved conversation, or begin one of a name."""
        if going.id is not None:
            await self.reopen(going.id)
            return
        self._screen.conversation.begins = going.name
        self._screen.status.say(f"Begins a new conversation: {clean_line(going.name)}")

    async def reopen(self, session_id: str, number: int | None = None) -> None:
        """Go on with a saved conversation; where a turn is named by its number, that is shown."""
        async with self._noticing():
            session = await self._service.session(session_id)
            pages = SavedPages(session.in_order, self._screen.keys)
            numbers = [one.number or at for at, one in enumerate(session.in_order, 1)]
            at = numbers.index(number) if number in numbers else None
            await self._screen.conversation.load(session.id, pages, at)
            self._screen.show_place("ask")
            self._screen.status.say(f"Going on with: {clean_line(session.title)}")
            since = tell_what_came_since(self._service, self._screen, session)
            self._screen.run_worker(since, group="since", exclusive=True)

    async def look(self, narrate: Narrate) -> None:
        """Notice what another process changed, and catch up with it."""
        async with self._noticing():
            if await self._service.changed():
                await self.refresh()
                await self.catch_up(narrate)

    async def refresh(self) -> None:
        """Show what the library holds now, in the count and in the list of papers."""
        await self.count()
        if not self._screen.papers.listed.is_ranked:
            await self.list_again()

    async def keep_up(self, narrate: Narrate) -> None:
        """Show what this process had added, and let the indexes follow."""
        await self.refresh()
        await self.catch_up(narrate)

    async def catch_up(self, narrate: Narrate) -> None:
        """Do the long work; once more when the library changed meanwhile."""
        self._behind = True
        if self._is_catching_up:
            return
        self._is_catching_up = True
        try:
            while self._behind:
                self._behind = False
                async with self._noticing():
                    await self._service.catch_up(narrate)
                await self.count()
        finally:
            self._is_catching_up = False

    def _noticing(self) -> AbstractAsyncContextManager[None]:
        return noticing(self._screen)
