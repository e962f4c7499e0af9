"""Statistics of terms without a library: of a set of texts, or of none."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain

from assistant.text.words import terms


@dataclass(frozen=True)
class FlatStatistics:
    """Statistics of no collection: every term counts the same."""

    def idf(self, term: str) -> float:
        """One, for every term."""
        return 1.0

    def learn(self, text: str) -> None:
        """There is nothing to look up."""


@dataclass(frozen=True)
class CorpusStatistics:
    """Statistics of a set of texts: how many there are, and how many hold each term.

    The idf is that of BM25 in Lucene: ln(1 + (N - n + .5) / (n + .5)).
    """

    documents: int
    frequencies: Mapping[str, int] = field(repr=False)

    @classmethod
    def from_texts(cls, texts: Iterable[str]) -> CorpusStatistics:
        """Count the terms of texts; a text is a paper's title and abstract."""
        each = [set(terms(text)) for text in texts]
        return cls(len(each), Counter(chain.from_iterable(each)))

    def idf(self, term: str) -> float:
        """ln(1 + (N - n + .5) / (n + .5))."""
        count = self.frequencies.get(term, 0)
        return math.log(1 + (max(self.documents, count) - count + 0.5) / (count + 0.5))

    def learn(self, text: str) -> None:
        """Terms are counted as such."""
