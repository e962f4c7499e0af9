"""How many sources a question needs, by its words and by how retrieval's scores fall off.

A fact stands in one paper, which scores far above the rest; a question about many papers has
scores that fall slowly. The shares and limits were chosen on the questions of
tests/bench/questions_dev.jsonl whose split is "dev";
`python -m tests.bench.answers --evidence` prints the needed papers kept and the tokens sent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.query.detail_forms import detail_of
from assistant.query.question import kind_of
from store.pattern import pattern

FEW_SOURCES, MANY_SOURCES = 8, 20
"""At most so many sources for a single fact, and for a question about several papers."""
LEAST_FEW, LEAST_MANY = 3, 6
"""At least so many of each, however fast the scores fall off."""
BUDGET_FEW, BUDGET_MANY = 3_300, 8_300
"""Tokens of sources for each: with the words around them a prompt takes 4 000 and 9 000."""

_FEW_SHARE, _MANY_SHARE, _FLAT_SHARE = 0.5, 0.35, 0.6
"""A source is kept from this share of the best score on. A question that seems to ask for one
fact asks for more when more than `FEW_SOURCES` lie above the last share."""

_MANY = pattern(
    r"\b(?:what (?:methods|papers|approaches|techniques|models|works|datasets|benchmarks)"
    r"|papers|methods|approaches|techniques|works|studies|compare|comparison|differ\w*|versus|vs"
    r"|disagree\w*|contradict\w*|conflict\w*|all|every|each|list|how many (?:papers|methods)"
    r"|overview|survey|trends?"
    r"|most|best|several|various|ways|common|across)\b",
    re.IGNORECASE,
)


def asks_for_many(question: str) -> bool:
    """True for a question whose words ask for several papers."""
    if kind_of(question) == "list":
        return True
    return bool(_MANY.search(question)) and detail_of(question) is None


def sources_needed(question: str, scores: Sequence[float]) -> int:
    """How many of the best sources a question needs, given the scores of all in order."""
    if asks_for_many(question):
        return min(max(_above(scores, _MANY_SHARE), LEAST_MANY), MANY_SOURCES)
    flat = _above(scores, _FLAT_SHARE)
    if flat > FEW_SOURCES and detail_of(question) is None:
        return min(flat, MANY_SOURCES)
    return min(max(_above(scores, _FEW_SHARE), LEAST_FEW), FEW_SOURCES)


def budget_for(question: str, sources: int, *, asked_for: bool) -> int:
    """The tokens that sources may take; the larger budget when the reader set their number."""
    few = sources <= FEW_SOURCES and not asks_for_many(question) and not asked_for
    return BUDGET_FEW if few else BUDGET_MANY


def _above(scores: Sequence[float], share: float) -> int:
    """How many scores in a row, from the best on, are at least this share of it."""
    number = 0
    for score in scores:
        if score < share * scores[0]:
            break
        number += 1
    return number
