"""Asking a model to judge the claims of an answer: one request, or as few as its window takes."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from assistant.answers.cost import Accounting, Order, added, total
from assistant.checking.model_check import (
    NEEDS_MODEL,
    Statement,
    judged,
    noted,
    nothing_to_judge,
    statements_of,
    unjudged,
    unnoted,
)
from assistant.checking.model_verdicts import Judgement, read_judgements
from assistant.errors import CostRefused, EndpointError
from assistant.generation.base import ChatModel, ModelTask, Recorder, with_thinking
from assistant.generation.collect import Heard, listen
from assistant.generation.openai.failures import CONTEXT_TOO_LONG
from assistant.generation.truncation import find_cut
from assistant.prompting.grounding import (
    SAME_TOKEN,
    estimate_tokens,
    fence_token_for,
    render_statements,
)
from assistant.prompting.prompts import Prompt
from assistant.types.answers import Answer
from assistant.types.events import AnswerDone, Progress
from assistant.types.evidence import Source
from assistant.types.message import Message
from assistant.types.usage import Estimate, Usage

CHECK_INPUTS = frozenset({"statements", "token", "last"})
"""What the prompt `check` is given."""

CITED_A_CLAIM = 2
"""So many sentences a claim is expected to cite, each of another paper, whose title is shown
with it: what is told of a check before there is an answer should rather be too much."""

_TOKENS_A_CLAIM = 40
_TOKENS_AT_LEAST = 400
_FRAME_TOKENS = 12
_ADDRESS_TOKENS = 4
_SEPARATOR = 2


@dataclass(frozen=True)
class CheckPlan:
    """The statements of an answer, cut into requests, and what those will take.

    `too_long` counts statements that fit into no request; they cannot be judged.
    """

    requests: tuple[tuple[Statement, ...], ...]
    too_long: int
    estimate: Estimate

    @property
    def statements(self) -> tuple[Statement, ...]:
        """All that are sent, in order."""
        return tuple(one for request in self.requests for one in request)


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
    which is noted. Raises CostRefused.
    """

    def __init__(
        self,
        model: ChatModel,
        prompt: Prompt,
        accounting: Accounting,
        recorder: Recorder | None = None,
    ) -> None:
        self._recorder = recorder
        self._model = model
        self._prompt = prompt
        self._accounting = accounting

    # Before.

    def expected(self, sources: Sequence[Source], claims: int) -> Estimate:
        """What judging so many claims will take, when all that is known are their sources."""
        sentences = [one.text for source in sources for one in source.sentences[1:]]
        if self._model.is_extractive or not sentences or claims < 1:
            return Estimate(cost=0.0)
        each = math.ceil(sum(map(estimate_tokens, sentences)) / len(sentences))
        titles = [estimate_tokens(one.paper.title) for one in sources]
        title = math.ceil(sum(titles) / len(titles))
        shown = CITED_A_CLAIM * (each + title + 2 * _ADDRESS_TOKENS)
        tokens = each + _ADDRESS_TOKENS + shown + _SEPARATOR
        estimate = Estimate(cost=0.0)
        left = claims
        while left:
            fit = left
            while fit > 1 and not self._fits(fit * tokens, fit):
                fit -= 1
            raw = self._base() + fit * tokens
            estimate = added(estimate, self._accounting.estimate(raw, self._output(raw, fit)))
            left -= fit
        return estimate

    def plan(self, answer: Answer) -> CheckPlan:
        """The requests that judge the claims of an answer, and what they will take."""
        kept: list[list[Statement]] = [[]]
        spent, too_long = 0, 0
        for one in statements_of(answer):
            tokens = estimate_tokens(render_statements([one.shown])) + _SEPARATOR
            if not self._fits(tokens, 1):
                too_long += 1
                continue
            if kept[-1] and not self._fits(spent + tokens, len(kept[-1]) + 1):
                kept.append([])
                spent = 0
            kept[-1].append(one)
            spent += tokens
        requests = tuple(tuple(one) for one in kept if one)
        estimate = Estimate(cost=0.0)
        for request in requests:
            estimate = added(estimate, self._order(request).estimate)
        return CheckPlan(requests, too_long, estimate)

    def allow(self, answer: Answer, most: float | None, spent: float | None) -> None:
        """Raise CostRefused when judging an answer may lead above a cap in USD."""
        if most is None or self._model.is_extractive:
            return
        self._allow(self.plan(answer).estimate, most, spent)

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

    def _base(self) -> int:
        empty = self._prompt.fill(statements="", token=SAME_TOKEN, last="1")
        return sum(estimate_tokens(one.content) for one in empty) + _FRAME_TOKENS

    def _fits(self, tokens: int, statements: int) -> bool:
        """Whether a request with so many tokens of statements fits into the model's window."""
        prompt = math.ceil((self._base() + tokens) * max(self._accounting.ratio, 1.0))
        return prompt + _answer_tokens(statements) <= self._model.context_tokens

    def _messages(self, statements: Sequence[Statement], token: str) -> tuple[Message, ...]:
        listed = render_statements(one.shown for one in statements)
        return self._prompt.fill(statements=listed, token=token, last=str(len(statements)))

    def _task(
        self, question: str, statements: Sequence[Statement], order: Order, token: str = ""
    ) -> ModelTask:
        """The request about some statements; without a token they get a random one."""
        shown = tuple(render_statements([one.shown]) for one in statements)
        token = token or fence_token_for(shown)
        return ModelTask(
            "check",
            question,
            self._messages(statements, token),
            max_output_tokens=order.estimate.output_tokens,
            fence=token,
            inputs=shown,
        )

    def _order(self, statements: Sequence[Statement]) -> Order:
        messages = self._messages(statements, SAME_TOKEN)
        sent = sum(estimate_tokens(one.content) for one in messages) + _FRAME_TOKENS
        return self._accounting.order(messages, self._output(sent, len(statements)))

    def _output(self, prompt: int, statements: int) -> int:
        """Tokens that a reply on so many statements may take, thinking included."""
        return with_thinking(_answer_tokens(statements), prompt, self._model.context_tokens)

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
        plan = await asyncio.to_thread(self.plan, answer)
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
            order = await asyncio.to_thread(self._order, statements)
            if order.key in hearing.replies:
                if self._recorder is not None:
                    task = self._task(question, statements, order, SAME_TOKEN)
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
        task = self._task(question, statements, order)
        heard, cut = Heard(), False
        try:
            async with aclosing(listen(self._model, task, heard)) as lines:
                async for line in lines:
                    yield line
        except EndpointError as failure:
            cut = failure.code == CONTEXT_TOO_LONG
            if not cut or len(statements) == 1:
                hearing.failure = failure.message
        else:
            cut = find_cut(task.messages, heard.ending.input_tokens) is not None
        used = await asyncio.to_thread(self._accounting.settle, order, heard.text, heard.ending)
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


def _answer_tokens(statements: int) -> int:
    return max(_TOKENS_AT_LEAST, _TOKENS_A_CLAIM * statements)


def _told(plan: CheckPlan) -> str:
    count = len(plan.statements)
    many = "1 statement" if count == 1 else f"{count} statements"
    requests = f" in {len(plan.requests)} requests" if len(plan.requests) > 1 else ""
    return f"the model checks {many} against the cited sentences{requests}"
