"""Papers onto the clipboard or into a file, in the form that was chosen."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from store.clean import clean_line
from store.errors import UnknownPaper
from tui.controllers.paper import noticing
from tui.presenters import copies
from tui.screens.dialogs import Confirm
from tui.screens.name_file import NameFile

if TYPE_CHECKING:
    from assistant.types.answers import Answer
    from assistant.workspace.collection import ExportTarget
    from tui.screens.main import MainScreen
    from tui.service import Service


class CopyController:
    """Copies and exports papers and says so; a failure becomes a notice."""

    def __init__(self, service: Service, screen: MainScreen) -> None:
        self._service = service
        self._screen = screen
        self._path = copies.USUAL_FILE

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

    async def offer_export(self, ids: Sequence[str]) -> None:
        """Write papers to a file that is asked for; without ids those that are listed."""
        async with noticing(self._screen):
            view = self._screen.papers
            if not ids:
                ranking = view.listed.ranking
                ids = ranking or await self._service.holding(view.wanted)
            if not ids:
                self._screen.status.say("The list holds no paper to export.")
                return

            def named(path: str | None) -> None:
                if path is not None:
                    self._screen.run_worker(self._export(ids, path), group="export")

            if self._screen.is_current:
                asked = NameFile(copies.export(len(ids)), self._path, copies.WRITTEN_AS)
                self._screen.app.push_screen(asked, named)

    async def _export(self, ids: Sequence[str], path: str) -> None:
        async with noticing(self._screen):
            target = await self._service.export_target(path)

            def answered(yes: bool | None) -> None:
                if yes:
                    self._screen.run_worker(self._write(target, ids), group="export")

            if await asyncio.to_thread(target.file.exists):
                there = clean_line(str(target.file))
                self._screen.app.push_screen(Confirm("Replace what is there?", there), answered)
            else:
                await self._write(target, ids)

    async def _write(self, target: ExportTarget, ids: Sequence[str]) -> None:
        async with noticing(self._screen):
            await self._service.export_to(target, ids)
            self._path = str(target.file)
            self._screen.status.say(copies.exported(len(ids), self._path))

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
