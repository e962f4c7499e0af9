"""Words that a paper must hold or must not: as queries, and read in a paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import tantivy

from store.lexical.alternatives import Terms
from store.lexical.fields import ANYWHERE, PaperTerms
from store.lexical.ranking import term_or_phrase
from store.types import Words

Readings = Callable[[str, str], Sequence[Terms]]
"""The ways in which words may stand in a field, as terms one after another."""


def wording_query(
    schema: tantivy.Schema, readings: Readings, required: Sequence[Words], excluded: Sequence[Words]
) -> tantivy.Query:
    """The papers that hold all of `required` and none of `excluded`; every score is 0."""
    parts = [(tantivy.Occur.Must, _anywhere(schema, readings, one)) for one in required]
    parts += [(tantivy.Occur.MustNot, _anywhere(schema, readings, one)) for one in excluded]
    if not required:
        parts.append((tantivy.Occur.Must, tantivy.Query.all_query()))
    return tantivy.Query.const_score_query(tantivy.Query.boolean_query(parts), 0.0)


def has_wording(
    paper: PaperTerms, readings: Readings, required: Sequence[Words], excluded: Sequence[Words]
) -> bool:
    """True when a paper holds all of `required` and none of `excluded`."""

    def holds(words: Words) -> bool:
        return any(
            paper.occurrences(field, terms)
            for field in _fields(words)
            for terms in readings(words.text, field)
        )

    return all(map(holds, required)) and not any(map(holds, excluded))


def _fields(words: Words) -> tuple[str, ...]:
    return ("title",) if words.in_title else ANYWHERE


def _anywhere(schema: tantivy.Schema, readings: Readings, words: Words) -> tantivy.Query:
    each = [
        term_or_phrase(schema, field, terms)
        for field in _fields(words)
        for terms in readings(words.text, field)
    ]
    if not each:
        return tantivy.Query.empty_query()
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, one) for one in each])
