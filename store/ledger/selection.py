"""Which papers a question is about, as ledger keys: resolved by SQL, combined as arrays."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from store.ledger.conditions import conditions
from store.ledger.database import Ledger
from store.types import Filter

if TYPE_CHECKING:
    from store.ledger.vectors import Keys

_REMEMBERED = 16


class Selection:
    """The papers that a filter leaves; true when there are any.

    `keys` are their ledger keys, ascending.
    """

    def __init__(self, ledger: Ledger, keys: Keys) -> None:
        self._ledger = ledger
        self.keys = keys

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[str]:
        """The ids, in the order added."""
        rows = self._ledger.rows_in(
            "SELECT id FROM papers WHERE key IN ({}) ORDER BY key", self.keys.tolist()
        )
        return (row[0] for row in rows)

    def among(self, ids: Sequence[str]) -> set[str]:
        """Those of some ids that belong to it."""
        import numpy as np

        rows = self._ledger.rows_in("SELECT id, key FROM papers WHERE id IN ({})", list(ids))
        if not rows or not len(self.keys):
            return set()
        asked = np.array([key for _, key in rows], dtype=np.int64)
        at = np.searchsorted(self.keys, asked).clip(max=len(self.keys) - 1)
        inside = self.keys[at] == asked
        return {name for (name, _), there in zip(rows, inside.tolist(), strict=True) if there}


class Selector:
    """Resolves filters, and remembers the last parts of them as long as nothing changes."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._version: tuple[int, int] | None = None
        self._known: OrderedDict[Filter, Keys] = OrderedDict()

    def of_filter(self, wanted: Filter) -> Selection:
        """The papers a filter leaves."""
        from functools import reduce

        import numpy as np

        version = self._ledger.version()
        if version != self._version:
            self._known.clear()
            self._version = version
        found = [self._keys(part) for part in _parts(wanted)]
        keys = reduce(lambda a, b: np.intersect1d(a, b, assume_unique=True), found)
        return Selection(self._ledger, keys)

    def of_ids(self, ids: Sequence[str]) -> Selection:
        """The papers with these ids; ids that are not there are left out."""
        import numpy as np

        rows = self._ledger.rows_in("SELECT key FROM papers WHERE id IN ({})", list(ids))
        return Selection(self._ledger, np.unique(np.array([row[0] for row in rows], np.int64)))

    def _keys(self, part: Filter) -> Keys:
        if part in self._known:
            self._known.move_to_end(part)
            return self._known[part]
        import numpy as np

        # One text with all keys in it is read three times as fast as a row for each.
        text = self._ledger.value(*_query(part)) or ""
        keys = np.fromstring(text, dtype=np.int64, sep=",") if text else np.empty(0, np.int64)
        keys.sort()
        self._known[part] = keys
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return keys


def _parts(wanted: Filter) -> list[Filter]:
    """A filter as several that must all hold, so that each is found by its own index."""
    years = {"year_from", "year_to", "undated"}
    fields = set(Filter.__dataclass_fields__)
    parts = [
        Filter(**{name: getattr(wanted, name) for name in names})
        for names in (years, {"tags"}, fields - years - {"tags"})
    ]
    return [part for part in parts if not part.leaves_all] or [Filter()]


def _query(part: Filter) -> tuple[str, list[object]]:
    if part == Filter(tags=part.tags) and part.tags:
        marks = ",".join("?" * len(part.tags))
        sql = f"SELECT group_concat(DISTINCT paper) FROM tags WHERE tag IN ({marks})"
        return sql, [tag.lower() for tag in part.tags]
    where, values = conditions(part)
    return f"SELECT group_concat(key) FROM papers WHERE {where}", values
