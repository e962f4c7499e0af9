"""The reader's marks and tags on papers: given, taken, taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from tui.controllers.paper import noticing
from tui.presenters import changes, status
from tui.presenters.jobs import tag_list
from tui.screens.dialogs import Confirm
from tui.screens.paper_dialogs import TagPapers

if TYPE_CHECKING:
    from store.ledger.undo import Undoing
    from store.types import Status
    from tui.controllers.going_through import GoingThrough
    from tui.screens.main import MainScreen
    from tui.service import Service


class MarksController:
    """Marks and tags papers and says so; `show_changed` shows what came of it everywhere."""

    def __init__(
        self,
        service: Service,
        screen: MainScreen,
        show_changed: Callable[[], Awaitable[None]],
        going: GoingThrough,
    ) -> None:
        self._service = service
        self._screen = screen
        self._show_changed = show_changed
        self._going = going
        self._one_at_a_time = asyncio.Lock()

    @property
    def _back(self) -> str:
        return f"({self._screen.keys['papers.undo']} takes it back)"

    async def mark(self, ids: Sequence[str], wanted: Status) -> None:
        """Mark papers."""
        # One after the other, as the keys came: what is taken back is the last one.
        async with self._one_at_a_time, noticing(self._screen):
            number = await self._service.mark(ids, wanted)
            self._screen.papers.unselect()
            self._screen.status.say(f"Marked {wanted}: {status.papers(number)} {self._back}")
        await self._show_changed()
        await self._going.tell(ends=True)

    async def offer_tags(self, ids: Sequence[str]) -> None:
        """Ask which tags papers shall have, and give and take them."""

        def typed(text: str | None) -> None:
            if text is not None:
                self._screen.run_worker(self._change_tags(ids, text), group="marks")

        async with noticing(self._screen):
            tags = await self._service.tags()
            if self._screen.is_current:
                self._screen.app.push_screen(TagPapers(len(ids), tags), typed)

    async def _change_tags(self, ids: Sequence[str], text: str) -> None:
        """Give the tags of a text, with commas between, and take those behind a minus."""
        typed = tag_list(text)
        add = [tag for tag in typed if not tag.startswith("-")]
        remove = [tag[1:] for tag in typed if tag.startswith("-")]
        async with noticing(self._screen):
            number = await self._service.change_tags(ids, add, remove)
            self._screen.papers.unselect()
            tagged = f"Tagged {status.papers(number)}: {text.strip()}"
            self._screen.status.say(f"{tagged} {self._back}")
        await self._show_changed()

    async def offer_removal(self, ids: Sequence[str]) -> None:
        """Take papers out of the library, after a yes."""

        def answered(yes: bool | None) -> None:
            if yes:
                self._screen.run_worker(self._remove(ids), group="marks")

        if self._screen.is_current:
            self._screen.app.push_screen(
                Confirm(*changes.removal(len(ids), self._screen.keys)), answered
            )

    async def _remove(self, ids: Sequence[str]) -> None:
        async with self._one_at_a_time, noticing(self._screen):
            number = await self._service.remove(ids)
            self._screen.papers.unselect()
            self._screen.status.say(
                f"Removed {status.papers(number)} ({self._screen.keys['papers.undo']} brings back)"
            )
        await self._show_changed()

    async def take_back(self) -> None:
        """Take back the last change, whatever it was; after a yes where papers go by that."""
        async with self._one_at_a_time, noticing(self._screen):
            undoing = await self._service.next_undo()
            if not changes.is_asked(undoing):
                await self._undo(undoing)
                return

            def answered(yes: bool | None) -> None:
                if yes:
                    self._screen.run_worker(self._undo_noticing(undoing), group="marks")

            if self._screen.is_current:
                self._screen.app.push_screen(Confirm(*changes.taking_back(undoing)), answered)

    async def _undo_noticing(self, undoing: Undoing) -> None:
        async with self._one_at_a_time, noticing(self._screen):
            await self._undo(undoing)

    async def _undo(self, undoing: Undoing) -> None:
        """Take a change back; who goes through papers is on that one again."""
        done = await self._service.take_back(undoing.number)
        self._screen.status.say(f"Taken back: {done.change}")
        await self._show_changed()
        await self._going.go_back(done.ids)
