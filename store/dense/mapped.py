"""All vectors of one embedder, as they stand in memory or in files that are mapped into it."""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from store.dense.coarse import FROM, Coarse

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from store.ledger.vectors import Keys, Vectors

_LARGE = 256_000_000


@dataclass(frozen=True)
class Mapped:
    """Vectors by ascending paper key: `keys` of shape (n,), `matrix` of shape (n, d).

    `ids` of shape (n,) are the papers', as bytes, where they are kept: empty for a row whose paper
    had another text when they were written. Changes of the ledger after `seq` are not in it.
    `coarse` is the table for a first pass over the first rows of very many.
    """

    keys: Keys
    matrix: Vectors
    seq: int
    ids: NDArray[np.bytes_] | None = None
    pages: mmap.mmap | None = None
    coarse: Coarse | None = None

    @property
    def lacks_table(self) -> bool:
        """True for a file of very many rows from before there were tables."""
        return self.pages is not None and self.coarse is None and len(self.keys) >= FROM

    @property
    def is_large(self) -> bool:
        """True where the vectors would count in what a process takes of the memory."""
        return self.matrix.nbytes >= _LARGE

    def let_go(self) -> None:
        """Give pages back that a scan of a large file has read; they are read again when needed.

        They would count as this process's memory, a gigabyte for 1 000 000 papers, though the
        system keeps them for whoever asks next.
        """
        if self.pages is not None and self.is_large and hasattr(mmap, "MADV_DONTNEED"):
            self.pages.madvise(mmap.MADV_DONTNEED)
