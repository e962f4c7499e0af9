"""A service for the app that answers by script, and values to put on it."""

from __future__ import annotations

import asyncio
import tomllib
from array import array
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from assistant.answers.documents.target import Target, target_of
from assistant.answers.preview import Sending
from assistant.config.settings import Settings
from assistant.ingest.add import AddDone, AddEvent, AddReport, AddRequest
from assistant.ingest.embedder_change import ChangeDone, ChangeEvent
from assistant.query.syntax import parse_query
from assistant.types.answers import Answer, Reference
from assistant.types.asked_of import AskedOf
from assistant.types.claims import Citation, Claim, Verdict
from assistant.types.events import AnswerDone, Event, EvidenceFound, TextDelta
from assistant.types.evidence import Evidence, Sentence, Source
from assistant.types.questions import Question, SummaryRequest
from assistant.types.search import Found, SearchResult
from assistant.types.sessions import Citing, Session, SessionLine, Turn, TurnText
from assistant.types.usage import Estimate
from assistant.wiring.embedders import EmbedderChoice
from assistant.workspace.browsing import Emptied
from assistant.workspace.collection import ExportTarget
from assistant.workspace.left_off import LeftOff
from store.errors import NothingToUndo, StoreError, UnknownPaper
from store.ledger.browse import AS_ADDED, Listing, Order, PaperLine, Progress, Told
from store.ledger.undo import Undoing
from store.library.reembedding import ChangeReport
from store.types import Filter, LibraryStatus, Narrate, Paper, Ranks, Status
from store.value import Value
from tui.service import Service

V = TypeVar("V", bound=Value)
Step = Event | Exception | asyncio.Event | float
JobEvent = AddEvent | ChangeEvent
JobStep = JobEvent | Exception | asyncio.Event
JUDGED = ("supported", "contradicted", "not_stated")
"""Verdicts that a model gives."""

_VALUES = tomllib.loads(Path(__file__).with_name("kelp_and_tides.toml").read_text("utf-8"))
KELP = tuple(_VALUES["kelp"])
TIDES = tuple(_VALUES["tides"])
TEXT: str = _VALUES["answer"]["text"]
EMBEDDERS = tuple(EmbedderChoice.model_validate(one) for one in _VALUES["embedders"])


def alike(kind: type[V], given: object, **more: object) -> V:
    """A value of a kind with the fields that another value has of it, and more."""
    names = kind.__dataclass_fields__.keys()
    shared = {name: getattr(given, name) for name in names if hasattr(given, name)}
    return kind(**shared | more)


def make_paper(name: str, title: str, sentences: Sequence[str], **more: object) -> Paper:
    own = {
        "id": name,
        "title": title,
        "abstract": " ".join(sentences),
        "content_hash": f"hash-{name}",
    }
    return Paper.model_validate(_VALUES["paper"] | own | more)


def make_source(number: int, paper: Paper, sentences: Sequence[str]) -> Source:
    cut = [Sentence(index=0, start=0, end=len(paper.title), text=paper.title)]
    for index, text in enumerate(sentences, 1):
        start = paper.abstract.index(text)
        cut.append(Sentence(index=index, start=start, end=start + len(text), text=text))
    ranks = Ranks(lexical=number, dense=number)
    return Source(number=number, paper=paper, sentences=tuple(cut), score=0.5, ranks=ranks)


def make_reference(number: int, paper: Paper, sentences: tuple[int, ...]) -> Reference:
    source = "/papers/saved.txt"
    return alike(Reference, paper, number=number, sentences=sentences, source=source)


KELP_PAPER = make_paper("pkelp", "Rockfish in kelp forests", KELP, **_VALUES["kelp_paper"])
TIDE_PAPER = make_paper("ptide", "Surges on a sandy spit", TIDES)


def make_claim(text: str, part: str, verdict: Verdict, *citations: Citation) -> Claim:
    start = text.index(part)
    return Claim(
        text=part, start=start, end=start + len(part), verdict=verdict, citations=citations
    )


def make_answer(question: str = "What lives in kelp?", **more: object) -> Answer:
    first = Citation(number=1, id="pkelp", sentences=(2,), quote=KELP[1], verdict="matched")
    second = Citation(number=2, id="ptide", sentences=(3,), quote=TIDES[2], verdict="weak")
    own = {
        "question": question,
        "claims": (
            make_claim(TEXT, "Rockfish were counted on eight reefs [1].", "matched", first),
            make_claim(TEXT, "Surges reshape the spit [2].", "weak", second),
            make_claim(TEXT, "Nobody asked why.", "uncited"),
        ),
        "references": (make_reference(1, KELP_PAPER, (2,)), make_reference(2, TIDE_PAPER, (3,))),
    }
    return Answer.model_validate(_VALUES["answer"] | own | more)


def with_verdicts(answer: Answer, *verdicts: Verdict) -> Answer:
    """The answer with these verdicts of its claims, each by whoever gives such ones."""
    claims = tuple(
        claim.model_copy(
            update={"verdict": one, "checked_by": "model" if one in JUDGED else "text"}
        )
        for claim, one in zip(answer.claims, verdicts, strict=True)
    )
    return answer.model_copy(update={"claims": claims})


def make_evidence() -> Evidence:
    return Evidence(
        sources=(make_source(1, TIDE_PAPER, TIDES), make_source(2, KELP_PAPER, KELP)),
        considered=12,
        dropped=1,
    )


def pieces(text: str, size: int = 7) -> list[Event]:
    return [TextDelta(text=text[at : at + size]) for at in range(0, len(text), size)]


def whole_answer(answer: Answer | None = None) -> list[Step]:
    answer = answer or make_answer()
    return [
        EvidenceFound(evidence=make_evidence()),
        *pieces(answer.text),
        AnswerDone(answer=answer),
    ]


@dataclass
class FakeJob:
    """Adds, or changes the embedder, by script; `stop` ends with a report, closing without one.

    `wanted` is what was asked for: the request, or the name of the embedder.
    """

    wanted: Any
    steps: list[JobStep]
    stopped_report: JobEvent
    gate: asyncio.Event | None = None
    is_stopping: bool = False
    is_closed: bool = False

    async def events(self) -> AsyncIterator[Any]:
        try:
            for step in self.steps:
                if isinstance(step, Exception):
                    raise step
                if not isinstance(step, asyncio.Event):
                    yield step
                    continue
                self.gate = step
                if not self.is_stopping:
                    await step.wait()
                if self.is_stopping:
                    yield self.stopped_report
                    return
        finally:
            self.is_closed = True

    def stop(self) -> None:
        self.is_stopping = True
        if self.gate:
            self.gate.set()


@dataclass
class FakeFinder:
    """Finds words in names and in what a service saved."""

    service: FakeService
    left_out: int = 0

    def read(self) -> None:
        pass

    def stop(self) -> None:
        pass

    def found(self, words: str, lines: Iterable[SessionLine]) -> dict[str, int | None]:
        found: dict[str, int | None] = {}
        for line in lines:
            turns = self.service.saved[line.id].turns
            held = [f"{line.title} {one.question} {one.answer.text}".lower() for one in turns]
            if all(any(word in one for one in held) for word in words.lower().split()):
                found[line.id] = None
        return found


@dataclass
class FakeService:
    """Answers each question with the next script; a step that is an asyncio.Event is waited for."""

    scripts: list[Iterable[Step]] = field(default_factory=list)
    known: list[Paper] = field(default_factory=lambda: [KELP_PAPER, TIDE_PAPER])
    saved: dict[str, Session] = field(default_factory=dict)
    since: dict[str, int] = field(default_factory=dict)
    deleted: dict[str, Session] = field(default_factory=dict)
    model: str = "tiny-model"
    sends_to: str | None = None
    fails: dict[str, Exception] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    asked_with: list[str] = field(default_factory=list)
    requests: list[SummaryRequest] = field(default_factory=list)
    checks: list[Answer] = field(default_factory=list)
    caps: list[float | None] = field(default_factory=list)
    windows: list[tuple[int, int]] = field(default_factory=list)
    adds: list[JobStep] = field(default_factory=list)
    additions: list[FakeJob] = field(default_factory=list)
    embeds_at: str | None = None
    wants: str = ""
    offers: bool = False
    change: list[JobStep] = field(default_factory=list)
    embedder_changes: list[FakeJob] = field(default_factory=list)
    searches: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    running: int = 0
    most_running: int = 0
    changes: list[bool] = field(default_factory=list)
    former: list[tuple[list[Paper], str]] = field(default_factory=list)
    catch_ups: int = 0
    narration: tuple[str, ...] = ()
    is_closed: bool = False
    stopped: Answer | None = None
    stops_with: Answer | None = None
    suggested: tuple[str, ...] = ()
    usual: tuple[int, int] = (0, 0)
    takes: Estimate = field(default_factory=lambda: Estimate(cost=0.0))

    @property
    def is_extractive(self) -> bool:
        return self.model == "extractive"

    @property
    def judge(self) -> str:
        return "" if self.is_extractive else self.model

    @property
    def judges_at(self) -> str | None:
        return self.sends_to

    async def use_model(self, name: str, settings: Settings) -> None:
        self._maybe_fail("use_model")
        self.model = name

    def ask(self, question: Question) -> AsyncIterator[Event]:
        self.questions.append(question)
        return self._play(question.text)

    def ask_with(self, name: str, settings: Settings, question: Question) -> AsyncIterator[Event]:
        self.asked_with.append(name)
        return self.ask(question)

    def summarize(self, request: SummaryRequest) -> AsyncIterator[Event]:
        self.requests.append(request)
        return self._play("summary")

    def ask_all(self, question: Question) -> AsyncIterator[Event]:
        return self.ask(question)

    async def sending(self, request: Question, *, all_papers: bool) -> Sending:
        self._maybe_fail("sending")
        assert all_papers
        papers = len(request.filter.papers or self.known)
        return Sending(
            question=request.text,
            standalone=request.text,
            model=self.model,
            sends_to=self.sends_to,
            considered=papers,
            estimate=self.takes,
            note=f"{papers} papers in {self.takes.calls} requests",
        )

    async def holding(self, text: str) -> tuple[str, ...]:
        return tuple(one.id for one in self._listed(await self.listing(text)))

    async def papers_of(self, asked: AskedOf | None) -> Filter | None:
        if asked is None or not asked.query:
            return asked.filter if asked else Filter()
        ids = await self.holding(asked.query)
        return Filter(papers=ids) if ids else None

    async def mark(self, ids: Sequence[str], status: Status) -> int:
        self._maybe_fail("mark")
        before = list(self.known)
        self.known = [
            one.model_copy({"status": status}) if one.id in ids else one for one in self.known
        ]
        self.former.append((before, f"mark {status} on {len(ids)} papers"))
        return sum(one != other for one, other in zip(before, self.known, strict=True))

    async def marked(self) -> Mapping[Status, int]:
        return Counter(one.status for one in self.known)

    async def change_tags(
        self, ids: Sequence[str], add: Sequence[str], remove: Sequence[str]
    ) -> int:
        self._maybe_fail("change_tags")
        self.former.append((list(self.known), f"tag of {len(ids)} papers"))
        self.known = [
            one.model_copy({"tags": tuple(sorted({*one.tags, *add} - {*remove}))})
            if one.id in ids
            else one
            for one in self.known
        ]
        return len(ids)

    async def change_note(self, paper_id: str, text: str) -> int:
        self._maybe_fail("change_note")
        self.former.append((list(self.known), "note changed on 1 paper"))
        self.known = [
            one.model_copy({"notes": (*one.notes[:-1], *([text] if text.strip() else []))})
            if one.id == paper_id
            else one
            for one in self.known
        ]
        return sum(one.id == paper_id for one in self.known)

    async def exported(self, ids: Sequence[str], form: str) -> str:
        self._maybe_fail("exported")
        return "".join(f"{form} of {one.id}\n" for one in self.known if one.id in ids)

    async def tags(self) -> tuple[str, ...]:
        return tuple(sorted({tag for one in self.known for tag in one.tags}))

    async def next_undo(self) -> Undoing:
        if not self.former:
            raise NothingToUndo("there is no change to take back")
        before, words = self.former[-1]
        ids = tuple(old.id for old, new in zip(before, self.known, strict=True) if old != new)
        kind, _, rest = words.partition(" ")
        return Undoing(number=1, kind=kind, words=rest, at="2026-01-01T00:00:00Z", ids=ids)

    async def take_back(self, number: int) -> Undoing:
        undoing = await self.next_undo()
        self.known, _ = self.former.pop()
        return undoing

    async def remove(self, ids: Sequence[str]) -> int:
        raise AssertionError("nothing is removed here")

    async def export_target(self, path: str) -> ExportTarget:
        raise AssertionError("nothing is exported here")

    async def export_to(self, target: ExportTarget, ids: Sequence[str]) -> None:
        raise AssertionError("nothing is exported here")

    async def emptied(self, text: str) -> Emptied | None:
        return None

    async def place(self, listing: Listing, paper_id: str) -> int | None:
        listed = [one.id for one in self._listed(listing)]
        return listed.index(paper_id) if paper_id in listed else None

    async def progress(self, listing: Listing) -> Progress | None:
        return None

    async def tldr(self, name: str) -> str:
        return f"A sentence of {name}."

    async def left_off(self) -> LeftOff | None:
        return None

    async def leave_off(self, at: LeftOff) -> None:
        raise AssertionError("nothing is gone through here")

    def _listed(self, listing: Listing) -> list[Paper]:
        return self.known if listing.keys is None else [self.known[at] for at in listing.keys]

    async def checking(self, answer: Answer) -> Estimate:
        self._maybe_fail("checking")
        return self.takes

    def check(self, answer: Answer, max_cost: float | None) -> AsyncIterator[Event]:
        self.checks.append(answer)
        self.caps.append(max_cost)
        return self._play("check")

    async def _play(self, name: str) -> AsyncIterator[Event]:
        steps = self.scripts.pop(0) if self.scripts else whole_answer()
        self.running += 1
        self.most_running = max(self.running, self.most_running)
        is_whole = False
        try:
            for step in steps:
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, asyncio.Event):
                    await step.wait()
                elif isinstance(step, float):
                    await asyncio.sleep(step)
                else:
                    yield step
            is_whole = True
        finally:
            self.running -= 1
            if not is_whole:
                # Saving a stopped turn takes a moment of its own.
                await asyncio.sleep(0.01)
                self.closed.append(name)
                self.stopped = self.stops_with and self.stops_with.model_copy(update={})

    async def first_listed(self, text: str, order: Order = AS_ADDED) -> Listing:
        return await self.listing(text, order)

    async def listing(self, text: str, order: Order = AS_ADDED) -> Listing:
        self._maybe_fail("papers")
        texts = [f"{one.title} {one.abstract} {one.tags}".lower() for one in self.known]
        wanted = parse_query(text).text.lower().split() if text else []
        found = [at for at, text in enumerate(texts) if all(word in text for word in wanted)]
        if order.by == "title":
            found.sort(key=lambda at: self.known[at].title, reverse=order.reverse)
        keys = array("q", found) if text or order != AS_ADDED else None
        told: dict[Told, bool] = {
            "author": any(one.authors for one in self.known),
            "year": any(one.year for one in self.known),
            "tag": any(one.tags for one in self.known),
        }
        has = frozenset(name for name, there in told.items() if there)
        return Listing(text, len(self.known), keys, order, has)

    async def lines(self, listing: Listing, start: int, limit: int) -> tuple[PaperLine, ...]:
        self._maybe_fail("lines")
        self.windows.append((start, limit))
        found = self._listed(listing)[start : start + limit]
        return tuple(alike(PaperLine, one) for one in found)

    def add(self, request: AddRequest, narrate: Narrate) -> FakeJob:
        kept = AddDone(report=AddReport(read=256, new=256, stopped=True))
        self.additions.append(FakeJob(request, list(self.adds), kept))
        return self.additions[-1]

    async def embedders(self) -> tuple[EmbedderChoice, ...]:
        self._maybe_fail("embedders")
        return EMBEDDERS

    async def embedding_host(self) -> str | None:
        return self.embeds_at

    async def wanted_embedder(self) -> str:
        return self.wants

    async def offer_better(self) -> bool:
        offers, self.offers = self.offers, False
        return offers

    def use_embedder(self, name: str) -> FakeJob:
        report = ChangeReport(embedder=name, papers=150, embedded=64, done=False)
        kept = ChangeDone(report=report, vectors=128)
        self.embedder_changes.append(FakeJob(name, list(self.change), kept))
        return self.embedder_changes[-1]

    async def paper(self, name: str) -> Paper:
        self._maybe_fail("paper")
        for one in self.known:
            if one.id == name:
                return one
        raise UnknownPaper(f"no paper is named {name}")

    async def search(
        self, text: str, limit: int = 20, wanted: Filter | None = None
    ) -> SearchResult:
        self._maybe_fail("search")
        self.searches.append(text)
        return self._found(text, limit)

    def _found(self, text: str, limit: int) -> SearchResult:
        hits = []
        for rank, paper in enumerate(reversed(self.known), 1):
            first = Sentence(index=1, start=0, end=4, text=f"{paper.abstract.split('. ')[0]}.")
            ranks = Ranks(lexical=rank)
            hits.append(Found(rank=rank, paper=paper, score=1 / rank, ranks=ranks, sentence=first))
        return SearchResult(query=text, hits=tuple(hits[:limit]), notes=("1 paper has no year",))

    async def similar(
        self, name: str, limit: int = 20, wanted: Filter | None = None
    ) -> SearchResult:
        self._maybe_fail("similar")
        found = self._found((await self.paper(name)).title, limit + 1)
        return found.model_copy({"hits": tuple(one for one in found.hits if one.paper.id != name)})

    async def cited_in(self, paper_id: str) -> tuple[Citing, ...]:
        self._maybe_fail("cited_in")
        found = [
            Citing(
                session=one.id,
                name=one.title,
                turn=turn.number or at,
                question=turn.question,
                asked_at=turn.asked_at,
                sentences=reference.sentences,
            )
            for one in self.saved.values()
            for at, turn in enumerate(one.turns, 1)
            for reference in turn.answer.references
            if reference.id == paper_id
        ]
        return tuple(sorted(found, key=lambda one: one.asked_at, reverse=True))

    async def sessions(self) -> tuple[SessionLine, ...]:
        self._maybe_fail("sessions")
        return tuple(alike(SessionLine, one, turns=len(one.turns)) for one in self.saved.values())

    async def session(self, session_id: str) -> Session:
        self._maybe_fail("session")
        if session_id not in self.saved:
            raise StoreError(f"no conversation is named {session_id}", "See quire sessions.")
        return self.saved[session_id]

    async def new_matches(self, turn: Turn) -> int:
        self._maybe_fail("new_matches")
        return self.since.get(turn.question, 0)

    async def usual_tokens(self) -> tuple[int, int]:
        return (0, 0) if self.is_extractive else self.usual

    async def suggested_questions(self) -> tuple[str, ...]:
        self._maybe_fail("suggested_questions")
        return self.suggested

    async def rename_session(self, session_id: str, name: str) -> str:
        self._maybe_fail("rename_session")
        self.saved[session_id] = self.saved[session_id].model_copy(update={"title": name})
        return name

    async def delete_session(self, session_id: str) -> None:
        self._maybe_fail("delete_session")
        self.deleted[session_id] = self.saved.pop(session_id)

    async def restore_session(self, session_id: str) -> None:
        self._maybe_fail("restore_session")
        self.saved[session_id] = self.deleted.pop(session_id)

    def session_finder(self) -> FakeFinder:
        return FakeFinder(self)

    async def turn_text(self, session_id: str, number: int | None = None) -> TurnText | None:
        self._maybe_fail("turn_text")
        turns = self.saved[session_id].turns if session_id in self.saved else ()
        found = [one for at, one in enumerate(turns, 1) if number in (None, one.number or at)]
        return (found and alike(TurnText, found[-1], text=found[-1].answer.text)) or None

    async def document_target(self, path: str) -> Target:
        return target_of(Path(path))

    async def write_document(self, target: Target, what: Answer | Session) -> tuple[Path, ...]:
        self._maybe_fail("write_document")
        target.file.write_text(what.title if isinstance(what, Session) else what.question)
        return (target.file,)

    async def status(self) -> LibraryStatus:
        self._maybe_fail("status")
        count = len(self.known)
        return LibraryStatus(library="/papers", papers=count, indexed=count, **_VALUES["status"])

    async def changed(self) -> bool:
        self._maybe_fail("changed")
        return self.changes.pop(0) if self.changes else False

    async def catch_up(self, narrate: Narrate) -> None:
        self._maybe_fail("catch_up")
        self.catch_ups += 1
        for line in self.narration:
            await asyncio.to_thread(narrate, line)

    async def aclose(self) -> None:
        self.is_closed = True

    def _maybe_fail(self, name: str) -> None:
        if name in self.fails:
            raise self.fails[name]


def make_session(turns: int = 2) -> Session:
    asked = tuple(
        Turn(question=f"Question {n}?", answer=make_answer(f"Question {n}?"))
        for n in range(1, turns + 1)
    )
    return Session(turns=asked, **_VALUES["session"])


def opener(service: Service) -> Callable[[], Awaitable[Service]]:
    async def open_workspace() -> Service:
        return service

    return open_workspace
