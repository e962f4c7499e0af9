"""What leads on from the paper under the cursor of the library."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.controllers.opened import Failure
from tui.presenters import paper_side
from tui.presenters.paper_side import MOST_SIMILAR

if TYPE_CHECKING:
    from tui.presenters.sources import Item
    from tui.service import Service
    from tui.widgets.preview import Preview

_AT_REST_S = 0.25
"""Seconds on a paper before it is looked for what leads on from it: that reads all vectors, and
who walks down the list waits for none of it."""


class PreviewController:
    """Tells in the preview what leads on from a paper; one paper is looked at at a time."""

    def __init__(self, service: Service, pane: Preview) -> None:
        self._service = service
        self._pane = pane
        self._looking: asyncio.Task[str] | None = None

    async def lead_on(self, item: Item) -> None:
        """Say what leads on from a paper on which the cursor rests."""
        await asyncio.sleep(_AT_REST_S)
        while self._looking is not None and not self._looking.done():
            # Its thread goes on though nobody waits for it: two at a time would be two cores.
            await asyncio.wait([self._looking])
        if self._pane.wants_leads(item):
            self._looking = asyncio.create_task(self._look(item.id))
            self._pane.tell_leads(item, await asyncio.shield(self._looking))

    async def _look(self, name: str) -> str:
        try:
            paper = await self._service.paper(name)
            citing = await self._service.cited_in(name)
            found = await self._service.similar(name, MOST_SIMILAR)
        except Failure:
            return ""  # the pane itself says what became of the paper
        return paper_side.leads_on(paper, found, citing)
