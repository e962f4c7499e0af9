"""The vectors of one library in memory or mapped, as the ledger now stands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from store.dense.mapped import Mapped
from store.dense.vector_file import VectorFile
from store.ledger import outbox
from store.ledger.database import Ledger
from store.ledger.vectors import vector_slices
from store.types import Narrate

if TYPE_CHECKING:
    from store.ledger.vectors import Keys

_FILE_FROM = 1000
"""Papers from which on vectors are put into a file; fewer are read from the ledger."""
_TAIL_AT_MOST = 4000
"""Changes that may be read from the ledger beside the file before it is brought up to date."""


@dataclass(frozen=True)
class View:
    """Vectors in memory, and the ids and keys of papers changed since, which do not count there.

    `gone` are the ids of papers deleted since.
    """

    mapped: Mapped
    tail: tuple[str, ...]
    changed: Keys
    seq: int
    gone: frozenset[str] = frozenset()


class Views:
    """The vectors of each embedder: looked at again once the ledger's counter of changes moves."""

    def __init__(self, ledger: Ledger, library: Path, narrate: Narrate) -> None:
        self._ledger = ledger
        self._library = library
        self._narrate = narrate
        self._views: dict[int, View] = {}

    def bring_up(self, embedder: int, dimension: int) -> None:
        """Bring the file of an embedder's vectors up to date, for whoever searches next."""
        view = self.now(embedder, dimension, exact=True)
        if view.mapped.lacks_table and view.seq == view.mapped.seq:
            self._file(embedder, dimension).bring_up(view.mapped, appending=True)
            del self._views[embedder]

    def _file(self, embedder: int, dimension: int) -> VectorFile:
        return VectorFile(self._ledger, self._library, embedder, dimension, self._narrate)

    def ready(self, embedder: int, dimension: int) -> View | None:
        """The vectors as they now stand, where that takes no reading of them; else None."""
        view = self._views.get(embedder)
        if view is not None and view.seq == outbox.last_seq(self._ledger):
            return view
        if view is None and self._is_small():
            return None
        file = self._file(embedder, dimension)
        mapped = view.mapped if view else file.open()
        fresh = None if mapped is None else self._since(mapped, _TAIL_AT_MOST)
        if fresh is not None:
            self._views[embedder] = fresh
        return fresh

    def now(self, embedder: int, dimension: int, *, exact: bool = False) -> View:
        """The vectors as they now stand; with `exact` nothing is left beside the file."""
        view = self._views.get(embedder)
        whole = view is not None and not (exact and len(view.changed))
        if view is not None and whole and view.seq == outbox.last_seq(self._ledger):
            return view
        view = self._looked(embedder, dimension, view, 0 if exact else _TAIL_AT_MOST)
        self._views[embedder] = view
        return view

    def _looked(self, embedder: int, dimension: int, before: View | None, most: int) -> View:
        file = self._file(embedder, dimension)
        mapped = before.mapped if before else file.open()
        view = None
        for _ in range(3):
            view = self._since(mapped, most) if mapped else None
            if view is not None:
                return view
            if self._is_small():
                break
            fresh = file.bring_up(
                mapped, appending=mapped is not None and self._is_appended(mapped)
            )
            if fresh is None:
                break
            mapped = fresh
        return self._read(embedder, dimension)

    def _since(self, mapped: Mapped, most: int) -> View | None:
        """What changed since the vectors were written; None when it is too much, or unclear.

        Each change of a paper takes a number of its own. Where a number has no paper any more,
        because it changed again or its tombstone is gone, nothing is taken for granted.
        """
        import numpy as np

        seq, counted = self._ledger.rows(
            "SELECT CAST(value AS INTEGER), (SELECT count(*) FROM outbox WHERE seq > ?)"
            " FROM meta WHERE name = 'seq'",
            (mapped.seq,),
        )[0]
        if counted != seq - mapped.seq or counted > most:
            return None
        behind = outbox.pending(self._ledger, mapped.seq)
        tail = tuple(one.id for one in behind if not one.deleted)
        keys = self._ledger.rows_in("SELECT key FROM papers WHERE id IN ({})", tail)
        changed = np.array(sorted({row[0] for row in keys}), dtype=np.int64)
        gone = frozenset(one.id for one in behind if one.deleted)
        return View(mapped, tail, changed, seq, gone)

    def _is_appended(self, mapped: Mapped) -> bool:
        """True when all that changed since are papers newer than those written."""
        counted, deleted, lowest = self._ledger.rows(
            "SELECT count(*), max(deleted), min(papers.key) FROM outbox"
            " LEFT JOIN papers ON papers.id = outbox.id WHERE seq > ?",
            (mapped.seq,),
        )[0]
        gapless = counted == outbox.last_seq(self._ledger) - mapped.seq
        return bool(gapless and not deleted and lowest is not None and lowest > mapped.keys[-1])

    def _is_small(self) -> bool:
        newest = self._ledger.value("SELECT max(key) FROM papers")
        return newest is None or newest < _FILE_FROM

    def _read(self, embedder: int, dimension: int) -> View:
        """All vectors in memory, straight from the ledger."""
        import numpy as np

        seq = outbox.last_seq(self._ledger)
        room = int(self._ledger.value("SELECT count(*) FROM papers"))
        matrix = np.empty((room, dimension), dtype=np.float32)
        keys = np.empty(room, dtype=np.int64)
        rows = 0
        for some, vectors in vector_slices(self._ledger, embedder, dimension):
            more = min(len(some), room - rows)  # what came since is read as changed
            keys[rows : rows + more] = some[:more]
            matrix[rows : rows + more] = vectors[:more]
            rows += more
        nothing = np.empty(0, dtype=np.int64)
        return View(Mapped(keys[:rows], matrix[:rows], seq), (), nothing, seq)
