"""Papers by their keys and by their ids, remembered as long as the ledger stands as it is.

One search asks for the ids of some 120 rows of vectors and for the rows of some 130 ids, most of
them met at a search before.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

from store.ledger.database import Ledger
from store.ledger.vectors import current_ids

_KEPT = 1 << 15
"""Papers that are remembered, by keys and by ids; 100 bytes each, about."""


class Standing:
    """What the ledger says of papers at one count of its changes.

    `seq` is that count, read before: what was read for it is forgotten at the next one.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._lock = Lock()
        self._of: tuple[int, int] = (-1, -1)
        self._ids: dict[int, str] = {}
        self._keys: dict[str, int] = {}

    def ids(self, seq: int, embedder: int, keys: Sequence[int]) -> dict[int, str]:
        """What `current_ids` gives."""
        with self._lock:
            known = self._at(seq, embedder)[0]
            lacking = [key for key in keys if key not in known]
            if lacking:
                known.update(current_ids(self._ledger, embedder, lacking))
            return {key: known[key] for key in keys if key in known}

    def keys(self, seq: int, embedder: int, ids: Sequence[str]) -> dict[int, str]:
        """The ids, by key, of those of some papers that there are."""
        with self._lock:
            known = self._at(seq, embedder)[1]
            lacking = [name for name in ids if name not in known]
            if lacking:
                rows = self._ledger.rows_in("SELECT id, key FROM papers WHERE id IN ({})", lacking)
                known.update(rows)
            return {known[name]: name for name in ids if name in known}

    def _at(self, seq: int, embedder: int) -> tuple[dict[int, str], dict[str, int]]:
        """What is remembered of one state; what is full begins anew."""
        if self._of != (seq, embedder):
            self._of, self._ids, self._keys = (seq, embedder), {}, {}
        if len(self._ids) >= _KEPT:
            self._ids = {}
        if len(self._keys) >= _KEPT:
            self._keys = {}
        return self._ids, self._keys
