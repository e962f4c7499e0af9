"""The way of a question: each stage entered once, whatever is asked and however it goes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from library_fixture import Shelf
from scripted_models import SayingModel

from assistant.answers import ask as way
from assistant.answers.ask import Assistant
from assistant.answers.cost import Accounting
from assistant.config.prices import Tariff
from assistant.errors import EndpointGarbled, QuerySyntaxError
from assistant.generation.base import THINKING_TOKENS, ModelTask
from assistant.sessions import Conversations
from assistant.types import events
from assistant.types.answers import Answer
from assistant.types.questions import Question, SummaryRequest
from assistant.types.sessions import Turn
from store.ledger.answer_cache import AnswerCache
from store.library.library import Library
from store.types import Record

STAGES = ("prepare", "retrieve", "ground", "generate", "cite", "check", "account")
QUESTION = "What do kelp forests shelter on reef 3?"


def say(task: ModelTask) -> str:
    """Cite the first sentence that is shown, or say yes where something is to be judged."""
    prompt = task.messages[-1].content
    if task.kind == "plan":
        return QUESTION
    if task.kind == "check":
        return "1: supported 1.1"
    if "one by one" in task.messages[0].content:
        numbers = re.findall(r"\[(\d+)\.0\]", prompt)
        return "\n".join(f"{number}: yes {number}.1" for number in numbers)
    address = re.search(r"\[(\d+\.1)\]", prompt)
    return f"Kelp forests shelter rockfish [{address[1]}]. " if address else ""


@pytest.fixture
def library(shelf: Shelf, tmp_path: Path) -> Iterator[Library]:
    """A library of 25 papers on kelp."""
    abstract = "Kelp forests shelter rockfish on reef {}. " + "Tides move " * 40 + "there."
    records = [
        Record(
            title=f"Kelp forests {at}", abstract=abstract.format(at), source="kelp", reader="test"
        )
        for at in range(1, 26)
    ]
    with Library.open(shelf.library_of(records, tmp_path / "library")) as opened:
        yield opened


class Walk:
    """An assistant each of whose answers is followed through all stages."""

    def __init__(self, library: Library, entered: list[str]) -> None:
        accounting = Accounting(Tariff("writer", "writer"), AnswerCache(library.folder))
        self.writer = SayingModel(say, context_tokens=8_000)
        self.assistant = Assistant(
            library, self.writer, Conversations(library).keep, None, accounting
        )
        self.entered = entered
        self.events: list[events.Event] = []

    async def to_its_end(self, stream: AsyncGenerator[events.Event, None]) -> Answer:
        """The answer, for which each stage was entered once; it says what was streamed."""
        self.entered.clear()
        async with aclosing(stream):
            self.events = [event async for event in stream]
        assert self.entered == list(STAGES)
        last = self.events[-1]
        assert isinstance(last, events.AnswerDone)
        void = [at for at, one in enumerate(self.events) if isinstance(one, events.AskedAgain)]
        counts = self.events[void[-1] :] if void else self.events
        text = "".join(one.text for one in counts if isinstance(one, events.TextDelta))
        assert text == last.answer.text
        told = [one.claim.text for one in counts if isinstance(one, events.ClaimChecked)]
        assert told == [one.text for one in last.answer.claims]
        return last.answer

    async def ask(self, text: str = QUESTION, **more: Any) -> Answer:
        return await self.to_its_end(self.assistant.ask(Question(text=text, **more)))

    async def stopped_at(self, kind: type, stream: AsyncGenerator[events.Event, None]) -> Answer:
        """What is kept of an answer that the reader leaves at the first event of a kind."""
        await self.left_at(kind, stream)
        assert self.assistant.stopped is not None
        return self.assistant.stopped

    async def left_at(self, kind: type, stream: AsyncGenerator[events.Event, None]) -> None:
        async with aclosing(stream):
            async for event in stream:
                if isinstance(event, kind):
                    return

    @property
    def sent(self) -> list[str]:
        """The kinds of the tasks that the model was given."""
        return [one.kind for one in self.writer.tasks]


@pytest.fixture
def walk(library: Library, monkeypatch: pytest.MonkeyPatch) -> Walk:
    names: list[str] = []

    def recorded(name: str, stage: Callable[..., object]) -> Callable[..., object]:
        def call(*given: object, **named: object) -> object:
            names.append(name)
            return stage(*given, **named)

        return call

    for name in STAGES:
        monkeypatch.setattr(way, name, recorded(name, getattr(way, name)))
    return Walk(library, names)


async def test_a_replay_says_the_same_and_sends_nothing(walk: Walk) -> None:
    one = await walk.ask(check=True)
    other = await walk.ask(check=True)
    assert walk.sent == ["answer", "check"]
    kinds = [type(event) for event in walk.events]
    judging = kinds[kinds.index(events.AnswerWhole) :]
    assert (events.ClaimJudged in judging, events.TextDelta in judging) == (True, False)
    assert (one.cached, other.cached) == (False, True)
    assert one.outcome == "answered"
    assert one.references
    assert one.claims[0].checked_by == "model"
    assert other.note.endswith(one.note)
    same = {"cached", "usage", "note", "session"}
    assert one.model_dump(exclude=same) == other.model_dump(exclude=same)
    assert not (await walk.ask(check=True, anew=True)).cached
    assert len(walk.sent) == 4


async def test_a_follow_up_is_made_to_stand_alone(walk: Walk) -> None:
    history = (Turn(question="What do kelp forests shelter?", answer=await walk.ask()),)
    assert (await walk.ask("And it?", history=history)).standalone == QUESTION
    assert walk.sent == ["answer", "plan"]


async def test_a_prompt_that_was_cut_is_asked_again_inside_generate(walk: Walk) -> None:
    walk.writer.reads = 600
    answer = await walk.ask("Which kelp forests shelter rockfish?")
    assert any(isinstance(one, events.AskedAgain) for one in walk.events)
    assert answer.usage.calls == 2
    assert "asking again with" in answer.note
    first, second = (task.messages[-1].content for task in walk.writer.tasks)
    assert len(second) < len(first)


async def test_a_text_that_is_void_is_not_kept(walk: Walk) -> None:
    walk.writer.reads = 600
    question = Question(text="Which kelp forests shelter rockfish?")
    await walk.left_at(events.AskedAgain, walk.assistant.ask(question))
    assert (walk.assistant.stopped, walk.sent) == (None, ["answer"])


BARE = "Kelp forests shelter rockfish."


@pytest.fixture
def bare(walk: Walk) -> Walk:
    """A walk whose first answer cites nothing."""
    walk.writer.say = lambda task: BARE if len(walk.writer.tasks) == 1 else "Tides move"
    return walk


@pytest.mark.parametrize("second", ["", "\n", "Tides move"], ids=["none", "blank", "cut"])
async def test_a_second_answer_that_fails_leaves_the_first(bare: Walk, second: str) -> None:
    async def fail(task: ModelTask) -> None:
        if len(bare.writer.tasks) == 2:
            failure = EndpointGarbled("broken off")
            failure.requests = 4
            raise failure

    bare.writer.hold = fail
    bare.writer.say = lambda task: BARE if len(bare.writer.tasks) == 1 else second
    answer = await bare.ask()
    assert (answer.outcome, answer.text, answer.usage.calls) == ("uncited", BARE, 5)
    assert "broken off" in answer.note


async def test_a_stop_in_a_second_answer_leaves_the_first(bare: Walk) -> None:
    begun = asyncio.Event()

    async def wait(task: ModelTask) -> None:
        if len(bare.writer.tasks) == 2:
            begun.set()
            await asyncio.Event().wait()

    bare.writer.hold = wait
    asked = asyncio.create_task(bare.ask())
    await begun.wait()
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    stopped = bare.assistant.stopped
    assert stopped is not None
    assert (stopped.outcome, stopped.text, stopped.usage.calls) == ("uncited", BARE, 2)
    assert stopped.session


async def test_a_preview_counts_asking_again_for_citations(bare: Walk) -> None:
    sending = await bare.assistant.sending(Question(text=QUESTION), "question")
    assert sending.at_most is not None
    bare.writer.say = lambda task: BARE
    assert sending.at_most.calls == (await bare.ask()).usage.calls == 2
    assert sending.at_most.input_tokens > 2 * sending.estimate.input_tokens


async def test_an_answer_that_loops_is_not_kept(walk: Walk) -> None:
    walk.writer.say = lambda task: say(task) + "It is as good as it is good. " * 60
    assert (await walk.ask()).outcome == "answered"
    assert not (await walk.ask()).cached


@pytest.mark.parametrize("check", [False, True])
async def test_a_summary_goes_the_same_way(walk: Walk, check: bool) -> None:
    request = SummaryRequest(check=check)
    answer = await walk.to_its_end(walk.assistant.summarize(request))
    again = await walk.to_its_end(walk.assistant.summarize(request))
    assert again.cached
    assert (again.text, again.claims) == (answer.text, answer.claims)


async def test_every_paper_is_asked_the_same_way(walk: Walk) -> None:
    question = Question(text=QUESTION)
    answer = await walk.to_its_end(walk.assistant.ask_all(question))
    assert answer.coverage is not None
    assert answer.coverage.asked == 25
    # Its evidence is known only when all were heard, and comes before its text all the same.
    kinds = [
        type(one) for one in walk.events if isinstance(one, events.EvidenceFound | events.TextDelta)
    ]
    assert kinds[0] is events.EvidenceFound
    assert kinds.count(events.EvidenceFound) == 1
    stopped = await walk.stopped_at(events.TextDelta, walk.assistant.ask_all(question))
    assert stopped.outcome == answer.outcome != "interrupted"
    assert stopped.text == answer.text


@pytest.mark.parametrize("way", ["ask", "ask_all", "summarize"])
async def test_what_is_too_long_to_be_searched_is_refused_and_not_sent(
    walk: Walk, way: str
) -> None:
    text = f"{QUESTION} " * 1000
    request = SummaryRequest(topic=text) if way == "summarize" else Question(text=text)
    with pytest.raises(QuerySyntaxError, match="10000 at most are read"):
        await walk.left_at(events.AnswerDone, getattr(walk.assistant, way)(request))
    assert walk.sent == []


async def test_a_preview_is_the_same_way_as_far_as_nothing_is_sent(walk: Walk) -> None:
    question, request = Question(text=QUESTION), SummaryRequest()
    sending = await walk.assistant.sending(question, "question")
    assert walk.entered == list(STAGES[:3])
    await walk.assistant.sending(request, "summary")
    assert walk.entered == list(STAGES[:3]) * 2
    assert walk.sent == []
    await walk.ask()
    # What was shown is what is sent, the random token of the fences aside.
    sent = walk.writer.tasks[0].messages[-1].content
    token = re.search(r"([0-9a-f]{12}) source 1", sent)
    assert token is not None
    assert sent.replace(token[1], "0" * 12) == sending.messages[-1].content
    await walk.to_its_end(walk.assistant.summarize(request))
    assert (await walk.assistant.sending(question, "question")).cached
    assert (await walk.assistant.sending(request, "summary")).cached


async def test_a_stop_keeps_what_came(walk: Walk) -> None:
    walk.writer.hold = lambda task: asyncio.Event().wait()
    stream = walk.assistant.ask(Question(text=QUESTION))
    shown = ""
    while "rockfish" not in shown:
        event = await anext(stream)
        shown += event.text if isinstance(event, events.TextDelta) else ""
    await stream.aclose()
    stopped = walk.assistant.stopped
    assert stopped is not None
    assert stopped.outcome == "interrupted"
    assert stopped.text.startswith(shown)
    assert stopped.session
    walk.writer.hold = None
    assert not (await walk.ask()).cached


async def test_an_answer_stopped_before_its_check_is_checked_another_time(walk: Walk) -> None:
    question = Question(text=QUESTION, check=True)
    stopped = await walk.stopped_at(events.ClaimChecked, walk.assistant.ask(question))
    assert stopped.check == "failed"
    assert "stopped by the reader" in stopped.note
    stopped = await walk.stopped_at(events.ClaimJudged, walk.assistant.ask(question))
    assert (stopped.check, stopped.judged_by, stopped.outcome) == ("in_part", "saying", "answered")
    assert stopped.claims[0].checked_by == "model", "what was judged until then stands"
    whole = await walk.ask(check=True)
    assert (whole.cached, whole.check) == (False, "done")
    sent = len(walk.sent)
    again = await walk.ask(check=True)
    assert (again.cached, again.check) == (True, "done")
    assert len(walk.sent) == sent


async def test_what_is_there_already_is_whole_whoever_stops_it(walk: Walk) -> None:
    ask, summarize = walk.assistant.ask, walk.assistant.summarize
    question, request = Question(text=QUESTION), SummaryRequest()
    answer, summary = await walk.ask(), await walk.to_its_end(summarize(request))
    for known, stream in ((answer, ask(question)), (summary, summarize(request))):
        stopped = await walk.stopped_at(events.TextDelta, stream)
        assert stopped.cached
        assert (stopped.outcome, stopped.text) == ("answered", known.text)
        assert stopped.claims == known.claims
        assert "nothing was sent" in stopped.note


@pytest.mark.parametrize(
    "says", ["", "ok", "x" * 500, None], ids=["empty", "none", "long", "fails"]
)
async def test_a_follow_up_that_is_not_planned_is_searched_as_it_was_asked(
    walk: Walk, says: str | None
) -> None:
    history = (Turn(question=QUESTION, answer=await walk.ask()),)

    def say_otherwise(task: ModelTask) -> str:
        if task.kind != "plan":
            return say(task)
        if says is None:
            raise EndpointGarbled("it thought up to the token limit")
        return says

    walk.writer.say = say_otherwise
    answer = await walk.ask("And it?", history=history)
    assert answer.standalone == "What about Kelp forests 3?"
    assert "the model did not make it stand alone" in answer.note
    assert (answer.outcome, answer.usage.calls) == ("answered", 2)
    planning = walk.writer.tasks[1]
    assert planning.max_output_tokens > THINKING_TOKENS
