"""A question read into its plan, step by step, without a model."""

from __future__ import annotations

from assistant.query.planning.asks import asks_of_all
from assistant.query.planning.split import MOST_QUESTIONS, split_questions
from assistant.types.plans import PlannedPart, QuestionPlan
from store.library.library import Library


def read_question(question: str, library: Library) -> QuestionPlan:
    """How a question that stands alone is understood by its words and by a library's records.

    `question` may have several lines. Synchronous, for a thread.
    """
    found = split_questions(question, library.document_frequency)
    left = f"the first {MOST_QUESTIONS} of {MOST_QUESTIONS + found.left_out} questions"
    return QuestionPlan(
        parts=tuple(
            asks_of_all(PlannedPart(question=one), library.document_frequency)
            for one in found.texts
        ),
        read_as=left if found.left_out else "",
    )
