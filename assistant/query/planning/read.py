"""A question read into its plan, step by step, without a model."""

from __future__ import annotations

from assistant.types.plans import QuestionPlan, plain
from store.library.library import Library


def read_question(question: str, library: Library) -> QuestionPlan:
    """How a question that stands alone is understood by its words and by a library's records.

    `question` may have several lines. Synchronous, for a thread.
    """
    return plain(" ".join(question.split()))
