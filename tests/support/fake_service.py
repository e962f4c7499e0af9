"""A service for the app that answers by script, and values to put on it."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from assistant.answers.preview import Sending
from assistant.ingest.add import AddDone, AddEvent, AddReport, AddRequest
from assistant.ingest.embedder_change import ChangeDone, ChangeEvent
from assistant.types.answers import Answer, EvidenceCounts, Reference
from assistant.types.claims import Citation, Claim, Verdict
from assistant.types.events import AnswerDone, Event, EvidenceFound, TextDelta
from assistant.types.evidence import Evidence, Sentence, Source
from assistant.types.questions import Question, SummaryRequest
from assistant.types.search import Found, SearchResult
from assistant.types.sessions import Session, SessionLine, Turn
from assistant.types.usage import Estimate, Usage
from assistant.wiring.embedders import EmbedderChoice
from store.errors import StoreError, UnknownPaper
from store.ledger.browse import Listing, PaperLine
from store.library.reembedding import ChangeReport
from store.types import Filter, LibraryStatus, Narrate, Paper, Provenance, Ranks
from tui.service import Service

Step = Event | Exception | asyncio.Event | float

KELP = (
    "Kelp forests shelter many fish.",
    "We counted 412 rockfish on eight reefs.",
    "Counts doubled where kelp was dense.",
    "Warm water thinned the canopy.",
)
TIDES = (
    "Tides move sediment along the coast.",
    "A gauge recorded 37 surges in one winter.",
    "Surges above two metres reshaped the spit.",
)


def make_paper(name: str, title: str, sentences: Sequence[str], **more: object) -> Paper:
    values: dict[str, object] = {
        "id": name,
        "title": title,
        "abstract": " ".join(sentences),
        "content_hash": f"hash-{name}",
        "added_at": "2025-01-02T03:04:05Z",
        "provenance": (
            Provenance(
                source="/papers/saved.txt",
                reader="page",
                page_date="Mar 11",
                added_at="2025-01-02T03:04:05Z",
            ),
        ),
    }
    return Paper.model_validate(values | more)


def make_source(number: int, paper: Paper, sentences: Sequence[str]) -> Source:
    cut = [Sentence(index=0, start=0, end=len(paper.title), text=paper.title)]
    for index, text in enumerate(sentences, 1):
        start = paper.abstract.index(text)
        cut.append(Sentence(index=index, start=start, end=start + len(text), text=text))
    ranks = Ranks(lexical=number, dense=number)
    return Source(number=number, paper=paper, sentences=tuple(cut), score=0.5, ranks=ranks)


def make_reference(number: int, paper: Paper, sentences: tuple[int, ...]) -> Reference:
    return Reference(
        number=number,
        id=paper.id,
        title=paper.title,
        authors=paper.authors,
        year=paper.year,
        url=paper.url,
        abstract=paper.abstract,
        sentences=sentences,
        source="/papers/saved.txt",
        added_at=paper.added_at,
    )


KELP_PAPER = make_paper(
    "pkelp",
    "Rockfish in kelp forests",
    KELP,
    authors=("Ada Moreno", "Jon Blum", "Kim Ito", "Lea Roux"),
    year=2021,
    venue="Reef Letters",
    url="https://reef.example/papers/1",
)
TIDE_PAPER = make_paper("ptide", "Surges on a sandy spit", TIDES)

TEXT = "Rockfish were counted on eight reefs [1]. Surges reshape the spit [2]. Nobody asked why."


def make_claim(text: str, part: str, verdict: Verdict, *citations: Citation) -> Claim:
    start = text.index(part)
    return Claim(
        text=part, start=start, end=start + len(part), verdict=verdict, citations=citations
    )


def make_answer(question: str = "What lives in kelp?", **more: object) -> Answer:
    first = Citation(number=1, id="pkelp", sentences=(2,), quote=KELP[1], verdict="matched")
    second = Citation(number=2, id="ptide", sentences=(3,), quote=TIDES[2], verdict="weak")
    values: dict[str, object] = {
        "question": question,
        "outcome": "answered",
        "text": TEXT,
        "claims": (
            make_claim(TEXT, "Rockfish were counted on eight reefs [1].", "matched", first),
            make_claim(TEXT, "Surges reshape the spit [2].", "weak", second),
            make_claim(TEXT, "Nobody asked why.", "uncited"),
        ),
        "references": (
            make_reference(1, KELP_PAPER, (2,)),
            make_reference(2, TIDE_PAPER, (3,)),
        ),
        "model": "tiny-model",
        "usage": Usage(calls=1, input_tokens=812, output_tokens=143),
        "evidence": EvidenceCounts(considered=12, used=2, dropped=1),
        "session": "s1",
    }
    return Answer.model_validate(values | more)


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
class FakeAdding:
    """Adds by script; `stop` ends with a report, as closing does without one."""

    request: AddRequest
    narrate: Narrate
    steps: list[AddEvent | Exception | asyncio.Event]
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    is_closed: bool = False

    async def events(self) -> AsyncIterator[AddEvent]:
        try:
            for step in self.steps:
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, asyncio.Event):
                    await _first_of(step, self.stopping)
                    if self.stopping.is_set():
                        yield AddDone(report=AddReport(read=256, new=256, stopped=True))
                        return
                else:
                    yield step
        finally:
            self.is_closed = True

    def stop(self) -> None:
        self.stopping.set()


EMBEDDERS = (
    EmbedderChoice(name="wordllama", here=True, about="built in", in_use=True),
    EmbedderChoice(name="minilm", here=False, about="to fetch it, run: quire models add minilm"),
    EmbedderChoice(name="near", here=True, about="near/1 at http://127.0.0.1:11434/v1"),
    EmbedderChoice(
        name="far",
        here=True,
        about="far/1 at https://vectors.example/v1",
        sends_to="vectors.example",
    ),
)


@dataclass
class FakeChange:
    """Changes the embedder by script; `stop` ends with a report, as closing does without one."""

    name: str
    steps: list[ChangeEvent | Exception | asyncio.Event]
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    is_closed: bool = False

    async def events(self) -> AsyncIterator[ChangeEvent]:
        try:
            for step in self.steps:
                if isinstance(step, Exception):
                    raise step
                if not isinstance(step, asyncio.Event):
                    yield step
                    continue
                await _first_of(step, self.stopping)
                if self.stopping.is_set():
                    report = ChangeReport(embedder=self.name, papers=150, embedded=64, done=False)
                    yield ChangeDone(report=report, vectors=128)
                    return
        finally:
            self.is_closed = True

    def stop(self) -> None:
        self.stopping.set()


async def _first_of(*events: asyncio.Event) -> None:
    waits = [asyncio.ensure_future(one.wait()) for one in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waits:
            one.cancel()


@dataclass
class FakeService:
    """Answers each question with the next script; a step that is an asyncio.Event is waited for."""

    scripts: list[Iterable[Step]] = field(default_factory=list)
    known: list[Paper] = field(default_factory=lambda: [KELP_PAPER, TIDE_PAPER])
    saved: dict[str, Session] = field(default_factory=dict)
    model: str = "tiny-model"
    sends_to: str | None = None
    library: str = "/papers/library"
    fails: dict[str, Exception] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    requests: list[SummaryRequest] = field(default_factory=list)
    checks: list[Answer] = field(default_factory=list)
    windows: list[tuple[int, int]] = field(default_factory=list)
    adds: list[AddEvent | Exception | asyncio.Event] = field(default_factory=list)
    additions: list[FakeAdding] = field(default_factory=list)
    embeds_at: str | None = None
    change: list[ChangeEvent | Exception | asyncio.Event] = field(default_factory=list)
    embedder_changes: list[FakeChange] = field(default_factory=list)
    searches: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    running: int = 0
    most_running: int = 0
    changes: list[bool] = field(default_factory=list)
    catch_ups: int = 0
    narration: tuple[str, ...] = ()
    is_closed: bool = False
    stopped: Answer | None = None
    stops_with: Answer | None = None
    takes: Estimate = field(default_factory=lambda: Estimate(cost=0.0))

    @property
    def is_extractive(self) -> bool:
        return self.model == "extractive"

    def ask(self, question: Question) -> AsyncIterator[Event]:
        self.questions.append(question)
        return self._play(question.text)

    def summarize(self, request: SummaryRequest) -> AsyncIterator[Event]:
        self.requests.append(request)
        return self._play("summary")

    def ask_all(self, question: Question) -> AsyncIterator[Event]:
        self.questions.append(question)
        return self._play(question.text)

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

    async def holding(self, words: str) -> tuple[str, ...]:
        listing = await self.listing(words)
        places = range(len(self.known)) if listing.keys is None else listing.keys
        return tuple(self.known[at].id for at in places)

    async def checking(self, answer: Answer) -> Estimate:
        self._maybe_fail("checking")
        return self.takes

    def check(self, answer: Answer, max_cost: float | None) -> AsyncIterator[Event]:
        self.checks.append(answer)
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
                self.stopped = self.stops_with

    async def listing(self, words: str) -> Listing:
        self._maybe_fail("papers")
        if not words:
            return Listing(words, len(self.known))
        found = [
            at
            for at, one in enumerate(self.known)
            if all(word in f"{one.title} {one.abstract}".lower() for word in words.lower().split())
        ]
        return Listing(words, len(self.known), array("q", found))

    async def lines(self, listing: Listing, start: int, limit: int) -> tuple[PaperLine, ...]:
        self._maybe_fail("lines")
        self.windows.append((start, limit))
        places = range(len(self.known)) if listing.keys is None else listing.keys
        fields = ("id", "title", "authors", "year", "venue", "status")
        return tuple(
            PaperLine(**{name: getattr(self.known[at], name) for name in fields})
            for at in places[start : start + limit]
        )

    def add(self, request: AddRequest, narrate: Narrate) -> FakeAdding:
        self.additions.append(FakeAdding(request, narrate, list(self.adds)))
        return self.additions[-1]

    async def embedders(self) -> tuple[EmbedderChoice, ...]:
        self._maybe_fail("embedders")
        return EMBEDDERS

    async def embedding_host(self) -> str | None:
        return self.embeds_at

    def use_embedder(self, name: str) -> FakeChange:
        self.embedder_changes.append(FakeChange(name, list(self.change)))
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
        hits = tuple(
            Found(
                rank=rank,
                paper=paper,
                score=1 / rank,
                ranks=Ranks(lexical=rank),
                sentence=Sentence(
                    index=1, start=0, end=4, text=f"{paper.abstract.split('. ')[0]}."
                ),
            )
            for rank, paper in enumerate(reversed(self.known), 1)
        )
        return SearchResult(query=text, hits=hits[:limit], notes=("1 paper has no year",))

    async def sessions(self) -> tuple[SessionLine, ...]:
        self._maybe_fail("sessions")
        return tuple(
            SessionLine(id=s.id, title=s.title, updated_at=s.updated_at, turns=len(s.turns))
            for s in self.saved.values()
        )

    async def session(self, session_id: str) -> Session:
        self._maybe_fail("session")
        if session_id not in self.saved:
            raise StoreError(f"no conversation is named {session_id}", "See quire sessions.")
        return self.saved[session_id]

    async def delete_session(self, session_id: str) -> None:
        self._maybe_fail("delete_session")
        del self.saved[session_id]

    async def status(self) -> LibraryStatus:
        self._maybe_fail("status")
        return LibraryStatus(
            library=self.library,
            papers=len(self.known),
            indexed=len(self.known),
            pending=0,
            embedder="none",
            chroma="ready",
            lexical="ready",
            disk_bytes=1,
        )

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
    return Session(
        id="s1",
        title="Kelp and spits",
        created_at="2025-01-02T03:04:05Z",
        updated_at="2025-02-03T04:05:06Z",
        turns=asked,
    )


def opener(service: Service) -> Callable[[], Awaitable[Service]]:
    async def open_workspace() -> Service:
        return service

    return open_workspace
