"""Measures of one ranked list, and intervals of their means over queries; pure functions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

Grades = Mapping[str, int]
"""Relevance of documents by id; what is not there has 0."""


def ndcg(ranked: Sequence[str], grades: Grades, k: int) -> float:
    """nDCG@k with linear gains and a log2 discount, as trec_eval has it."""
    gained = sum(max(grades.get(name, 0), 0) / math.log2(at + 2) for at, name in _first(ranked, k))
    ideal = sorted((grade for grade in grades.values() if grade > 0), reverse=True)[:k]
    best = sum(grade / math.log2(at + 2) for at, grade in enumerate(ideal))
    return gained / best if best else 0.0


def recall(ranked: Sequence[str], grades: Grades, k: int) -> float:
    """Share of the relevant documents that are among the first k."""
    relevant = {name for name, grade in grades.items() if grade > 0}
    return len(relevant & set(ranked[:k])) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranked: Sequence[str], grades: Grades, k: int) -> float:
    """One over the rank of the first relevant document, 0 when none is among the first k."""
    found = (at for at, name in _first(ranked, k) if grades.get(name, 0) > 0)
    return 1 / (next(found, -2) + 1) if any(grades.get(name, 0) > 0 for name in ranked[:k]) else 0.0


MEASURES = {
    "nDCG@10": lambda ranked, grades: ndcg(ranked, grades, 10),
    "R@10": lambda ranked, grades: recall(ranked, grades, 10),
    "R@100": lambda ranked, grades: recall(ranked, grades, 100),
    "MRR@10": lambda ranked, grades: reciprocal_rank(ranked, grades, 10),
}
"""What the bench prints, by name."""


def mean(values: Sequence[float]) -> float:
    """The mean, 0 of nothing."""
    return sum(values) / len(values) if values else 0.0


def _first(ranked: Sequence[str], k: int) -> list[tuple[int, str]]:
    return list(enumerate(ranked[:k]))
