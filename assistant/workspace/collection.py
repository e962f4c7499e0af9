"""An open library as front ends that stay open use it: what blocks runs in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.retrieval.search import Searcher
from assistant.types.search import SearchResult
from assistant.wiring.embedders import (
    BETTER,
    AllEmbedders,
    EmbedderChoice,
    is_offered,
    note_offered,
)
from assistant.workspace.browsing import Browsing
from store.embedders.local import LocalEmbedders
from store.errors import EmbedderUnavailable
from store.library.library import READ_LIMIT, Library
from store.types import Filter, LibraryStatus, Narrate, Paper, Status

if TYPE_CHECKING:
    from assistant.ingest.add import AddRequest
    from assistant.ingest.embedder_change import EmbedderChange
    from assistant.ingest.process import Adding
    from store.exporters.base import Exporter
    from store.ledger.undo import Undoing

EVERYTHING = Filter()
"""The filter that leaves every paper in."""


@dataclass(frozen=True)
class ExportTarget:
    """A file, and what writes papers into it."""

    file: Path
    exporter: Exporter


class Collection(Browsing):
    """The papers and conversations of an open library; raises StoreError.

    `searcher` answers searches.
    """

    def __init__(self, library: Library, searcher: Searcher, embedders: AllEmbedders) -> None:
        super().__init__(library)
        self._searcher = searcher
        self._embedders = embedders
        self._change: EmbedderChange | None = None
        self._unread = 0
        self._trouble = ""

    @property
    def embeds_at(self) -> str | None:
        """The host that texts are sent to for their vectors; None: they stay on this machine."""
        return self._embedders.host(self._library.fingerprint)

    @property
    def words_alone(self) -> str:
        """Why the last question was searched by words alone, empty when it was not."""
        return self._library.words_alone

    @property
    def library(self) -> str:
        """The path of the library."""
        return str(self._library.folder)

    @property
    def trouble(self) -> str:
        """One line on an index that is not whole, empty when all are."""
        return self._library.trouble()

    async def filtered(self, make: Callable[[Library], Filter]) -> Filter:
        """A filter that is made with a look into the library."""
        return await asyncio.to_thread(make, self._library)

    async def search(self, text: str, limit: int = 20, wanted: Filter = EVERYTHING) -> SearchResult:
        """The best papers for a query in the search syntax; raises QuerySyntaxError."""
        return await asyncio.to_thread(self._searcher.search, text, limit, wanted)

    async def similar(
        self, name: str, limit: int = 20, wanted: Filter = EVERYTHING
    ) -> SearchResult:
        """The papers nearest to one, by any of its names; raises UnknownPaper."""
        paper = await self.paper(name)
        return await asyncio.to_thread(self._searcher.similar, paper, limit, wanted)

    async def papers(
        self, wanted: Filter = EVERYTHING, limit: int | None = None
    ) -> tuple[Paper, ...]:
        """The papers that a filter leaves, in the order added."""
        return await asyncio.to_thread(self._library.papers, wanted, limit)

    async def exporter(self, name: str | None, suffix: str = "") -> Exporter:
        """The exporter of a name, else the one that a suffix means; raises InputError."""
        from store.exporters.registry import exporters

        return (await asyncio.to_thread(exporters)).meant(name, suffix.lower())

    async def export(
        self, exporter: Exporter, wanted: Filter = EVERYTHING, *, marks: bool = True
    ) -> str:
        """The papers that a filter leaves, in the order added, as an exporter writes them."""
        return await asyncio.to_thread(lambda: "".join(self._exported(exporter, wanted, marks)))

    async def export_file(
        self, file: Path, exporter: Exporter, wanted: Filter = EVERYTHING, *, marks: bool = True
    ) -> None:
        """Write that into a file, whole or not at all."""
        from store.library.exporting import write_export

        pieces = self._exported(exporter, wanted, marks)
        await asyncio.to_thread(write_export, file, pieces)

    def _exported(self, exporter: Exporter, wanted: Filter, marks: bool) -> Iterator[str]:
        from store.library.exporting import exported

        yield from exported(self._library, exporter, self._library.ids(wanted), marks=marks)

    async def mark(self, ids: Sequence[str], status: Status) -> int:
        """Give papers a status, which `take_back` takes back; returns how many changed."""
        wanted = Filter(papers=tuple(ids))
        done = await asyncio.to_thread(self._library.set_status, wanted, status)
        return len(done.papers)

    async def change_tags(
        self, ids: Sequence[str], add: Sequence[str], remove: Sequence[str]
    ) -> int:
        """Give tags to papers and take some, as `take_back` undoes it; returns how many changed.

        Raises InputError for what is no tag.
        """

        def change() -> int:
            wanted = Filter(papers=tuple(ids))
            return len(self._library.change_tags(wanted, add=add, remove=remove).papers)

        return await asyncio.to_thread(change)

    async def change_note(self, paper_id: str, text: str) -> int:
        """Give a paper its note, as `take_back` undoes it; returns how many papers changed.

        Of several notes the one written last is written anew, an empty text takes it away. Raises
        UnknownPaper, and InputError for what is no note.
        """
        return await asyncio.to_thread(self._change_note, paper_id, text)

    def _change_note(self, paper_id: str, text: str) -> int:
        paper = self._library.paper(paper_id)
        last, wanted = len(paper.notes), text if text.strip() else None
        if last:
            done = self._library.change_note(paper.id, last, wanted)
        elif wanted is None:
            return 0
        else:
            done = self._library.add_note(Filter(papers=(paper.id,)), wanted)
        return len(done.papers)

    async def exported(self, ids: Sequence[str], form: str) -> str:
        """Papers as an exporter of that name writes them, in the order added; raises InputError."""
        exporter = await self.exporter(form)
        return await self.export(exporter, Filter(papers=tuple(ids)), marks=False)

    async def tags(self) -> tuple[str, ...]:
        """The tags of the library, the one of most papers first."""
        counted = await asyncio.to_thread(self._library.tags_counted, EVERYTHING)
        return tuple(tag for tag, _ in counted)

    async def next_undo(self) -> Undoing:
        """What taking back the last change would do; raises NothingToUndo."""
        return await asyncio.to_thread(self._library.next_undo)

    async def take_back(self, number: int) -> Undoing:
        """Take back the last change, by its number; returns what that did.

        Raises NothingToUndo.
        """
        return await asyncio.to_thread(self._library.undo, number)

    async def remove(self, ids: Sequence[str]) -> int:
        """Take papers out of the library, as `take_back` brings them back; returns how many."""
        return await asyncio.to_thread(self._library.remove, ids)

    async def export_target(self, path: str) -> ExportTarget:
        """The file that a path names and what it is written as; raises InputError."""
        file = await asyncio.to_thread(lambda: Path(path.strip()).expanduser())
        return ExportTarget(file, await self.exporter(None, file.suffix))

    async def export_to(self, target: ExportTarget, ids: Sequence[str]) -> None:
        """Write papers into a file, with marks, whole or not at all; raises StoreError."""

        def write() -> None:
            from store.library.exporting import exported, write_export

            write_export(target.file, exported(self._library, target.exporter, ids))

        await asyncio.to_thread(write)

    def add(self, request: AddRequest, narrate: Narrate) -> Adding:
        """An adding of papers in a process of its own, not started yet."""
        from assistant.ingest.process import Adding

        settings = self._embedders.settings
        served, services = settings.embedders, settings.services
        better = self._embedders.for_new_libraries()
        return Adding(self._library.folder, request, narrate, served, services, better)

    async def paper(self, name: str) -> Paper:
        """One paper by any of its names."""
        return await asyncio.to_thread(self._library.paper, name)

    async def status(self) -> LibraryStatus:
        """How the library stands."""
        return await asyncio.to_thread(self._library.status)

    async def changed(self) -> bool:
        """True when another process committed, or an index failed, since the last call.

        A neighbour that asks for Chroma gets it here.
        """
        return await asyncio.to_thread(self._changed)

    def _changed(self) -> bool:
        self._library.let_go_if_asked()
        seen, self._trouble = self._trouble, self._library.trouble()
        failed = self._trouble not in ("", seen)
        return self._library.changed() or failed

    async def catch_up(self, narrate: Narrate) -> None:
        """Do the long work: open Chroma, project what is pending, rebuild what is not whole."""
        await asyncio.to_thread(self._catch_up, narrate)

    def _catch_up(self, narrate: Narrate) -> None:
        if self._library.let_go_if_asked():
            return
        with self._library.narrating(narrate):
            _load(self._library)
            self._library.catch_up()

    async def embedders(self) -> tuple[EmbedderChoice, ...]:
        """The embedders that the library may use, with the one in use marked."""
        return await asyncio.to_thread(lambda: self._embedders.choices(self._library.fingerprint))

    async def embedding_host(self) -> str | None:
        """The host that texts are sent to for their vectors; None: they stay on this machine."""
        return await asyncio.to_thread(lambda: self.embeds_at)

    def use_embedder(self, name: str) -> EmbedderChange:
        """A change of the library's embedder, not started yet."""
        from assistant.ingest.embedder_change import EmbedderChange

        fetch = None
        if name == BETTER and not self._embedders.is_here(name):
            fetch = self._embedders.fetch
        self._change = EmbedderChange(self._library, name, fetch)
        return self._change

    async def wanted_embedder(self) -> str:
        """The embedder on this machine that papers wait for; "" for none.

        Those of a new library for its vectors, those of an older one for what is kept of tokens.
        """
        name = await asyncio.to_thread(self._wanted_embedder)
        return name if self._embedders.is_here(name) else ""

    def _wanted_embedder(self) -> str:
        if wanted := self._library.wanted_embedder:
            return wanted
        before, self._unread = self._unread, self._library.papers_unread()
        embedder = self._library.embedder
        # As many as before: they could not be kept, and would be read for ever.
        return "" if embedder is None or self._unread in (0, before) else embedder.name

    async def offer_better(self) -> bool:
        """True where an empty library is to be offered minilm, which is then noted."""
        return await asyncio.to_thread(self._offer_better)

    def _offer_better(self) -> bool:
        offers = not self._library.count() and is_offered(self._embedders)
        if offers:
            note_offered()
        return offers

    async def catch_up_briefly(self) -> None:
        """What a one-shot command does before it reads: project a little."""
        await asyncio.to_thread(self._catch_up_briefly)

    def _catch_up_briefly(self) -> None:
        self._library.prefer_scan()
        self._library.catch_up(READ_LIMIT)

    def _close_library(self) -> None:
        if self._change is not None:
            self._change.close()
        self._end_browsing()
        self._library.close()


def _load(library: Library) -> None:
    """Read the embedders of this machine in now.

    A tokenizer is read under the interpreter's lock, 0.1 s in one piece: now nobody waits for
    a key yet, at the first question somebody would. An embedder on a server is not asked.
    """
    library.embed([""])
    embedder = library.embedder
    if embedder is not None and embedder.name in LocalEmbedders.names:
        with suppress(EmbedderUnavailable):
            embedder.embed([""])
