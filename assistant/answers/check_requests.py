"""The requests that have a model judge the claims of an answer, and what they take."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from assistant.answers.cost import FREE_OF_CHARGE, Accounting, Order, added
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
from assistant.types.answers import Answer, Reference
from assistant.types.claims import Citation, Claim
from assistant.types.evidence import Source
from assistant.types.message import Message
from assistant.types.usage import Estimate

CHECK_INPUTS = frozenset({"statements", "token", "last"})
"""What the prompt `check` is given."""

_TOKENS_A_CLAIM = 40
_TOKENS_AT_LEAST = 400
_FRAME_TOKENS = 12
_SEPARATOR = 2
_SIGNED = 12


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
        self._signature = accounting.key(prompt.reference.digest)[:_SIGNED]

    def holds(self, replies: Mapping[str, object]) -> bool:
        """True where some of these replies, by key, are of this model to this prompt."""
        return any(key.startswith(self._signature) for key in replies)

    def expected(self, sources: Sequence[Source], claims: int) -> Estimate:
        """What judging so many claims will take, when all that is known are their sources."""
        if self._model.is_extractive:
            return FREE_OF_CHARGE
        return self.plan(_expected_answer(sources, claims)).estimate

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
        estimate = FREE_OF_CHARGE
        for request in requests:
            estimate = added(estimate, self.order(request).estimate)
        return CheckPlan(requests, too_long, estimate)

    @cached_property
    def _base(self) -> int:
        empty = self._prompt.fill(statements="", token=SAME_TOKEN, last="1")
        return sum(estimate_tokens(one.content) for one in empty) + _FRAME_TOKENS

    def _fits(self, tokens: int, statements: int) -> bool:
        """Whether a request with so many tokens of statements fits into the model's window."""
        prompt = math.ceil((self._base + tokens) * max(self._accounting.ratio, 1.0))
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

    def first_task(self, answer: Answer) -> ModelTask | None:
        """The request that the check of an answer begins with, None where nothing can be judged."""
        requests = self.plan(answer).requests
        if not requests or answer.outcome == "not_in_collection" or answer.coverage is not None:
            return None
        return self.task(answer.question, requests[0], self.order(requests[0]))

    def order(self, statements: Sequence[Statement]) -> Order:
        """The request about some statements before it is sent."""
        messages = self._messages(statements, SAME_TOKEN)
        sent = sum(estimate_tokens(one.content) for one in messages) + _FRAME_TOKENS
        order = self._accounting.order(messages, self._output(sent, len(statements)))
        return replace(order, key=f"{self._signature}:{order.key}")

    def _output(self, prompt: int, statements: int) -> int:
        """Tokens that a reply on so many statements may take, thinking included."""
        return with_thinking(_answer_tokens(statements), prompt, self._model.context_tokens)


def _listed(statements: Sequence[Statement]) -> str:
    """The statements of a request, with the one before them that nothing supports."""
    control = (control_of(statements), statements[0].sentences)
    return render_statements([control, *(one.shown for one in statements)], first=CONTROL)


def _answer_tokens(statements: int) -> int:
    return max(_TOKENS_AT_LEAST, _TOKENS_A_CLAIM * statements)


def _expected_answer(sources: Sequence[Source], claims: int) -> Answer:
    """An answer as it is expected of these sources: one claim on each paper in turn.

    What is told of a check before there is an answer should rather be too much: a real one has
    claims on the same sentences, which are shown once.
    """
    told = [one for one in sources if len(one.sentences) > 1]
    cited = [_usual_citation(told[at % len(told)]) for at in range(claims)] if told else []
    return Answer(
        question="",
        outcome="answered",
        text="",
        claims=tuple(
            Claim(text=one.quote, start=0, end=0, verdict="matched", citations=(one,))
            for one in cited
        ),
        references=tuple(
            Reference(
                number=one.number,
                id=one.paper.id,
                title=one.paper.title,
                abstract=one.paper.abstract,
            )
            for one in told[:claims]
        ),
        model="",
    )


def _usual_citation(source: Source) -> Citation:
    """A citation of the sentence of a source that is of middle length."""
    by_length = sorted(source.sentences[1:], key=lambda one: len(one.text))
    usual = by_length[len(by_length) // 2]
    return Citation(
        number=source.number,
        id=source.paper.id,
        sentences=(usual.index,),
        quote=usual.text,
        verdict="matched",
    )
