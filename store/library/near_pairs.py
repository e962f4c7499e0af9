"""Pairs of papers whose vectors are near, each paper compared with few others.

A few papers are compared each with each. Of more, signs of random projections (Charikar, STOC
2002) put near ones into one bucket, 40 times over with 18 signs each, which finds 98 of 100 pairs
of cosine .95 and takes seconds for 100 000 papers. Of a crowd in which many are near each other
each is compared with the first one, and with those that follow it in the order of the texts (the
sorted neighbourhood of Hernández and Stolfo, SIGMOD 1995): all pairs would be too many.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.ledger.vectors import Keys, Vectors

NEAR = 0.95
"""Least cosine of the vectors of two papers that are looked at word by word."""
_TABLES, _BITS = 40, 18
_BESIDE = 30
"""Neighbours in a bucket that a paper is compared with."""
_CROWD, _CROWD_TABLES, _CROWD_BESIDE = 8, 3, 10
"""A paper with more near ones than this, among so many neighbours in so many buckets, is one of a
crowd."""
_FOLLOWING = 5
"""Papers of a crowd that each of it is compared with."""
_FEW = 2_000
"""Papers that are compared each with each: all pairs take less than a second."""
_ROWS = 20_000
_BLOCK = 500

InOrder = Callable[["Keys"], "Keys"]
"""The given rows in the order of their texts."""


def near_pairs(matrix: Vectors, in_order: InOrder) -> tuple[Keys, Keys]:
    """The rows of nearly all pairs that are near; the rows of `matrix`, (n, d), have length 1."""
    return _all_near(matrix) if len(matrix) <= _FEW else _near_by_signs(matrix, in_order)


def _all_near(matrix: Vectors) -> tuple[Keys, Keys]:
    import numpy as np

    found = [(np.empty(0, np.int64), np.empty(0, np.int64))]
    for start in range(0, len(matrix), _BLOCK):
        first, second = np.nonzero(matrix[start : start + _BLOCK] @ matrix[start:].T >= NEAR)
        above = first < second
        found.append((first[above] + start, second[above] + start))
    firsts, seconds = zip(*found, strict=True)
    return np.concatenate(firsts), np.concatenate(seconds)


def _near_by_signs(matrix: Vectors, in_order: InOrder) -> tuple[Keys, Keys]:
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
    every = np.arange(number)
    met = _met(matrix, codes[:, :_CROWD_TABLES], every, _CROWD_BESIDE)
    is_crowded = np.bincount(np.concatenate(met), minlength=number) > _CROWD
    found = [_met(matrix, codes, every[~is_crowded], _BESIDE)]
    if is_crowded.any():
        # What is near a crowd is no part of it where it has few near ones itself.
        beside = ~(is_crowded[met[0]] & is_crowded[met[1]])
        found.append((met[0][beside], met[1][beside]))
        order = in_order(np.flatnonzero(is_crowded))
        found.append(_met(matrix, np.zeros((number, 1), dtype=np.int64), order, _FOLLOWING))
        near_first = np.flatnonzero(matrix[order[1:]] @ matrix[order[0]] >= NEAR) + 1
        ends = np.stack([np.full(len(near_first), order[0]), order[near_first]])
        found.append((ends.min(axis=0), ends.max(axis=0)))
    firsts, seconds = zip(*found, strict=True)
    return np.concatenate(firsts), np.concatenate(seconds)


def _met(matrix: Vectors, codes: Keys, rows: Keys, beside: int) -> tuple[Keys, Keys]:
    """The near pairs among some rows that stand beside each other by any of their codes."""
    import numpy as np

    number = len(matrix)
    tables = [_beside(codes[:, at], rows, beside) for at in range(codes.shape[1])]
    pairs = np.unique(np.concatenate(tables))
    found = [pairs[:0]]
    for start in range(0, len(pairs), _ROWS):
        some = pairs[start : start + _ROWS]
        first, second = np.divmod(some, number)
        found.append(some[np.einsum("ij,ij->i", matrix[first], matrix[second]) >= NEAR])
    firsts, seconds = np.divmod(np.concatenate(found), number)
    return firsts, seconds


def _beside(codes: Keys, rows: Keys, beside: int) -> Keys:
    """Pairs of rows with one code, each as one number: the lower row times n plus the higher.

    Of one code each row is paired with so many that follow it in `rows`.
    """
    import numpy as np

    order = rows[np.argsort(codes[rows], kind="stable")]
    sorted_codes = codes[order]
    found = [np.empty(0, dtype=np.int64)]
    for step in range(1, min(beside, len(order) - 1) + 1):
        same = np.flatnonzero(sorted_codes[step:] == sorted_codes[:-step])
        if not len(same):
            break
        one, other = order[same], order[same + step]
        found.append(np.minimum(one, other) * len(codes) + np.maximum(one, other))
    return np.concatenate(found)
