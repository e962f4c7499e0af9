"""The way of a question, read from top to bottom: what is asked in, a checked answer out.

    prepare → retrieve → ground → generate → cite → check → account

Each stage stands in a module of its name, is entered once, and hands on a frozen value; what
repeats does so inside `generate`. A preview is the same way to `ground`. An answer that was
given before is the same way with a `generate` that reads what the model wrote then. A summary
and a question to every paper differ in what they retrieve, ground and generate.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.answers.account import account
from assistant.answers.check import check, sent_since
from assistant.answers.cite import cite
from assistant.answers.context import AnswerContext, Judge, Keep, KeepAll
from assistant.answers.cost import FREE_OF_CHARGE, Accounting
from assistant.answers.generate import generate
from assistant.answers.ground import ground
from assistant.answers.prepare import prepare
from assistant.answers.retrieve import retrieve
from assistant.answers.scope import scoped
from assistant.answers.stages import Prepared, Way
from assistant.config.prices import Tariff
from assistant.generation.base import ChatModel, Recorder
from assistant.retrieval.retriever import Retriever
from assistant.types.answers import Answer
from assistant.types.events import AnswerDone, Event, EvidenceFound, Progress
from assistant.types.questions import Question, SummaryRequest
from assistant.types.sessions import Turn
from assistant.types.usage import Estimate
from store.library.library import Library

if TYPE_CHECKING:
    from assistant.answers.each_paper import Each
    from assistant.answers.preview import Sending
    from store.types import Filter, Paper


class Assistant:
    """Answers questions about one library with one model.

    Streams yield EvidenceFound, then TextDelta with ClaimChecked, AnswerWhole with ClaimJudged
    where a model judges, then AnswerDone. When the endpoint fails after text has come, AnswerDone
    holds what came, marked interrupted, and the EndpointError follows. AskedAgain voids the text
    so far. Closing a stream early saves what came, and leaves it in `stopped`. Raises
    AssistantError and StoreError.
    """

    def __init__(
        self,
        library: Library,
        model: ChatModel,
        keep: Keep,
        prompts: Path | None = None,
        accounting: Accounting | None = None,
        recorder: Recorder | None = None,
        judge: Judge | None = None,
    ) -> None:
        accounting = accounting or Accounting(Tariff(model.name, model.name))
        self._context = AnswerContext.of(library, model, keep, prompts, accounting, recorder, judge)
        self._former: list[AnswerContext] = []
        self.stopped: Answer | None = None

    @property
    def retriever(self) -> Retriever:
        """The retrieval this assistant grounds on."""
        return self._context.retriever

    def use_model(
        self, model: ChatModel, accounting: Accounting, recorder: Recorder | None, judge: Judge
    ) -> None:
        """Have another model answer, and judge, what is asked from now on."""
        self._former.append(self._context)
        self._context = self._context.with_model(model, accounting, recorder, judge)

    def ask_with(
        self,
        question: Question,
        model: ChatModel,
        accounting: Accounting,
        recorder: Recorder | None,
        judge: Judge,
    ) -> AsyncGenerator[Event, None]:
        """Have another model answer, and judge, this question alone; its caller closes it."""
        context = self._context.with_model(model, accounting, recorder, judge)
        return self._answer(question, "question", context)

    def ask(self, question: Question) -> AsyncGenerator[Event, None]:
        """Answer a question from the collection."""
        return self._answer(question, "question")

    def ask_all(self, question: Question) -> AsyncGenerator[Event, None]:
        """Put a question to every paper that its filter leaves, and count what they say."""
        return self._answer(question, "all_papers")

    def summarize(self, request: SummaryRequest) -> AsyncGenerator[Event, None]:
        """Summarize papers, a topic, or all that a filter leaves."""
        return self._answer(request, "summary")

    def sum_up_each(self, papers: Sequence[Paper], keep: KeepAll) -> Each:
        """Summaries in one sentence each, by the built-in model alone."""
        from assistant.answers.each_paper import Each

        return Each(self._context, papers, keep)

    async def sending(
        self, request: Question | SummaryRequest, way: Way, *, exact: bool = False
    ) -> Sending:
        """What would be sent for it, if `exact` with the first request; nothing is."""
        return await self._sending(self._context, request, way, exact=exact)

    async def _sending(
        self,
        context: AnswerContext,
        request: Question | SummaryRequest,
        way: Way,
        *,
        exact: bool = False,
    ) -> Sending:
        from assistant.answers.preview import preview

        prepared = await prepare(context, request, way, sends=False)
        prepared, _ = await asyncio.to_thread(scoped, context, prepared)
        retrieved = await asyncio.to_thread(retrieve, context, prepared)
        grounded = await asyncio.to_thread(ground, context, retrieved)
        planned = await asyncio.to_thread(preview, context, grounded)
        if not exact:
            return planned
        from assistant.answers.first_request import first_task

        task = await asyncio.to_thread(first_task, context, grounded)
        if task is None:
            return planned
        from assistant.generation.wire import request_for

        first = await request_for(context.model, task)
        return planned.model_copy(update={"request": first})

    async def _answer(
        self, request: Question | SummaryRequest, way: Way, context: AnswerContext | None = None
    ) -> AsyncGenerator[Event, None]:
        self.stopped = None
        context = context or self._context
        prepared = await self._prepared(context, request, way)
        if way == "question" and (read_as := prepared.read_as):
            yield Progress(text=f"read as: {read_as}")
        prepared, told = await asyncio.to_thread(scoped, context, prepared)
        if told:
            yield Progress(text=told)
        # What the server states is learned while papers are looked for, so that nobody waits.
        ready = asyncio.create_task(context.get_ready(request))
        try:
            retrieved = await asyncio.to_thread(retrieve, context, prepared)
            await ready
        finally:
            ready.cancel()
        grounded = await asyncio.to_thread(ground, context, retrieved)
        if prepared.way != "all_papers":
            yield EvidenceFound(evidence=grounded.evidence, estimate=grounded.estimate)
        generation = generate(context, grounded)
        citing = cite(generation)
        checking = check(context, grounded, citing)
        async with aclosing(account(context, checking, self._stop)) as events:
            async for event in events:
                yield event

    async def _prepared(
        self, context: AnswerContext, request: Question | SummaryRequest, way: Way
    ) -> Prepared:
        """A follow-up sends a request already here: where the cost is capped, all of it counts."""
        prepared = await prepare(context, request, way, sends=request.max_cost is None)
        if request.max_cost is None or prepared.estimate == FREE_OF_CHARGE:
            return prepared
        planned = await self._sending(context, request, way)
        context.accounting.allow(planned.estimate, request.max_cost)
        return await prepare(context, request, way)

    async def new_matches(self, turn: Turn, wanted: Filter) -> tuple[str, ...]:
        """The papers added since a turn that it would rest on now, of those that a filter leaves.

        Nothing is sent.
        """
        from assistant.answers.since import new_matches

        return await new_matches(self._context, turn, wanted)

    async def suggested_questions(self) -> tuple[str, ...]:
        """At most three questions that the library can answer; nothing is sent."""
        from assistant.answers.suggested import suggested_questions

        return await suggested_questions(self._context)

    async def usual_tokens(self) -> tuple[int, int]:
        """Tokens in that a question takes, at least and at most; none for the built-in model."""
        from assistant.answers.preview import usual_tokens

        context = self._context
        if context.model.is_extractive:
            return 0, 0
        return await asyncio.to_thread(usual_tokens, context)

    def _stop(self, answer: Answer) -> None:
        self.stopped = answer

    # A check of an answer that is there.

    async def check(
        self, answer: Answer, max_cost: float | None = None
    ) -> AsyncGenerator[Event, None]:
        """Have the model judge each claim of an answer by its own cited sentences.

        Raises CostRefused when that alone may cost more than `max_cost` in USD.
        """
        context = self._context
        checker = context.checker
        await asyncio.to_thread(checker.allow, answer, max_cost, 0.0)
        await context.judge.model.get_ready()
        async with aclosing(checker.events(answer, max_cost)) as parts:
            async for part in parts:
                yield sent_since(answer, part) if isinstance(part, AnswerDone) else part

    async def checking(self, answer: Answer) -> Estimate:
        """What having a model judge an answer will take; nothing is sent."""
        context = self._context
        if context.judge.model.is_extractive:
            return FREE_OF_CHARGE
        return (await asyncio.to_thread(context.checker.requests.plan, answer)).estimate

    async def sending_check(self, answer: Answer) -> Sending:
        """What having a model judge an answer would send, its first request byte for byte."""
        from assistant.answers.preview import preview_of_check

        judge, requests = self._context.judge, self._context.checker.requests
        planned = await asyncio.to_thread(preview_of_check, judge, requests, answer)
        task = await asyncio.to_thread(requests.first_task, answer)
        if judge.model.is_extractive or task is None:
            return planned
        from assistant.generation.wire import request_for

        first = await request_for(judge.model, task)
        return planned.model_copy(update={"request": first})

    async def aclose(self) -> None:
        """Close the connections of the models."""
        for context in (*self._former, self._context):
            await context.judge.model.aclose()
            await context.model.aclose()
