"""The built-in model: it answers with sentences of the evidence, word for word."""

from __future__ import annotations

from re import Match

from assistant.citations.forms import find_group
from assistant.generation.base import ModelTask
from assistant.generation.extractive.detail_selection import giving
from assistant.generation.extractive.selection import Selected, select_answer, select_summary
from assistant.generation.extractive.several_papers import asks_to_weigh, select_list
from assistant.prompting.grounding import unaddressed
from assistant.query.details import given
from assistant.query.named_systems import named_in
from assistant.query.question import core_words, joined_names, kind_of
from assistant.retrieval.evidence_similarity import Similarity
from assistant.text.words import Statistics
from assistant.types.plans import AskedPart, PlannedPart
from store.pattern import pattern

_BRACKETS = pattern(r"[\[\]【】［］]|[(（]")
_SPACE = pattern(r"\s+")


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
        _paragraph(entry)
        for part in parts
        if part.evidence.answerable
        for entry in _selected(part, statistics, similarity, task.max_sentences)
    )


def _selected(
    part: AskedPart, known: Statistics, similarity: Similarity | None, most: int
) -> tuple[Selected, ...]:
    sources, plan = part.evidence.sources, part.plan
    question = joined_names(plan.question if plan.asks is None else plan.asks, known)
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


def verbatim(text: str) -> str:
    """A sentence on one line, its brackets escaped so that none is read as a citation.

    A mark of its own, like "[2]", gets round brackets: a reader would take it for one of ours.
    """
    line = _SPACE.sub(" ", unaddressed(text)).strip()

    def escaped(found: Match[str]) -> str:
        may_cite = found.group() not in "(（" or find_group(line, found.start(), final=True)
        return f"\\{found.group()}" if may_cite else found.group()

    return _BRACKETS.sub(escaped, line)


def _paragraph(entry: Selected) -> str:
    """Sentences of one source, every one with its address after it."""
    return " ".join(
        f"{verbatim(entry.source.sentences[index].text)} [{entry.source.number}.{index}]"
        for index in entry.indices
    )
