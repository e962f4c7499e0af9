"""Putting questions through the code of `quire ask`, and keeping what came of each."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from assistant.checking.verdicts import sign_of
from assistant.errors import AssistantError, EndpointRefused, EndpointUnreachable
from assistant.evaluation.measures import Record, record_of, shared_titles
from assistant.evaluation.questions import AskedQuestion
from assistant.generation.base import ChatModel, Finished, ModelPart, ModelTask, Stage
from assistant.generation.forwarding import ForwardingModel
from assistant.types.answers import Answer
from assistant.types.events import AnswerDone, Event, EvidenceFound, TextDelta
from assistant.types.evidence import Evidence
from assistant.types.questions import Question
from assistant.types.sessions import Turn
from store.types import Filter

_FOR_ALL = (EndpointUnreachable, EndpointRefused)
"""What does not fail for one question alone."""
_STAGES: dict[Stage, str] = {
    **dict.fromkeys(("answer", "summary", "group", "overview", "all"), "answer"),
    "check": "check",
}


class CountingModel(ForwardingModel):
    """A model that counts the requests to it by what they are for; the built-in one sends none.

    A task that its server is sent more than once counts so often.
    """

    def __init__(self, model: ChatModel) -> None:
        super().__init__(model)
        self.requests: Counter[str] = Counter()

    async def stream(self, task: ModelTask) -> AsyncGenerator[ModelPart, None]:
        """Its reply as it comes; raises EndpointError."""
        sent = 0 if self.is_extractive else 1
        try:
            async with aclosing(super().stream(task)) as parts:
                async for part in parts:
                    if isinstance(part, Finished) and sent:
                        sent = part.requests
                    yield part
        finally:
            self.requests[_STAGES.get(task.kind, "plan")] += sent


class Asker(Protocol):
    """What answers questions: a Workspace, or an Assistant."""

    def ask(self, question: Question) -> AsyncGenerator[Event, None]:
        """The stream of one answer."""
        ...


@dataclass(frozen=True)
class Heard:
    """One answer with its evidence, and when its first text and its end came, in seconds."""

    answer: Answer | None
    evidence: Evidence
    first_s: float | None
    total_s: float
    failure: AssistantError | None = None


async def hear(events: AsyncGenerator[Event, None]) -> Heard:
    """Listen to one answer to its end; a failure of the model is kept as a line."""
    begun = time.monotonic()
    first: float | None = None
    answer: Answer | None = None
    evidence = Evidence()
    failed: AssistantError | None = None
    try:
        async with aclosing(events):
            async for event in events:
                if isinstance(event, EvidenceFound):
                    evidence = event.evidence
                elif isinstance(event, TextDelta) and first is None:
                    first = time.monotonic() - begun
                elif isinstance(event, AnswerDone):
                    answer = event.answer
    except AssistantError as failure:
        failed = failure
    return Heard(answer, evidence, first, time.monotonic() - begun, failed)


async def ask_all(
    asker: Asker,
    questions: Sequence[AskedQuestion],
    earlier: Asker | None = None,
    requests: Counter[str] | None = None,
    filters: Mapping[tuple[str, ...], Filter] | None = None,
) -> AsyncGenerator[Record, None]:
    """Ask every question, a follow-up after those before it; yields what came of each.

    Those before are put to `earlier` (the same asker where there is none), each conversation once,
    and count towards nothing. `requests` are counted by who sends them; `filters` are what the
    arguments of questions mean. Raises EndpointError where the very first question cannot be
    asked: no other could.
    """
    counted: Counter[str] = Counter() if requests is None else requests
    known: dict[tuple[str, ...], tuple[Turn, ...]] = {(): ()}
    for number, one in enumerate(questions):
        for turns in range(1, len(one.history) + 1):
            before, asked = one.history[:turns], one.history[turns - 1]
            if before not in known:
                history = known[before[:-1]]
                heard = await hear((earlier or asker).ask(Question(text=asked, history=history)))
                turn = (Turn(question=asked, answer=heard.answer),) if heard.answer else ()
                known[before] = (*history, *turn)
        counted.clear()
        wanted = (filters or {}).get(one.arguments, Filter())
        question = Question(text=one.question, history=known[one.history], filter=wanted)
        heard = await hear(asker.ask(question))
        if number == 0 and heard.answer is None and isinstance(heard.failure, _FOR_ALL):
            raise heard.failure
        yield _record(one, heard, dict(counted))


def _record(asked: AskedQuestion, heard: Heard, requests: Mapping[str, int]) -> Record:
    answer, error = heard.answer, heard.failure.message if heard.failure else ""
    if answer is None:
        return record_of(asked, "failed", "", (), {}, error=error, total_s=heard.total_s)
    shown = [one.paper.title for one in heard.evidence.sources]
    return record_of(
        asked,
        answer.outcome,
        answer.text,
        [one.title for one in answer.references],
        Counter(claim.verdict for claim in answer.claims),
        sources=len(shown),
        gold_shown=len(shared_titles(shown, asked.gold_papers)),
        signs=dict(Counter(sign_of(claim).role for claim in answer.claims)),
        sure=answer.sure,
        calls=answer.usage.calls,
        requests=requests,
        input_tokens=answer.usage.input_tokens,
        output_tokens=answer.usage.output_tokens,
        cost=answer.usage.cost,
        first_s=heard.first_s,
        total_s=heard.total_s,
        near_misses=len(answer.near_misses),
        standalone=answer.standalone,
        error=error,
    )
