"""The readings of some papers: their sentences, the terms in each, and a vector of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from store.ledger.vectors import Keys, Vectors


@dataclass(frozen=True, eq=False)
class Readings:
    """What was read of n papers with m sentences in all, one array for all of them.

    The sentences of paper i are `first[i]` to `first[i + 1]`, its title before those of its
    abstract, as they are addressed. Arrays are int64 unless said.
    """

    ids: tuple[str, ...]
    first: Keys
    """Shape (n + 1,)."""
    starts: Keys
    """Shape (m,): where a sentence begins, in the title or in the abstract, in characters."""
    ends: Keys
    """Shape (m,): where it ends."""
    terms: bytes
    """The distinct terms of each paper, sorted, in UTF-8, each behind a newline, paper after paper:
    term number j of all papers is the entry j. A closing newline ends it where it is not empty."""
    terms_first: Keys
    """Shape (n + 1,): the number of the first term of each paper."""
    held: Keys
    """Shape (p,): the number of a term, ascending, and in `holding` a sentence that holds it."""
    holding: Keys
    """Shape (p,): rows of sentences, 0 to m - 1."""
    codes: Keys
    """int8, shape (m, d): the vectors of the sentences, quantised; d is 0 without an embedder."""
    scales: Vectors
    """float32, shape (m,): what a row of codes is multiplied with."""

    def similarities(self, query: Vectors) -> Vectors:
        """The cosine similarities, shape (m,), of the sentences and a query, (d,), of length 1."""
        import numpy as np

        # In pieces: all rows as float32 would take four times their memory.
        found = np.empty(len(self.codes), dtype=np.float32)
        for start in range(0, len(self.codes), _ROWS):
            part = slice(start, start + _ROWS)
            found[part] = self.codes[part].astype(np.float32) @ query
        return found * self.scales


_ROWS = 4096


class PaperReader(Protocol):
    """Reads the texts of papers; `version` changes whenever it would read one differently."""

    version: str

    def read(self, papers: Sequence[tuple[str, str, str]]) -> Readings:
        """The readings of papers given as id, title and abstract, in this order."""
        ...

    def read_and_embed(self, papers: Sequence[tuple[str, str, str]]) -> tuple[Readings, Vectors]:
        """The readings of papers, and their own vectors, shape (n, d), by the same embedder."""
        ...
