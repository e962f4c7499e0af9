"""An open library for Python programs: asynchronous, with a bridge for those that are not."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Generator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self, TypeVar

from assistant.api.bridge import Bridge
from assistant.api.streams import Stream
from assistant.errors import WrongUse
from assistant.types.answers import Answer
from assistant.types.events import AnswerDone, Event
from assistant.types.questions import Question, SummaryRequest
from assistant.types.search import SearchResult
from assistant.types.sessions import Turn
from store.types import Filter, LibraryStatus, Narrate, Paper

if TYPE_CHECKING:
    from assistant.config.settings import Settings
    from assistant.ingest.add import AddEvent, AddReport
    from assistant.workspace import Workspace
    from store.ledger.browse import PaperLine

T = TypeVar("T")

EVERYTHING = Filter()
"""The filter that leaves every paper in."""

_LOG = "quire"
"""The logger that is told, at level INFO, what commands tell on stderr."""


@dataclass(frozen=True, kw_only=True)
class _Opening:
    """How a library is opened."""

    folder: Path
    model: str | None
    settings: Settings
    narrate: Narrate
    create: bool
    keep: bool


class Library:
    """A library with a model beside it, as `open_library` gives it.

    It is opened when it is first used, in the event loop that uses it: `async with` opens it and
    closes it. Without a loop of one's own, and in a notebook too, `with` opens it on a loop in a
    thread, where `wait` carries out what any method returns, and `each` walks through a stream;
    both may be used from several threads. Raises AssistantError and StoreError.
    """

    def __init__(self, opening: _Opening) -> None:
        self._how = opening
        self._bridge = Bridge()
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._opening: asyncio.Task[Workspace] | None = None
        self._is_closed = False

    @property
    def folder(self) -> Path:
        """Where the library is."""
        return self._how.folder

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

        `where` leaves papers out, `after` are the answers that the question follows, or `session`
        the saved conversation. At most so many `sources` are read; with `all_papers` the question
        is put to every paper. `check` says whether a model judges each claim, `max_cost` what it
        may cost in USD (None: as is configured), `anew` that an earlier answer is not given again.
        """

        async def asked() -> AsyncGenerator[Event, None]:
            workspace = await self._opened()
            request = Question(
                text=_worded(question, "the question"),
                filter=await _resolved(workspace, where),
                history=tuple(Turn(question=one.question, answer=one) for one in after),
                session=session,
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

    # Papers

    async def search(
        self, query: str, limit: int = 20, *, where: Filter = EVERYTHING
    ) -> SearchResult:
        """The best papers for a query in the syntax of `quire search`; raises QuerySyntaxError."""
        workspace = await self._opened()
        _at_least(limit, "limit")
        wanted = await _resolved(workspace, where)
        return await workspace.search(_worded(query, "the query"), limit, wanted)

    async def similar(
        self, paper: str, limit: int = 20, *, where: Filter = EVERYTHING
    ) -> SearchResult:
        """The papers nearest to one, by any of its names; raises UnknownPaper."""
        workspace = await self._opened()
        _at_least(limit, "limit")
        return await workspace.similar(paper, limit, await _resolved(workspace, where))

    async def paper(self, name: str) -> Paper:
        """One paper by its id, a unique prefix of it, DOI, arXiv id; raises UnknownPaper."""
        return await (await self._opened()).paper(name)

    async def papers(
        self, where: Filter = EVERYTHING, *, limit: int | None = None
    ) -> tuple[Paper, ...]:
        """The papers that a filter leaves, in the order added."""
        workspace = await self._opened()
        if limit is not None:
            _at_least(limit, "limit")
        return await workspace.papers(await _resolved(workspace, where), limit)

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

    async def status(self) -> LibraryStatus:
        """How the library stands."""
        return await (await self._opened()).status()

    # Opening and closing

    async def __aenter__(self) -> Self:
        await self._opened()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __enter__(self) -> Self:
        try:
            self.wait(self._opened())
        except BaseException:
            self._bridge.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def wait(self, work: Awaitable[T]) -> T:
        """What a method of this library comes to, for code that does not `await`.

        Ctrl-C cancels it.
        """
        return self._bridge.wait(work)

    def each(self, stream: AsyncIterable[T]) -> Generator[T, None, None]:
        """The events of a stream, for code without `async for`; leaving them early ends it."""
        return self._bridge.each(stream)

    async def aclose(self) -> None:
        """Close the library and the connections of the model; it is not opened again."""
        with self._lock:
            opening, self._is_closed = self._opening, True
            self._here()
            self._opening = None
        if opening is not None:
            await (await opening).aclose()

    def close(self) -> None:
        """Close a library that was used with `wait`; what still runs is cancelled."""
        if self._opening is not None and not self._bridge.is_used:
            raise WrongUse("this library was opened with await", "close it so: await aclose()")
        try:
            if self._bridge.is_used and not self._is_closed:
                self._bridge.wait(self.aclose())
        finally:
            self._is_closed = True
            self._bridge.close()

    async def _opened(self) -> Workspace:
        with self._lock:
            if self._is_closed:
                raise WrongUse("this library is closed", "open it again: open_library()")
            self._here()
            if self._opening is None or _has_failed(self._opening):
                self._loop = asyncio.get_running_loop()
                self._opening = self._loop.create_task(_open(self._how))
            opening = self._opening
        return await asyncio.shield(opening)

    def _here(self) -> None:
        """Raise WrongUse where the library is open in another event loop than this one."""
        if self._opening is not None and self._loop is not asyncio.get_running_loop():
            raise WrongUse(
                "this library is open in another event loop",
                "use it in one loop alone, or always with wait() and each()",
            )

    def _cap(self, given: float | None) -> float | None:
        return self._how.settings.max_cost if given is None else given


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

    `model` and `config` are those of the command line. With `create` it is made where there is
    none. What is asked is saved as conversations and kept for the same question, as commands do;
    without `keep` nothing of it is written. What commands tell on stderr is told to `narrate`,
    else to the logger “quire”. Nothing is read before it is used; raises WrongUse for a
    configuration that makes no sense.
    """
    from assistant.config.libraries import library_folder
    from assistant.config.settings import load_settings

    return Library(
        _Opening(
            folder=library_folder(None if folder is None else os.fspath(folder)),
            model=model,
            settings=load_settings(None if config is None else os.fspath(config)),
            narrate=narrate or logging.getLogger(_LOG).info,
            create=create,
            keep=keep,
        )
    )


async def _open(how: _Opening) -> Workspace:
    from assistant.workspace import open_workspace

    workspace = await open_workspace(
        how.folder, how.model, how.settings, how.narrate, create=how.create, keeps=how.keep
    )
    try:
        await workspace.catch_up_briefly()
    except BaseException:
        await workspace.aclose()
        raise
    return workspace


def _has_failed(opening: asyncio.Task[Workspace]) -> bool:
    return opening.done() and (opening.cancelled() or opening.exception() is not None)


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


def _at_least(number: int, what: str) -> None:
    if number < 1:
        raise WrongUse(f"{what} is {number}", "give 1 or more")
