"""The assistant: questions and requests in, a stream of events and a checked answer out."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from assistant.breadth import BUDGET_MANY, asks_for_many, budget_for
from assistant.drafting import Draft
from assistant.errors import EndpointError
from assistant.followup import carry_over, leans
from assistant.grounding import (
    disarm,
    estimate_tokens,
    fence_token,
    first_sources,
    fit,
    render_sources,
)
from assistant.judging import CHECK_INPUTS, check_answer, unjudged
from assistant.models.base import (
    ChatModel,
    Finished,
    Message,
    ModelTask,
    Piece,
    Reasoning,
    Waiting,
)
from assistant.prompt_cut import (
    OVERHEAD_TOKENS,
    Cut,
    PromptCut,
    asks_for_less,
    describe,
    fewer,
    find_cut,
)
from assistant.prompting import REFUSAL, Prompt, load_prompt
from assistant.retrieval import Retriever
from assistant.statistics import LibraryStatistics
from assistant.summaries import Plan, plan_summary
from assistant.unfounded import doubts
from assistant.values import (
    Answer,
    AnswerDone,
    AskedAgain,
    Claim,
    ClaimChecked,
    Event,
    Evidence,
    EvidenceFound,
    Outcome,
    Progress,
    PromptReference,
    Question,
    SummaryRequest,
    TextDelta,
    Thinking,
    Usage,
)
from store.clean import StreamCleaner, clean_line, shorten
from store.library import Library
from store.model import Filter

_REWRITE_LIMIT = 400
_HISTORY_TURNS = 3

_SENTENCE_END = re.compile(r"[.!?\]\n]")

Keep = Callable[[Answer, str | None], Answer]
"""Saves an answer in a conversation (None: a new one); returns it with the conversation's id."""


@dataclass(frozen=True)
class _Job:
    """One answer to be made: what was asked, how it was understood, and from what."""

    asked: str
    standalone: str
    evidence: Evidence
    kind: Literal["answer", "summary"]
    request: str
    budget: int
    max_sentences: int
    session: str | None
    calls: int = 0
    note: str = ""
    plan: Plan | None = None
    check: bool = False


class Assistant:
    """Answers questions about one library with one model.

    Both streams yield EvidenceFound, then TextDelta, then AnswerDone. When the endpoint
    fails after text has come, AnswerDone holds what came, marked interrupted, and the
    EndpointError follows. AskedAgain voids the text so far. Closing a stream early saves
    what came, and leaves it in `stopped`. Raises AssistantError and StoreError.
    """

    def __init__(
        self, library: Library, model: ChatModel, keep: Keep, prompts: Path | None = None
    ) -> None:
        self._library = library
        self._model = model
        self._keep = keep
        self._retriever = Retriever(library)
        self._cut: Cut | None = None
        self.stopped: Answer | None = None
        inputs = frozenset({"sources", "refusal", "token"})
        self._answer_prompt = load_prompt("answer", inputs | {"question"}, prompts)
        self._summary_prompt = load_prompt("summary", inputs | {"request"}, prompts)
        self._rewrite_prompt = load_prompt("rewrite", frozenset({"history", "question"}), prompts)
        self._check_prompt = load_prompt("check", CHECK_INPUTS, prompts)

    @property
    def retriever(self) -> Retriever:
        """The retrieval this assistant grounds on."""
        return self._retriever

    async def ask(self, question: Question) -> AsyncGenerator[Event, None]:
        """Answer a question from the collection."""
        asked = clean_line(question.text)
        standalone, calls = asked, 0
        if question.history and leans(asked):
            standalone, calls = await self._standalone(question, asked)
            if standalone != asked:
                yield Progress(text=f"read as: {standalone}")
        evidence = await asyncio.to_thread(
            self._retriever.gather, standalone, question.sources, question.filter
        )
        shown = len(evidence.sources)
        job = _Job(
            asked=asked,
            standalone=standalone,
            evidence=evidence,
            kind="answer",
            request=standalone,
            budget=budget_for(standalone, shown, asked_for=question.sources is not None),
            max_sentences=6 if asks_for_many(standalone) else 3,
            session=question.session,
            calls=calls,
            note=await self._notes(evidence, question.filter),
            check=question.check,
        )
        async with aclosing(self._run(job)) as events:
            async for event in events:
                yield event

    async def summarize(self, request: SummaryRequest) -> AsyncGenerator[Event, None]:
        """Summarize papers, a topic, or all that a filter leaves."""
        plan: Plan = await asyncio.to_thread(
            plan_summary, self._library, self._retriever, request, self._model.is_extractive
        )
        job = _Job(
            asked=plan.title,
            standalone=plan.title,
            evidence=plan.evidence,
            kind="summary",
            request=plan.request,
            budget=BUDGET_MANY,
            max_sentences=plan.max_sentences,
            session=request.session,
            plan=plan,
            note=await self._notes(plan.evidence, request.filter),
            check=request.check,
        )
        async with aclosing(self._run(job)) as events:
            async for event in events:
                yield event

    async def _notes(self, evidence: Evidence, wanted: Filter) -> str:
        """What the reader should know of what was searched: words mended, papers unseen."""
        notes = await asyncio.to_thread(self._retriever.notes, wanted)
        return "; ".join((*evidence.notes, *notes))

    # One answer.

    async def _run(self, job: _Job) -> AsyncGenerator[Event, None]:
        self.stopped = None
        room = self._model.context_tokens - ModelTask.max_output_tokens - OVERHEAD_TOKENS
        evidence = job.evidence
        if not self._model.is_extractive:
            room = min(room, self._cut.room) if self._cut else room
            evidence = fit(evidence, max(min(job.budget, room), 200))
        yield EvidenceFound(evidence=evidence)
        unanswerable = self._model.is_extractive and not evidence.answerable
        if not evidence.sources or unanswerable:
            yield TextDelta(text=REFUSAL)
            yield AnswerDone(answer=await asyncio.to_thread(self._nothing, job, evidence))
            return
        while True:
            try:
                async with aclosing(self._stream(job, evidence)) as events:
                    async for event in events:
                        yield event
                return
            except EndpointError as failure:
                if not asks_for_less(failure, evidence):
                    raise
                half = len(evidence.sources) // 2
                evidence = first_sources(evidence, half)
                yield Progress(text=f"too much for the model: {_asking_again(half)}")
            except PromptCut as failure:
                # What it read is known now: this prompt and those to come are made to fit.
                self._cut = failure.cut
                evidence = fewer(evidence, failure.cut)
                again = _asking_again(len(evidence.sources))
                yield AskedAgain(why=f"{failure.message}: {again}; {failure.hint}")
                note = "; ".join(filter(None, (job.note, f"{failure.message}: {again}")))
                job = replace(job, calls=job.calls + 1, note=note)

    async def _stream(self, job: _Job, evidence: Evidence) -> AsyncGenerator[Event, None]:
        draft = await asyncio.to_thread(self._draft, job, evidence)
        messages, prompt = self._prompt(job, evidence)
        task = ModelTask(
            kind=job.kind,
            question=job.standalone,
            messages=messages,
            evidence=evidence,
            max_sentences=job.max_sentences,
        )
        ending = Finished("stop")
        thoughts = StreamCleaner()
        try:
            async with aclosing(self._model.stream(task)) as parts:
                async for part in parts:
                    if not isinstance(part, Reasoning) and (thought := thoughts.finish()):
                        yield Thinking(text=thought)
                    match part:
                        case Piece(text):
                            if shown := draft.feed(text):
                                yield TextDelta(text=shown)
                                if _SENTENCE_END.search(shown) and draft.worth_checking():
                                    for claim in await _checked(draft):
                                        yield ClaimChecked(claim=claim)
                        case Waiting(text):
                            yield Progress(text=clean_line(text))
                        case Reasoning(text):
                            if thought := thoughts.feed(text):
                                yield Thinking(text=thought)
                        case Finished():
                            ending = part
        except EndpointError as failure:
            rest = draft.finish()
            if not draft.text:
                raise
            if rest:
                yield TextDelta(text=rest)
            cut = self._end(draft, job, prompt, "interrupted", None, f"cut: {failure.message}")
            yield AnswerDone(answer=await asyncio.to_thread(self._keep, cut, job.session))
            raise
        except (asyncio.CancelledError, GeneratorExit):
            draft.finish()
            if draft.text:
                self.stopped = await asyncio.to_thread(self._stop, draft, job, prompt)
            raise
        if found := find_cut(messages, ending.input_tokens):
            if len(evidence.sources) > 1:
                raise PromptCut(found)
            job = replace(job, note="; ".join(filter(None, (job.note, describe(found)))))
        if rest := draft.finish():
            yield TextDelta(text=rest)
        outcome = _outcome(draft, ending)
        if outcome == "not_in_collection" and not draft.text:
            draft.say(REFUSAL)
            yield TextDelta(text=REFUSAL)
        if job.check:
            whole = await asyncio.to_thread(
                self._end, draft, job, prompt, outcome, ending, ending.detail
            )
            async with aclosing(self._judge(whole, job)) as events:
                async for event in events:
                    yield event
            return
        saving = asyncio.ensure_future(
            asyncio.to_thread(self._finish, draft, job, prompt, outcome, ending)
        )
        try:
            answer = await asyncio.shield(saving)
        except asyncio.CancelledError:
            # The whole text has been shown: it is saved all the same.
            self.stopped = await saving
            raise
        yield AnswerDone(answer=answer)

    async def _judge(self, answer: Answer, job: _Job) -> AsyncGenerator[Event, None]:
        """Have the model judge an answer, and save it; stopped early it is saved unjudged."""
        try:
            async with aclosing(self.check(answer)) as parts:
                async for part in parts:
                    if isinstance(part, AnswerDone):
                        answer = part.answer
                    else:
                        yield part
        except (asyncio.CancelledError, GeneratorExit):
            answer = unjudged(answer, "the check was stopped by the reader")
            self.stopped = await asyncio.to_thread(self._keep, answer, job.session)
            raise
        yield AnswerDone(answer=await asyncio.to_thread(self._keep, answer, job.session))

    def check(self, answer: Answer) -> AsyncGenerator[Progress | AnswerDone, None]:
        """Have the model judge each claim of an answer by its own cited sentences."""
        return check_answer(self._model, self._check_prompt, answer)

    def _finish(
        self,
        draft: Draft,
        job: _Job,
        prompt: PromptReference | None,
        outcome: Outcome,
        ending: Finished,
    ) -> Answer:
        answer = self._end(draft, job, prompt, outcome, ending, ending.detail)
        return self._keep(answer, job.session)

    def _stop(self, draft: Draft, job: _Job, prompt: PromptReference | None) -> Answer:
        note = "stopped by the reader"
        return self._keep(self._end(draft, job, prompt, "interrupted", None, note), job.session)

    def _draft(self, job: _Job, evidence: Evidence) -> Draft:
        texts = [f"{one.paper.title} {one.paper.abstract}" for one in evidence.sources]
        statistics = LibraryStatistics(self._library, [job.standalone, *texts])
        return Draft(evidence, statistics, self._retriever.similarity)

    def _prompt(
        self, job: _Job, evidence: Evidence
    ) -> tuple[tuple[Message, ...], PromptReference | None]:
        if self._model.is_extractive:
            return (), None
        token = fence_token(evidence.sources)
        shared = {
            "sources": render_sources(evidence.sources, token),
            "refusal": REFUSAL,
            "token": token,
        }
        prompt: Prompt
        if job.kind == "answer":
            prompt = self._answer_prompt
            messages = prompt.fill(question=job.request, **shared)
        else:
            prompt = self._summary_prompt
            messages = prompt.fill(request=job.request, **shared)
        return messages, prompt.reference

    def _end(
        self,
        draft: Draft,
        job: _Job,
        prompt: PromptReference | None,
        outcome: Outcome,
        ending: Finished | None,
        note: str,
    ) -> Answer:
        answer = draft.answer(
            job.asked,
            outcome,
            model=self._model.name,
            standalone=job.standalone,
            prompt=prompt,
            usage=self._usage(draft, job, ending),
        )
        coverage = job.plan.coverage(answer) if job.plan else ""
        doubt = doubts(answer, draft.evidence)
        notes = "; ".join(filter(None, (coverage, job.note, note, doubt)))
        return answer.model_copy(update={"note": notes})

    def _usage(self, draft: Draft, job: _Job, ending: Finished | None) -> Usage:
        if self._model.is_extractive:
            return Usage(calls=0, cost=0.0)
        if ending is not None and ending.input_tokens is not None:
            return Usage(
                calls=job.calls + 1,
                input_tokens=ending.input_tokens,
                output_tokens=ending.output_tokens or 0,
            )
        sent = render_sources(draft.evidence.sources, "0" * 12) + job.request
        return Usage(
            calls=job.calls + 1,
            input_tokens=estimate_tokens(sent) + OVERHEAD_TOKENS,
            output_tokens=estimate_tokens("x" * draft.characters),
            estimated=True,
        )

    def _nothing(self, job: _Job, evidence: Evidence) -> Answer:
        """The answer when no model was asked, for nothing speaks to the question."""
        draft = self._draft(job, evidence.model_copy(update={"sources": ()}))
        draft.say(REFUSAL)
        answer = self._end(draft, job, None, "not_in_collection", None, "no model was asked")
        counts = answer.evidence.model_copy(update={"considered": evidence.considered})
        answer = answer.model_copy(
            update={
                "evidence": counts,
                "near_misses": evidence.near_misses,
                "usage": Usage(calls=job.calls, cost=0.0 if job.calls == 0 else None),
            }
        )
        return self._keep(answer, job.session)

    # Follow-ups.

    async def _standalone(self, question: Question, asked: str) -> tuple[str, int]:
        """A follow-up made to stand alone, and how many calls that took."""
        carried = carry_over(asked, question.history)
        if self._model.is_extractive:
            return carried, 0
        lines = []
        for turn in question.history[-_HISTORY_TURNS:]:
            # What sources said may stand in an answer: it is shown as disarmed as they are.
            text = shorten(turn.answer.text, 600)
            lines += [f"Question: {disarm(turn.question)}", f"Answer: {disarm(text)}"]
            lines += [f"[{one.number}] {disarm(one.title)}" for one in turn.answer.references]
        messages = self._rewrite_prompt.fill(history="\n".join(lines), question=asked)
        task = ModelTask("rewrite", asked, messages, max_output_tokens=120)
        text = ""
        async with aclosing(self._model.stream(task)) as parts:
            async for part in parts:
                if isinstance(part, Piece):
                    text += part.text
        line = clean_line(text).strip("\"“”' ")
        fits = 3 <= len(line) <= _REWRITE_LIMIT
        return (line if fits else carried), 1

    async def aclose(self) -> None:
        """Close the model's connection."""
        await self._model.aclose()


def _asking_again(sources: int) -> str:
    return f"asking again with {sources} source{'' if sources == 1 else 's'}"


async def _checked(draft: Draft) -> list[Claim]:
    """The claims that are whole by now, checked in a thread: the library may keep it waiting."""
    drafts = draft.whole_claims()
    return await asyncio.to_thread(draft.check, drafts) if drafts else []


def _outcome(draft: Draft, ending: Finished) -> Outcome:
    if ending.reason == "refused":
        return "declined"
    if draft.refused:
        return "not_in_collection"
    return "interrupted" if ending.reason == "length" else "answered"
