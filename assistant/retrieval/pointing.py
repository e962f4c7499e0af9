"""The sentences of a source that a claim rests on which cites all of it."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.retrieval.evidence_similarity import (
    Similarity,
    coverages,
    covered,
    rank_sentences,
)
from assistant.text.words import numbers_missing, terms
from assistant.types.evidence import Source

_GAIN = 0.12
"""The share of a claim's weight that a further sentence must add."""

_MOST = 3


def pointed(
    claim: str, weighted: Mapping[str, float], source: Source, similarity: Similarity | None
) -> list[int]:
    """The indices of the best sentence, and of others that add much or a missing number.

    `weighted` are the claim's terms with their idf.
    """
    texts = [one.text for one in source.sentences]
    row = similarity([claim], texts)[0] if similarity else None
    first, *others = (index for index, _ in rank_sentences(weighted, source.sentences, row))
    shares = coverages(weighted, [frozenset(terms(text)) for text in texts])
    chosen, held = [first], _joined(shares[0], shares[first])
    missing = numbers_missing(claim, f"{texts[0]}\n{texts[first]}")
    for index in others:
        more = _joined(held, shares[index])
        read = "\n".join(texts[at] for at in (0, *chosen, index))
        still = missing and numbers_missing(claim, read)
        gain = covered(weighted, more) - covered(weighted, held)
        if gain >= _GAIN or len(still) < len(missing):
            chosen.append(index)
            held, missing = more, still
        if len(chosen) == _MOST:
            break
    return sorted(chosen)


def _joined(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    return {term: max(share, other[term]) for term, share in one.items()}
