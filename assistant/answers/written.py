"""A text that a model writes from one prompt, in as many attempts as it takes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace

from assistant.answers.context import AnswerContext
from assistant.answers.cost import total
from assistant.answers.stages import Attempt, Generated, GeneratedPart, GroundedPrompt
from assistant.answers.text_request import asking_to_cite, request_of
from assistant.errors import CostRefused, EndpointError
from assistant.generation.base import Finished, Piece, Voided, Waiting
from assistant.generation.truncation import (
    Cut,
    answer_room,
    asks_for_less,
    describe,
    fewer,
    find_cut,
    remedy,
    source_room,
    with_remedy,
)
from assistant.prompting.grounding import estimate_tokens, fence_token, first_sources
from assistant.replies.prompt_echo import NO_WORDS, words_of
from assistant.replies.reply_watch import ReplyWatch
from assistant.types.events import AskedAgain, Progress
from assistant.types.evidence import Evidence
from assistant.types.usage import Usage

STOPPED = "stopped by the reader"
"""What is said of a text that was stopped early."""


LOOPED = "stopped there: the model said the same again and again"
"""What is said of a text that was ended because it went round in circles."""

_CITED_NOTHING = "the answer cites nothing"
_NOTHING_USABLE = "it wrote nothing that is an answer"


@dataclass(frozen=True)
class _AttemptEnd:
    """How one request ended: as the model says, by a failure, and whether its prompt was cut."""

    attempt: Attempt
    ending: Finished | None
    failure: EndpointError | None
    cut: Cut | None
    loops: bool = False


@dataclass(frozen=True)
class _Another:
    """What to say of another attempt, and its evidence: None for the same."""

    told: AskedAgain | Progress
    less: Evidence | None = None


class Written:
    """A text that a model writes from one prompt.

    Where a server takes less than it was sent, the text begins anew from fewer sources; where it
    cites nothing, once more with a line that says so. One that loops is ended there.
    """

    def __init__(self, context: AnswerContext, grounded: GroundedPrompt) -> None:
        self._context = context
        self._grounded = grounded
        self._spent = grounded.prepared.spent
        self._notes: list[str] = []
        self._characters = 0
        self._watch = ReplyWatch(grounded.evidence, NO_WORDS, "")
        self._before = Finished("stop", requests=0)
        self._uncited: tuple[Attempt, str, _AttemptEnd] | None = None

    async def parts(self) -> AsyncGenerator[GeneratedPart, None]:
        """The text of the model; raises CostRefused before anything is sent."""
        while True:
            try:
                self._allow()
            except CostRefused as refused:
                if self._uncited is None:
                    raise
                for one in self._first(self._uncited, self._spent, refused.message):
                    yield one
                return
            another: _Another | None = None
            async with aclosing(self._attempt()) as parts:
                async for part in parts:
                    if not isinstance(part, _AttemptEnd):
                        yield part
                        continue
                    another = await asyncio.to_thread(self._again, part)
                    last = () if another else await asyncio.to_thread(self._last, part)
                    for one in (another.told,) if another else last:
                        yield one
            if another is None:
                return
            if another.less is not None:
                self._grounded = await asyncio.to_thread(self._grounded.refit, another.less)

    async def _attempt(self) -> AsyncGenerator[GeneratedPart | _AttemptEnd, None]:
        """One request; a failure of the endpoint stands in its end."""
        grounded = self._grounded
        fence = await asyncio.to_thread(fence_token, grounded.evidence.sources)
        task = replace(request_of(grounded, fence), more_output_tokens=self._thinking_room())
        if self._uncited is not None:
            task = await asyncio.to_thread(asking_to_cite, self._context, task)
        asked = grounded.retrieved.standalone
        words = await asyncio.to_thread(words_of, task.messages, fence, asked)
        is_verbatim = self._context.model.is_extractive
        attempt = Attempt(grounded.evidence, words, asked, is_verbatim)
        self._before = Finished("stop", requests=0)
        yield self._begun(attempt)
        wants_one = grounded.prepared.request.is_sentence
        ending: Finished | None = Finished("stop")
        failure: EndpointError | None = None
        try:
            async with aclosing(self._context.model.stream(task)) as parts:
                async for part in parts:
                    if isinstance(part, Finished):
                        ending = part
                    elif isinstance(part, Voided):
                        yield AskedAgain(why=part.why)
                        yield self._begun(attempt)
                    elif not isinstance(part, Piece):
                        if isinstance(part, Waiting) and part.before is not None:
                            self._before = part.before
                        yield part
                    elif text := self._heard(part):
                        yield Piece(text)
                    if self._watch.loops or (wants_one and self._watch.has_cited):
                        detail = LOOPED if self._watch.loops else ""
                        ending = replace(self._unended(), detail=detail)
                        break
        except EndpointError as error:
            ending, failure = None, with_remedy(error, grounded.retrieved.asked)
        if rest := self._watch.finish():
            yield Piece(rest)
        cut = find_cut(task.messages, ending.input_tokens) if ending else None
        yield _AttemptEnd(attempt, ending, failure, cut, self._watch.loops)

    def _begun(self, attempt: Attempt) -> Attempt:
        self._characters = 0
        self._watch = ReplyWatch(attempt.evidence, attempt.words, attempt.question)
        return attempt

    def _heard(self, piece: Piece) -> str:
        """What of a piece is to be used now; that of the built-in model is as it is."""
        self._characters += len(piece.text)
        return piece.text if self._context.model.is_extractive else self._watch.feed(piece.text)

    # What comes of an attempt.

    def _again(self, end: _AttemptEnd) -> _Another | None:
        """Another attempt, where this one is not the last."""
        evidence = self._grounded.evidence
        if end.failure is not None:
            if self._characters or not asks_for_less(end.failure, evidence):
                return None
            less = self._after_overflow(end.failure)
            calls = self._context.accounting.used(0, 0, end.failure.requests, estimated=False)
            self._spent = total(self._spent, calls)
            return _Another(Progress(text=f"too much for the model: {_asking_again(less)}"), less)
        if end.cut is None or len(evidence.sources) < 2:
            return self._again_to_cite(end)
        # What it read is known now: this prompt and those to come are made to fit.
        self._context.accounting.cut_at = end.cut.room
        less = fewer(evidence, end.cut.room)
        what = f"{describe(end.cut)}: {_asking_again(less)}"
        self._notes.append(what)
        self._spent = self._usage(end.ending)
        return _Another(AskedAgain(why=f"{what}; {remedy(end.cut)}"), less)

    def _again_to_cite(self, end: _AttemptEnd) -> _Another | None:
        """Once more where a whole text cites nothing, if the reader's cap has room for it."""
        if not _is_whole(end) or self._uncited is not None or not self._watch.cites_nothing:
            return None
        spent = self._usage(end.ending)
        try:
            self._allow(spent)
        except CostRefused:
            self._notes.append(f"{_CITED_NOTHING}; asking again may cost more than is allowed")
            return None
        self._spent, self._uncited = spent, (end.attempt, self._watch.text, end)
        return _Another(AskedAgain(why=f"{_CITED_NOTHING}: asking once more"))

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

    def _last(self, end: _AttemptEnd) -> tuple[GeneratedPart, ...]:
        """The end of the text; the first text where a second one is no better."""
        if self._uncited is None:
            return (self._ended(end),)
        if self._is_better(end):
            return (self._ended(end, "asked twice, since the first answer cited nothing"),)
        why = end.failure.message if end.failure else end.ending.detail if end.ending else ""
        usage = self._usage(end.ending, end.failure)
        first = self._first(self._uncited, usage, why or _NOTHING_USABLE)
        shown = AskedAgain(why=f"{why or _NOTHING_USABLE}: the first answer stands")
        return (shown, *first) if self._characters else first

    def _is_better(self, end: _AttemptEnd | None) -> bool:
        """True where a second text cites something, or is whole and says something."""
        is_whole = end is not None and _is_whole(end) and not end.loops
        watch = self._watch
        return watch.cites or (is_whole and (watch.refuses or watch.cites_nothing))

    def _first(
        self, uncited: tuple[Attempt, str, _AttemptEnd], usage: Usage, why: str
    ) -> tuple[GeneratedPart, ...]:
        """The first text again, and its end; `why` is what came of asking for another."""
        attempt, text, end = uncited
        ended = self._ended(end, f"{_CITED_NOTHING}; asked again, {why}")
        return (attempt, Piece(text), replace(ended, usage=usage))

    def _ended(self, end: _AttemptEnd, *notes: str) -> Generated:
        """The end of the text, with what it took and what is to be said of it."""
        ending = end.ending
        own = f"cut: {end.failure.message}" if end.failure else ending.detail if ending else ""
        cut = describe(end.cut) if end.cut else ""
        return Generated(
            self._grounded,
            ending,
            self._usage(ending, end.failure),
            note="; ".join(filter(None, (*self._notes, *notes, cut, own))),
            replaced=ending.replaced if ending else 0,
            failure=end.failure,
            is_whole=not end.loops,
        )

    def _usage(self, ending: Finished | None, failure: EndpointError | None = None) -> Usage:
        if self._context.model.is_extractive:
            return Usage(calls=0, cost=0.0)
        ending = ending or self._unended(failure)
        has_begun = failure is None or self._characters
        order = self._grounded.order if has_begun else None
        sent, written = order.estimate.input_tokens if order else 0, "x" * self._characters
        took = self._context.accounting.took(ending, sent, estimate_tokens(written))
        return total(self._spent, took)

    def _unended(self, failure: EndpointError | None = None) -> Finished:
        """The end of a reply that has none of its own, with the requests before its last."""
        requests = failure.requests if failure else self._before.requests + 1
        return replace(self._before, requests=requests)

    def _allow(self, spent: Usage | None = None) -> None:
        order, prepared = self._grounded.order, self._grounded.prepared
        if order is not None:
            cost = (spent or self._spent).cost
            self._context.accounting.allow(order.estimate, prepared.request.max_cost, cost)

    def stopped(self) -> tuple[tuple[GeneratedPart, ...], Generated]:
        """What was held back of the text; the note says who stopped it.

        One that was asked for a second time, and has no citation yet, is the first, which is whole.
        """
        note = "; ".join((*self._notes, STOPPED))
        rest = self._watch.finish()
        if self._uncited is not None and not self._is_better(None):
            *first, end = self._first(self._uncited, self._usage(None), STOPPED)
            assert isinstance(end, Generated)
            return tuple(first), end
        return (Piece(rest),) if rest else (), Generated(
            self._grounded, None, self._usage(None), note
        )


def _is_whole(end: _AttemptEnd) -> bool:
    return end.ending is not None and end.ending.reason == "stop"


def _asking_again(evidence: Evidence) -> str:
    sources = len(evidence.sources)
    return f"asking again with {sources} source{'' if sources == 1 else 's'}"
