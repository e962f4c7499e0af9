"""Answers that the records give: no model is asked for them, whichever was chosen."""

from __future__ import annotations

from assistant.answers.context import AnswerContext
from assistant.answers.cost import Recording
from assistant.answers.stages import GroundedPrompt
from assistant.generation.extractive.listing import listing
from assistant.prompting.prompts import REFUSAL
from assistant.retrieval.term_statistics import LibraryStatistics
from assistant.types.answers import Outcome

FROM_RECORDS = "from the records, no model wrote it"
"""The note on an answer that no model had to write."""


def from_records(context: AnswerContext, grounded: GroundedPrompt) -> tuple[Recording, Outcome]:
    """The lists and counts of a question whose parts are all of records.

    Where nothing matches any of them, that is the outcome, and the note says what there is.
    """
    parts = grounded.retrieved.parts
    if not any(one.evidence.answerable for one in parts):
        why = "; ".join(dict.fromkeys(one.instead for one in parts if one.instead))
        note = f"{why}; {FROM_RECORDS}" if why else FROM_RECORDS
        return Recording((REFUSAL,), note), "not_in_collection"
    texts = [f"{one.paper.title} {one.paper.abstract}" for one in grounded.evidence.sources]
    statistics = LibraryStatistics(context.library, texts)
    similarity = context.retriever.similarity
    text = "\n\n".join(listing(one, statistics, similarity) for one in parts)
    return Recording((text,), FROM_RECORDS), "answered"
