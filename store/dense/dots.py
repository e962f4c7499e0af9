"""Products of vectors, made in the thread that asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.ledger.vectors import Vectors


def dots(matrix: Vectors, query: Vectors) -> Vectors:
    """The product of a matrix, shape (n, d), and a vector, shape (d,), in this thread alone.

    Memory sets the pace, not the arithmetic: the threads of BLAS gain nothing, and where the
    machine has other work they wait for each other, 50 times as long as the product takes. So it
    is with a matrix and its transpose from 200 rows on, row by row.
    """
    import numpy as np

    product: Vectors = np.vecdot(matrix, query)
    return product
