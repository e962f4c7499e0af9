"""What the place of a paper shows of it, and the note that is written there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from store.errors import PaperRemoved, StoreError, UnknownPaper
from tui.controllers.opened import Failure
from tui.presenters import paper_side, status
from tui.presenters.paper_side import MOST_SIMILAR
from tui.presenters.papers import PAGE
from tui.screens.paper_dialogs import EditNote

if TYPE_CHECKING:
    from store.types import Paper
    from tui.presenters.sources import Item
    from tui.screens.main import MainScreen
    from tui.service import Service
    from tui.widgets.paper_place import PaperPlace


@asynccontextmanager
async def noticing(screen: MainScreen) -> AsyncIterator[None]:
    """What fails inside becomes a notice; while the app is left nothing does."""
    try:
        yield
    except Failure as error:
        screen.status.say(status.failure(error))
    except Exception:
        if not screen.is_leaving:
            raise


async def found_paper(service: Service, name: str) -> tuple[Paper | None, str]:
    """A paper by id, or None and what became of it."""
    try:
        return await service.paper(name), ""
    except PaperRemoved as failure:
        return None, f"This paper was {failure.when}"
    except UnknownPaper:
        return None, "This paper is no longer in the library"


class PaperController:
    """Fetches what is known of the paper that is read, and changes its note.

    `recount` says anew how many papers have which mark. What is shown `is_behind` where papers
    were changed while its place was not in view.
    """

    def __init__(
        self, service: Service, screen: MainScreen, recount: Callable[[], Awaitable[None]]
    ) -> None:
        self._service = service
        self._screen = screen
        self._recount = recount
        self.is_behind = False

    async def read(self, place: PaperPlace, item: Item, *, ends_unread: bool = True) -> None:
        """Show in the place of a paper what the library knows of it, first what is there at once.

        With `ends_unread` one that was not read yet is marked read.
        """
        async with noticing(self._screen):
            self._screen.show_state()
            paper, gone = await found_paper(self._service, item.id)
            if paper is not None and ends_unread and paper.status == "unread":
                paper = await self._marked_read(paper)
            if not place.shows(item):
                return
            if paper is None or place.paper is None:
                await place.know(paper, gone=gone)
            if paper is None:
                return
            citing = await self._service.cited_in(item.id)
            found = await self._service.similar(item.id, MOST_SIMILAR)
            if place.shows(item):
                answers = paper_side.answers_by_sentence(paper, citing)
                await place.know(paper, found, citing, answers)

    async def read_again(self) -> None:
        """Show what the library knows by now of the paper that is read."""
        self.is_behind = False
        place = self._screen.reading
        if place.item is not None:
            await self.read(place, place.item, ends_unread=False)

    async def _marked_read(self, paper: Paper) -> Paper:
        """Mark a paper read, in the list and the count too; one that cannot be is read as well."""
        with suppress(StoreError):
            await self._service.mark([paper.id], "read")
            paper = paper.model_copy({"status": "read"})
            await self.show_marks()
            await self._recount()
        return paper

    async def show_marks(self) -> None:
        """Show the marks that papers have now, in the rows of the list as it stands."""
        view = self._screen.papers
        for listing, page in view.listed.in_memory:
            view.listed.put(listing, page, await self._service.lines(listing, page * PAGE, PAGE))

    async def edit_note(self, paper: Paper, show_changed: Callable[[], Awaitable[None]]) -> None:
        """Ask for the note of a paper, the last one of several, and keep it."""

        async def change(text: str) -> None:
            async with noticing(self._screen):
                await self._service.change_note(paper.id, text)
                self._screen.status.say(
                    f"Changed the note ({self._screen.keys['papers.undo']} takes it back)"
                )
            await show_changed()

        def written(text: str | None) -> None:
            if text is not None:
                self._screen.run_worker(change(text), group="marks")

        note = paper.notes[-1] if paper.notes else ""
        self._screen.app.push_screen(EditNote(paper.title, note), written)
