"""The way of a question: each stage entered once, whatever is asked and however it goes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest
from library_fixture import Shelf

from assistant.answers import ask as way
from assistant.answers.ask import Assistant
from assistant.answers.cost import Accounting
from assistant.config.prices import Tariff
from assistant.generation.base import Finished, ModelPart, ModelTask, Piece
from assistant.sessions import Conversations
from assistant.types.answers import Answer
from assistant.types.events import (
    AnswerDone,
    AskedAgain,
    ClaimChecked,
    Event,
    EvidenceFound,
    TextDelta,
)
from assistant.types.questions import Question, SummaryRequest
from assistant.types.sessions import Turn
from store.ledger.answer_cache import AnswerCache
from store.library.library import Library
from store.types import Record

STAGES = ("prepare", "retrieve", "ground", "generate", "cite", "check", "account")
QUESTION = "What do kelp forests shelter on reef 3?"


class Writer:
    """A model that cites the first sentence it is shown, and says yes where it is to judge."""

    name = "writer"
    is_extractive = False
    context_tokens = 8_000

    def __init__(self) -> None:
        self.tasks: list[ModelTask] = []
        self.reads: int | None = None
        self.pause: asyncio.Event | None = None

    async def stream(self, task: ModelTask) -> AsyncGenerator[ModelPart, None]:
        self.tasks.append(task)
        prompt = task.messages[-1].content
        if task.kind == "rewrite":
            yield Piece(QUESTION)
        elif task.kind == "check":
            yield Piece("1: supported 1.1")
        elif "one by one" in task.messages[0].content:
            yield Piece(self.verdicts(prompt))
        else:
            yield Piece(self.cited(prompt))
        if self.pause is not None:
            await self.pause.wait()
        reads, self.reads = self.reads, None
        yield Finished("stop", input_tokens=reads, output_tokens=20)

    def verdicts(self, prompt: str) -> str:
        return "\n".join(
            f"{number}: yes {number}.1" for number in re.findall(r"\[(\d+)\.0\]", prompt)
        )

    def cited(self, prompt: str) -> str:
        address = re.search(r"\[(\d+\.1)\]", prompt)
        return f"Kelp forests shelter rockfish [{address[1]}]. " if address else ""

    async def aclose(self) -> None:
        """Nothing is open."""


@pytest.fixture
def library(shelf: Shelf, tmp_path: Path) -> Iterator[Library]:
    """A library of 25 papers on kelp."""
    records = [
        Record(
            title=f"Kelp forests {number}",
            abstract=f"Kelp forests shelter rockfish on reef {number}. " + "Tides move. " * 40,
            source="kelp",
            reader="test",
            record=number,
        )
        for number in range(1, 26)
    ]
    with Library.open(shelf.library_of(records, tmp_path / "library")) as opened:
        yield opened


@pytest.fixture
def writer() -> Writer:
    return Writer()


@pytest.fixture
def assistant(library: Library, writer: Writer) -> Assistant:
    accounting = Accounting(Tariff("writer", "writer"), AnswerCache(library.folder))
    return Assistant(library, writer, Conversations(library).keep, None, accounting)


@pytest.fixture
def entered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The stages in the order in which they are entered."""
    names: list[str] = []

    def recorded(name: str, stage: Callable[..., object]) -> Callable[..., object]:
        def call(*given: object, **named: object) -> object:
            names.append(name)
            return stage(*given, **named)

        return call

    for name in STAGES:
        monkeypatch.setattr(way, name, recorded(name, getattr(way, name)))
    return names


async def all_of(events: AsyncGenerator[Event, None]) -> list[Event]:
    async with aclosing(events):
        return [event async for event in events]


async def stopped_at(events: AsyncGenerator[Event, None], kind: type) -> None:
    """Read to the first event of a kind, and leave."""
    async for event in events:
        if isinstance(event, kind):
            break
    await events.aclose()


def answer_of(events: list[Event]) -> Answer:
    assert isinstance(events[-1], AnswerDone)
    return events[-1].answer


def text_of(events: list[Event]) -> str:
    return "".join(one.text for one in events if isinstance(one, TextDelta))


async def test_a_replay_goes_the_same_way_and_says_the_same(
    assistant: Assistant, writer: Writer, entered: list[str]
) -> None:
    question = Question(text=QUESTION, check=True)
    first = await all_of(assistant.ask(question))
    assert entered == list(STAGES)
    entered.clear()
    again = await all_of(assistant.ask(question))
    assert entered == list(STAGES)
    assert [one.kind for one in writer.tasks] == ["answer", "check"]
    one, other = answer_of(first), answer_of(again)
    assert (one.cached, other.cached) == (False, True)
    assert one.outcome == "answered"
    assert one.references
    assert one.claims[0].checked_by == "model"
    assert other.note.endswith(one.note)
    same = {"cached", "usage", "note", "session"}
    assert one.model_dump(exclude=same) == other.model_dump(exclude=same)
    assert text_of(first) == text_of(again) == one.text
    anew = answer_of(await all_of(assistant.ask(Question(text=QUESTION, check=True, anew=True))))
    assert not anew.cached
    assert len(writer.tasks) == 4


async def test_a_follow_up_enters_each_stage_once(
    assistant: Assistant, writer: Writer, entered: list[str]
) -> None:
    before = answer_of(await all_of(assistant.ask(Question(text=QUESTION))))
    entered.clear()
    history = (Turn(question=QUESTION, answer=before),)
    answer = answer_of(await all_of(assistant.ask(Question(text="And it?", history=history))))
    assert entered == list(STAGES)
    assert answer.standalone == QUESTION
    assert [one.kind for one in writer.tasks] == ["answer", "rewrite"]


async def test_a_prompt_that_was_cut_is_asked_again_inside_generate(
    assistant: Assistant, writer: Writer, entered: list[str]
) -> None:
    writer.reads = 600
    events = await all_of(assistant.ask(Question(text="Which kelp forests shelter rockfish?")))
    assert entered == list(STAGES)
    again = next(at for at, one in enumerate(events) if isinstance(one, AskedAgain))
    answer = answer_of(events)
    assert text_of(events[again:]) == answer.text
    assert answer.usage.calls == 2
    assert "asking again with" in answer.note
    first, second = (task.messages[-1].content for task in writer.tasks)
    assert len(second) < len(first)


@pytest.mark.parametrize("check", [False, True])
async def test_a_summary_goes_the_same_way(
    assistant: Assistant, entered: list[str], check: bool
) -> None:
    events = await all_of(assistant.summarize(SummaryRequest(check=check)))
    assert entered == list(STAGES)
    answer = answer_of(events)
    assert text_of(events) == answer.text
    told = [one.claim.text for one in events if isinstance(one, ClaimChecked)]
    assert told == [one.text for one in answer.claims]
    entered.clear()
    again = answer_of(await all_of(assistant.summarize(SummaryRequest(check=check))))
    assert entered == list(STAGES)
    assert again.cached
    assert (again.text, again.claims) == (answer.text, answer.claims)


async def test_every_paper_is_asked_the_same_way(assistant: Assistant, entered: list[str]) -> None:
    events = await all_of(assistant.ask_all(Question(text=QUESTION)))
    assert entered == list(STAGES)
    answer = answer_of(events)
    assert answer.coverage is not None
    assert answer.coverage.asked == 25
    # Its evidence is known only when all were heard, and comes before its text all the same.
    kinds = [type(one) for one in events if isinstance(one, EvidenceFound | TextDelta)]
    assert kinds[0] is EvidenceFound
    assert kinds.count(EvidenceFound) == 1
    await stopped_at(assistant.ask_all(Question(text=QUESTION)), TextDelta)
    assert assistant.stopped is not None
    assert assistant.stopped.outcome == answer.outcome != "interrupted"
    assert assistant.stopped.text == answer.text


@pytest.mark.parametrize("wanted", [Question(text=QUESTION), SummaryRequest()])
async def test_a_preview_is_the_same_way_as_far_as_nothing_is_sent(
    assistant: Assistant, writer: Writer, entered: list[str], wanted: Question | SummaryRequest
) -> None:
    kind: way.Way = "question" if isinstance(wanted, Question) else "summary"
    sending = await assistant.sending(wanted, kind)
    assert entered == list(STAGES[:3])
    assert writer.tasks == []
    stream = assistant.ask(wanted) if isinstance(wanted, Question) else assistant.summarize(wanted)
    await all_of(stream)
    if isinstance(wanted, Question):
        # What was shown is what is sent, the random token of the fences aside.
        shown, sent = sending.messages[-1].content, writer.tasks[0].messages[-1].content
        token = re.search(r"([0-9a-f]{12}) source 1", sent)
        assert token is not None
        assert sent.replace(token[1], "0" * 12) == shown
    assert (await assistant.sending(wanted, kind)).cached


async def test_a_stop_keeps_what_came(assistant: Assistant, writer: Writer) -> None:
    writer.pause = asyncio.Event()
    events = assistant.ask(Question(text=QUESTION))
    shown = ""
    while "rockfish" not in shown:
        event = await anext(events)
        shown += event.text if isinstance(event, TextDelta) else ""
    await events.aclose()
    assert assistant.stopped is not None
    assert assistant.stopped.outcome == "interrupted"
    assert assistant.stopped.text.startswith(shown)
    assert assistant.stopped.session
    writer.pause = None
    again = answer_of(await all_of(assistant.ask(Question(text=QUESTION))))
    assert not again.cached


async def test_a_text_that_is_void_is_not_kept(assistant: Assistant, writer: Writer) -> None:
    writer.reads = 600
    question = Question(text="Which kelp forests shelter rockfish?")
    await stopped_at(assistant.ask(question), AskedAgain)
    assert assistant.stopped is None
    assert len(writer.tasks) == 1


async def test_an_answer_stopped_before_its_check_is_checked_another_time(
    assistant: Assistant, writer: Writer
) -> None:
    question = Question(text=QUESTION, check=True)
    await stopped_at(assistant.ask(question), ClaimChecked)
    assert assistant.stopped is not None
    assert assistant.stopped.check == "failed"
    assert "stopped by the reader" in assistant.stopped.note
    whole = answer_of(await all_of(assistant.ask(question)))
    assert (whole.cached, whole.check) == (False, "done")
    sent = len(writer.tasks)
    again = answer_of(await all_of(assistant.ask(question)))
    assert (again.cached, again.check) == (True, "done")
    assert len(writer.tasks) == sent


async def test_what_is_there_already_is_whole_whoever_stops_it(
    assistant: Assistant, library: Library
) -> None:
    whole = answer_of(await all_of(assistant.ask(Question(text=QUESTION))))
    summary = answer_of(await all_of(assistant.summarize(SummaryRequest())))
    for stream, known in (
        (assistant.ask(Question(text=QUESTION)), whole),
        (assistant.summarize(SummaryRequest()), summary),
    ):
        await stopped_at(stream, TextDelta)
        assert assistant.stopped is not None
        assert assistant.stopped.cached
        assert assistant.stopped.outcome == "answered"
        assert assistant.stopped.text == known.text
        assert assistant.stopped.claims == known.claims
        assert "nothing was sent" in assistant.stopped.note
