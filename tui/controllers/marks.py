"""The reader's marks and tags on papers: given, taken, taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from store.types import Status
from tui.controllers.going_through import GoingThrough
from tui.controllers.paper import noticing
from tui.presenters import status
from tui.presenters.jobs import tag_list
from tui.screens.main import MainScreen
from tui.screens.paper_dialogs import TagPapers
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

    async def mark(self, ids: Sequence[str], wanted: Status) -> None:
        """Mark papers."""
        # One after the other, as the keys came: what is taken back is the last one.
        async with self._one_at_a_time, noticing(self._screen):
            number = await self._service.mark(ids, wanted)
            self._screen.papers.unselect()
            self._screen.status.say(f"Marked {wanted}: {status.papers(number)} (u takes it back)")
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
            self._screen.status.say(f"{tagged} (u takes it back)")
        await self._show_changed()

    async def take_back(self) -> None:
        """Take back the last mark, tag or note; who goes through papers is on that one again."""
        done = None
        async with self._one_at_a_time, noticing(self._screen):
            done = await self._service.take_back()
            self._screen.status.say(f"Taken back: {done.words}")
        await self._show_changed()
        if done is not None:
            await self._going.go_back(done.ids)
