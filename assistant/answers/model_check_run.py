"""Asking a model to judge the claims of an answer: one request, or as few as its window takes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from assistant.answers.check_hearing import Hearing, judgements_of, reader_of
from assistant.answers.check_policy import ASKED, CheckDecision
from assistant.answers.check_requests import CheckPlan, CheckRequests
from assistant.answers.cost import Accounting, Order, total
from assistant.checking.model_check import (
    CANNOT_JUDGE_ANEW,
    NEEDS_MODEL,
    judged,
    noted,
    nothing_to_judge,
    unnoted,
)
from assistant.checking.statements import Statement
from assistant.errors import CONTEXT_TOO_LONG, CostRefused, EndpointError, RecordMissing
from assistant.generation.base import ChatModel, Finished, Piece, Recorder, Voided, Waiting
from assistant.generation.collect import Heard, hear
from assistant.generation.truncation import find_cut
from assistant.prompting.grounding import SAME_TOKEN
from assistant.prompting.prompts import Prompt
from assistant.types.answers import Answer
from assistant.types.events import AnswerDone, Event, Progress
from assistant.types.usage import Estimate, Usage
from store.clean import clean_line


class Checker:
    """Has a model judge the claims of answers, each by the sentences that it cites.

    All claims go in one request; where they do not fit into the model's window, in as few as do,
    which is noted. `requests` are what is sent. A model that `is_replay` passes over in silence
    what it does not hold, where nobody asked for it. Raises CostRefused.
    """

    def __init__(
        self,
        model: ChatModel,
        prompt: Prompt,
        accounting: Accounting,
        recorder: Recorder | None = None,
        is_replay: bool = False,
    ) -> None:
        self.requests = CheckRequests(model, prompt, accounting)
        self._model = model
        self._accounting = accounting
        self._recorder = recorder
        self._is_replay = is_replay

    @property
    def name(self) -> str:
        """The name of the model that judges."""
        return self._model.name

    @property
    def _shown_name(self) -> str:
        return clean_line(self.name)

    # Before.

    def allow(self, answer: Answer, most: float | None, spent: float | None) -> None:
        """Raise CostRefused when judging an answer may lead above a cap in USD."""
        if most is None or self._model.is_extractive:
            return
        self._allow(self.requests.plan(answer).estimate, most, spent)

    def _allow(self, estimate: Estimate, most: float | None, spent: float | None) -> None:
        """The cap of `Accounting`, with both figures in the words of a check."""
        if most is None:
            return
        try:
            self._accounting.allow(estimate, most, spent)
        except CostRefused as refused:
            if estimate.cost is None or spent is None:
                raise
            so_far = f" ({spent:.4f} are spent)" if spent else ""
            message = (
                f"with it the cost may come to {estimate.cost + spent:.4f} USD{so_far},"
                f" more than the {most:g} allowed"
            )
            raise CostRefused(f"the check was not sent: {message}", refused.hint) from None

    # The check.

    async def events(
        self,
        answer: Answer,
        most: float | None = None,
        spent: float | None = 0.0,
        replies: dict[str, str | None] | None = None,
        decision: CheckDecision = ASKED,
        on_stop: Callable[[Usage], None] = lambda usage: None,
    ) -> AsyncGenerator[Event, None]:
        """Judge all claims of an answer, and give the answer back last.

        Each claim is told as soon as its line is whole. What `replies` holds of the model is not
        asked again, what it wrote now is put there.

        It comes back in any case: a failure of the endpoint, a model that cannot judge, a cap
        in USD (`most`, with `spent` before) and claims that were passed over leave the verdicts
        of words and numbers, and are noted. What a check took that has no end (it is stopped, or
        not recorded, which raises RecordMissing) is given to `on_stop`.
        """
        answer = unnoted(answer)
        if self._model.is_extractive:
            is_anew = any(one.checked_by == "model" for one in answer.claims)
            why = CANNOT_JUDGE_ANEW if is_anew else NEEDS_MODEL
            yield AnswerDone(answer=noted(answer, why, "failed"))
            return
        plan = await asyncio.to_thread(self.requests.plan, answer)
        is_judged = answer.outcome != "not_in_collection" and answer.coverage is None
        if not (is_judged and (plan.requests or plan.too_long)):
            yield AnswerDone(answer=nothing_to_judge(answer) if decision.is_asked else answer)
            return
        known = {} if replies is None else replies
        hearing = Hearing(
            answer,
            decision,
            deque(plan.requests),
            claims=list(answer.claims),
            too_long=plan.too_long,
            replies=known,
        )
        if not self.requests.holds(known):
            try:
                self._allow(plan.estimate, most, spent)
            except CostRefused as refused:
                yield AnswerDone(answer=_refused(answer, decision, refused))
                return
            if plan.requests and (decision.is_asked or not self._is_replay):
                yield Progress(text=_told(plan))
        try:
            async with aclosing(self._hear(hearing, most, spent)) as events:
                async for event in events:
                    yield event
        except (asyncio.CancelledError, GeneratorExit, RecordMissing):
            on_stop(hearing.usage)
            raise
        yield AnswerDone(answer=self._ended(plan, hearing))

    async def _hear(
        self, hearing: Hearing, most: float | None, spent: float | None
    ) -> AsyncGenerator[Event, None]:
        """Send one request after the other, until all are heard or one fails."""
        question = hearing.answer.question
        while hearing.todo and not hearing.failure:
            statements = hearing.todo.popleft()
            order = await asyncio.to_thread(self.requests.order, statements)
            if order.key in hearing.replies:
                if self._recorder is not None:
                    task = self.requests.task(question, statements, order, SAME_TOKEN)
                    self._recorder.kept(task, hearing.replies[order.key])
                for event in hearing.take(statements, hearing.replies[order.key]):
                    yield event
                continue
            if not hearing.decision.may_send:
                hearing.failure = hearing.left_out = hearing.decision.why
                return
            known = spent is not None and hearing.usage.cost is not None
            before = (spent or 0.0) + (hearing.usage.cost or 0.0) if known else None
            try:
                self._allow(order.estimate, most, before)
            except CostRefused as refused:
                hearing.failure = refused.message
                return
            if hearing.sent:
                more = f", {len(hearing.todo)} more after it" if hearing.todo else ", the last one"
                yield Progress(text=f"the next request of the check{more}")
            async with aclosing(self._ask(statements, order, hearing)) as events:
                async for event in events:
                    yield event

    async def _ask(
        self, statements: tuple[Statement, ...], order: Order, hearing: Hearing
    ) -> AsyncGenerator[Event, None]:
        """One request; one that was too long for the server is cut in two for the next round."""
        task = self.requests.task(hearing.answer.question, statements, order)
        heard, cut, reader = Heard(), False, reader_of(statements)
        is_whole = False
        try:
            async with aclosing(hear(self._model, task, heard)) as parts:
                async for part in parts:
                    if isinstance(part, Waiting):
                        yield Progress(text=clean_line(part.text))
                    elif isinstance(part, Voided):
                        reader = reader_of(statements)
                    elif isinstance(part, Piece) and reader.feed(part.text):
                        found = judgements_of(reader, statements)
                        for news in hearing.news(statements, found):
                            yield news
        except (asyncio.CancelledError, GeneratorExit):
            used = self._accounting.settle(order, heard.text, Finished("stop"))
            hearing.usage = total(hearing.usage, used)
            raise
        except RecordMissing as missing:
            if hearing.decision.is_asked:
                raise
            hearing.failure, hearing.left_out = missing.message, ""
            return
        except EndpointError as failure:
            used = await asyncio.to_thread(self._accounting.failed, order, heard.text, failure)
            cut = failure.code == CONTEXT_TOO_LONG
            if not cut or len(statements) == 1:
                hearing.failure = failure.message
        else:
            used = await asyncio.to_thread(self._accounting.settle, order, heard.text, heard.ending)
            cut = find_cut(task.messages, heard.ending.input_tokens) is not None
            is_whole = heard.ending.reason == "stop"
        hearing.usage = total(hearing.usage, used)
        text = heard.text if is_whole else heard.text[: heard.text.rfind("\n") + 1]
        reply = hearing.replies[order.key] = None if cut else text
        for event in hearing.take(statements, reply):
            yield event

    def _ended(self, plan: CheckPlan, hearing: Hearing) -> Answer:
        """The answer with what was heard, and notes on what was not."""
        answer, statements = hearing.answer, plan.statements
        judgements = {
            number: hearing.found[one.at]
            for number, one in enumerate(statements, 1)
            if one.at in hearing.found
        }
        if hearing.left_out is not None and not judgements:
            return noted(answer, hearing.left_out, "none")
        if hearing.failure and not judgements:
            checked = noted(answer, f"the check failed: {hearing.failure}", "failed")
        else:
            checked = judged(answer, statements, judgements)
            if hearing.failure:
                checked = noted(checked, f"the check was cut: {hearing.failure}", "in_part")
        is_read = len(statements) > hearing.too_long - plan.too_long
        if hearing.distrust:
            note = f"the verdicts of {self._shown_name} are not used: {hearing.distrust}"
            note = note if judgements else f"not judged: {note}"
            checked = noted(checked, note, checked.check)
        elif is_read and not (judgements or hearing.failure):
            note = f"not judged: the reply of {self._shown_name} could not be read"
            checked = noted(checked, note, "failed")
        if hearing.sent > 1:
            note = f"the check took {hearing.sent} requests: the model's window holds no more"
            checked = noted(checked, note, checked.check)
        if hearing.too_long:
            many = "1 statement is" if hearing.too_long == 1 else f"{hearing.too_long} are"
            window = self._model.context_tokens
            note = f"{many} too long to be checked in the model's window of {window} tokens"
            checked = noted(checked, note, "in_part" if judgements else "failed")
        usage = total(answer.usage, hearing.usage)
        by = {"judged_by": self.name} if judgements else {}
        return checked.model_copy(update={"usage": usage, **by})


def _refused(answer: Answer, decision: CheckDecision, refused: CostRefused) -> Answer:
    """The answer whose check would pass the cap, a failure where it was asked for."""
    return noted(answer, refused.message, "failed" if decision.is_asked else "none")


def _told(plan: CheckPlan) -> str:
    count = len(plan.statements)
    many = "1 statement" if count == 1 else f"{count} statements"
    requests = f" in {len(plan.requests)} requests" if len(plan.requests) > 1 else ""
    return f"the model checks {many} against the cited sentences{requests}"
