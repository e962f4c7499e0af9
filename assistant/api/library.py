"""An open library for Python programs: asynchronous, with a bridge for those that are not."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from assistant.api.handle import Handle, Opening
from assistant.api.streams import Stream
from assistant.errors import WrongUse
from assistant.types.answers import Answer
from assistant.types.events import AnswerDone, Event
from assistant.types.questions import Question, SummaryRequest
from assistant.types.search import SearchResult
from assistant.types.sessions import SessionChoice, Turn
from store.types import Filter, LibraryStatus, Narrate, Paper

if TYPE_CHECKING:
    from assistant.ingest.add import AddEvent, AddReport
    from assistant.workspace.workspace import Workspace
    from store.ledger.browse import PaperLine

T = TypeVar("T")

EVERYTHING = Filter()
"""The filter that leaves every paper in."""

_LOG = "quire"
"""The logger that is told, at level INFO, what commands tell on stderr."""


class Library(Handle):
    """A library with a model beside it, as `open_library` gives it.

    It is opened when it is first used, in the event loop that uses it: `async with` opens it and
    closes it. Without a loop of one's own, and in a notebook too, `with` opens it on a loop in a
    thread, where `wait` carries out what any method returns, and `each` walks through a stream;
    both may be used from several threads. Raises AssistantError and StoreError.
    """

    # Answers

    def ask(
        self,
        question: str,
        *,
        where: Filter = EVERYTHING,
        after: Sequence[Answer] = (),
        session: str | None = None,
        sources: int | None = None,
        all_papers: bool = False,
        check: bool | None = None,
        max_cost: float | None = None,
        anew: bool = False,
    ) -> Stream[Event, Answer]:
        """Answer a question; every sentence is cited and checked.

        `where` leaves papers out. The question follows the answers `after`, or what was said in the
        conversation of the name or id `session`; a name that is not there begins one. At most so
        many `sources` are read; with `all_papers` the question is put to every paper. `check` says
        whether a model judges each claim, `max_cost` what it may cost in USD (None: as is
        configured), `anew` that an earlier answer is not given again.
        """

        async def asked() -> AsyncGenerator[Event, None]:
            text = _worded(question, "the question")
            workspace = await self._opened()
            going = SessionChoice() if session is None else await workspace.choose_session(session)
            request = Question(
                text=text,
                filter=await _resolved(workspace, where),
                history=tuple(Turn(question=one.question, answer=one) for one in after),
                session=going.id,
                begins=going.name if going.id is None else "",
                sources=sources,
                check=check,
                max_cost=self._cap(max_cost),
                anew=anew,
            )
            events = workspace.ask_all(request) if all_papers else workspace.ask(request)
            async with aclosing(events):
                async for event in events:
                    yield event

        return Stream(asked(), _answer)

    def summarize(
        self,
        *papers: str,
        topic: str | None = None,
        where: Filter = EVERYTHING,
        length: Literal["sentence", "short", "long"] = "short",
        check: bool | None = None,
        max_cost: float | None = None,
        anew: bool = False,
    ) -> Stream[Event, Answer]:
        """Summarize papers by any of their names, a topic, or all that `where` leaves.

        `check`, `max_cost` and `anew` are those of `ask`.
        """

        async def asked() -> AsyncGenerator[Event, None]:
            if papers and topic:
                raise WrongUse("papers and a topic exclude each other", "name one of them")
            workspace = await self._opened()
            request = SummaryRequest(
                papers=await _ids(workspace, papers),
                topic=topic,
                filter=await _resolved(workspace, where),
                length=length,
                check=check,
                max_cost=self._cap(max_cost),
                anew=anew,
            )
            async with aclosing(workspace.summarize(request)) as events:
                async for event in events:
                    yield event

        return Stream(asked(), _answer)

    async def write(self, answer: Answer, file: str | os.PathLike[str]) -> tuple[Path, ...]:
        """Write an answer as a document by the suffix of its file: .md, .html, .bib, .docx, .json.

        Returns the files: a .md has its .bib beside it. Raises WrongUse, UnwritableTarget.
        """
        from assistant.answers.documents.target import target_of

        workspace = await self._opened()
        target = await asyncio.to_thread(target_of, _path(file))
        return await workspace.write_document(target, answer)

    # Papers

    async def search(
        self, query: str, limit: int = 20, *, where: Filter = EVERYTHING
    ) -> SearchResult:
        """The best papers for a query in the syntax of `quire search`; raises QuerySyntaxError."""
        text, most = _worded(query, "the query"), _at_least_one(limit)
        workspace = await self._opened()
        return await workspace.search(text, most, await _resolved(workspace, where))

    async def similar(
        self, paper: str, limit: int = 20, *, where: Filter = EVERYTHING
    ) -> SearchResult:
        """The papers nearest to one, by any of its names; raises UnknownPaper."""
        most = _at_least_one(limit)
        workspace = await self._opened()
        return await workspace.similar(paper, most, await _resolved(workspace, where))

    async def paper(self, name: str) -> Paper:
        """One paper by its id, a unique prefix of it, DOI, arXiv id; raises UnknownPaper."""
        return await (await self._opened()).paper(name)

    async def papers(
        self, where: Filter = EVERYTHING, *, limit: int | None = None
    ) -> tuple[Paper, ...]:
        """The papers that a filter leaves, in the order added."""
        workspace = await self._opened()
        most = None if limit is None else _at_least_one(limit)
        return await workspace.papers(await _resolved(workspace, where), most)

    async def browse(
        self, words: str = "", *, start: int = 0, limit: int = 100
    ) -> tuple[PaperLine, ...]:
        """A window, counted from 0, of the papers that hold every one of some words somewhere."""
        workspace = await self._opened()
        return await workspace.lines(await workspace.listing(words), start, limit)

    def add(
        self, *sources: str | os.PathLike[str], tags: Sequence[str] = ()
    ) -> Stream[AddEvent, AddReport]:
        """Add the papers of files and folders, or by ids such as "arxiv:2403.01234".

        It runs in a process of its own; left early, it keeps what was read so far. The report
        accounts for every record, and has the ids of those taken.
        """
        from assistant.ingest.add import AddDone, AddRequest, named_path

        def report(event: AddEvent) -> AddReport | None:
            return event.report if isinstance(event, AddDone) else None

        async def added() -> AsyncGenerator[AddEvent, None]:
            workspace = await self._opened()
            names = tuple(named_path(os.fspath(one)) for one in sources)
            if not all(names) or not names:
                raise WrongUse("there is nothing to add", "name files, folders or ids")
            request = AddRequest(sources=names, tags=tuple(tags), keep_ids=True)
            adding = workspace.add(request, self._how.narrate)
            async with aclosing(adding.events()) as events:
                async for event in events:
                    yield event

        return Stream(added(), report)

    async def export(
        self, format: str = "bibtex", *, where: Filter = EVERYTHING, marks: bool = True
    ) -> str:
        """Papers as text in a format of `quire export`: all, or those that a filter leaves.

        Without `marks` the reader's tags, notes and status are left out. Raises InputError.
        """
        workspace = await self._opened()
        exporter = await workspace.exporter(format)
        return await workspace.export(exporter, await _resolved(workspace, where), marks=marks)

    async def export_file(
        self,
        file: str | os.PathLike[str],
        format: str | None = None,
        *,
        where: Filter = EVERYTHING,
        marks: bool = True,
    ) -> None:
        """Write that into a file, whole or not at all; without a format by the file's suffix."""
        path = _path(file)
        workspace = await self._opened()
        exporter = await workspace.exporter(format, path.suffix)
        await workspace.export_file(path, exporter, await _resolved(workspace, where), marks=marks)

    async def status(self) -> LibraryStatus:
        """How the library stands."""
        return await (await self._opened()).status()


def open_library(
    folder: str | os.PathLike[str] | None = None,
    *,
    model: str | None = None,
    config: str | os.PathLike[str] | None = None,
    create: bool = False,
    keep: bool = True,
    narrate: Narrate | None = None,
) -> Library:
    """The library in a folder, None: the one that `quire` uses, with the model that answers.

    A text may be the name of a library, as for `--library`; a `Path` is always the path.
    `model` and `config` are those of the command line. With `create` it is made where there is
    none. What is asked is saved as conversations and kept for the same question, as commands do;
    without `keep` nothing of it is written. What commands tell on stderr is told to `narrate`,
    else to the logger “quire”. Nothing is read before it is used; raises WrongUse for a
    configuration that makes no sense.
    """
    from assistant.config.libraries import folder_at, library_folder
    from assistant.config.settings import load_settings

    return Library(
        Opening(
            folder=folder_at(os.fspath(folder))
            if isinstance(folder, os.PathLike)
            else library_folder(folder),
            model=model,
            settings=load_settings(None if config is None else os.fspath(config)),
            narrate=narrate or logging.getLogger(_LOG).info,
            create=create,
            keep=keep,
        )
    )


def _answer(event: Event) -> Answer | None:
    return event.answer if isinstance(event, AnswerDone) else None


async def _ids(workspace: Workspace, names: Sequence[str]) -> tuple[str, ...]:
    return tuple([(await workspace.paper(name)).id for name in names])


async def _resolved(workspace: Workspace, where: Filter) -> Filter:
    """A filter whose papers, given by any of their names, are ids."""
    if not where.papers and not where.without:
        return where
    papers, without = await _ids(workspace, where.papers), await _ids(workspace, where.without)
    return where.model_copy(update={"papers": papers, "without": without})


def _worded(text: str, what: str) -> str:
    if not text.strip():
        raise WrongUse(f"{what} is empty", "say what you look for")
    return text


def _path(file: str | os.PathLike[str]) -> Path:
    return Path(file).expanduser()


def _at_least_one(limit: int) -> int:
    if limit < 1:
        raise WrongUse(f"the limit is {limit}", "give 1 or more")
    return limit
