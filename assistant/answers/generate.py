"""Generating a text: by a model, in as many attempts as it takes, or from what it said before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace

from assistant.answers.context import AnswerContext
from assistant.answers.cost import Recording, total
from assistant.answers.stages import (
    Attempt,
    Generated,
    GeneratedPart,
    Generation,
    Grounded,
    GroundedPrompt,
    ParagraphEnd,
)
from assistant.errors import EndpointError
from assistant.generation.base import Finished, ModelTask, Piece, Voided
from assistant.generation.truncation import (
    Cut,
    answer_room,
    asks_for_less,
    describe,
    fewer,
    find_cut,
    remedy,
    source_room,
)
from assistant.prompting.grounding import SAME_TOKEN, estimate_tokens, fence_token, first_sources
from assistant.prompting.prompts import REFUSAL
from assistant.types.answers import Outcome
from assistant.types.events import AskedAgain, Progress
from assistant.types.evidence import Evidence
from assistant.types.usage import Usage


def generate(context: AnswerContext, grounded: Grounded) -> Generation:
    """The text for what was grounded, not begun yet.

    What a plain question does not use is imported where it is used.
    """
    if grounded.prepared.way == "all_papers":
        from assistant.answers.ask_all.run import ask_papers

        return ask_papers(context, grounded)
    if not isinstance(grounded, GroundedPrompt):
        from assistant.answers.summarize.run import GroupsWritten

        if grounded.recorded is not None:
            return Told(grounded, grounded.recorded, "answered")
        return GroupsWritten(context, grounded)
    evidence = grounded.evidence
    if not evidence.sources or (context.model.is_extractive and not evidence.answerable):
        return Told(grounded, NO_MODEL)
    if grounded.recorded is not None:
        if context.recorder is not None:
            text = "\n\n".join(grounded.recorded.paragraphs)
            context.recorder.kept(_task(grounded, SAME_TOKEN), text)
        return Told(grounded, grounded.recorded)
    return Written(context, grounded)


def _task(grounded: GroundedPrompt, fence: str) -> ModelTask:
    """The request for the whole text, its prompt's fences marked by a token."""
    retrieved = grounded.retrieved
    return ModelTask(
        kind="answer" if grounded.prepared.way == "question" else "summary",
        question=retrieved.standalone,
        messages=grounded.messages(fence),
        evidence=grounded.evidence,
        max_sentences=retrieved.max_sentences,
        fence=fence,
    )


STOPPED = "stopped by the reader"
"""What is said of a text that was stopped early."""


NO_MODEL = Recording((REFUSAL,), "no model was asked")
"""The text where nothing speaks to what is asked."""


class Told:
    """A text that is there already: what a model wrote before, or that nothing speaks to it."""

    def __init__(
        self, grounded: Grounded, recorded: Recording, outcome: Outcome | None = None
    ) -> None:
        self._recorded = recorded
        self._evidence = grounded.evidence
        if recorded is NO_MODEL:
            self._evidence = grounded.evidence.model_copy(update={"sources": ()})
        self._end = Generated(
            grounded,
            Finished("stop"),
            grounded.prepared.spent,
            recorded.note,
            outcome=outcome,
            cached=recorded is not NO_MODEL,
        )
        self._taken = 0

    async def parts(self) -> AsyncGenerator[GeneratedPart, None]:
        """The text at once, paragraph by paragraph."""
        for part in self._parts():
            self._taken += 1
            yield part
        yield self._end

    def stopped(self) -> tuple[tuple[GeneratedPart, ...], Generated]:
        """The text is there already: it is whole, whoever stops it."""
        return self._parts()[self._taken :], self._end

    def _parts(self) -> tuple[GeneratedPart, ...]:
        first, *others = self._recorded.paragraphs
        rest = (part for text in others for part in (ParagraphEnd(), Piece(text)))
        return (Attempt(self._evidence), Piece(first), *rest)


@dataclass(frozen=True)
class _AttemptEnd:
    """How one request ended: as the model says, by a failure, and whether its prompt was cut."""

    ending: Finished | None
    failure: EndpointError | None
    cut: Cut | None


class Written:
    """A text that a model writes from one prompt.

    Where a server takes less than it was sent, the text begins anew from fewer sources.
    """

    def __init__(self, context: AnswerContext, grounded: GroundedPrompt) -> None:
        self._context = context
        self._grounded = grounded
        self._spent = grounded.prepared.spent
        self._notes: list[str] = []
        self._characters = 0

    async def parts(self) -> AsyncGenerator[GeneratedPart, None]:
        """The text of the model; raises CostRefused before anything is sent."""
        less: Evidence | None = None
        while True:
            self._allow()
            async with aclosing(self._attempt()) as parts:
                async for part in parts:
                    if not isinstance(part, _AttemptEnd):
                        yield part
                        continue
                    told, less = None, None
                    if part.failure or part.cut:
                        told, less = await asyncio.to_thread(self._again, part)
                    yield told or self._ended(part)
            if less is None:
                return
            self._grounded = await asyncio.to_thread(self._grounded.refit, less)

    async def _attempt(self) -> AsyncGenerator[GeneratedPart | _AttemptEnd, None]:
        """One request; a failure of the endpoint stands in its end."""
        grounded = self._grounded
        fence = await asyncio.to_thread(fence_token, grounded.evidence.sources)
        task = replace(_task(grounded, fence), more_output_tokens=self._thinking_room())
        self._characters = 0
        yield Attempt(grounded.evidence, fence)
        ending: Finished | None = Finished("stop")
        failure: EndpointError | None = None
        try:
            async with aclosing(self._context.model.stream(task)) as parts:
                async for part in parts:
                    if isinstance(part, Finished):
                        ending = part
                        continue
                    if isinstance(part, Voided):
                        self._characters = 0
                        yield AskedAgain(why=part.why)
                        yield Attempt(grounded.evidence, fence)
                        continue
                    if isinstance(part, Piece):
                        self._characters += len(part.text)
                    yield part
        except EndpointError as error:
            ending, failure = None, error
        cut = find_cut(task.messages, ending.input_tokens) if ending else None
        yield _AttemptEnd(ending, failure, cut)

    # What comes of an attempt.

    def _again(self, end: _AttemptEnd) -> tuple[AskedAgain | Progress | None, Evidence | None]:
        """What to say of another attempt, and its evidence; neither where this one was the last."""
        evidence = self._grounded.evidence
        if end.failure is not None:
            if self._characters or not asks_for_less(end.failure, evidence):
                return None, None
            less = self._after_overflow(end.failure)
            calls = self._context.accounting.used(0, 0, end.failure.requests, estimated=False)
            self._spent = total(self._spent, calls)
            return Progress(text=f"too much for the model: {_asking_again(less)}"), less
        if end.cut is None or len(evidence.sources) < 2:
            return None, None
        # What it read is known now: this prompt and those to come are made to fit.
        self._context.accounting.cut_at = end.cut.room
        less = fewer(evidence, end.cut.room)
        what = f"{describe(end.cut)}: {_asking_again(less)}"
        self._notes.append(what)
        requests = end.ending.requests if end.ending else 1
        wasted = self._context.accounting.used(end.cut.read, 0, requests, estimated=False)
        self._spent = total(self._spent, wasted)
        return AskedAgain(why=f"{what}; {remedy(end.cut)}"), less

    def _after_overflow(self, failure: EndpointError) -> Evidence:
        """What fits into the window that the server stated, or half of what was sent."""
        evidence, accounting = self._grounded.evidence, self._context.accounting
        order = self._grounded.order
        sent = order.estimate.input_tokens if order else 0
        if order is not None and failure.prompt is not None:
            accounting.learn(order.raw, failure.prompt)
            sent = failure.prompt
        # Where what was sent should have fitted, the server counts otherwise than its words say.
        if failure.window is None or sent + answer_room(failure.window) <= failure.window:
            return first_sources(evidence, len(evidence.sources) // 2)
        return fewer(evidence, int(source_room(failure.window) / max(accounting.ratio, 1.0)))

    def _thinking_room(self) -> int:
        order, request = self._grounded.order, self._grounded.prepared.request
        if order is None:
            return 0
        return self._context.accounting.thinking_room(order, request.max_cost, self._spent.cost)

    def _ended(self, end: _AttemptEnd) -> Generated:
        """The end of the text, with what it took and what is to be said of it."""
        ending = end.ending
        own = f"cut: {end.failure.message}" if end.failure else ending.detail if ending else ""
        cut = describe(end.cut) if end.cut else ""
        return Generated(
            self._grounded,
            ending,
            self._usage(ending, end.failure),
            note="; ".join(filter(None, (*self._notes, cut, own))),
            replaced=ending.replaced if ending else 0,
            failure=end.failure,
        )

    def _usage(self, ending: Finished | None, failure: EndpointError | None = None) -> Usage:
        if self._context.model.is_extractive:
            return Usage(calls=0, cost=0.0)
        ending = ending or Finished("stop", requests=failure.requests if failure else 1)
        order = self._grounded.order
        sent, written = order.estimate.input_tokens if order else 0, "x" * self._characters
        took = self._context.accounting.took(ending, sent, estimate_tokens(written))
        return total(self._spent, took)

    def _allow(self) -> None:
        order, prepared = self._grounded.order, self._grounded.prepared
        if order is not None:
            allow = self._context.accounting.allow
            allow(order.estimate, prepared.request.max_cost, self._spent.cost)

    def stopped(self) -> tuple[tuple[GeneratedPart, ...], Generated]:
        """Nothing is to come; the note says who stopped it."""
        note = "; ".join((*self._notes, STOPPED))
        return (), Generated(self._grounded, None, self._usage(None), note)


def _asking_again(evidence: Evidence) -> str:
    sources = len(evidence.sources)
    return f"asking again with {sources} source{'' if sources == 1 else 's'}"
