"""A question as it is read: by its words, and then by a model."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.answers.cost import FREE_OF_CHARGE
from assistant.generation.base import ModelTask
from assistant.query.standing_alone import FollowUp
from assistant.types.plans import QuestionPlan
from assistant.types.questions import Question
from assistant.types.sessions import Turn
from assistant.types.usage import Estimate, Usage

FREE = Usage(cost=0.0)


@dataclass(frozen=True)
class ByWords:
    """A question read without a model: as it was asked, standing alone, and its plan."""

    request: Question
    asked: str
    history: tuple[Turn, ...]
    follow: FollowUp
    plan: QuestionPlan


@dataclass(frozen=True)
class Planned:
    """A plan, and what it took, or would take where the request for it was not sent (`unsent`)."""

    plan: QuestionPlan
    spent: Usage = FREE
    estimate: Estimate = FREE_OF_CHARGE
    note: str = ""
    unsent: ModelTask | None = None
