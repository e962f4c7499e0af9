"""Vectors of sentences, kept for a while: one answer compares the same sentences several times."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING

from store.dense.dots import dots
from store.library.library import Library

if TYPE_CHECKING:
    from store.ledger.vectors import Vectors

_KEPT = 4096
"""Sentences whose vectors are kept: those of some 400 abstracts, 4 MB."""


class SentenceVectors:
    """Vectors by the library's embedder of sentences; what is full begins anew."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = Lock()
        self._rows: dict[str, int] = {}
        self._table: Vectors | None = None

    def similarity(self, left: Sequence[str], right: Sequence[str]) -> list[list[float]]:
        """Cosine similarities, a row for each text of the left; zeros without an embedder."""
        texts = [*left, *right]
        vectors = self._vectors(texts) if left and right else None
        if vectors is None:
            return [[0.0] * len(right) for _ in left]
        return [dots(vectors[len(left) :], one).tolist() for one in vectors[: len(left)]]

    def of(self, text: str) -> Vectors | None:
        """The vector of one text, shape (d,); None without an embedder."""
        found = self._vectors([text])
        return None if found is None else found[0]

    def _vectors(self, texts: Sequence[str]) -> Vectors | None:
        """Float32, shape (n, d), every row of length 1; None without an embedder."""
        if self._library.sentence_embedder is None:
            return None
        with self._lock:
            lacking = [one for one in dict.fromkeys(texts) if one not in self._rows]
            if lacking and len(self._rows) + len(lacking) > _KEPT:
                self._rows.clear()
                lacking = list(dict.fromkeys(texts))
                if len(lacking) > _KEPT:
                    return self._library.embed(texts)
            if lacking and not self._learned(lacking):
                return None
            assert self._table is not None
            return self._table.take([self._rows[one] for one in texts], axis=0)

    def _learned(self, texts: Sequence[str]) -> bool:
        """Put the vectors of texts into the table; False without an embedder."""
        import numpy as np

        made = self._library.embed(texts)
        if made is None:
            return False
        first = len(self._rows)
        if self._table is None or first + len(made) > len(self._table):
            room = min(max(2 * first, first + len(made), 256), _KEPT)
            wider = np.empty((room, made.shape[1]), dtype=made.dtype)
            if self._table is not None:
                wider[:first] = self._table[:first]
            self._table = wider
        self._table[first : first + len(made)] = made
        self._rows.update((text, at) for at, text in enumerate(texts, first))
        return True
