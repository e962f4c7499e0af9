"""How many sources a question needs, by how retrieval's scores fall off.

A fact stands in one paper, which scores far above the rest; the scores of a question about many
papers fall slowly. That tells the two apart as well as the words of the question do: AUROC .79 to
.95 on three sets of questions, by "which", plurals and the like .74 to .94.
`python -m tests.bench.answers --evidence` prints the needed papers kept and the tokens sent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.query.question import MAX_READ, asks_for_list
from store.pattern import pattern

FEW_SOURCES, MANY_SOURCES = 8, 20
"""So many sources are read to judge a question, and at most so many are evidence."""
BUDGET_FEW, BUDGET_MANY = 3_300, 8_300
"""Tokens of sources for up to six, and for more: with the words around them a prompt takes 4 000
and 9 000."""
FEW_FIT = 6

_SHARE, _LEAST, _LEAST_OF_SIDES = 0.55, 3, 8
_SHARE_OF_LIST, _LEAST_OF_LIST = 0.35, 6
"""A source is kept from this share of the best score on, and so many however fast they fall off.

Over 129 single facts, 45 questions for several papers and 19 on which papers differ that is 3.8
sources for a fact, and of the needed papers .938 and .904. With one share for all questions, .45,
it is 4.5 sources, .936 and .904; with .35 6.3, .946 and .904.
"""

_LEVEL_SHARE, _LEVEL_PAPERS = 0.55, 2
"""Papers from this share on are level with the best one; so many make a question broad."""

_SIDES = pattern(
    r"\b(?:compar\w+|differ\w*|versus|vs|disagree\w*|agree\w*|contradict\w*|conflict\w*|or|better"
    r"|worse|both|sides?|whether|split)\b|^\W*(?:do|does|did|is|are|was|were|can|could|should|will"
    r"|would|has|have)\b",
    re.IGNORECASE,
)


def has_sides(question: str) -> bool:
    """True for a question that papers may answer in opposite ways: "is", "or", "better than"."""
    return bool(_SIDES.search(question[:MAX_READ]))


def sources_needed(question: str, scores: Sequence[float], *, sides: bool = False) -> int:
    """How many of the best sources a question needs, given the scores of all in order.

    `sides` says that it has two, whatever its words say.
    """
    if asks_for_list(question):
        share, least = _SHARE_OF_LIST, _LEAST_OF_LIST
    else:
        share, least = _SHARE, _LEAST
    if sides or has_sides(question):
        least = max(least, _LEAST_OF_SIDES)
    return min(max(_above(scores, share), least), MANY_SOURCES)


def level_papers(scores: Sequence[float]) -> int:
    """How many of the best papers speak to a question alike; 1 where it is not broad."""
    level = _above(scores, _LEVEL_SHARE)
    return level if level >= _LEVEL_PAPERS else 1


def budget_for(sources: int, *, asked_for: bool) -> int:
    """The tokens that sources may take; the larger budget when the reader set their number."""
    return BUDGET_FEW if sources <= FEW_FIT and not asked_for else BUDGET_MANY


def _above(scores: Sequence[float], share: float) -> int:
    """How many scores in a row, from the best on, are at least this share of it."""
    for number, score in enumerate(scores):
        if score < share * scores[0]:
            return number
    return len(scores)
