"""Papers onto the clipboard, in the form that was chosen."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from assistant.types.answers import Answer
from store.errors import UnknownPaper
from tui.controllers.paper import noticing
from tui.presenters import copies
from tui.screens.main import MainScreen
from tui.service import Service


class CopyController:
    """Copies papers and says so; a failure becomes a notice."""

    def __init__(self, service: Service, screen: MainScreen) -> None:
        self._service = service
        self._screen = screen

    async def copy(self, ids: Sequence[str], form: copies.Form) -> None:
        """Copy papers in a form."""
        async with noticing(self._screen):
            if (exporter := copies.EXPORTERS.get(form)) is not None:
                text = await self._service.exported(ids, exporter)
            else:
                papers = [await self._service.paper(name) for name in ids]
                text = copies.text(papers, form)
            if text:
                self._screen.app.copy_to_clipboard(text)
            self._screen.status.say(copies.said(len(ids), form, is_empty=not text))

    async def copy_cited(self, answer: Answer) -> None:
        """Copy the papers that an answer cites as BibTeX, as far as they are there."""
        there = []
        for one in answer.references:
            with suppress(UnknownPaper):
                there.append((await self._service.paper(one.id)).id)
        if there:
            await self.copy(there, "BibTeX")
        else:
            self._screen.status.say("None of the papers that it cites is in the library.")
