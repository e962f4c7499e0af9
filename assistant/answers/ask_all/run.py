"""`ask --all`: the question put to every paper that the filters leave, with a denominator."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from assistant.answers.ask_all.asking import Asking, Heard
from assistant.answers.ask_all.batches import AskedPaper, cut
from assistant.answers.ask_all.counts import Verdict, VerdictCounts, make_answer
from assistant.answers.ask_all.measure import Measured, PaperMeasure, verdict_of
from assistant.answers.ask_all.selection import (
    PaperSelection,
    keep_verdicts,
    output_tokens,
    papers_of,
    select_papers,
)
from assistant.answers.context import AnswerContext
from assistant.answers.cost import total
from assistant.answers.preview import Sending
from assistant.answers.replay import replay
from assistant.checking.unsupported_quotes import doubts
from assistant.errors import EndpointError
from assistant.prompting.prompts import load_prompt
from assistant.query.follow_up import carry_over, leans
from assistant.types.answers import Answer, Outcome, PromptReference
from assistant.types.events import Event, EvidenceFound, Progress
from assistant.types.evidence import Evidence
from assistant.types.questions import Question
from assistant.types.usage import Estimate, Usage
from store.clean import clean_line
from store.types import Paper

BY_MEASURE = (
    "judged by words and similarity, paper by paper: yes means that a paper speaks to it,"
    " not that it affirms it, and one that says it in other words may count as no"
)
"""What the built-in model says of its verdicts."""
_IN_A_ROW = 3
_MOST_SAVED = 2_000
_SLICE = 128
_LOOK_SECONDS = 0.5


@dataclass
class _State:
    """How far a run has come; `unasked` counts papers whose request the endpoint failed."""

    counts: VerdictCounts
    usage: Usage = field(default_factory=lambda: Usage(cost=0.0))
    failed_in_a_row: int = 0
    unread_in_a_row: int = 0
    failure: EndpointError | None = None
    unasked: int = 0
    heard: int = 0
    best: float = 0.0
    stop: str = ""
    lines: list[str] = field(default_factory=list)


class AskAll:
    """Puts one question to every paper; closing the stream early keeps what came.

    Yields Progress with `done` and `total`, then the events of an answer. What chat models say
    is kept paper by paper, so that the same question goes on where it was stopped. Raises
    AssistantError and StoreError: WrongUse when no paper is left, an EndpointError when none
    could be asked.
    """

    def __init__(self, context: AnswerContext) -> None:
        self._context = context
        inputs = frozenset({"sources", "question", "numbers", "token"})
        self._prompt = load_prompt("all", inputs, context.prompts)
        self.stopped: Answer | None = None

    async def sending(self, question: Question) -> Sending:
        """What the question would send; nothing is sent."""
        asked = _standalone(question)
        bare = Sending(
            question=clean_line(question.text),
            standalone=asked,
            model=self._context.model.name,
            estimate=Estimate(cost=0.0),
        )
        if self._context.model.is_extractive:
            papers = await asyncio.to_thread(papers_of, self._context, question.filter, _light)
            update = {
                "considered": len(papers),
                "note": "the built-in model judges on this machine",
            }
            return bare.model_copy(update=update)
        selection = await asyncio.to_thread(
            select_papers, self._context, self._prompt, question, asked
        )
        calls = selection.estimate.calls
        note = "1 paper" if len(selection.papers) == 1 else f"{len(selection.papers)} papers"
        note += " in 1 request" if calls == 1 else f" in {calls} requests"
        if selection.known:
            note += f"; {len(selection.known)} of them were asked before and are not sent again"
        return bare.model_copy(
            update={
                "considered": len(selection.papers),
                "estimate": selection.estimate,
                "cached": not selection.missing,
                "prompt": self._prompt.reference,
                "note": note,
            }
        )

    async def events(self, question: Question) -> AsyncGenerator[Event, None]:
        """Ask every paper."""
        self.stopped = None
        asked = _standalone(question)
        if self._context.model.is_extractive:
            papers = await asyncio.to_thread(papers_of, self._context, question.filter, _light)
            state = _State(VerdictCounts(papers))
            work = self._measured(asked, papers, state)
        else:
            selection = await asyncio.to_thread(
                select_papers, self._context, self._prompt, question, asked
            )
            self._context.accounting.allow(selection.estimate, question.max_cost)
            state = _State(VerdictCounts(selection.papers))
            state.counts.take(selection.known)
            state.heard = len(selection.known)
            work = self._by_model(selection, question.max_cost, state)
        try:
            async with aclosing(work) as events:
                async for event in events:
                    yield event
        except (asyncio.CancelledError, GeneratorExit):
            if state.counts.heard:
                self.stopped, _ = await asyncio.to_thread(
                    self._end, question, asked, state, "interrupted"
                )
            raise
        if state.failure is not None and not state.heard:
            raise state.failure
        counts = state.counts.coverage
        outcome: Outcome = "answered" if counts.yes else "not_in_collection"
        if counts.failed and counts.failed == counts.asked:
            outcome = "interrupted"
        answer, evidence = await asyncio.to_thread(self._end, question, asked, state, outcome)
        yield EvidenceFound(evidence=evidence)
        for event in replay(answer):
            yield event

    def _end(
        self, question: Question, asked: str, state: _State, outcome: Outcome
    ) -> tuple[Answer, Evidence]:
        context = self._context
        by_model = not context.model.is_extractive
        left = state.counts.coverage.asked - state.counts.heard
        notes = [
            "" if by_model else BY_MEASURE,
            _left(left, by_model) if left else "",
            state.stop or _unasked(state),
            *context.retriever.notes(question.filter),
        ]
        prompt: PromptReference | None = self._prompt.reference if by_model else None
        missing = left or state.counts.coverage.failed
        reused = by_model and not state.usage.calls and not missing
        if reused:
            notes.insert(0, "all papers were asked before, nothing was sent (--no-cache asks anew)")
        answer, evidence = make_answer(
            context,
            clean_line(question.text),
            state.counts,
            outcome=outcome,
            prompt=prompt,
            usage=state.usage,
            note="; ".join(filter(None, notes)),
        )
        standalone = asked if asked != answer.question else None
        note = "; ".join(filter(None, (answer.note, doubts(answer, evidence))))
        answer = answer.model_copy(
            update={"standalone": standalone, "cached": reused, "note": note}
        )
        short = answer.model_copy(update={"papers": answer.papers[:_MOST_SAVED]})
        saved = context.keep(short, question.session)
        return saved.model_copy(update={"papers": answer.papers}), evidence

    # The built-in model.

    async def _measured(
        self, asked: str, papers: tuple[AskedPaper, ...], state: _State
    ) -> AsyncGenerator[Event, None]:
        context = self._context
        meter = await asyncio.to_thread(PaperMeasure, context.library, context.retriever, asked)
        measured: dict[str, Measured] = {}
        for start in range(0, len(papers), _SLICE):
            part = papers[start : start + _SLICE]
            found = await asyncio.to_thread(_measure, context, meter, part)
            measured.update(found)
            # What is yes hangs on the best paper so far.
            best = max((one.measure for one in measured.values()), default=0.0)
            if best > state.best:
                state.best = best
                found = measured
            state.counts.take({name: _said(one, best) for name, one in found.items()})
            state.counts.take({one.id: Verdict("failed") for one in part if one.id not in measured})
            yield _progress(state)

    # A chat model.

    async def _by_model(
        self, selection: PaperSelection, max_cost: float | None, state: _State
    ) -> AsyncGenerator[Event, None]:
        asking = await asyncio.to_thread(
            Asking,
            self._context,
            self._prompt,
            selection.question,
            selection.scores,
            state.lines.append,
        )
        if selection.known and selection.missing:
            yield Progress(
                text=f"{len(selection.known)} of {len(selection.papers)} papers were asked before;"
                f" {len(selection.missing)} are left"
            )
        todo = deque((batch, False) for batch in selection.batches())
        running: dict[asyncio.Task[Heard], bool] = {}
        try:
            while todo or running:
                while todo and len(running) < self._context.parallel and not state.stop:
                    batch, again = todo.popleft()
                    if not self._affords(batch, max_cost, state):
                        todo.appendleft((batch, again))
                        break
                    running[asyncio.create_task(asking.ask(batch))] = again
                if not running:
                    break
                done, _ = await asyncio.wait(
                    running, timeout=_LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                while state.lines:
                    yield Progress(text=state.lines.pop(0))
                for task in done:
                    again = running.pop(task)
                    todo.extend(await self._take(task.result(), selection, state, again=again))
                if done:
                    yield _progress(state)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        state.counts.take({one.id: Verdict("failed") for batch, _ in todo for one in batch})

    def _affords(self, batch: Sequence[AskedPaper], max_cost: float | None, state: _State) -> bool:
        """False when a request would lead above the cap, which ends the run."""
        if max_cost is None:
            return True
        estimate = self._context.accounting.estimate(
            sum(one.tokens for one in batch), output_tokens(len(batch))
        )
        spent = state.usage.cost
        if spent is None or estimate.cost is None or spent + estimate.cost > max_cost:
            state.stop = "the cap of the cost was reached: the rest was not asked"
        return not state.stop

    async def _take(
        self, heard: Heard, selection: PaperSelection, state: _State, *, again: bool
    ) -> list[tuple[tuple[AskedPaper, ...], bool]]:
        """Count what came of a request; returns requests that are to be made for it once more."""
        state.usage = total(state.usage, heard.usage)
        if heard.failure is not None:
            return self._failed(heard, heard.failure, state, again=again)
        state.failed_in_a_row = 0
        state.unread_in_a_row = 0 if heard.readable else state.unread_in_a_row + 1
        said = dict(heard.said)
        more: list[tuple[tuple[AskedPaper, ...], bool]] = []
        if state.unread_in_a_row >= _IN_A_ROW and not state.stop:
            state.stop = f"stopped after {_IN_A_ROW} replies in a row that hold no verdict"
        if heard.missing and not again and not state.stop:
            # A smaller batch: a small model loses count in a long one.
            fewer = max(len(heard.batch) // 3, 1)
            more = [(part, True) for part in cut(heard.missing, selection.budget, fewer)]
        elif heard.missing:
            says = "unclear" if heard.readable else "failed"
            said.update({one.id: Verdict(says) for one in heard.missing})  # type: ignore[arg-type]
        state.heard += sum(one.says != "failed" for one in said.values())
        state.counts.take(said)
        # What is counted is kept, or a run that is stopped here would ask it again.
        keeping = asyncio.to_thread(
            keep_verdicts,
            self._context.accounting,
            self._prompt,
            selection.question,
            heard.batch,
            said,
        )
        await asyncio.shield(keeping)
        return more

    def _failed(
        self, heard: Heard, failure: EndpointError, state: _State, *, again: bool
    ) -> list[tuple[tuple[AskedPaper, ...], bool]]:
        batch = heard.batch
        if failure.code == "context_too_long" and len(batch) > 1:
            half = len(batch) // 2
            return [(batch[:half], again), (batch[half:], again)]
        state.failure = failure
        state.unasked += len(batch)
        state.failed_in_a_row += 1
        state.counts.take({one.id: Verdict("failed") for one in batch})
        state.lines.append(f"{len(batch)} papers could not be asked: {failure.message}")
        if state.failed_in_a_row >= _IN_A_ROW and not state.stop:
            state.stop = f"stopped after {_IN_A_ROW} failures in a row: {failure.message}"
        return []


def _left(papers: int, by_model: bool) -> str:
    many = "1 paper was" if papers == 1 else f"{papers} papers were"
    # What the built-in model says is not kept: it has all said again sooner than looked up.
    goes_on = "; the same question goes on from there" if by_model else ""
    return f"interrupted, {many} not asked{goes_on}"


def _standalone(question: Question) -> str:
    """A follow-up with the terms it leans on carried over; no model is asked for that.

    A question that is put again is no follow-up to itself: it is to go on where it was stopped.
    """
    asked = clean_line(question.text)
    history = question.history
    while history and clean_line(history[-1].question) == asked:
        history = history[:-1]
    leaning = bool(history) and leans(asked)
    return carry_over(asked, history) if leaning else asked


def _unasked(state: _State) -> str:
    """Why some papers failed, where the endpoint told."""
    if state.failure is None:
        return ""
    papers = "1 paper" if state.unasked == 1 else f"{state.unasked} papers"
    return f"{papers} could not be asked: {clean_line(state.failure.message)}"


def _light(paper: Paper) -> AskedPaper:
    """A paper that nothing is sent of."""
    return AskedPaper(paper.id, paper.title, paper.content_hash, 0)


def _measure(
    context: AnswerContext, meter: PaperMeasure, part: Sequence[AskedPaper]
) -> dict[str, Measured]:
    papers = context.library.papers_by_id([one.id for one in part])
    there = [papers[one.id] for one in part if one.id in papers]
    return dict(zip((one.id for one in there), meter.of(there), strict=True))


def _said(one: Measured, best: float) -> Verdict:
    says = verdict_of(one, best)
    if says == "no":
        return Verdict(says, score=one.chance)
    return Verdict(says, one.sentence, one.quote, one.chance)


def _progress(state: _State) -> Progress:
    counts = state.counts
    asked = counts.coverage.asked
    return Progress(text=counts.line(), done=counts.heard, total=asked, unit="papers asked")
