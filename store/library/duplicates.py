"""Papers that may be one: those of one title, and those whose texts are nearly the same.

Titles and whole abstracts are compared by the ledger's own index. Texts are compared by their
vectors where the library has some, each with each among few. In a larger library signs of random
projections (Charikar, STOC 2002) put near ones into one bucket, 40 times over with 18 signs each,
which finds 98 of 100 pairs of cosine .95 and takes seconds for 100 000 papers. What is found so
counts only when the words agree too.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from store.ledger.database import Ledger
from store.ledger.likeness import compatible_authors, differ_in_dates, overlap
from store.ledger.matching import MOST_OF_ONE_NAME
from store.ledger.same_paper import REPEATED_OVERLAP, VERSION_OVERLAP
from store.ledger.titles import are_near, is_generic, name_other_works, normal_title
from store.ledger.vectors import embedder_dimension, embedder_key, vector_slices
from store.value import Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Codes = NDArray[np.int64]

NEAR = 0.95
"""Least cosine of the vectors of two papers that are looked at word by word."""
SAME_WORDS = 0.7
"""Least Jaccard overlap of the words of two abstracts that are nearly the same."""
_TABLES, _BITS = 40, 18
_BESIDE = 30
"""Neighbours in a bucket that a paper is compared with."""
_MOST_OF_A_NAME = 200
_FEW = 2_000
"""Papers that are compared each with each: all pairs take less than a second."""
_ROWS = 20_000
_BLOCK = 500
Pair = tuple[int, int]


class Likely(Value):
    """Papers that may be one, by their ids, the oldest first, and why."""

    papers: tuple[str, ...]
    why: tuple[str, ...]


@dataclass(frozen=True)
class _Text:
    id: str
    title: str
    abstract: str
    authors: tuple[str, ...]
    year: int | None
    doi: str | None


def likely_duplicates(ledger: Ledger, fingerprint: str) -> tuple[Likely, ...]:
    """Groups of papers that may be one; those that the reader parted are none."""
    near = set(_near(ledger, fingerprint))
    pairs = sorted({*_of_one_name(ledger), *near})
    texts = _texts(ledger, {key for pair in pairs for key in pair})
    apart = set(ledger.rows("SELECT one, other FROM apart"))
    found: dict[Pair, tuple[str, ...]] = {}
    for pair in pairs:
        one, other = (texts[key] for key in pair)
        why = _why(one, other) if tuple(sorted((one.id, other.id))) not in apart else ()
        if why:
            found[pair] = why
    return tuple(_grouped(found, texts))


def _why(one: _Text, other: _Text) -> tuple[str, ...]:
    """Why two papers may be one, and what speaks against it; empty when they are not.

    Parts of a work, and issues of a series by what their abstracts say, are not.
    """
    if not compatible_authors(one.authors, other.authors):
        return ()
    near = are_near(one.title, other.title)
    shared = overlap(one.abstract, other.abstract) if one.abstract and other.abstract else None
    said = "nearly the same title" if near else "nearly the same abstract"
    if normal_title(one.title) == normal_title(other.title):
        said = "the same title"
    if is_generic(one.title) or is_generic(other.title) or name_other_works(one.title, other.title):
        is_one = shared is not None and shared >= REPEATED_OVERLAP
    elif shared is None or differ_in_dates(one.abstract, other.abstract):
        is_one = near and shared is None
    else:
        is_one = shared >= (VERSION_OVERLAP if near else SAME_WORDS)
    if not is_one:
        return ()
    years = one.year and other.year and one.year != other.year
    dois = one.doi and other.doi and one.doi != other.doi
    against = (("other years", years), ("other DOIs", dois))
    return (said, *(words for words, holds in against if holds))


def _of_one_name(ledger: Ledger) -> Iterable[Pair]:
    rows = ledger.rows(
        "SELECT json_group_array(DISTINCT paper) FROM aliases WHERE kind IN ('title', 'abstract')"
        " GROUP BY kind, value HAVING count(DISTINCT paper) > 1"
        f" AND (kind = 'title' OR count(DISTINCT paper) <= {MOST_OF_ONE_NAME})"
    )
    for (text,) in rows:
        keys = sorted(json.loads(text))[:_MOST_OF_A_NAME]
        yield from ((one, other) for at, one in enumerate(keys) for other in keys[at + 1 :])


def _near(ledger: Ledger, fingerprint: str) -> Iterable[Pair]:
    """Pairs of papers whose vectors are near, by their keys."""
    import numpy as np

    embedder = embedder_key(ledger, fingerprint)
    dimension = embedder_dimension(ledger, fingerprint)
    if embedder is None or dimension is None:
        return
    slices = list(vector_slices(ledger, embedder, dimension))
    if not slices:
        return
    keys = np.concatenate([some for some, _ in slices])
    matrix = np.concatenate([rows for _, rows in slices])
    del slices
    if len(keys) <= _FEW:
        first, second = _all_near(matrix)
    else:
        first, second = _near_by_signs(matrix)
    for one, other in zip(keys[first], keys[second], strict=True):
        yield int(one), int(other)


def _all_near(matrix: NDArray[np.float32]) -> tuple[Codes, Codes]:
    """The rows of all pairs that are near."""
    import numpy as np

    found = [(np.empty(0, np.int64), np.empty(0, np.int64))]
    for start in range(0, len(matrix), _BLOCK):
        first, second = np.nonzero(matrix[start : start + _BLOCK] @ matrix[start:].T >= NEAR)
        above = first < second
        found.append((first[above] + start, second[above] + start))
    firsts, seconds = zip(*found, strict=True)
    return np.concatenate(firsts), np.concatenate(seconds)


def _near_by_signs(matrix: NDArray[np.float32]) -> tuple[Codes, Codes]:
    """The rows of nearly all pairs that are near."""
    import numpy as np

    # Texts of one field are all a little alike: around their centre they spread evenly.
    number, dimension = matrix.shape
    centre = matrix.mean(axis=0)
    signs = np.random.default_rng(1).standard_normal((dimension, _TABLES * _BITS))
    signs = signs.astype(np.float32)
    weights = 1 << np.arange(_BITS, dtype=np.int64)
    codes = np.empty((number, _TABLES), dtype=np.int64)
    for start in range(0, number, _ROWS):
        part = (matrix[start : start + _ROWS] - centre) @ signs > 0
        codes[start : start + _ROWS] = part.reshape(len(part), _TABLES, _BITS) @ weights
    pairs = np.unique(np.concatenate([_beside(codes[:, at]) for at in range(_TABLES)]))
    found = [pairs[:0]]
    for start in range(0, len(pairs), _ROWS):
        some = pairs[start : start + _ROWS]
        first, second = np.divmod(some, number)
        found.append(some[np.einsum("ij,ij->i", matrix[first], matrix[second]) >= NEAR])
    firsts, seconds = np.divmod(np.concatenate(found), number)
    return firsts, seconds


def _beside(codes: Codes) -> Codes:
    """Pairs of rows with one code, each as one number: the lower row times n plus the higher."""
    import numpy as np

    order = np.argsort(codes, kind="stable")
    sorted_codes = codes[order]
    found = []
    for step in range(1, min(_BESIDE, len(order) - 1) + 1):
        same = np.flatnonzero(sorted_codes[step:] == sorted_codes[:-step])
        if not len(same):
            break
        found.append(order[same] * len(order) + order[same + step])
    return np.concatenate(found) if found else np.empty(0, dtype=np.int64)


def _texts(ledger: Ledger, keys: Iterable[int]) -> Mapping[int, _Text]:
    rows = ledger.rows_in(
        "SELECT key, id, title, abstract, authors, year, doi FROM papers WHERE key IN ({})",
        sorted(keys),
    )
    with ledger.reading():
        return {
            key: _Text(name, title, abstract, tuple(json.loads(authors)), year, doi)
            for key, name, title, abstract, authors, year, doi in rows
        }


def _grouped(found: Mapping[Pair, tuple[str, ...]], texts: Mapping[int, _Text]) -> list[Likely]:
    """The pairs as groups: what is linked by pairs is one."""
    group: dict[int, int] = {}

    def first(key: int) -> int:
        while group.setdefault(key, key) != key:
            key = group[key]
        return key

    for one, other in found:
        low, high = sorted((first(one), first(other)))
        group[high] = low
    members: dict[int, set[int]] = defaultdict(set)
    why: dict[int, dict[str, None]] = defaultdict(dict)
    for (one, other), reasons in found.items():
        members[first(one)] |= {one, other}
        why[first(one)] |= dict.fromkeys(reasons)
    return [
        Likely(papers=tuple(texts[key].id for key in sorted(keys)), why=tuple(why[at]))
        for at, keys in sorted(members.items())
    ]
