"""How far each sentence of some papers covers the terms of a question, by what was read of them.

All papers go through the same few operations on arrays, one paper as well as thousands; what is
counted is what `evidence_similarity` counts for the sentences of one source.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from assistant.retrieval.evidence_similarity import (
    LEAST_LIKENESS,
    POINTING_POSITION,
    POINTING_SIMILARITY,
    SHARED_LETTERS,
    TITLE_DISCOUNT,
    likeness,
)
from store.sentences.readings import Readings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from store.ledger.vectors import Keys

    Shares = NDArray[np.float64]
    """Shares and scores, from 0 to 1."""

_KEY = 4
"""Bytes of a term that its first look compares."""


@dataclass(frozen=True, eq=False)
class SentenceCoverage:
    """How far the m sentences of n papers cover t terms, as `recall` counts it.

    `shares` has shape (t, m), float64, 0 to 1. `first` is that of the readings: the title of a
    paper is the first of its sentences.
    """

    terms: Mapping[str, int]
    """The row of each term."""
    shares: Shares
    first: Keys

    @classmethod
    def of(cls, asked: Sequence[str], readings: Readings) -> SentenceCoverage:
        """Look terms up in what was read of papers."""
        import numpy as np

        terms = {term: row for row, term in enumerate(dict.fromkeys(asked))}
        number = len(readings.starts)
        shares = np.zeros(len(terms) * number)
        rows, found, alike = _alike(tuple(terms), readings.terms)
        begin = np.searchsorted(readings.held, found)
        each = np.searchsorted(readings.held, found, side="right") - begin
        places = np.arange(each.sum()) + np.repeat(begin - (each.cumsum() - each), each)
        at = np.repeat(rows * number, each) + readings.holding[places]
        np.maximum.at(shares, at, np.repeat(alike, each))
        return cls(terms, shares.reshape(len(terms), number), readings.first)

    @property
    def papers(self) -> Keys:
        """The paper of each sentence, shape (m,)."""
        import numpy as np

        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))

    def rows(self, weighted: Mapping[str, float]) -> tuple[Shares, Shares]:
        """The shares of some of the terms, shape (w, m), and their weights, shape (w,)."""
        import numpy as np

        at = np.array([self.terms[term] for term in weighted], dtype=np.int64)
        return self.shares[at], np.array(list(weighted.values()))

    def greatest(self, shares: Shares) -> Shares:
        """The greatest of each paper's sentences, shape (..., n), of values of shape (..., m)."""
        import numpy as np

        found: Shares = np.maximum.reduceat(shares, self.first[:-1], axis=-1)
        return found

    def held(self, weighted: Mapping[str, float]) -> tuple[Shares, Shares]:
        """The share of a weight that each paper holds, and that its best sentence does.

        Shapes (n,). A sentence is read beside the title, which says what it is about.
        """
        import numpy as np

        total = sum(weighted.values())
        if not total:
            return np.zeros(len(self.first) - 1), np.zeros(len(self.first) - 1)
        shares, weights = self.rows(weighted)
        whole = weights @ self.greatest(shares) / total
        beside = np.maximum(shares, shares[:, self.first[:-1][self.papers]])
        return whole, self.greatest(weights @ beside / total)

    def scores(
        self, weighted: Mapping[str, float], similar: Shares | None, *, titled: bool
    ) -> Shares:
        """How much each sentence speaks to a query, 0 to 1, shape (m,), as `rank_sentences` has it.

        `similar` are the similarities of the sentences, shape (m,). With `titled` terms that the
        title holds count less. A title has -1, unless its paper has nothing else.
        """
        import numpy as np

        papers, titles = self.papers, self.first[:-1]
        shares, weights = self.rows(weighted)
        if titled:
            own = np.where(shares[:, titles] == 1.0, TITLE_DISCOUNT, 1.0) * weights[:, None]
            total = own.sum(axis=0)[papers]
            held = np.einsum("wm,wm->m", own[:, papers], shares)
        else:
            total = np.full(len(papers), weights.sum())
            held = weights @ shares
        each = np.diff(self.first)
        places = np.maximum(np.arange(len(papers)) - titles[papers] - 1, 0)
        score: Shares = np.divide(held, total, out=np.zeros(len(papers)), where=total > 0)
        score += POINTING_POSITION * places / np.maximum(each - 2, 1)[papers]
        top = 1 + POINTING_POSITION
        if similar is not None:
            score += POINTING_SIMILARITY * np.where(similar > 0, similar, 0.0)
            top += POINTING_SIMILARITY
        score /= top
        score[titles[each > 1]] = -1.0
        return score

    def best(self, scores: Shares) -> Keys:
        """The row of each paper's best sentence, shape (n,); the first of equal ones."""
        import numpy as np

        is_best = np.flatnonzero(scores == self.greatest(scores)[self.papers])
        _, firsts = np.unique(self.papers[is_best], return_index=True)
        found: Keys = is_best[firsts]
        return found


def _alike(asked: Sequence[str], terms: bytes) -> tuple[Keys, Keys, Shares]:
    """Which of the terms of papers cover an asked one: its row, their number, and how far.

    Shapes (c,). A term covers itself, and in part one of letters alone that begins alike.
    """
    import numpy as np

    letters = np.frombuffer(terms, dtype=np.uint8)
    breaks = np.flatnonzero(letters == ord("\n"))
    begin, length = breaks[:-1] + 1, np.diff(breaks) - 1
    # What the last terms lack of a key is filled up: a break is in no key but at its end.
    padded = np.concatenate([letters, np.full(_KEY, ord("\n"), dtype=np.uint8)])
    keys = sum(padded[begin + at].astype(np.uint32) << (8 * at) for at in range(_KEY))
    is_letter = ((letters | 32) >= ord("a")) & ((letters | 32) <= ord("z"))
    others = np.concatenate([[0], np.cumsum(~is_letter)])
    plain = others[begin + length] == others[begin]
    looked = [(term.encode() + b"\n")[:_KEY] for term in asked]
    found = [
        np.flatnonzero((keys & ((1 << (8 * len(one))) - 1)) == int.from_bytes(one, "little"))
        for one in looked
    ]
    numbers = np.concatenate([np.empty(0, np.int64), *found])
    rows = np.repeat(np.arange(len(asked)), list(map(len, found)))
    if not len(rows):
        return rows, numbers, np.empty(0)
    near = _Near(padded, begin[numbers], length[numbers], plain[numbers])
    shares = _shares(asked, rows, near)
    kept = shares > 0
    return rows[kept], numbers[kept], shares[kept]


class _Near(NamedTuple):
    """Terms that begin as asked ones do, shapes (c,): where they stand among the letters of all.

    `plain` tells which are of ASCII letters alone.
    """

    letters: NDArray[np.uint8]
    begin: Keys
    length: Keys
    plain: NDArray[np.bool_]


def _shares(asked: Sequence[str], rows: Keys, near: _Near) -> Shares:
    """How far each of some terms covers the asked one in its row, as `likeness` has it; (c,)."""
    import numpy as np

    written = [term.encode() for term in asked]
    sizes = np.array(list(map(len, written)))
    width = int(sizes.max())
    # Zeros, which no term holds, fill up the shorter ones.
    own = np.frombuffer(b"".join(one.ljust(width, b"\0") for one in written), dtype=np.uint8)
    at = np.minimum(near.begin[:, None] + np.arange(width), len(near.letters) - 1)
    same = near.letters[at] == own.reshape(-1, width)[rows]
    common = np.logical_and.accumulate(same, axis=1).sum(axis=1)
    size = sizes[rows]
    share: Shares = common / np.maximum(near.length, size)
    is_long = np.array([term.isalpha() and len(term) >= SHARED_LETTERS for term in asked])[rows]
    alike = near.plain & is_long & np.array([term.isascii() for term in asked])[rows]
    share[alike & (share < LEAST_LIKENESS)] = 0.0
    share[~alike & ((common < size) | (near.length != size))] = 0.0
    for one in np.flatnonzero(~alike & is_long):
        first = near.begin[one]
        other = near.letters[first : first + near.length[one]].tobytes().decode()
        share[one] = likeness(asked[rows[one]], other)
    return share
