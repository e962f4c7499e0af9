"""Asking a model to judge the claims of an answer: one request, or as few as its window takes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from assistant.answers.check_requests import CheckPlan, CheckRequests
from assistant.answers.cost import Accounting, Order, total
from assistant.checking.model_check import (
    NEEDS_MODEL,
    judged,
    noted,
    nothing_to_judge,
    unjudged,
    unnoted,
)
from assistant.checking.model_verdicts import Judgement, read_judgements
from assistant.checking.statements import Statement
from assistant.errors import CONTEXT_TOO_LONG, CostRefused, EndpointError
from assistant.generation.base import ChatModel, Recorder
from assistant.generation.collect import Heard, listen
from assistant.generation.truncation import find_cut
from assistant.prompting.grounding import SAME_TOKEN
from assistant.prompting.prompts import Prompt
from assistant.types.answers import Answer
from assistant.types.events import AnswerDone, Progress
from assistant.types.usage import Estimate, Usage


@dataclass
class _Hearing:
    """How far a check has come: judgements by place of the claim, and why it ended early.

    `replies` are what the model wrote, by key of the request: None where that was too long.
    """

    todo: deque[tuple[Statement, ...]]
    found: dict[int, Judgement] = field(default_factory=dict)
    usage: Usage = field(default_factory=lambda: Usage(cost=0.0))
    sent: int = 0
    too_long: int = 0
    failure: str = ""
    replies: dict[str, str | None] = field(default_factory=dict)


class Checker:
    """Has a model judge the claims of answers, each by the sentences that it cites.

    All claims go in one request; where they do not fit into the model's window, in as few as do,
    which is noted. `requests` are what is sent. Raises CostRefused.
    """

    def __init__(
        self,
        model: ChatModel,
        prompt: Prompt,
        accounting: Accounting,
        recorder: Recorder | None = None,
    ) -> None:
        self.requests = CheckRequests(model, prompt, accounting)
        self._model = model
        self._accounting = accounting
        self._recorder = recorder

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
    ) -> AsyncGenerator[Progress | AnswerDone, None]:
        """Judge all claims of an answer, and give the answer back last.

        What `replies` holds of the model is not asked again, what it wrote now is put there.

        It comes back in any case: a failure of the endpoint, a model that cannot judge, a cap
        in USD (`most`, with `spent` before) and claims that were passed over leave the verdicts
        of words and numbers, and are noted.
        """
        answer = unnoted(answer)
        if self._model.is_extractive:
            yield AnswerDone(answer=unjudged(answer, NEEDS_MODEL))
            return
        plan = await asyncio.to_thread(self.requests.plan, answer)
        is_judged = answer.outcome != "not_in_collection" and answer.coverage is None
        if not (is_judged and (plan.requests or plan.too_long)):
            yield AnswerDone(answer=nothing_to_judge(answer))
            return
        hearing = _Hearing(
            deque(plan.requests), too_long=plan.too_long, replies={} if replies is None else replies
        )
        if not hearing.replies:
            try:
                self._allow(plan.estimate, most, spent)
            except CostRefused as refused:
                yield AnswerDone(answer=unjudged(answer, refused.message))
                return
            if plan.requests:
                yield Progress(text=_told(plan))
        async with aclosing(self._hear(answer.question, hearing, most, spent)) as lines:
            async for line in lines:
                yield Progress(text=line)
        yield AnswerDone(answer=self._ended(answer, plan.statements, hearing))

    async def _hear(
        self, question: str, hearing: _Hearing, most: float | None, spent: float | None
    ) -> AsyncGenerator[str, None]:
        """Send one request after the other, until all are heard or one fails."""
        while hearing.todo and not hearing.failure:
            statements = hearing.todo.popleft()
            order = await asyncio.to_thread(self.requests.order, statements)
            if order.key in hearing.replies:
                if self._recorder is not None:
                    task = self.requests.task(question, statements, order, SAME_TOKEN)
                    self._recorder.kept(task, hearing.replies[order.key])
                _take(statements, hearing.replies[order.key], hearing)
                continue
            known = spent is not None and hearing.usage.cost is not None
            before = (spent or 0.0) + (hearing.usage.cost or 0.0) if known else None
            try:
                self._allow(order.estimate, most, before)
            except CostRefused as refused:
                hearing.failure = refused.message
                return
            if hearing.sent:
                more = f", {len(hearing.todo)} more after it" if hearing.todo else ", the last one"
                yield f"the next request of the check{more}"
            async with aclosing(self._ask(question, statements, order, hearing)) as lines:
                async for line in lines:
                    yield line

    async def _ask(
        self, question: str, statements: tuple[Statement, ...], order: Order, hearing: _Hearing
    ) -> AsyncGenerator[str, None]:
        """One request; one that was too long for the server is cut in two for the next round."""
        task = self.requests.task(question, statements, order)
        heard, cut = Heard(), False
        try:
            async with aclosing(listen(self._model, task, heard)) as lines:
                async for line in lines:
                    yield line
        except EndpointError as failure:
            used = await asyncio.to_thread(self._accounting.failed, order, heard.text, failure)
            cut = failure.code == CONTEXT_TOO_LONG
            if not cut or len(statements) == 1:
                hearing.failure = failure.message
        else:
            used = await asyncio.to_thread(self._accounting.settle, order, heard.text, heard.ending)
            cut = find_cut(task.messages, heard.ending.input_tokens) is not None
        hearing.usage = total(hearing.usage, used)
        hearing.replies[order.key] = None if cut else heard.text
        if _take(statements, hearing.replies[order.key], hearing):
            yield "too much for the model at once: the rest of the check goes in smaller requests"

    def _ended(self, answer: Answer, statements: Sequence[Statement], hearing: _Hearing) -> Answer:
        """The answer with what was heard, and notes on what was not."""
        judgements = {
            number: hearing.found[one.at]
            for number, one in enumerate(statements, 1)
            if one.at in hearing.found
        }
        if hearing.failure and not judgements:
            checked = unjudged(answer, f"the check failed: {hearing.failure}")
        else:
            checked = judged(answer, statements, judgements)
            if hearing.failure:
                checked = noted(checked, f"the check was cut: {hearing.failure}", "in_part")
        if hearing.sent > 1:
            note = f"the check took {hearing.sent} requests: the model's window holds no more"
            checked = noted(checked, note, checked.check)
        if hearing.too_long:
            many = "1 statement is" if hearing.too_long == 1 else f"{hearing.too_long} are"
            window = self._model.context_tokens
            note = f"{many} too long to be checked in the model's window of {window} tokens"
            checked = noted(checked, note, "in_part" if judgements else "failed")
        usage = total(answer.usage, hearing.usage)
        return checked.model_copy(update={"usage": usage})


def _take(statements: tuple[Statement, ...], text: str | None, hearing: _Hearing) -> bool:
    """Read one reply, None for a request that was too long; True when that is cut in two."""
    hearing.sent += 1
    if text is not None:
        own = [frozenset(one.sentences) for one in statements]
        for number, judgement in read_judgements(text, own).items():
            hearing.found[statements[number - 1].at] = judgement
        return False
    if len(statements) > 1:
        half = len(statements) // 2
        hearing.todo.extendleft((statements[half:], statements[:half]))
        return True
    # What it read of a statement is not known: its verdict is none.
    hearing.too_long += 1
    return False


def _told(plan: CheckPlan) -> str:
    count = len(plan.statements)
    many = "1 statement" if count == 1 else f"{count} statements"
    requests = f" in {len(plan.requests)} requests" if len(plan.requests) > 1 else ""
    return f"the model checks {many} against the cited sentences{requests}"
