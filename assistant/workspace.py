"""What a front end that stays open works with: one library, one model, one conversation store."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.answers.ask import Assistant
from assistant.answers.context import Judge, keep_nothing
from assistant.answers.cost import Accounting
from assistant.answers.stages import Way
from assistant.config.model_choice import judge_name, model_name, recording_of
from assistant.config.prices import tariff_of
from assistant.config.settings import Settings
from assistant.generation.base import ChatModel, Recorder
from assistant.retrieval.search import Searcher
from assistant.sessions import Conversations
from assistant.types.answers import Answer
from assistant.types.events import AnswerDone, Event
from assistant.types.questions import Question, SummaryRequest
from assistant.types.search import SearchResult
from assistant.types.sessions import Session, SessionChoice, SessionLine
from assistant.types.usage import Estimate
from assistant.wiring.embedders import AllEmbedders, EmbedderChoice
from assistant.wiring.models import make_model, open_library
from store.embedders.local import LocalEmbedders
from store.errors import EmbedderUnavailable
from store.ledger.answer_cache import AnswerCache
from store.ledger.browse import Browser, Listing, PaperLine
from store.ledger.database import now
from store.library.library import READ_LIMIT, Library
from store.types import Filter, LibraryStatus, Narrate, Paper

if TYPE_CHECKING:
    from assistant.answers.documents.target import Target
    from assistant.answers.preview import Sending
    from assistant.ingest.add import AddRequest
    from assistant.ingest.embedder_change import EmbedderChange
    from assistant.ingest.process import Adding
    from store.exporters.base import Exporter

EVERYTHING = Filter()
"""The filter that leaves every paper in."""


class Workspace:
    """An open library with a model beside it.

    What is slow or blocking runs in a thread. Raises AssistantError and StoreError.
    """

    def __init__(
        self,
        library: Library,
        model: ChatModel,
        sends_to: str | None,
        prompts: Path | None,
        embedders: AllEmbedders,
        accounting: Accounting,
        judge: Judge,
        recorder: Recorder | None = None,
        *,
        keeps: bool = True,
    ) -> None:
        self._library = library
        self._browser: Browser | None = None
        self._browsing = threading.Lock()
        self._embedders = embedders
        self._change: EmbedderChange | None = None
        self._trouble = ""
        self._model = model
        self._sends_to = sends_to
        self._conversations = Conversations(library)
        self._judge = judge
        keep = self._conversations.keep if keeps else keep_nothing
        self._assistant = Assistant(library, model, keep, prompts, accounting, recorder, judge)
        self._searcher = Searcher(library, self._assistant.retriever)

    @property
    def model(self) -> str:
        """The name of the model that answers."""
        return self._model.name

    @property
    def is_extractive(self) -> bool:
        """True for the built-in model, which chooses sentences and judges none."""
        return self._model.is_extractive

    @property
    def sends_to(self) -> str | None:
        """The host that questions and abstracts are sent to; None: nothing leaves this machine."""
        return self._sends_to

    @property
    def judge(self) -> str:
        """The name of the model that judges claims, empty where none can."""
        return "" if self._judge.model.is_extractive else self._judge.model.name

    @property
    def judges_at(self) -> str | None:
        """The host that claims are sent to for that; None: they do not leave this machine."""
        return self._judge.sends_to

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

    @property
    def stopped(self) -> Answer | None:
        """What came of the last answer that was stopped early."""
        return self._assistant.stopped

    async def ask(self, question: Question) -> AsyncGenerator[Event, None]:
        """Answer a question; a conversation named by it brings its earlier turns along."""
        question = await self._with_history(question)
        async with aclosing(self._assistant.ask(question)) as events:
            async for event in events:
                yield event

    async def _with_history(self, question: Question) -> Question:
        if question.session and not question.history:
            session = await asyncio.to_thread(self._conversations.open, question.session)
            return question.model_copy(update={"history": session.turns, "session": session.id})
        return question

    async def ask_all(self, question: Question) -> AsyncGenerator[Event, None]:
        """Put a question to every paper that its filter leaves, and count what they say."""
        question = await self._with_history(question)
        async with aclosing(self._assistant.ask_all(question)) as events:
            async for event in events:
                yield event

    async def sending(
        self,
        request: Question | SummaryRequest,
        *,
        all_papers: bool = False,
        exact: bool = False,
    ) -> Sending:
        """What a question or a summary would send, and what it would take; nothing is sent.

        With `all_papers` the question is put to every paper, with `exact` the first request is
        told byte for byte.
        """
        if isinstance(request, SummaryRequest):
            planned = await self._assistant.sending(request, "summary", exact=exact)
        else:
            way: Way = "all_papers" if all_papers else "question"
            planned = await self._assistant.sending(
                await self._with_history(request), way, exact=exact
            )
        return planned.model_copy(update={"sends_to": self._sends_to})

    def summarize(self, request: SummaryRequest) -> AsyncGenerator[Event, None]:
        """Summarize papers, a topic, or all that the filter leaves."""
        return self._assistant.summarize(request)

    async def sum_up(
        self, names: Sequence[str], *, check: bool | None = None, max_cost: float | None = None
    ) -> AsyncGenerator[tuple[Paper, Event], None]:
        """Sum papers up in one sentence each, each paper once, in one conversation.

        Yields the paper with each event of its summary. Raises UnknownPaper before any is
        summed up. `max_cost` caps each summary, in USD.
        """
        papers = {one.id: one for one in [await self.paper(name) for name in names]}
        session: str | None = None
        for paper in papers.values():
            request = SummaryRequest(
                papers=(paper.id,),
                length="sentence",
                session=session,
                check=check,
                max_cost=max_cost,
            )
            async with aclosing(self.summarize(request)) as events:
                async for event in events:
                    if isinstance(event, AnswerDone):
                        session = event.answer.session
                    yield paper, event

    async def check(
        self, answer: Answer, max_cost: float | None = None
    ) -> AsyncGenerator[Event, None]:
        """Have the model judge each claim of an answer that is there.

        It is saved anew, unless nothing could be judged. Raises CostRefused when that may cost
        more than `max_cost` in USD; nothing is sent then.
        """
        async with aclosing(self._assistant.check(answer, max_cost)) as events:
            async for event in events:
                if isinstance(event, AnswerDone) and event.answer.check != "failed":
                    saved = await asyncio.to_thread(self._conversations.replace, event.answer)
                    event = AnswerDone(answer=saved)
                yield event

    async def checking(self, answer: Answer) -> Estimate:
        """What `check` will take for an answer; nothing is sent."""
        return await self._assistant.checking(answer)

    async def sending_check(self, answer: Answer) -> Sending:
        """What `check` would send for an answer; nothing is."""
        return await self._assistant.sending_check(answer)

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

    async def listing(self, words: str) -> Listing:
        """The papers that hold every one of some words, all papers for none."""
        return await asyncio.to_thread(lambda: self._browse().listing(words))

    async def lines(self, listing: Listing, start: int, limit: int) -> tuple[PaperLine, ...]:
        """A window of a listing, counted from 0."""
        return await asyncio.to_thread(lambda: self._browse().lines(listing, start, limit))

    async def holding(self, words: str) -> tuple[str, ...]:
        """The ids of the papers that hold every one of some words, in the order added."""
        return await asyncio.to_thread(lambda: self._browse().ids(words))

    def _browse(self) -> Browser:
        with self._browsing:
            if self._browser is None:
                self._browser = Browser.open(self._library.folder)
            return self._browser

    def add(self, request: AddRequest, narrate: Narrate) -> Adding:
        """An adding of papers in a process of its own, not started yet."""
        from assistant.ingest.process import Adding

        settings = self._embedders.settings
        served, services = settings.embedders, settings.services
        return Adding(self._library.folder, request, narrate, served, services)

    async def paper(self, name: str) -> Paper:
        """One paper by any of its names."""
        return await asyncio.to_thread(self._library.paper, name)

    async def sessions(self) -> tuple[SessionLine, ...]:
        """All conversations, the last one used first."""
        return await asyncio.to_thread(self._conversations.lines)

    async def session(self, session_id: str) -> Session:
        """A conversation with its turns."""
        return await asyncio.to_thread(self._conversations.open, session_id)

    async def choose_session(self, name: str) -> SessionChoice:
        """The conversation of this name, or the one that an answer is to begin."""
        return await asyncio.to_thread(self._conversations.choose, name)

    async def rename_session(self, session_id: str, name: str) -> str:
        """Give a conversation another name; returns it as it is kept. Raises InputError."""
        return await asyncio.to_thread(self._conversations.rename, session_id, name)

    async def last_session(self) -> str | None:
        """The id of the conversation used last."""
        return await asyncio.to_thread(self._conversations.last)

    async def delete_session(self, session_id: str) -> None:
        """Forget a conversation."""
        await asyncio.to_thread(self._conversations.delete, session_id)

    async def write_document(self, target: Target, what: Answer | Session) -> tuple[Path, ...]:
        """Write an answer of now, or a conversation, as a document; returns its files."""
        return await asyncio.to_thread(self._write_document, target, what)

    def _write_document(self, target: Target, what: Answer | Session) -> tuple[Path, ...]:
        from assistant.answers.documents.target import document_of, write

        return write(target, document_of(self._library, what, now()))

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

        self._change = EmbedderChange(self._library, name)
        return self._change

    async def catch_up_briefly(self) -> None:
        """What a one-shot command does before it reads: project a little."""
        await asyncio.to_thread(self._catch_up_briefly)

    def _catch_up_briefly(self) -> None:
        self._library.prefer_scan()
        self._library.catch_up(READ_LIMIT)

    async def aclose(self) -> None:
        """Close the connections of the models, and the library."""
        await self._assistant.aclose()
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        if self._change is not None:
            self._change.close()
        with self._browsing:
            if self._browser is not None:
                self._browser.close()
        self._library.close()


async def open_workspace(
    folder: Path,
    asked: str | None,
    settings: Settings,
    narrate: Narrate,
    record: Path | None = None,
    *,
    create: bool = False,
    keeps: bool = True,
    embedders: AllEmbedders | None = None,
) -> Workspace:
    """Open a library and the model asked for; raises AssistantError and StoreError.

    With `record` the replies of the model are added to that file. Unless the workspace `keeps`
    what comes, an answer is no conversation afterwards, and is asked anew the next time.
    """
    known = embedders or AllEmbedders(settings, narrate)
    return await asyncio.to_thread(
        _open, folder, asked, settings, narrate, record, create, keeps, known
    )


def _open(
    folder: Path,
    asked: str | None,
    settings: Settings,
    narrate: Narrate,
    record: Path | None,
    create: bool,
    keeps: bool,
    embedders: AllEmbedders,
) -> Workspace:
    library = open_library(folder, narrate, embedders, create=create)
    library.key_pattern = settings.citation_key or library.key_pattern
    cache = AnswerCache(library.folder) if keeps else None
    try:
        model, sends_to = make_model(
            asked, settings, library, narrate, record=record, remembers=keeps
        )
        recorder = _recorder(model, record)
        accounting = _accounting(model_name(asked, settings), settings, cache)
        judge = Judge(model, accounting, settings.check, sends_to, recorder, _is_replay(model))
        if (named := judge_name(model.name, settings)) != model.name:
            judge = _other_judge(named, settings, library, narrate, record, cache)
        return Workspace(
            library,
            model,
            sends_to,
            settings.prompts,
            embedders,
            accounting,
            judge,
            recorder,
            keeps=keeps,
        )
    except BaseException:
        library.close()
        raise


def _other_judge(
    name: str,
    settings: Settings,
    library: Library,
    narrate: Narrate,
    record: Path | None,
    cache: AnswerCache | None,
) -> Judge:
    """A model that judges what another one writes."""
    model, sends_to = make_model(
        name,
        settings,
        library,
        narrate,
        record=record,
        may_wait=True,
        remembers=cache is not None,
    )
    accounting = _accounting(name, settings, cache)
    recorder = _recorder(model, record)
    return Judge(model, accounting, settings.check, sends_to, recorder, _is_replay(model))


def _accounting(name: str, settings: Settings, cache: AnswerCache | None) -> Accounting:
    """What a model costs, with what it said before.

    A recording is what is kept already: it is read each time, and may be another file then.
    """
    known = cache if recording_of(name) is None else None
    return Accounting(tariff_of(name, settings), known)


def _is_replay(model: ChatModel) -> bool:
    return recording_of(model.name) is not None


def _recorder(model: ChatModel, record: Path | None) -> Recorder | None:
    """The model where its replies are recorded; what that takes is imported where it is used."""
    if record is None:
        return None
    from assistant.generation.recorder import RecordingModel

    return model if isinstance(model, RecordingModel) else None


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
