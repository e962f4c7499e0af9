"""Which papers are near to those that the reader kept, and far from those skipped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from store.library.library import Library
from store.types import Filter, Status

if TYPE_CHECKING:
    from store.ledger.vectors import Vectors

_KEPT, _SKIPPED = 0.75, 0.15
"""How much the mean of the papers kept counts for, and that of those skipped against: beta and
gamma of Rocchio's feedback as Manning, Raghavan and Schütze give them (Introduction to
Information Retrieval, 2008, section 9.1.1), without a question of its own."""


def by_nearness(library: Library, ids: Sequence[str]) -> list[str] | None:
    """These papers, the nearest to those kept first; None where there is nothing to go by.

    Those without a vector come last, as they came.
    """
    import numpy as np

    kept = _mean(library, "kept")
    if kept is None or not ids:
        return None
    skipped = _mean(library, "skipped")
    wanted = _KEPT * kept if skipped is None else _KEPT * kept - _SKIPPED * skipped
    length = np.linalg.norm(wanted)
    vector = np.asarray(wanted / (length or 1), dtype=np.float32)
    hits = library.nearest(vector, len(ids), ids) if length else None
    if hits is None:
        return None
    near = [name for name, _ in hits.ranked]
    there = set(near)
    return near + [name for name in ids if name not in there]


def _mean(library: Library, status: Status) -> Vectors | None:
    """The mean of the vectors of the papers with a mark, shape (d,); None without any."""
    there = library.vectors(library.ids(Filter(statuses=(status,))))
    if there is None or not there[0]:
        return None
    mean: Vectors = there[1].mean(axis=0)
    return mean
