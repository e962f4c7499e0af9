"""The words that tell most of what a paper is about."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

from store.lexical.stopwords import STOP_WORDS
from store.pattern import pattern
from store.types import Paper

MOST_WORDS = 25
"""Words taken of an abstract, beside all of the title."""
_APART = " and "
_WORD = pattern(r"[^\W\d_][^\W_]+")


def telling_words(paper: Paper, document_frequency: Callable[[str], int]) -> str:
    """The words of a title, and those of the abstract with the greatest tf·idf, as one text.

    A word that no other paper holds finds none, and is left out.
    """
    counts = Counter(word.lower() for word in _words(f"{paper.title}. {paper.abstract}"))
    holding = {word: document_frequency(word) for word in counts}
    total = max(holding.values(), default=1)
    weight = {
        word: number * math.log(1 + total / holding[word])
        for word, number in counts.items()
        if holding[word] > 1
    }
    best = sorted(weight, key=lambda word: (-weight[word], word))[:MOST_WORDS]
    # Neighbouring words are looked up as pairs too: those of the abstract are no neighbours.
    return _APART.join((paper.title, *best))


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if word.lower() not in STOP_WORDS]
