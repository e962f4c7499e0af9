"""Setting papers side by side: a sentence of each, on the same thing, for a reader to compare."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence

from assistant.query.named_systems import named_in
from assistant.retrieval.evidence_similarity import Similarity, positive
from assistant.retrieval.sentence_measure import Candidate
from assistant.text.numbers.compare import numbers
from assistant.text.words import terms
from store.pattern import pattern
from store.tables import read_table

NOT_JUDGED = "Side by side, for the built-in model does not judge who is right:"
"""What heads them; a line that ends in a colon is no claim."""

_TABLE = read_table(__file__, "sides.toml")
_WORDS = "|".join(_TABLE["words"].split())
_SIDES = pattern(rf"\b(?:{_WORDS}|{_TABLE['phrases'].strip()})\b", re.IGNORECASE)

_TRIED = 4
"""Sentences of a paper that are tried, best first."""
_LEAST = 0.6
"""A paper is set beside the best one from this share of its score on, unless it is named."""
_ALIKE, _SAME_UNIT = 2.0, 1.0
"""What likeness to the sentence beside it, and a figure of the same unit, add to a score of
`sentence_measure`: less than half of what the question's own words count there."""


def asks_for_sides(question: str) -> bool:
    """True for a question whether papers agree, or how they differ."""
    return bool(_SIDES.search(question))


def side_by_side(
    question: str, ranked: Sequence[Candidate], similarity: Similarity | None, most: int
) -> tuple[Candidate, ...]:
    """One sentence of each paper, chosen together so that they speak of the same thing.

    `ranked` are sentences by score, best first. Papers that the question names are taken, else
    those that speak to it about as much as the best; nothing where these are fewer than two, or it
    names a single one.
    """
    tried = _tried(question, ranked, most)
    if len(tried) < 2:
        return ()
    like = _likeness([one for each in tried for one in each], similarity)

    def worth(one: Candidate, beside: Sequence[Candidate]) -> float:
        return one.score + sum(like(one, other) for other in beside) / len(beside)

    pairs = (
        (first, second)
        for one, other in itertools.combinations(tried, 2)
        for first, second in itertools.product(one, other)
    )
    pair = max(pairs, key=lambda two: two[0].score + worth(two[1], two[:1]))
    chosen = {one.source.number: one for one in pair}
    for each in tried:
        if each[0].source.number not in chosen:
            chosen[each[0].source.number] = max(each, key=lambda one: worth(one, pair))
    return tuple(chosen[each[0].source.number] for each in tried)


def _tried(question: str, ranked: Sequence[Candidate], most: int) -> list[list[Candidate]]:
    """The best sentences of each paper that is set beside others, the best paper first."""
    by_paper: dict[int, list[Candidate]] = {}
    for one in ranked:
        by_paper.setdefault(one.source.number, []).append(one)
    best = [each[0] for each in by_paper.values()]
    named = {one.number for one in named_in(question, [one.source for one in best])}
    if len(named) == 1:
        return []
    if not named:
        least = _LEAST * ranked[0].score if ranked else 0.0
        named = {one.source.number for one in best if one.score >= least}
    return [each[:_TRIED] for number, each in by_paper.items() if number in named][:most]


def _likeness(
    sentences: Sequence[Candidate], similarity: Similarity | None
) -> Callable[[Candidate, Candidate], float]:
    """How far two sentences speak of the same thing, and of the same quantity."""
    texts = list(dict.fromkeys(one.text for one in sentences))
    rows = similarity(texts, texts) if similarity else None
    place = {text: at for at, text in enumerate(texts)}
    held = {text: frozenset(terms(text)) for text in texts}
    units = {text: {one.unit for one in numbers(text) if one.unit} for text in texts}

    def like(one: Candidate, other: Candidate) -> float:
        if rows is not None:
            alike = positive(rows[place[one.text]][place[other.text]])
        else:
            mine, its = held[one.text], held[other.text]
            alike = len(mine & its) / max(min(len(mine), len(its)), 1)
        return _ALIKE * alike + _SAME_UNIT * (not units[one.text].isdisjoint(units[other.text]))

    return like
