"""How many papers hold a term: those of the index, and some that are not in it yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeVar

import tantivy

from store.lexical.fields import FIELDS, PaperTerms
from store.lexical.ranking import term_or_phrase

Key = TypeVar("Key")
Value = TypeVar("Value")

_KEPT = 1 << 15
"""Counts of each kind, and ids, that are kept; 100 bytes each, about."""


class IndexCounts:
    """Counts of the papers that a searcher sees, and of some more; raises what tantivy raises.

    A searcher sees the same as long as it lives, so what was counted once is kept.
    """

    def __init__(
        self, schema: tantivy.Schema, searcher: tantivy.Searcher, also: Sequence[PaperTerms] = ()
    ) -> None:
        self._schema = schema
        self._searcher = searcher
        self._also = also
        self._total = int(searcher.num_docs) + len(also)
        self._held = {
            field: Counter(term for one in also for term in one.counts[field])
            for field in (FIELDS if also else ())
        }
        self._frequencies: dict[tuple[str, str], int] = {}
        self._together: dict[tuple[str, ...], int] = {}
        self._ids: dict[tuple[int, int], str] = {}

    def total(self) -> int:
        """How many papers there are."""
        return self._total

    def frequency(self, field: str, term: str) -> int:
        """How many papers hold a term in a field."""
        found = self._frequencies.get((field, term))
        if found is None:
            found = int(self._searcher.doc_freq(field, term))
            if self._also:
                found += self._held[field][term]
            _keep(self._frequencies, (field, term), found)
        return found

    def together(self, terms: Sequence[str]) -> int:
        """How many papers hold terms one after another in the text."""
        key = tuple(terms)
        found = self._together.get(key)
        if found is None:
            query = term_or_phrase(self._schema, "text", key)
            counted = self._searcher.search(query, limit=1, count=True)
            found = int(counted.count or 0)  # type: ignore[attr-defined]  # not in its stub
            found += sum(one.occurrences("text", key) > 0 for one in self._also)
            _keep(self._together, key, found)
        return found

    def ids(self, places: Iterable[tantivy.DocAddress]) -> list[str]:
        """The ids of papers of the index; to read one that is stored takes longer than to rank."""
        return [self._ids.get((at.segment_ord, at.doc)) or self._id(at) for at in places]

    def _id(self, at: tantivy.DocAddress) -> str:
        found = str(self._searcher.doc(at)["id"][0])
        _keep(self._ids, (at.segment_ord, at.doc), found)
        return found


def _keep(kept: dict[Key, Value], key: Key, value: Value) -> None:
    if len(kept) >= _KEPT:
        kept.clear()
    kept[key] = value
