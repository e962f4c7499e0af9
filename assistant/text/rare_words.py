"""How rare a term is in a collection, told from its idf."""

from __future__ import annotations

import math

from assistant.text.words import Statistics

_COMMON = 0.02
"""The share of a collection's papers from which on a word that they hold is common."""

_UNKNOWN_TERM = "qxzqxzq"


def unknown_idf(statistics: Statistics) -> float:
    """The idf of a term that no paper has, the highest there is."""
    return statistics.idf(_UNKNOWN_TERM)


def is_rare(term: str, statistics: Statistics, fewest: int = 0) -> bool:
    """True for a term that at most one paper of the collection has, or two in a hundred.

    In one of less than `fewest` papers none is.
    """
    # An idf is ln((N + 1) / (n + .5)), so that of a term in no paper tells N.
    unknown = unknown_idf(statistics)
    papers = math.exp(unknown) / 2 - 1
    holding = (math.exp(unknown - statistics.idf(term)) - 1) / 2
    return papers + 1e-6 >= fewest and holding <= max(1.0, _COMMON * papers) + 1e-6
