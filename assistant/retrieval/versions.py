"""Telling versions of one paper: a preprint and its proceedings, an abstract rewritten a little.

Records that the store keeps apart (each has an id of its own) are one paper to a reader.
Constants were chosen on pairs made up for the purpose, which
`tests/assistant/retrieval/test_versions.py` holds, and checked on four collections: of 3 229
abstracts of SciTLDR 30 pairs are put together, all of them submissions of one paper; of 5 183
of SciFact and 1 000 of PubMedQA none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from store.ledger.likeness import compatible_authors
from store.ledger.titles import normal_title, title_words
from store.pattern import pattern
from store.types import Paper

SAME_TITLE_OVERLAP = 0.2
"""Least share of three-word runs that the abstracts of two papers of one title have in common,
of the shorter one's; abstracts of one field share .00 to .03, a rewritten version .2 or more."""
NEAR_TITLE_OVERLAP = 0.75
"""The same where the titles are nearly equal, or one is the other with a subtitle."""
ANY_TITLE_OVERLAP = 0.8
"""The same where the titles differ."""
OTHER_NUMBER_OVERLAP = 0.95
"""The same where a number in the titles differs: parts of a series and yearly reports share
most of their words."""
LOOKALIKE = 0.8
"""Least cosine of two versions of one paper; those put together in SciTLDR are at .86 or more."""
_NEAR_TITLES = 0.75
_LEAST_RUNS = 12
_ROWS = 64
_SAMPLED_FROM = 80
_WORD = pattern(r"[^\W_]+")
_NUMBER_WORDS = "i ii iii iv v vi vii viii ix x one two three four five"
_NUMERALS = frozenset(_NUMBER_WORDS.split())

if TYPE_CHECKING:
    from store.ledger.vectors import Vectors

Key = TypeVar("Key")


@dataclass(frozen=True)
class Sketch:
    """What of a paper is compared: title, numbers in it, three-word runs of the abstract.

    Runs are kept as their hashes, which are quick to compare and good for this process alone.
    """

    title: str
    words: tuple[str, ...]
    title_words: frozenset[str]
    numbers: tuple[str, ...]
    runs: frozenset[int]
    authors: tuple[str, ...]


def sketch(paper: Paper) -> Sketch:
    """The sketch of a paper."""
    words = title_words(paper.title)
    text = _WORD.findall(paper.abstract.casefold())
    return Sketch(
        title=normal_title(paper.title),
        words=tuple(words),
        title_words=frozenset(words),
        numbers=tuple(one for one in words if any(map(str.isdigit, one)) or one in _NUMERALS),
        runs=frozenset(map(hash, zip(text, text[1:], text[2:], strict=False))),
        authors=paper.authors,
    )


def is_same_work(one: Sketch, other: Sketch) -> bool:
    """True for two versions of one paper."""
    shared = _overlap(one, other)
    if shared < SAME_TITLE_OVERLAP or not compatible_authors(one.authors, other.authors):
        return False
    if one.numbers != other.numbers:
        # A title without the number of its year or part tells as little as another number.
        return shared >= OTHER_NUMBER_OVERLAP
    if one.title and one.title == other.title:
        return True
    if _near_titles(one, other):
        return shared >= NEAR_TITLE_OVERLAP
    return shared >= ANY_TITLE_OVERLAP


def grouped(
    ranked: Sequence[Key],
    papers: Mapping[Key, Paper],
    limit: int,
    alone: Collection[Key] = (),
) -> list[tuple[Key, ...]]:
    """The first papers of a ranking, each with its versions behind it; `limit` counts groups.

    A version that ranks lower, but among twenty more, joins its group. Keys in `alone` are
    known to have none. A key without a paper is left out.
    """
    groups: list[tuple[Key, ...]] = []
    sketches: list[tuple[int, Sketch]] = []
    holders: dict[int, list[int]] = defaultdict(list)
    for at, key in enumerate(ranked):
        if len(groups) >= limit and at >= compared(limit):
            break
        if key in alone:
            groups.append((key,))
            continue
        if key not in papers:
            continue
        own = sketch(papers[key])
        # Two versions share a fifth of their runs or more, so some of a sample of them.
        sample = own.runs if len(own.runs) < _SAMPLED_FROM else _sample(own.runs)
        places = sorted({place for run in sample & holders.keys() for place in holders[run]})
        near = (sketches[place] for place in places)
        group = next((number for number, other in near if is_same_work(own, other)), len(groups))
        if group == len(groups):
            groups.append(())
        groups[group] += (key,)
        for run in sample:
            holders[run].append(len(sketches))
        sketches.append((group, own))
    return groups[:limit]


def _sample(runs: frozenset[int]) -> frozenset[int]:
    """The same quarter of all runs, whatever text they come from."""
    return frozenset(run for run in runs if run % 4 == 0)


def without_lookalikes(names: Sequence[str], matrix: Vectors) -> set[str]:
    """Those of some papers that no other of them comes near, by their vectors, shape (n, d)."""
    import numpy as np

    # In blocks of rows: all pairs of thousands at once would take too much memory.
    alone = np.ones(len(names), dtype=bool)
    for start in range(0, len(names), _ROWS):
        near = ~(np.vecdot(matrix[start : start + _ROWS, None], matrix[None]) < LOOKALIKE)
        at = np.arange(len(near))
        near[at, start + at] = False
        alone[start : start + _ROWS] &= ~near.any(axis=1)
    return {name for name, is_alone in zip(names, alone.tolist(), strict=True) if is_alone}


def compared(limit: int) -> int:
    """How many papers of a ranking are looked at for versions of the first `limit`."""
    return limit + 20


def _overlap(one: Sketch, other: Sketch) -> float:
    """The share of the shorter abstract's runs that the other one has too."""
    least = min(len(one.runs), len(other.runs))
    if least < _LEAST_RUNS:
        # Too short to tell by runs: only abstracts that are the same count.
        return 1.0 if one.runs == other.runs and one.runs else 0.0
    return len(one.runs & other.runs) / least


def _near_titles(one: Sketch, other: Sketch) -> bool:
    shorter, longer = sorted((one.words, other.words), key=len)
    if 1 < len(shorter) < len(longer) and longer[: len(shorter)] == shorter:
        return True
    union = one.title_words | other.title_words
    return bool(union) and len(one.title_words & other.title_words) / len(union) >= _NEAR_TITLES
