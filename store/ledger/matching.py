"""Which papers of a ledger a record is: candidates by their aliases, then a judgement."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from store.ledger.database import Ledger
from store.ledger.likeness import abstract_digest, overlap
from store.ledger.row_values import DETAIL_ALIASES, details_of
from store.ledger.same_paper import (
    Described,
    Identifier,
    described,
    identifiers,
    is_same_by_id,
    is_same_by_text,
)
from store.ledger.titles import is_generic, normal_title
from store.types import Record

MOST_OF_ONE_NAME = 20
"""Papers of one alias that a record is compared with; what so many share tells no paper: it is
the title of a series, or the DOI of a book."""
IDENTIFIERS = frozenset({"doi", "arxiv", *(kind for kind, _ in DETAIL_ALIASES)})
"""Kinds of aliases that name a paper in the world."""
_CANDIDATES = (
    "SELECT * FROM (SELECT kind, paper FROM aliases WHERE kind = ? AND value = ?"
    f" LIMIT {MOST_OF_ONE_NAME})"
)


def papers_of(ledger: Ledger, record: Record, names: Sequence[Identifier]) -> list[int]:
    """The keys of the papers that a record of these names is, the oldest first."""
    found = _candidates(ledger, record, names)
    if not found:
        return []
    own = described(record)
    by_id = {key for kind, key in found if kind in IDENTIFIERS}
    by_text = {key for _, key in found} - by_id
    keys: list[int] = []
    for key in sorted(by_id):
        if _is_in_any_text(ledger, key, stored := _stored(ledger, key), own, is_same_by_id):
            keys.append(key)
            own = replace(own, ids=own.ids | stored.ids)
    others = [(key, _stored(ledger, key)) for key in by_text]
    if len(others) > 1:
        others.sort(key=lambda one: (-overlap(own.abstract, one[1].abstract), one[0]))
    for key, stored in others:
        # What was joined before it may clash with it.
        if _is_in_any_text(ledger, key, stored, own, is_same_by_text):
            keys.append(key)
            own = replace(own, ids=own.ids | stored.ids)
    return sorted(keys)


def _candidates(
    ledger: Ledger, record: Record, names: Sequence[Identifier]
) -> list[tuple[str, int]]:
    """Papers that share an alias with a record, each with the kind of the alias."""
    if not names:
        return []
    rows = ledger.rows(
        " UNION ALL ".join([_CANDIDATES] * len(names)), [part for name in names for part in name]
    )
    if not rows:
        return []
    shared = Counter(kind for kind, _ in rows)
    telling = {kind for kind, papers in shared.items() if papers < MOST_OF_ONE_NAME}
    if "title" in telling and is_generic(record.title):
        telling.discard("title")
    return [row for row in rows if row[0] in telling]


def names_of(record: Record) -> list[Identifier]:
    """The aliases by which a record is found again: its ids, its title and its abstract."""
    names = identifiers(record)
    if title := normal_title(record.title):
        names.append(("title", title))
    if record.abstract:
        names.append(("abstract", abstract_digest(record.abstract)))
    return names


def known_texts(ledger: Ledger, records: Sequence[Record]) -> set[str]:
    """The hashes of texts of papers that have a title or an abstract of these records."""
    # A paper with a text has its abstract, or where there is none its title: both are indexed.
    names = {
        "abstract": {abstract_digest(one.abstract) for one in records if one.abstract},
        "title": {normal_title(one.title) for one in records if not one.abstract},
    }
    return {
        row[0]
        for kind, values in names.items()
        for row in ledger.rows_in(
            "SELECT text_hash FROM papers WHERE key IN"
            f" (SELECT paper FROM aliases WHERE kind = '{kind}' AND value IN ({{}}))",
            list(values),
        )
    }


def _stored(ledger: Ledger, key: int) -> Described:
    with ledger.reading():
        title, abstract, authors, year, venue, details = ledger.rows(
            "SELECT title, abstract, authors, year, venue, details FROM papers WHERE key = ?",
            (key,),
        )[0]
        ids = ledger.rows("SELECT kind, value FROM aliases WHERE paper = ?", (key,))
        return Described(
            title,
            abstract,
            tuple(json.loads(authors)),
            year,
            venue,
            details_of(details),
            frozenset((kind, value) for kind, value in ids if kind in IDENTIFIERS),
        )


def _is_in_any_text(
    ledger: Ledger,
    key: int,
    stored: Described,
    own: Described,
    judge: Callable[[Described, Described], bool],
) -> bool:
    """True where a record is a paper by the paper's text, or by one which that replaced."""
    if judge(own, stored):
        return True
    older = ledger.rows("SELECT title, abstract FROM revisions WHERE paper = ?", (key,))
    return any(
        judge(own, replace(stored, title=title, abstract=abstract)) for title, abstract in older
    )
