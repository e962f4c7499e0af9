"""The papers of a large summary: grouped by topic, each group with the papers that stand for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.prompting.grounding import SAME_TOKEN, estimate_tokens, render_source
from assistant.retrieval.retriever import Retriever
from assistant.retrieval.topic_labels import labels
from assistant.retrieval.topics import (
    MOST_GROUPS,
    SAMPLE,
    Topic,
    group,
    typical,
    word_vectors,
)
from assistant.types.evidence import Evidence, Source
from store.library.library import Library
from store.sentences.readings import Readings

if TYPE_CHECKING:
    from store.ledger.vectors import Vectors

GROUP_TOKENS = 3_000
"""Tokens of papers in the request about one group."""
GROUP_PAPERS = 8


@dataclass(frozen=True)
class Group:
    """A topic of a summary: a few telling words, how many papers, and the sources that stand
    for it, by their numbers in the evidence."""

    label: str
    size: int
    sources: tuple[int, ...]

    @property
    def heading(self) -> str:
        """The line above what is said of the group."""
        # No brackets: a number in them could be read as a citation.
        papers = "1 paper" if self.size == 1 else f"{self.size} papers"
        return f"{papers} on {self.label or 'other things'}:"


@dataclass(frozen=True)
class Grouped:
    """Papers in groups: the evidence holds those that stand for them, `placed` counts all."""

    groups: tuple[Group, ...]
    evidence: Evidence
    placed: int


def group_papers(
    library: Library, retriever: Retriever, ids: Sequence[str], lines: int, *, ranked: bool
) -> Grouped:
    """Papers grouped by topic, with about `lines` papers that stand for them, each group one.

    With `ranked` the order of the ids is how much they matter: the first of each group stand
    for it, else the most typical.
    """
    names, vectors = _read(library, ids)
    topics = group(vectors)
    words = labels([_told(library, retriever, names, one) for one in topics])
    order = {name: at for at, name in enumerate(ids)}
    chosen: list[tuple[str, int, tuple[int, ...]]] = []
    for topic, label in zip(topics, words, strict=True):
        number = _share(len(topic.members), len(names), lines, len(topics))
        if ranked:
            first = sorted(topic.members, key=lambda at: order[names[at]])[:number]
            stand = tuple(first)
        else:
            stand = typical(topic, vectors, number)
        chosen.append((label, len(topic.members), stand))
    picked = [names[at] for _, _, stand in chosen for at in stand]
    evidence = retriever.of_papers(picked)
    numbers = {one.paper.id: one.number for one in evidence.sources}
    groups = tuple(
        Group(label, size, tuple(numbers[names[at]] for at in stand if names[at] in numbers))
        for label, size, stand in chosen
    )
    dropped = len(ids) - len(evidence.sources)
    return Grouped(
        tuple(one for one in groups if one.sources),
        evidence.model_copy(update={"considered": len(ids), "dropped": dropped}),
        len(names),
    )


def within_budget(sources: Sequence[Source], budget: int = GROUP_TOKENS) -> tuple[Source, ...]:
    """The first sources that fit into the request about one group, at least one."""
    kept: list[Source] = []
    spent = 0
    for one in sources[:GROUP_PAPERS]:
        spent += estimate_tokens(render_source(one, SAME_TOKEN))
        if kept and spent > budget:
            break
        kept.append(one)
    return tuple(kept)


def most_lines() -> int:
    """So many papers stand for groups that a chat model reads: each group has its own request."""
    return MOST_GROUPS * GROUP_PAPERS


def _share(size: int, total: int, lines: int, groups: int) -> int:
    """How many papers stand for a group: one, and its share of the lines that are left."""
    return min(size, 1 + round(max(lines - groups, 0) * size / max(total, 1)))


def _read(library: Library, ids: Sequence[str]) -> tuple[list[str], Vectors]:
    """Ids of papers that are there, and vectors: those of the library, else by words."""
    known = library.vectors(ids)
    if known is not None and len(known[0]) == len(ids):
        return known
    texts = library.texts(ids)
    there = [name for name in ids if name in texts]
    if known is not None and len(known[0]) == len(there):
        return known
    # Some lack a vector: words place them all.
    return there, word_vectors([". ".join(texts[one]) for one in there])


def _told(
    library: Library, retriever: Retriever, names: Sequence[str], topic: Topic
) -> tuple[Readings, list[tuple[str, str]]]:
    """What was read of the papers that are most typical of a group, and their texts."""
    members = [names[at] for at in topic.members[:SAMPLE]]
    readings, texts = retriever.readings(members), library.texts(members)
    return readings, [texts.get(name, ("", "")) for name in readings.ids]
