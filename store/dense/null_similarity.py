"""How near papers are to a query by chance, measured on a sample of the ledger's vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from store.dense.dots import dots
from store.ledger.database import Ledger
from store.ledger.vectors import sample_vectors

if TYPE_CHECKING:
    from store.ledger.vectors import Vectors

SAMPLE = 1000
"""Vectors in the sample: the spread of similarities is then known to about 2 %."""
_GROWN = 1.1


@dataclass(frozen=True)
class Chance:
    """Mean and standard deviation of the similarity of one query to `number` papers."""

    mean: float
    spread: float
    number: int


class Background:
    """Keeps the sample of an embedder's vectors in memory, and takes a new one as they grow."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._embedder = -1
        self._papers = 0
        self._sample: Vectors | None = None

    def of(self, embedder: int, query: Vectors) -> Chance:
        """The similarities that a query, shape (d,), has to papers taken at random."""
        papers = int(self._ledger.value("SELECT max(key) FROM papers") or 0)
        stale = embedder != self._embedder or not (
            papers / _GROWN <= self._papers <= papers * _GROWN
        )
        if self._sample is None or stale:
            self._sample = sample_vectors(self._ledger, embedder, SAMPLE, len(query))
            self._embedder, self._papers = embedder, papers
        if not len(self._sample):
            return Chance(0.0, 0.0, 0)
        scores = dots(self._sample, query)
        return Chance(float(scores.mean()), float(scores.std()), len(scores))
