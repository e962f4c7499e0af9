"""The exact scan: cosine search over every vector of the ledger, or over some papers only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from store.dense.coarse import FROM
from store.dense.dots import dots
from store.dense.standing import Standing
from store.dense.views import View, Views
from store.ledger.database import Ledger
from store.ledger.selection import Selection
from store.ledger.vectors import get_vectors
from store.types import Narrate

if TYPE_CHECKING:
    from store.ledger.vectors import Keys, Vectors

Ranked = list[tuple[str, float]]

_FEW = 256
"""So many papers are read one by one, without a look at how many there are in all."""
_SLACK = 20
_SPARING = 4
"""Scans by the table after which pages are let go: one reads some 1 000 rows and more, and the
system maps 64 kB around each."""
_GATHERED = 4096
_BY_TABLE = 200
"""Papers asked for up to which the coarse table is used; what it leaves out was measured at 100."""


class ExactScan:
    """Scans the vectors of one library.

    They stay mapped, or in memory, until the ledger's counter of changes moves too far.
    """

    def __init__(self, ledger: Ledger, library: Path, narrate: Narrate = lambda line: None) -> None:
        self._ledger = ledger
        self._views = Views(ledger, library, narrate)
        self._papers = Standing(ledger)
        self._sparing = 0

    def all(self, embedder: int, query: Vectors, k: int) -> Ranked:
        """The k nearest of all papers, best first; `query` has shape (d,) and length 1."""
        view = self._views.now(embedder, len(query))
        found = self._by_table(embedder, query, k, view, None)
        if is_whole := found is None:
            scores = dots(view.mapped.matrix, query)
            scores[_places(view.mapped.keys, view.changed)] = -2.0
            found = self._best(embedder, view, None, scores, k)
        self._let_go(view, whole=is_whole)
        return _merged(found, self._few(embedder, query, view.tail), k)

    def _by_table(
        self, embedder: int, query: Vectors, k: int, view: View, among: Keys | None
    ) -> Ranked | None:
        """The k best rows, or those of some places, of which most are left out unread.

        None where every row has to be read: there is no table, or not k of its rows are papers.
        """
        import numpy as np

        table, keys = view.mapped.coarse, view.mapped.keys
        if table is None or k > _BY_TABLE or (among is not None and len(among) < FROM):
            return None
        rest = np.arange(table.rows, len(keys))
        if among is not None:
            covered = int(np.searchsorted(among, table.rows))
            among, rest = among[:covered], among[covered:]
        places = np.concatenate([table.likely(query, among), rest])
        scores = _scores(view.mapped.matrix, places, query)
        scores[_places(keys[places], view.changed)] = -2.0
        found = self._best(embedder, view, places, scores, k)
        return found if len(found) == k else None

    def _let_go(self, view: View, *, whole: bool) -> None:
        """Let the file's pages go after a scan of it whole, and after some scans by the table."""
        self._sparing = 0 if whole else (self._sparing + 1) % _SPARING
        if not self._sparing:
            view.mapped.let_go()

    def some(
        self, embedder: int, query: Vectors, k: int, within: Selection | Sequence[str]
    ) -> Ranked:
        """The k nearest of the papers of a selection, or with these ids, best first.

        `query` has shape (d,) and length 1; what is returned are ids with cosines.
        """
        import numpy as np

        if len(within) <= _FEW or not isinstance(within, Selection):
            return self._few(embedder, query, list(within))[:k]
        view = self._views.now(embedder, len(query))
        places = _places(
            view.mapped.keys, np.setdiff1d(within.keys, view.changed, assume_unique=True)
        )
        found = self._by_table(embedder, query, k, view, places)
        if is_whole := found is None:
            scores = _scores(view.mapped.matrix, places, query)
            found = self._best(embedder, view, places, scores, k)
        self._let_go(view, whole=is_whole)
        tail = within.among(view.tail) if view.tail else ()
        return _merged(found, self._few(embedder, query, list(tail)), k)

    def vectors(
        self, embedder: int, dimension: int, ids: Sequence[str]
    ) -> tuple[list[str], Vectors] | None:
        """The ids that have a vector, in order, and the matrix of them, shape (n, d); or None.

        What stands in the file is read there: of a large ledger each row would be a page
        read from the disk, 20 ms for 90 of 1 000 000 papers.
        """
        import numpy as np

        view = self._views.ready(embedder, dimension)
        places = {} if view is None else self._there(embedder, view, ids)
        kept = get_vectors(self._ledger, embedder, [name for name in ids if name not in places])
        names = [name for name in ids if name in places or name in kept]
        if not names:
            return None
        at = [places.get(name, 0) for name in names]
        shape = (len(names), dimension)
        found = np.empty(shape, np.float32) if view is None else view.mapped.matrix[at]
        for row, name in enumerate(names if kept else ()):
            if name in kept:
                found[row] = np.frombuffer(kept[name], dtype=np.float32)
        return names, found

    def bring_up(self, embedder: int, dimension: int) -> None:
        """Bring the file of an embedder's vectors up to date, for whoever searches next."""
        self._views.bring_up(embedder, dimension)

    def _few(self, embedder: int, query: Vectors, ids: Sequence[str]) -> Ranked:
        """All of a few papers, best first."""
        found = self.vectors(embedder, len(query), ids)
        if found is None:
            return []
        names, matrix = found
        return _sorted(zip(names, dots(matrix, query).tolist(), strict=True))

    def _there(self, embedder: int, view: View, ids: Sequence[str]) -> dict[str, int]:
        """The rows of those of some papers whose vector is in the file and as it was."""
        import numpy as np

        names = self._papers.keys(view.seq, embedder, ids)
        # Not by np.unique, which imports numpy.ma: 10 ms that nothing else here needs.
        known = np.array(sorted(names), dtype=np.int64)
        keys = np.setdiff1d(known, view.changed, assume_unique=True)
        places = _places(view.mapped.keys, keys)
        there = view.mapped.keys[places].tolist()
        return {names[key]: place for key, place in zip(there, places.tolist(), strict=True)}

    def _best(
        self, embedder: int, view: View, places: Keys | None, scores: Vectors, k: int
    ) -> Ranked:
        """The k best whose vector is that of their text; papers deleted since are no more.

        `scores` are of the rows at `places`, or of all.
        """
        import numpy as np

        wanted = min(k, len(scores))
        asked = min(wanted + _SLACK, len(scores))
        while asked:
            top = np.argpartition(scores, -asked)[-asked:]
            top = top[scores[top] > -1.5]
            ids = self._ids(embedder, view, top if places is None else places[top])
            pairs = zip(ids, scores[top].tolist(), strict=True)
            found = [(name, score) for name, score in pairs if name]
            if len(found) >= wanted or asked == len(scores):
                return _sorted(found)[:k]
            asked = min(4 * asked, len(scores))
        return []

    def _ids(self, embedder: int, view: View, places: Keys) -> list[str]:
        """The ids of rows that have not changed since; empty where a row is no paper's any more."""
        keys = view.mapped.keys[places].tolist()
        if view.mapped.ids is None:
            ids = [""] * len(keys)
        else:
            ids = [one.decode() for one in view.mapped.ids[places].tolist()]
        unknown = [key for key, name in zip(keys, ids, strict=True) if not name]
        named = self._papers.ids(view.seq, embedder, unknown) if unknown else {}
        ids = [name or named.get(key, "") for key, name in zip(keys, ids, strict=True)]
        return ["" if name in view.gone else name for name in ids]


def _places(keys: Keys, wanted: Keys) -> Keys:
    """Where wanted keys stand among keys; those that are not there are left out."""
    import numpy as np

    at = np.searchsorted(keys, wanted)
    at[at == len(keys)] = 0
    return at[keys[at] == wanted] if len(keys) else at[:0]


def _scores(matrix: Vectors, places: Keys, query: Vectors) -> Vectors:
    """Similarities of some rows, shape (n,): all rows are multiplied where that is quicker."""
    import numpy as np

    if len(places) > len(matrix) // 4:
        return dots(matrix, query)[places]
    scores = np.empty(len(places), dtype=np.float32)
    for start in range(0, len(places), _GATHERED):
        part = slice(start, start + _GATHERED)
        scores[part] = dots(matrix[places[part]], query)
    return scores


def _sorted(pairs: Iterable[tuple[str, float]]) -> Ranked:
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))


def _merged(one: Ranked, other: Ranked, k: int) -> Ranked:
    return _sorted([*one, *other])[:k] if other else one[:k]
