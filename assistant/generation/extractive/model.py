"""The built-in model: it answers with sentences of the evidence, word for word."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.generation.base import ModelTask
from assistant.generation.extractive.listing import listing
from assistant.generation.extractive.selection import (
    Selected,
    select_answer,
    select_each,
    select_nearest,
    select_summary,
)
from assistant.generation.extractive.side_by_side import NOT_JUDGED, asks_for_sides, side_by_side
from assistant.generation.extractive.verbatim import addressed, headed, verbatim
from assistant.query.question import core_words
from assistant.retrieval.evidence_similarity import Similarity
from assistant.retrieval.kept_sentences import KeptSentences
from assistant.retrieval.sentence_measure import ranked_sentences
from assistant.text.words import Statistics
from assistant.types.plans import AskedPart, PlannedPart
from store.pattern import pattern

NEAREST = "Nearest sentences:"
NEAREST_TO = "Nearest sentences to “%s”:"
"""What heads sentences that may not answer; a line that ends in a colon is no claim."""

_ENDS = pattern(r"[.?!]+(?=\s)")


def extracted(
    task: ModelTask,
    statistics: Statistics,
    similarity: Similarity | None,
    kept: KeptSentences | None = None,
) -> tuple[str, ...]:
    """The answer to a task in sentences of its evidence, a paragraph each with its addresses.

    Nothing is said of its own: without evidence there is no paragraph, and no plan. `kept` may
    spare `similarity` where papers are summed up.
    """
    if task.kind == "plan":
        return ()
    if task.kind != "answer":
        sources, most = task.evidence.sources, task.max_sentences
        chosen = select_summary(task.question, sources, statistics, similarity, most, kept)
        return tuple(map(_paragraph, chosen))
    parts = task.parts or (
        AskedPart(plan=PlannedPart(question=task.question), evidence=task.evidence),
    )
    several, said = len(parts) > 1, list[str]()
    for part in parts:
        if part.evidence.answerable:
            found = _answered(part, statistics, similarity, task.max_sentences, several)
            # What answers two questions is said once; below a heading of its own it stays.
            said += [one for one in found if not part.evidence.sure or one not in said]
    return tuple(said)


def _answered(
    part: AskedPart,
    statistics: Statistics,
    similarity: Similarity | None,
    most: int,
    several: bool,
) -> Iterator[str]:
    """The paragraphs on one part of a question, behind a heading where they may not answer it.

    So are papers that stand side by side.
    """
    plan = part.plan
    if plan.is_list:
        yield listing(part, statistics, similarity)
        return
    if beside := _beside(part, statistics, similarity, most):
        yield NOT_JUDGED
    chosen = beside or _chosen(part, statistics, similarity, most)
    if chosen and not part.evidence.sure:
        yield NEAREST_TO % _quoted(plan.question) if several else NEAREST
    yield from map(_paragraph, chosen)


def _chosen(
    part: AskedPart, statistics: Statistics, similarity: Similarity | None, most: int
) -> tuple[Selected, ...]:
    """The sentences for one part; of papers that are decided already the best of each."""
    plan, sources = part.plan, part.evidence.sources
    question = plan.query if plan.asks is None else plan.asks
    if plan.asks is not None and not core_words(question):
        return select_summary(plan.question, sources, statistics, similarity, most)
    if plan.asks is not None and len(sources) > 1:
        return select_each(question, sources, statistics, similarity)
    if part.evidence.sure:
        return select_answer(question, sources, statistics, similarity, most)
    return select_nearest(question, sources, statistics, similarity)


def _beside(
    part: AskedPart, statistics: Statistics, similarity: Similarity | None, most: int
) -> tuple[Selected, ...]:
    """A sentence of each paper below its title, where a question asks whether papers agree."""
    question, sources = part.plan.question, part.evidence.sources
    if not part.evidence.sure or not asks_for_sides(question):
        return ()
    ranked = ranked_sentences(question, sources, statistics, similarity)
    found = side_by_side(question, ranked, similarity, most)
    return tuple(Selected(one.source, tuple(sorted({0, one.index}))) for one in found)


def _quoted(question: str) -> str:
    """A question as it stands in a heading: one sentence, whose end is that of the heading."""
    return _ENDS.sub(";", verbatim(question)).rstrip(" ?!.;:")


def _paragraph(entry: Selected) -> str:
    """Sentences of one source, every one with its address after it, a title first."""
    pieces = [
        addressed(entry.source.sentences[index].text, entry.source.number, index)
        for index in entry.indices
    ]
    head = entry.indices[0] == 0 and len(pieces) > 1
    return headed(pieces[0], " ".join(pieces[1:])) if head else " ".join(pieces)
