"""The built-in model: it answers with sentences of the evidence, word for word."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.generation.base import ModelTask
from assistant.generation.extractive.detail_selection import giving
from assistant.generation.extractive.listing import listing
from assistant.generation.extractive.selection import (
    Selected,
    ranked_sentences,
    select_answer,
    select_summary,
)
from assistant.generation.extractive.several_papers import asks_to_weigh, select_list
from assistant.generation.extractive.side_by_side import NOT_JUDGED, asks_for_sides, side_by_side
from assistant.generation.extractive.verbatim import verbatim
from assistant.query.details import given
from assistant.query.named_systems import named_in
from assistant.query.question import core_words, joined_names, kind_of
from assistant.retrieval.evidence_similarity import Similarity
from assistant.text.words import Statistics
from assistant.types.plans import AskedPart, PlannedPart


def extracted(
    task: ModelTask, statistics: Statistics, similarity: Similarity | None
) -> tuple[str, ...]:
    """The answer to a task in sentences of its evidence, a paragraph each with its addresses.

    Nothing is said of its own: without evidence there is no paragraph, and no plan.
    """
    if task.kind == "plan":
        return ()
    if task.kind != "answer":
        question = joined_names(task.question, statistics)
        sources, most = task.evidence.sources, task.max_sentences
        chosen = select_summary(question, sources, statistics, similarity, most)
        return tuple(map(_paragraph, chosen))
    parts = task.parts or (
        AskedPart(plan=PlannedPart(question=task.question), evidence=task.evidence),
    )
    return tuple(
        paragraph
        for part in parts
        if part.evidence.answerable
        for paragraph in _answered(part, statistics, similarity, task.max_sentences)
    )


def _answered(
    part: AskedPart, known: Statistics, similarity: Similarity | None, most: int
) -> Iterator[str]:
    """The paragraphs on one part of a question; a heading leads papers that stand side by side."""
    if part.plan.is_list:
        yield listing(part, known, similarity)
        return
    beside = _beside(part, known, similarity, most)
    if beside:
        yield NOT_JUDGED
    yield from map(_paragraph, beside or _selected(part, known, similarity, most))


def _beside(
    part: AskedPart, known: Statistics, similarity: Similarity | None, most: int
) -> tuple[Selected, ...]:
    """A sentence of each paper below its title, where a question asks whether papers agree."""
    question, sources = part.plan.question, part.evidence.sources
    if not asks_for_sides(question):
        return ()
    ranked = ranked_sentences(question, sources, known, similarity)
    found = side_by_side(question, ranked, similarity, most)
    return tuple(Selected(one.source, tuple(sorted({0, one.index}))) for one in found)


def _selected(
    part: AskedPart, known: Statistics, similarity: Similarity | None, most: int
) -> tuple[Selected, ...]:
    sources, plan = part.evidence.sources, part.plan
    question = joined_names(plan.query if plan.asks is None else plan.asks, known)
    if plan.asks is not None and not core_words(question):
        return select_summary(joined_names(plan.question, known), sources, known, similarity, most)
    if plan.asks is not None and len(sources) > 1:
        each = (select_answer(question, (one,), known, similarity, 1) for one in sources)
        return tuple(entry for chosen in each for entry in chosen)
    several = kind_of(question) == "list" or len(named_in(question, sources)) > 1
    if not several:
        detail = given(question, sources, known)
        if detail is not None and detail.found:
            return giving(detail, question, known, similarity, most)
    select = select_list if several or asks_to_weigh(question) else select_answer
    return select(question, sources, known, similarity, most)


def _paragraph(entry: Selected) -> str:
    """Sentences of one source, every one with its address after it."""
    return " ".join(
        f"{verbatim(entry.source.sentences[index].text)} [{entry.source.number}.{index}]"
        for index in entry.indices
    )
