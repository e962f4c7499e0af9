"""The evidence of a question's parts, as one: each paper once, the best of each part first."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from assistant.types.evidence import Evidence, Source
from assistant.types.plans import AskedPart


def merged(parts: Sequence[AskedPart]) -> tuple[Evidence, tuple[AskedPart, ...]]:
    """One evidence for all parts, and the parts with its numbers.

    Sources are taken from each part in turn, by rank. It is answerable where one part is, and
    sure where all that are answerable are.
    """
    if len(parts) == 1:
        return parts[0].evidence, tuple(parts)
    rows = zip_longest(*(one.evidence.sources for one in parts))
    sources: dict[str, Source] = {}
    for source in (one for row in rows for one in row if one is not None):
        sources.setdefault(source.paper.id, source)
    numbered = {
        name: one.model_copy(update={"number": number})
        for number, (name, one) in enumerate(sources.items(), 1)
    }
    every = [one.evidence for one in parts]
    misses = {miss.id: miss for one in every if not one.answerable for miss in one.near_misses}
    whole = Evidence(
        sources=tuple(numbered.values()),
        considered=sum(one.considered for one in every),
        answerable=any(one.answerable for one in every),
        sure=all(one.sure for one in every if one.answerable),
        near_misses=tuple(misses.values()),
        notes=tuple(dict.fromkeys(note for one in every for note in one.notes)),
    )
    return whole, tuple(_renumbered(one, numbered) for one in parts)


def _renumbered(part: AskedPart, numbered: dict[str, Source]) -> AskedPart:
    own = tuple(
        one.model_copy(update={"number": numbered[one.paper.id].number})
        for one in part.evidence.sources
    )
    evidence = part.evidence.model_copy(update={"sources": own})
    return part.model_copy(update={"evidence": evidence})
