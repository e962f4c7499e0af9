"""How many papers hold a term: those of the index, and some that are not in it yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import tantivy

from store.lexical.fields import FIELDS, PaperTerms
from store.lexical.ranking import term_or_phrase


class IndexCounts:
    """Counts of the papers that a searcher sees, and of some more; raises what tantivy raises."""

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

    def total(self) -> int:
        """How many papers there are."""
        return self._total

    def frequency(self, field: str, term: str) -> int:
        """How many papers hold a term in a field."""
        held = self._held[field][term] if self._also else 0
        return int(self._searcher.doc_freq(field, term)) + held

    def together(self, terms: Sequence[str]) -> int:
        """How many papers hold terms one after another in the text."""
        query = term_or_phrase(self._schema, "text", terms)
        counted = self._searcher.search(query, limit=1, count=True)
        more = sum(one.occurrences("text", terms) > 0 for one in self._also)
        return int(counted.count or 0) + more  # type: ignore[attr-defined]  # not in its stub
