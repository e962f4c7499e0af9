"""What the stages of an answer work with: one library, one model, and what they cost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.answers.check_policy import NO_CHECK, CheckDecision, decide, is_off
from assistant.answers.check_requests import CHECK_INPUTS
from assistant.answers.cost import FREE_OF_CHARGE, Accounting, Order, Recording
from assistant.answers.stages import Retrieved
from assistant.generation.base import ChatModel, Recorder
from assistant.prompting.prompts import Prompt, load_prompt
from assistant.retrieval.retriever import Retriever
from assistant.types.answers import Answer
from assistant.types.claims import CheckMode
from assistant.types.evidence import Source
from assistant.types.questions import Question, SummaryRequest
from store.library.library import Library

if TYPE_CHECKING:
    from assistant.answers.model_check_run import Checker
    from assistant.query.planning.languages import AbstractLanguages

Keep = Callable[[Answer, str | None, str], Answer]
"""Saves an answer in a conversation (None: a new one of a name); returns it with its id there."""
KeepAll = Callable[[Sequence[Answer], str | None], Sequence[Answer]]
"""Saves answers in a conversation (None: a new one); returns them with its id there."""

_SOURCES = frozenset({"sources", "refusal", "token"})
PROMPT_INPUTS = {
    "answer": _SOURCES | {"question"},
    "summary": _SOURCES | {"request"},
    "overview": frozenset({"notes", "request", "token"}),
    "all": frozenset({"sources", "question", "numbers", "token"}),
    "plan": frozenset({"history", "records", "language", "question", "token"}),
    "check": CHECK_INPUTS,
    "uncited": frozenset({"address", "refusal"}),
}
"""What each prompt is given, by its name."""

_LATER = ("overview", "all", "uncited", "plan")
"""Prompts that few requests need: they are read when one does."""


def keep_nothing(answer: Answer, _session: str | None, _name: str) -> Answer:
    """Keep an answer in no conversation."""
    return answer


def keep_none(answers: Sequence[Answer], _session: str | None) -> Sequence[Answer]:
    """Keep answers in no conversation."""
    return answers


@dataclass(frozen=True)
class Judge:
    """The model that judges the claims of answers, when it does, and what it costs.

    `sends_to` is the host that they are sent to, None where they stay on this machine. A judge
    that `is_replay` has judged what it holds, and nothing else: "on" is "auto" for it.
    """

    model: ChatModel
    accounting: Accounting
    mode: CheckMode = "off"
    sends_to: str | None = None
    recorder: Recorder | None = None
    is_replay: bool = False


@dataclass(frozen=True)
class AnswerContext:
    """A library, the model that answers from it, its prompts, and where answers are saved."""

    library: Library
    model: ChatModel
    retriever: Retriever
    accounting: Accounting
    keep: Keep
    prompts: Mapping[str, Prompt]
    judge: Judge
    folder: Path | None = None
    recorder: Recorder | None = None

    @classmethod
    def of(
        cls,
        library: Library,
        model: ChatModel,
        keep: Keep,
        folder: Path | None,
        accounting: Accounting,
        recorder: Recorder | None = None,
        judge: Judge | None = None,
    ) -> AnswerContext:
        """All of it, the prompts from a folder of the reader's own first; raises PromptError.

        Without a `judge` the model that answers judges where a request asks for that.
        """
        judge = judge or Judge(model, accounting, recorder=recorder)
        prompts = {
            name: load_prompt(name, given, folder)
            for name, given in PROMPT_INPUTS.items()
            if name not in _LATER
        }
        return cls(
            library,
            model,
            Retriever(library),
            accounting,
            keep,
            prompts,
            judge,
            folder,
            recorder,
        )

    def with_model(
        self, model: ChatModel, accounting: Accounting, recorder: Recorder | None, judge: Judge
    ) -> AnswerContext:
        """The same with another model that answers, and one that judges."""
        return replace(self, model=model, accounting=accounting, recorder=recorder, judge=judge)

    @cached_property
    def checker(self) -> Checker:
        """Has the judge judge claims."""
        from assistant.answers.model_check_run import Checker

        judge, prompt = self.judge, self.prompts["check"]
        return Checker(judge.model, prompt, judge.accounting, judge.recorder, judge.is_replay)

    @cached_property
    def languages(self) -> AbstractLanguages:
        """The languages of the abstracts, which questions alone are compared with."""
        from assistant.query.planning.languages import AbstractLanguages

        return AbstractLanguages(self.library)

    async def get_ready(self, request: Question | SummaryRequest) -> None:
        """Have the model learn what its server states, and its judge where a check is asked for.

        Raises WrongUse where the judge has no key: nothing is sent then.
        """
        judging = [self.get_judge_ready()] if request.check else []
        await asyncio.gather(self.model.get_ready(), *judging)

    async def get_judge_ready(self) -> None:
        """Have another model that judges fetch its key, and learn the same; raises WrongUse."""
        if self.judge.model is not self.model:
            await self.judge.model.get_ready()

    def decide_check(
        self,
        retrieved: Retrieved,
        sources: Sequence[Source],
        claims: int,
        order: Order | None = None,
        recorded: Recording | None = None,
    ) -> CheckDecision:
        """Whether a model judges so many claims on these sources, by an order or what is recorded.

        What the built-in model says stands in the abstracts: it is judged only by request.
        """
        prepared, judge = retrieved.prepared, self.judge
        request = prepared.request
        if is_off(request.check, judge.mode) or (self.model.is_extractive and not request.check):
            return NO_CHECK
        is_known = recorded is not None and self.checker.requests.holds(recorded.replies)
        checking = FREE_OF_CHARGE if is_known else self.checker.requests.expected(sources, claims)
        costs = [prepared.spent.cost, prepared.estimate.cost]
        if order is not None and recorded is None:
            costs.append(order.estimate.cost)
        return decide(
            request.check,
            "auto" if judge.is_replay else judge.mode,
            judge.accounting.tariff,
            most=request.max_cost,
            before=None if None in costs else sum(cost or 0.0 for cost in costs),
            checking=checking,
        )

    def is_anew(self, request: Question | SummaryRequest) -> bool:
        """Whether what was made of replies is made again: a recording holds the replies."""
        return request.anew or self.recorder is not None

    def prompt(self, name: str) -> Prompt:
        """The prompt of this name; raises PromptError."""
        known = self.prompts.get(name)
        return known or load_prompt(name, PROMPT_INPUTS[name], self.folder)

    @property
    def parallel(self) -> int:
        """How many requests may be under way at once: a model on this machine has few cores."""
        return 2 if self.accounting.tariff.is_local else 4
