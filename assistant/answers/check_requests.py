"""The requests that have a model judge the claims of an answer, and what they take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answers.cost import Accounting, Order, added
from assistant.checking.model_verdicts import CONTROL
from assistant.checking.statements import Statement, control_of, statements_of
from assistant.generation.base import ChatModel, ModelTask, with_thinking
from assistant.prompting.grounding import (
    SAME_TOKEN,
    estimate_tokens,
    fence_token_for,
    render_statements,
)
from assistant.prompting.prompts import Prompt
from assistant.types.answers import Answer
from assistant.types.evidence import Source
from assistant.types.message import Message
from assistant.types.usage import Estimate

CHECK_INPUTS = frozenset({"statements", "token", "last"})
"""What the prompt `check` is given."""

SHOWN_A_CLAIM = 4
"""So many sentences a claim is expected to be shown with, and the title of their paper: what is
told of a check before there is an answer should rather be too much."""

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


class CheckRequests:
    """What a model is sent to judge claims: one request, or as few as its window takes."""

    def __init__(self, model: ChatModel, prompt: Prompt, accounting: Accounting) -> None:
        self._model = model
        self._prompt = prompt
        self._accounting = accounting

    def expected(self, sources: Sequence[Source], claims: int) -> Estimate:
        """What judging so many claims will take, when all that is known are their sources."""
        sentences = [one.text for source in sources for one in source.sentences[1:]]
        if self._model.is_extractive or not sentences or claims < 1:
            return Estimate(cost=0.0)
        each = math.ceil(sum(map(estimate_tokens, sentences)) / len(sentences))
        titles = [estimate_tokens(one.paper.title) for one in sources]
        title = math.ceil(sum(titles) / len(titles))
        shown = SHOWN_A_CLAIM * (each + _ADDRESS_TOKENS) + title + _ADDRESS_TOKENS
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
            alone = estimate_tokens(_listed([one])) + _SEPARATOR
            if not self._fits(alone, 1):
                too_long += 1
                continue
            is_below = bool(kept[-1]) and one.sentences == kept[-1][-1].sentences
            more = estimate_tokens(f"statement 100: {one.text}") if is_below else alone
            if kept[-1] and not self._fits(spent + more, len(kept[-1]) + 1):
                kept.append([])
                spent, more = 0, alone
            kept[-1].append(one)
            spent += more
        requests = tuple(tuple(one) for one in kept if one)
        estimate = Estimate(cost=0.0)
        for request in requests:
            estimate = added(estimate, self.order(request).estimate)
        return CheckPlan(requests, too_long, estimate)

    def _base(self) -> int:
        empty = self._prompt.fill(statements="", token=SAME_TOKEN, last="1")
        return sum(estimate_tokens(one.content) for one in empty) + _FRAME_TOKENS

    def _fits(self, tokens: int, statements: int) -> bool:
        """Whether a request with so many tokens of statements fits into the model's window."""
        prompt = math.ceil((self._base() + tokens) * max(self._accounting.ratio, 1.0))
        return prompt + _answer_tokens(statements) <= self._model.context_tokens

    def _messages(self, statements: Sequence[Statement], token: str) -> tuple[Message, ...]:
        return self._prompt.fill(
            statements=_listed(statements), token=token, last=str(len(statements))
        )

    def task(
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

    def order(self, statements: Sequence[Statement]) -> Order:
        """The request about some statements before it is sent."""
        messages = self._messages(statements, SAME_TOKEN)
        sent = sum(estimate_tokens(one.content) for one in messages) + _FRAME_TOKENS
        return self._accounting.order(messages, self._output(sent, len(statements)))

    def _output(self, prompt: int, statements: int) -> int:
        """Tokens that a reply on so many statements may take, thinking included."""
        return with_thinking(_answer_tokens(statements), prompt, self._model.context_tokens)


def _listed(statements: Sequence[Statement]) -> str:
    """The statements of a request, with the one before them that nothing supports."""
    control = (control_of(statements), statements[0].sentences)
    return render_statements([control, *(one.shown for one in statements)], first=CONTROL)


def _answer_tokens(statements: int) -> int:
    return max(_TOKENS_AT_LEAST, _TOKENS_A_CLAIM * statements)
