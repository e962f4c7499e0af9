"""Calibrated score fusion of a lexical and a dense list; pure functions.

Each score is put on the scale of its query's own chance: how many standard deviations a
paper stands above papers taken at random. The numbers then mean the same in a small and in
a large collection, a query whose rare words all match speaks mostly through its words, and
one in other words than the paper's mostly through its vector, without a rule for either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

LIST_LENGTH = 100
"""How many papers each list gives to the fusion."""
PRIOR_PAPERS = 20
"""How many papers' worth the usual spread of an embedder counts beside the measured one."""

SCORE_DIGITS = 4  # Chroma and the exact scan differ in the seventh digit of a cosine

Ranked = Sequence[tuple[str, float]]
"""Ids with scores, best first."""
_NOT_THERE = (None, None)


@dataclass(frozen=True)
class Calibration:
    """What fusion knows of an embedder.

    `weight` is the share of the dense list, from 0 to 1; `mean` and `spread` are the usual
    mean and standard deviation of the cosine of a query and a paper taken at random.
    `by_sentence` and `by_similarity` are what the first papers gain, in standard deviations, by
    the best sentence that holds all of a query, and by the nearest sentence's cosine of 1.
    """

    weight: float
    mean: float
    spread: float
    by_sentence: float = 2.0
    by_similarity: float = 0.0


@dataclass(frozen=True)
class DenseList:
    """The dense list of a query: `also` holds cosines of papers that are not in it.

    `mean`, `spread` and `number` tell the cosines of papers taken at random.
    """

    ranked: Ranked
    also: Mapping[str, float]
    mean: float
    spread: float
    number: int


class Fused(NamedTuple):
    """A paper after fusion: score in standard deviations, and rank (from 1) and raw scores.

    The shares add up to the score: `covered_share` is what the words of its text gave,
    `similar_share` the nearest of its sentences, `token_share` the vectors of its tokens, each 0
    for a paper that was not compared by it.
    """

    id: str
    score: float
    lexical_rank: int | None
    dense_rank: int | None
    lexical_score: float | None
    dense_score: float | None
    lexical_share: float = 0.0
    dense_share: float = 0.0
    covered_share: float = 0.0
    similar_share: float = 0.0
    token_share: float = 0.0


def fuse(
    worded: Ranked, spread: float, dense: DenseList | None, calibration: Calibration
) -> list[Fused]:
    """The weighted sum of two lists in standard deviations above chance, best first.

    `spread` is the standard deviation of the query's lexical score. A paper that is not in
    the lexical list counts with 0 there. Without a dense list the words count alone. Ties
    are broken by id.
    """
    weight = 0.0 if dense is None else calibration.weight
    words = {name: (rank, score) for rank, (name, score) in enumerate(worded, 1)}
    ranks: dict[str, int] = {}
    cosines: dict[str, float] = {}
    mean, deviation = calibration.mean, calibration.spread
    if dense is not None:
        mean, deviation = _chance(dense, calibration)
        ranks = {name: rank for rank, (name, _) in enumerate(dense.ranked, 1)}
        cosines = {**dense.also, **dict(dense.ranked)}
    fused = []
    for name in {**words, **ranks}:
        rank, score = words.get(name, _NOT_THERE)
        lexical = (1 - weight) * score / spread if score else 0.0
        cosine = cosines.get(name)
        near = 0.0 if cosine is None else weight * (cosine - mean) / deviation
        both = round(lexical + near, SCORE_DIGITS)
        fused.append(Fused(name, both, rank, ranks.get(name), score, cosine, lexical, near))
    return sorted(fused, key=lambda one: (-one.score, one.id))


def _chance(dense: DenseList, usual: Calibration) -> tuple[float, float]:
    """Mean and standard deviation by chance, drawn towards the usual ones in a small sample."""
    total = dense.number + PRIOR_PAPERS
    mean = (dense.number * dense.mean + PRIOR_PAPERS * usual.mean) / total
    variance = (dense.number * dense.spread**2 + PRIOR_PAPERS * usual.spread**2) / total
    return mean, max(variance, 1e-8) ** 0.5
