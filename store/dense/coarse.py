"""A first pass over very many vectors by two bits a number, whose best are compared exactly.

Of each number of a vector, less the mean of that dimension, the table keeps the sign and whether
it is large: the quantiser of two bits for a normal distribution (Max 1960, table I). The first
pass counts by signs alone how much of the query's weight each vector disagrees with; of those
that disagree least the second bit decides which are worth their exact cosine.

Rows come in blocks, each a column of words after the other, so that one instruction works on
neighbouring rows. A table covers whole blocks; what comes after them is compared exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from store.ledger.vectors import Keys, Vectors

    Words = NDArray[np.uint64]

BLOCK = 16_384
"""Rows of a block: a column of it and what is counted of it stay in a core's cache."""
FROM = 4 * BLOCK
"""Rows from which there is a table: fewer are compared exactly in the same time."""
_LARGE, _SMALL_LEVEL, _EXTRA_LEVEL = 0.9816, 0.4528, 1.510 - 0.4528
_BITS, _FINE_BITS = 2, 4
"""Bits of the weight of a query's number, in the first pass and in the second."""
_WIDE = 64
_SAFE_SUM = 3
"""So many counts of 64 bits are added before a byte may overflow."""
_STEPS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_READ_AT_LEAST, _READ_SHARE = 5_000, 60
_COMPARED_AT_LEAST, _COMPARED_SHARE = 700, 400
"""How many rows the second bit is read of, and how many are compared exactly: at least so many
and one in so many. Of 98 304 abstracts and sentences of SciFact, SciTLDR, PubMedQA and Cranfield,
with 600 questions of these sets, so .997 of the true first hundred are found, and as many of a
million made of their sentences."""
_READ_WORDS, _COMPARED_WORDS = 16_000, 2_000
"""How many words of signs are so read at least: where vectors are short, more rows are."""
_SAMPLED = 37


@dataclass(frozen=True)
class Scale:
    """Mean and standard deviation of each dimension, both float32, shape (d,)."""

    mean: Vectors
    spread: Vectors

    @classmethod
    def of(cls, matrix: Vectors) -> Scale:
        """The scale of vectors, shape (n, d), by a sample of them."""
        sample = matrix[:: max(1, len(matrix) // 10_000)]
        return cls(sample.mean(axis=0), sample.std(axis=0))

    @classmethod
    def read(cls, data: bytes | memoryview, dimension: int) -> Scale:
        """What `written` gave; raises ValueError."""
        import numpy as np

        both = np.frombuffer(data, dtype=np.float32).reshape(2, dimension)
        return cls(both[0], both[1])

    def written(self) -> bytes:
        """As bytes: 8 d of them."""
        return bytes(self.mean.tobytes() + self.spread.tobytes())


def words_of(dimension: int) -> int:
    """How many words of 64 bits hold one bit of each number of a vector."""
    return -(-dimension // _WIDE)


def block_bytes(dimension: int) -> int:
    """The bytes of a block: two bits a number."""
    return 2 * 8 * words_of(dimension) * BLOCK


def encoded(matrix: Vectors, scale: Scale) -> bytes:
    """A block of the table, from its rows, shape (BLOCK, d)."""
    import numpy as np

    apart = matrix - scale.mean
    large = np.abs(apart) > _LARGE * scale.spread
    return b"".join(np.ascontiguousarray(_packed(one).T).tobytes() for one in (apart >= 0, large))


def _packed(bits: NDArray[np.bool_]) -> Words:
    """Bits, shape (n, d), as words, shape (n, words); bits that fill the last word are 0."""
    import numpy as np

    octets = np.packbits(bits, axis=1, bitorder="little")
    whole = np.zeros((len(bits), 8 * words_of(bits.shape[1])), dtype=np.uint8)
    whole[:, : octets.shape[1]] = octets
    return whole.view(np.uint64)


@dataclass(frozen=True)
class _Weights:
    """A query as signs, shape (words,), and the bits of its weights, shape (bits, words)."""

    signs: Words
    planes: Words

    @classmethod
    def of(cls, query: Vectors, bits: int) -> _Weights:
        import numpy as np

        sizes = np.abs(query)
        most = 2**bits - 1
        unit = float(sizes.max()) / most or 1.0
        # The step that loses least: a few large numbers would make all others equal.
        levels = [np.minimum(np.rint(sizes / (unit * one)), most) for one in _STEPS]
        losses = [
            float(((level * unit * one - sizes) ** 2).sum())
            for level, one in zip(levels, _STEPS, strict=True)
        ]
        level = levels[losses.index(min(losses))].astype(np.uint8)
        planes = np.stack([(level >> bit) & 1 for bit in range(bits)]).astype(bool)
        return cls(_packed((query >= 0)[None])[0], _packed(planes))

    def weight_of(self, bits: Words) -> Vectors:
        """The weights of the numbers whose bit is set, shape (words, n), summed: shape (n,)."""
        import numpy as np

        total = np.zeros(bits.shape[1], dtype=np.int32)
        for weight, plane in enumerate(self.planes):
            counted = np.bitwise_count(bits & plane[:, None])
            total += counted.sum(axis=0, dtype=np.int32) << weight
        return total.astype(np.float32)


class Coarse:
    """The table of one file of vectors: `blocks` has shape (blocks, 2, words, BLOCK)."""

    def __init__(self, scale: Scale, blocks: Words) -> None:
        self._scale = scale
        self._blocks = blocks

    @property
    def rows(self) -> int:
        """How many rows it covers, from the first one on."""
        return len(self._blocks) * BLOCK

    def likely(self, query: Vectors, among: Keys | None = None) -> Keys:
        """Places of the rows that may be nearest to a query, shape (d,), in ascending order.

        `among` are the places of the rows that may be found, ascending too; None for all.
        """
        import numpy as np

        weighted = query * self._scale.spread
        against = self._against(_Weights.of(weighted, _BITS))
        against = against if among is None else against[among]
        words = len(self._blocks[0, 0])
        wanted = max(_READ_AT_LEAST, _READ_WORDS // words, len(against) // _READ_SHARE)
        if wanted >= len(against):
            places = np.arange(len(against))
        else:
            nth = wanted // _SAMPLED
            least = np.partition(against[::_SAMPLED], nth)[nth]
            places = np.flatnonzero(against <= least)
        places = places if among is None else among[places]
        compared = max(
            _COMPARED_AT_LEAST, _COMPARED_WORDS // words, len(against) // _COMPARED_SHARE
        )
        if len(places) <= compared:
            return places
        near = self._near(_Weights.of(weighted, _FINE_BITS), places)
        return np.sort(places[np.argpartition(-near, compared)[:compared]])

    def _against(self, query: _Weights) -> NDArray[np.uint16]:
        """How much of a query's weight each row has the other sign of, shape (rows,)."""
        import numpy as np

        total = np.empty((len(self._blocks), BLOCK), dtype=np.uint16)
        other, part = np.empty(BLOCK, np.uint64), np.empty(BLOCK, np.uint64)
        counted = np.empty(BLOCK, np.uint8)
        added = np.empty((len(query.planes), BLOCK), np.uint8)
        by_weight = np.empty((len(query.planes), BLOCK), np.uint16)
        for block, sums in zip(self._blocks, total, strict=True):
            by_weight[:] = 0
            for words in _portions(len(query.signs)):
                added[:] = 0
                for word in words:
                    np.bitwise_xor(block[0, word], query.signs[word], out=other)
                    for plane, count in zip(query.planes[:, word], added, strict=True):
                        np.bitwise_and(other, plane, out=part)
                        np.bitwise_count(part, out=counted)
                        np.add(count, counted, out=count)
                by_weight += added
            sums[:] = by_weight[0]
            for weight in range(1, len(by_weight)):
                sums += by_weight[weight] << weight
        return total.reshape(-1)

    def _near(self, query: _Weights, places: Keys) -> Vectors:
        """About how near some rows are to a query, by both bits; shape (n,), in no unit."""
        import numpy as np

        words = len(query.signs)
        blocks, at = np.divmod(places, BLOCK)
        steps = BLOCK * np.arange(words)[:, None]
        first, flat = blocks * (2 * words * BLOCK) + at + steps, self._blocks.reshape(-1)
        same = ~(flat.take(first) ^ query.signs[:, None])
        large = flat.take(first + words * BLOCK)
        # Of the signs that agree, of those of them that are large, and of all that are large.
        agreeing, agreeing_large, all_large = (
            query.weight_of(one) for one in (same, same & large, large)
        )
        # The sum of a sign times a level, less what is the same for all rows.
        large_ones = 2 * agreeing_large - all_large
        near: Vectors = 2 * _SMALL_LEVEL * agreeing + _EXTRA_LEVEL * large_ones
        return near


def _portions(words: int) -> Iterator[range]:
    """Words whose counts fit into a byte together."""
    for first in range(0, words, _SAFE_SUM):
        yield range(first, min(first + _SAFE_SUM, words))
