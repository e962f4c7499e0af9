"""The assistant: questions and requests in, a stream of events and a checked answer out."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

from assistant.answers.ask_all.run import AskAll
from assistant.answers.context import AnswerContext, Keep
from assistant.answers.cost import Accounting, added, total
from assistant.answers.model_check_run import CHECK_INPUTS, Checker
from assistant.answers.preview import Sending
from assistant.answers.replay import replay
from assistant.answers.request import Job, Maker
from assistant.answers.stream import Draft
from assistant.answers.summarize.run import GroupedSummary
from assistant.checking.model_check import REFUSED, unjudged
from assistant.checking.unsupported_quotes import doubts
from assistant.config.prices import Tariff
from assistant.errors import EndpointError
from assistant.generation.base import (
    ChatModel,
    Finished,
    ModelTask,
    Piece,
    Reasoning,
    Waiting,
    replaced_words,
)
from assistant.generation.collect import Heard, listen
from assistant.generation.truncation import PromptCut, asks_for_less, describe, fewer, find_cut
from assistant.prompting.grounding import disarm, estimate_tokens, fence_token, first_sources
from assistant.prompting.prompts import REFUSAL, load_prompt
from assistant.query.follow_up import carry_over, leans
from assistant.retrieval.retriever import Retriever
from assistant.text.discourse_cues import NEGATION
from assistant.types.answers import Answer, Outcome, PromptReference
from assistant.types.claims import Claim
from assistant.types.events import (
    AnswerDone,
    AskedAgain,
    ClaimChecked,
    Event,
    EvidenceFound,
    Progress,
    TextDelta,
    Thinking,
)
from assistant.types.evidence import Evidence
from assistant.types.questions import Question, SummaryRequest
from assistant.types.usage import Estimate, Usage
from store.clean import StreamCleaner, clean_line, shorten
from store.library.library import Library

_REWRITE_LIMIT = 400
_HISTORY_TURNS = 3

_ONLY_ECHO = "the model repeated its prompt and answered nothing"
_TRY_ANOTHER = "ask again with fewer sources (-n 3), or use a larger model"
_SENTENCE_END = re.compile(r"[.!?\]\n]")
FROM_CACHE = "answered before from the same papers, nothing was sent (ask --no-cache asks anew)"
"""What an answer says that was kept from an earlier time."""

UNTURNED = "the built-in model does not read “%s”: a sentence may say the opposite of what is asked"
"""The note on an answer to a question that has a negation."""


class Assistant:
    """Answers questions about one library with one model.

    Both streams yield EvidenceFound, then TextDelta, then AnswerDone. When the endpoint
    fails after text has come, AnswerDone holds what came, marked interrupted, and the
    EndpointError follows. AskedAgain voids the text so far. Closing a stream early saves
    what came, and leaves it in `stopped`. Raises AssistantError and StoreError.
    """

    def __init__(
        self,
        library: Library,
        model: ChatModel,
        keep: Keep,
        prompts: Path | None = None,
        accounting: Accounting | None = None,
    ) -> None:
        self._library = library
        self._model = model
        self._keep = keep
        self._retriever = Retriever(library)
        self._accounting = accounting or Accounting(Tariff(model.name, model.name))
        self._context = AnswerContext(
            library, model, self._retriever, self._accounting, keep, prompts
        )
        self.stopped: Answer | None = None
        check_prompt = load_prompt("check", CHECK_INPUTS, prompts)
        self._checker = Checker(model, check_prompt, self._accounting)
        self._maker = Maker(self._context, self._checker)
        self._rewrite_prompt = load_prompt("rewrite", frozenset({"history", "question"}), prompts)

    @property
    def retriever(self) -> Retriever:
        """The retrieval this assistant grounds on."""
        return self._retriever

    async def ask(self, question: Question) -> AsyncGenerator[Event, None]:
        """Answer a question from the collection."""
        asked = clean_line(question.text)
        standalone, spent = asked, Usage(cost=0.0)
        if question.history and leans(asked):
            if question.max_cost is not None and not self._model.is_extractive:
                planned = await self.sending(question)
                self._accounting.allow(planned.estimate, question.max_cost)
            standalone, spent = await self._standalone(question, asked)
            if standalone != asked:
                yield Progress(text=f"read as: {standalone}")
        job = await self._maker.question(question, asked, standalone, spent)
        async with aclosing(self._run(job)) as events:
            async for event in events:
                yield event

    async def sending(self, question: Question) -> Sending:
        """What a question would send; nothing is sent. A follow-up takes a request more."""
        asked = clean_line(question.text)
        standalone, first = asked, Estimate(cost=0.0)
        if question.history and leans(asked):
            standalone = carry_over(asked, question.history)
            if not self._model.is_extractive:
                task = self._rewriting(question, asked)
                first = self._accounting.order(task.messages, task.max_output_tokens).estimate
        job = await self._maker.question(question, asked, standalone, Usage(cost=0.0))
        return await asyncio.to_thread(self._maker.sending, job, first)

    async def sending_of_summary(self, request: SummaryRequest) -> Sending:
        """What a summary would send; nothing is sent."""
        job = await self._maker.summary(request)
        if job.plan is not None and job.plan.groups:
            return await asyncio.to_thread(
                GroupedSummary(self._context, self._checker, request.length).sending, job
            )
        return await asyncio.to_thread(self._maker.sending, job, Estimate(cost=0.0))

    async def summarize(self, request: SummaryRequest) -> AsyncGenerator[Event, None]:
        """Summarize papers, a topic, or all that a filter leaves."""
        job = await self._maker.summary(request)
        if job.plan is not None and job.plan.groups:
            run = GroupedSummary(self._context, self._checker, request.length)
            stream = self._stoppable(run, run.events(job))
        else:
            stream = self._run(job)
        async with aclosing(stream) as events:
            async for event in events:
                yield event

    async def ask_all(self, question: Question) -> AsyncGenerator[Event, None]:
        """Put a question to every paper that its filter leaves; see `AskAll`."""
        run = AskAll(self._context)
        async with aclosing(self._stoppable(run, run.events(question))) as events:
            async for event in events:
                yield event

    async def _stoppable(
        self, run: AskAll | GroupedSummary, stream: AsyncGenerator[Event, None]
    ) -> AsyncGenerator[Event, None]:
        """A run of many requests; what came of one that was stopped early is in `stopped`."""
        self.stopped = None
        try:
            async with aclosing(stream) as events:
                async for event in events:
                    yield event
        finally:
            self.stopped = run.stopped

    async def sending_of_all(self, question: Question) -> Sending:
        """What putting a question to every paper would send; nothing is sent."""
        return await AskAll(self._context).sending(question)

    # One answer.

    async def _run(self, job: Job) -> AsyncGenerator[Event, None]:
        self.stopped = None
        evidence = await asyncio.to_thread(self._maker.fitting, job)
        job = await asyncio.to_thread(self._maker.ordered, job, evidence)
        known: Answer | None = None
        if job.order is not None and not job.anew:
            known = await asyncio.to_thread(self._accounting.find, job.order)
        sent = added(job.order.estimate, job.checking) if job.order and known is None else None
        yield EvidenceFound(evidence=evidence, estimate=sent)
        if not evidence.sources or (self._model.is_extractive and not evidence.answerable):
            yield TextDelta(text=REFUSAL)
            yield AnswerDone(answer=await asyncio.to_thread(self._nothing, job, evidence))
            return
        if known is not None:
            for event in replay(await asyncio.to_thread(self._again, job, known)):
                yield event
            return
        if job.order is not None:
            self._accounting.allow(job.order.estimate, job.max_cost, job.spent.cost)
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
                job = await asyncio.to_thread(self._maker.ordered, job, evidence)
                yield Progress(text=f"too much for the model: {_asking_again(half)}")
            except PromptCut as failure:
                # What it read is known now: this prompt and those to come are made to fit.
                self._maker.cut = failure.cut
                evidence = fewer(evidence, failure.cut)
                again = _asking_again(len(evidence.sources))
                yield AskedAgain(why=f"{failure.message}: {again}; {failure.hint}")
                note = "; ".join(filter(None, (job.note, f"{failure.message}: {again}")))
                wasted = self._accounting.used(failure.cut.read, 0, 1, estimated=False)
                job = replace(job, spent=total(job.spent, wasted), note=note)
                job = await asyncio.to_thread(self._maker.ordered, job, evidence)
                if job.order is not None:
                    self._accounting.allow(job.order.estimate, job.max_cost, job.spent.cost)

    def _again(self, job: Job, known: Answer) -> Answer:
        """An answer that was given before, as the answer to this question."""
        notes = "; ".join(filter(None, (FROM_CACHE, known.note)))
        answer = known.model_copy(
            update={
                "question": job.asked,
                "standalone": job.standalone if job.standalone != job.asked else None,
                "usage": job.spent,
                "note": notes,
            }
        )
        return self._keep(answer, job.session)

    async def _stream(self, job: Job, evidence: Evidence) -> AsyncGenerator[Event, None]:
        fence = fence_token(evidence.sources)
        draft = await asyncio.to_thread(self._context.draft, evidence, job.standalone, fence)
        messages, prompt = self._maker.prompt(job, evidence, fence)
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
            why = f"cut: {failure.message}"
            cut = await asyncio.to_thread(self._end, draft, job, prompt, "interrupted", None, why)
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
        if draft.only_echo:
            raise EndpointError(_ONLY_ECHO, _TRY_ANOTHER)
        outcome = _outcome(draft, ending)
        if outcome == "not_in_collection" and not draft.text:
            draft.say(REFUSAL)
            yield TextDelta(text=REFUSAL)
        if job.check:
            whole = await asyncio.to_thread(self._whole, draft, job, prompt, outcome, ending)
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

    async def _judge(self, answer: Answer, job: Job) -> AsyncGenerator[Event, None]:
        """Have the model judge an answer, and save it; stopped early it is saved unjudged."""
        try:
            checking = self._checker.events(answer, job.max_cost, answer.usage.cost)
            async with aclosing(checking) as parts:
                async for part in parts:
                    if isinstance(part, AnswerDone):
                        answer = part.answer
                    else:
                        yield part
        except (asyncio.CancelledError, GeneratorExit):
            answer = unjudged(answer, "the check was stopped by the reader")
            self.stopped = await asyncio.to_thread(self._keep, answer, job.session)
            raise
        yield AnswerDone(answer=await asyncio.to_thread(self._kept, answer, job))

    async def check(
        self, answer: Answer, max_cost: float | None = None
    ) -> AsyncGenerator[Progress | AnswerDone, None]:
        """Have the model judge each claim of an answer by its own cited sentences.

        Raises CostRefused when that alone may cost more than `max_cost` in USD.
        """
        await asyncio.to_thread(self._checker.allow, answer, max_cost, 0.0)
        async with aclosing(self._checker.events(answer, max_cost)) as parts:
            async for part in parts:
                yield part

    async def checking(self, answer: Answer) -> Estimate:
        """What having a model judge an answer will take; nothing is sent."""
        if self._model.is_extractive:
            return Estimate(cost=0.0)
        return (await asyncio.to_thread(self._checker.plan, answer)).estimate

    def _whole(
        self,
        draft: Draft,
        job: Job,
        prompt: PromptReference | None,
        outcome: Outcome,
        ending: Finished,
    ) -> Answer:
        if job.order is not None and ending.input_tokens is not None:
            self._accounting.learn(job.order.raw, ending.input_tokens)
        return self._end(draft, job, prompt, outcome, ending, ending.detail)

    def _finish(
        self,
        draft: Draft,
        job: Job,
        prompt: PromptReference | None,
        outcome: Outcome,
        ending: Finished,
    ) -> Answer:
        return self._kept(self._whole(draft, job, prompt, outcome, ending), job)

    def _kept(self, answer: Answer, job: Job) -> Answer:
        """A whole answer, kept for the next time and saved; a check that failed is made anew."""
        if job.order is not None and answer.check in ("none", "done"):
            self._accounting.keep(job.order, answer)
        return self._keep(answer, job.session)

    def _stop(self, draft: Draft, job: Job, prompt: PromptReference | None) -> Answer:
        note = "stopped by the reader"
        return self._keep(self._end(draft, job, prompt, "interrupted", None, note), job.session)

    def _end(
        self,
        draft: Draft,
        job: Job,
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
        if self._model.is_extractive and job.kind == "answer" and answer.claims:
            turned = NEGATION.search(job.request)
            doubt = "; ".join(filter(None, (doubt, UNTURNED % turned.group() if turned else "")))
        replaced = ending.replaced if ending is not None else 0
        garbled = replaced_words(replaced)
        notes = "; ".join(filter(None, (coverage, job.note, note, garbled, doubt)))
        return answer.model_copy(update={"note": notes, "replaced": replaced})

    def _usage(self, draft: Draft, job: Job, ending: Finished | None) -> Usage:
        if self._model.is_extractive:
            return Usage(calls=0, cost=0.0)
        if ending is not None and ending.input_tokens is not None:
            tokens, out, guessed = ending.input_tokens, ending.output_tokens or 0, False
        else:
            tokens = job.order.estimate.input_tokens if job.order else 0
            out, guessed = estimate_tokens("x" * draft.characters), True
        return total(job.spent, self._accounting.used(tokens, out, 1, guessed))

    def _nothing(self, job: Job, evidence: Evidence) -> Answer:
        """The answer when no model was asked, for nothing speaks to the question."""
        draft = self._context.draft(evidence.model_copy(update={"sources": ()}), job.standalone)
        draft.say(REFUSAL)
        note = "no model was asked" + (f"; {REFUSED}" if job.check else "")
        answer = self._end(draft, job, None, "not_in_collection", None, note)
        counts = answer.evidence.model_copy(update={"considered": evidence.considered})
        answer = answer.model_copy(
            update={
                "evidence": counts,
                "near_misses": evidence.near_misses,
                "usage": job.spent,
            }
        )
        return self._keep(answer, job.session)

    # Follow-ups.

    def _rewriting(self, question: Question, asked: str) -> ModelTask:
        """The request that makes a follow-up stand alone."""
        lines = []
        for turn in question.history[-_HISTORY_TURNS:]:
            # What sources said may stand in an answer: it is shown as disarmed as they are.
            text = shorten(turn.answer.text, 600)
            lines += [f"Question: {disarm(turn.question)}", f"Answer: {disarm(text)}"]
            lines += [f"[{one.number}] {disarm(one.title)}" for one in turn.answer.references]
        messages = self._rewrite_prompt.fill(history="\n".join(lines), question=asked)
        return ModelTask("rewrite", asked, messages, max_output_tokens=120)

    async def _standalone(self, question: Question, asked: str) -> tuple[str, Usage]:
        """A follow-up made to stand alone, and what that took."""
        carried = carry_over(asked, question.history)
        if self._model.is_extractive:
            return carried, Usage(cost=0.0)
        task = self._rewriting(question, asked)
        heard = Heard()
        async with aclosing(listen(self._model, task, heard)) as lines:
            async for _ in lines:
                pass  # a rewrite is short: nothing is told of it
        ending = heard.ending
        tokens = self._accounting.order(task.messages, 0).estimate.input_tokens
        spent = self._accounting.used(
            tokens if ending.input_tokens is None else ending.input_tokens,
            estimate_tokens(heard.text) if ending.output_tokens is None else ending.output_tokens,
            1,
            ending.input_tokens is None,
        )
        line = clean_line(heard.text).strip("\"“”' ")
        fits = 3 <= len(line) <= _REWRITE_LIMIT
        return (line if fits else carried), spent

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
