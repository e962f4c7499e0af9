"""The sources to show with a text that cites none of them."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.types.claims import Claim, NearSentence
from assistant.types.evidence import Evidence, NearMiss, Source

UNCITED = "answered without citations: which source a sentence rests on is not known"
"""The note on a text of which nothing is cited."""

_SHOWN = 3
_HOLDS = "holds the words of a sentence of the answer"
_READ = "was read for the answer"


def closest_sources(evidence: Evidence, claims: Sequence[Claim]) -> tuple[NearMiss, ...]:
    """The three sources that come closest to an uncited text, each once, with a sentence.

    First come those that hold the words of a claim, then those nearest to the question.
    """
    held: dict[str, NearSentence] = {}
    for claim in claims:
        if claim.nearest is not None:
            held.setdefault(claim.nearest.id, claim.nearest)
    misses = {one.id: one for one in evidence.near_misses}
    sources = {one.paper.id: one for one in evidence.sources}
    order = dict.fromkeys((*held, *(one for one in misses if one in sources), *sources))
    return tuple(_near(sources[one], held.get(one), misses.get(one)) for one in [*order][:_SHOWN])


def _near(source: Source, held: NearSentence | None, miss: NearMiss | None) -> NearMiss:
    index, quote = (miss.sentence, miss.quote) if miss else (None, "")
    if held is not None:
        index, quote = held.sentence, held.quote
    return NearMiss(
        id=source.paper.id,
        title=source.paper.title,
        score=miss.score if miss else round(source.score, 4),
        why=_HOLDS if held else _READ,
        sentence=index,
        quote=quote,
    )
