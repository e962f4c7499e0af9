"""A question read into its plan, step by step, without a model."""

from __future__ import annotations

from datetime import date

from assistant.query.planning.asks import asks_of_all
from assistant.query.planning.records import Read, read_records
from assistant.query.planning.split import MOST_QUESTIONS, split_questions
from assistant.types.plans import PlannedPart, QuestionPlan
from store.library.library import Library


def read_question(question: str, library: Library) -> QuestionPlan:
    """How a question that stands alone is understood by its words and by a library's records.

    `question` may have several lines. Synchronous, for a thread.
    """
    found = split_questions(question, library.document_frequency)
    left = f"the first {MOST_QUESTIONS} of {MOST_QUESTIONS + found.left_out} questions"
    read = [read_records(one, library, date.today()) for one in found.texts]
    words = [one.words for one in read if one.words]
    return QuestionPlan(
        parts=tuple(_asking(one, library) for one in read),
        read_as="; ".join((*words, *([left] if found.left_out else []))),
    )


def _asking(read: Read, library: Library) -> PlannedPart:
    """A part with what it asks of all papers: what the records answer of it is not read again."""
    part = read.part.model_copy(update={"question": read.part.query})
    found = asks_of_all(part, library.document_frequency)
    return found.model_copy(update={"question": read.part.question})
