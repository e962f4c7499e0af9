"""From what is asked to the request that answers it: evidence, budget, prompt, estimate."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Literal

from assistant.answers.context import AnswerContext
from assistant.answers.cost import Order, added
from assistant.answers.model_check_run import Checker
from assistant.answers.preview import Sending, sent_messages, sent_sources
from assistant.generation.base import ModelTask
from assistant.generation.truncation import OVERHEAD_TOKENS, Cut
from assistant.prompting.grounding import fence_token, fit, render_sources
from assistant.prompting.prompts import REFUSAL, load_prompt
from assistant.query.breadth import BUDGET_MANY, MANY_SOURCES, asks_for_many, budget_for
from assistant.retrieval.summary_plan import Plan, plan_summary
from assistant.types.answers import PromptReference
from assistant.types.evidence import Evidence
from assistant.types.message import Message
from assistant.types.questions import Question, SummaryRequest
from assistant.types.usage import Estimate, Usage
from store.types import Filter

_CLAIMS, _CLAIMS_OF_MANY = 3, 10
_CLAIMS_OF_SUMMARY = {"sentence": MANY_SOURCES, "short": 6, "long": 15}
"""Sentences that a chat model is expected to write: the most that the prompt asks for."""
_LEAST_BUDGET = 200
_SAME_TOKEN = "0" * 12
_NO_SETTINGS = {"text", "filter", "history", "session", "max_cost", "anew"}


@dataclass(frozen=True)
class Job:
    """One answer to be made: what was asked, how it was understood, and from what.

    `spent` is what understanding it took, `settings` what else decides the answer, and
    `order` the request to a chat model once it is known. `claims` are the sentences that it is
    expected to write, and `checking` is what having them judged will take.
    """

    asked: str
    standalone: str
    evidence: Evidence
    kind: Literal["answer", "summary"]
    request: str
    budget: int
    max_sentences: int
    session: str | None
    spent: Usage = field(default_factory=lambda: Usage(cost=0.0))
    note: str = ""
    plan: Plan | None = None
    settings: str = ""
    max_cost: float | None = None
    anew: bool = False
    check: bool = False
    claims: int = 0
    order: Order | None = None
    checking: Estimate = field(default_factory=lambda: Estimate(cost=0.0))


class Maker:
    """Makes the jobs of one library and one model; raises PromptError."""

    def __init__(self, context: AnswerContext, checker: Checker) -> None:
        self._context = context
        self._checker = checker
        self.cut: Cut | None = None
        """The last cut of a prompt by the server: what comes after is made to fit."""
        inputs = frozenset({"sources", "refusal", "token"})
        self._answer_prompt = load_prompt("answer", inputs | {"question"}, context.prompts)
        self._summary_prompt = load_prompt("summary", inputs | {"request"}, context.prompts)

    async def question(self, question: Question, asked: str, standalone: str, spent: Usage) -> Job:
        """The job of a question that stands alone."""
        evidence = await asyncio.to_thread(
            self._context.retriever.gather, standalone, question.sources, question.filter
        )
        shown = len(evidence.sources)
        return Job(
            asked=asked,
            standalone=standalone,
            evidence=evidence,
            kind="answer",
            request=standalone,
            budget=budget_for(standalone, shown, asked_for=question.sources is not None),
            max_sentences=8 if asks_for_many(standalone) else 3,
            session=question.session,
            spent=spent,
            note=await self._notes(evidence, question.filter),
            settings=question.model_dump_json(exclude=_NO_SETTINGS),
            max_cost=question.max_cost,
            anew=question.anew,
            check=question.check,
            claims=_CLAIMS_OF_MANY if asks_for_many(standalone) else _CLAIMS,
        )

    async def summary(self, request: SummaryRequest) -> Job:
        """The job of a summary; raises UnknownPaper, WrongUse for an empty choice."""
        context = self._context
        plan: Plan = await asyncio.to_thread(
            plan_summary, context.library, context.retriever, request, context.model.is_extractive
        )
        return Job(
            asked=plan.title,
            standalone=plan.title,
            evidence=plan.evidence,
            kind="summary",
            request=plan.request,
            budget=BUDGET_MANY,
            max_sentences=plan.max_sentences,
            session=request.session,
            note=await self._notes(plan.evidence, request.filter),
            plan=plan,
            settings=request.model_dump_json(exclude=_NO_SETTINGS),
            max_cost=request.max_cost,
            anew=request.anew,
            check=request.check,
            claims=min(plan.max_sentences, _CLAIMS_OF_SUMMARY[request.length]),
        )

    async def _notes(self, evidence: Evidence, wanted: Filter) -> str:
        """What the reader should know of what was searched: words mended, papers coverage_notes."""
        notes = await asyncio.to_thread(self._context.retriever.notes, wanted)
        return "; ".join((*evidence.notes, *notes))

    def fitting(self, job: Job) -> Evidence:
        """The evidence of a job that a chat model has room for; all of it for the built-in one."""
        if self._context.model.is_extractive:
            return job.evidence
        room = self._context.model.context_tokens - ModelTask.max_output_tokens - OVERHEAD_TOKENS
        room = int(room / max(self._context.accounting.ratio, 1.0))
        if self.cut is not None:
            room = min(room, self.cut.room)
        return fit(job.evidence, max(min(job.budget, room), _LEAST_BUDGET))

    def ordered(self, job: Job, evidence: Evidence) -> Job:
        """The job with the request that it makes to a chat model, where it makes one."""
        if self._context.model.is_extractive or not evidence.sources:
            return job
        messages, prompt = self.prompt(job, evidence, _SAME_TOKEN)
        extra = [job.settings, prompt.digest if prompt else ""]
        order = self._context.accounting.order(messages, ModelTask.max_output_tokens, extra)
        if job.check:
            job = replace(job, checking=self._checker.expected(evidence.sources, job.claims))
        return replace(job, order=order)

    def prompt(
        self, job: Job, evidence: Evidence, token: str = ""
    ) -> tuple[tuple[Message, ...], PromptReference | None]:
        """The messages of a job with a random token, or with this one, and their prompt."""
        if self._context.model.is_extractive:
            return (), None
        token = token or fence_token(evidence.sources)
        shared = {
            "sources": render_sources(evidence.sources, token),
            "refusal": REFUSAL,
            "token": token,
        }
        if job.kind == "answer":
            prompt = self._answer_prompt
            messages = prompt.fill(question=job.request, **shared)
        else:
            prompt = self._summary_prompt
            messages = prompt.fill(request=job.request, **shared)
        return messages, prompt.reference

    def sending(self, job: Job, first: Estimate) -> Sending:
        """What a job would send, after a first request that is estimated already."""
        evidence = self.fitting(job)
        job = self.ordered(job, evidence)
        sending = Sending(
            question=job.asked,
            standalone=job.standalone,
            model=self._context.model.name,
            considered=evidence.considered,
            dropped=evidence.dropped,
            note=job.note,
            estimate=first,
        )
        if job.order is None:
            why = (
                "the built-in model answers on this machine"
                if self._context.model.is_extractive
                else "nothing in the collection speaks to it"
            )
            notes = "; ".join(filter(None, (why, job.note)))
            return sending.model_copy(update={"note": notes})
        messages, prompt = self.prompt(job, evidence, _SAME_TOKEN)
        cached = not job.anew and self._context.accounting.find(job.order) is not None
        estimate = Estimate(cost=0.0) if cached else added(job.order.estimate, job.checking)
        return sending.model_copy(
            update={
                "sources": sent_sources(evidence),
                "estimate": added(first, estimate),
                "cached": cached,
                "prompt": prompt,
                "messages": sent_messages(messages),
            }
        )
