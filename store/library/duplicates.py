"""Papers that may be one: those of one title, and those whose texts are nearly the same.

Titles and whole abstracts are compared by the ledger's own index, texts by their vectors where the
library has some (`near_pairs.py`); what is found so counts only when the words agree too. Papers
that say the same are taken together before, and in a large group nothing is compared twice: the
time grows with the papers, not with their pairs.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from store.ledger.database import Ledger
from store.ledger.likeness import compatible_authors, differ_in_dates, overlap
from store.ledger.matching import MOST_OF_ONE_NAME
from store.ledger.same_paper import REPEATED_OVERLAP, VERSION_OVERLAP
from store.ledger.titles import are_near, is_generic, name_other_works, normal_title
from store.ledger.vectors import embedder_dimension, embedder_key, vector_slices
from store.library.near_pairs import near_pairs
from store.value import Value

if TYPE_CHECKING:
    from store.ledger.vectors import Keys

SAME_WORDS = 0.7
"""Least Jaccard overlap of the words of two abstracts that are nearly the same."""
_OF_ONE_NAME, _FOLLOWING = 25, 5
"""Papers of one title that are compared each with each; of more, each with the first one and so
many that follow it in the order of their texts."""
_LARGE = 50
"""Papers of a group from which two of it are not compared any more."""
_BEGINNING = 300
"""Characters of an abstract by which papers stand in order."""
Pair = tuple[int, int]


class Likely(Value):
    """Papers that may be one, by their ids, the oldest first, and why."""

    papers: tuple[str, ...]
    why: tuple[str, ...]


@dataclass(frozen=True)
class _Text:
    id: str
    title: str
    abstract: str
    authors: tuple[str, ...]
    year: int | None
    doi: str | None

    @cached_property
    def normal_title(self) -> str:
        return normal_title(self.title)

    @cached_property
    def is_generic(self) -> bool:
        return is_generic(self.title)


def likely_duplicates(ledger: Ledger, fingerprint: str) -> tuple[Likely, ...]:
    """Groups of papers that may be one; those that the reader parted are none."""
    apart = {tuple(row) for row in ledger.rows("SELECT one, other FROM apart")}
    equal = _equal(ledger, {name for pair in apart for name in pair})
    others = {key for keys in equal for key in keys[1:]}
    pairs = {*_of_one_name(ledger, others), *_near(ledger, fingerprint, others)}
    needed = {key for each in (*pairs, *equal) for key in each}
    texts = _texts(ledger, needed)
    groups = _Groups()
    for keys in equal:
        if why := _why(texts[keys[0]], texts[keys[1]]):
            groups.join(keys, _against([texts[key] for key in keys], why[0]))
    for pair in sorted(pairs):
        one, other = (texts[key] for key in pair)
        if groups.is_large(*pair) or (min(one.id, other.id), max(one.id, other.id)) in apart:
            continue
        if why := _why(one, other):
            groups.join(pair, why)
    return tuple(
        Likely(papers=tuple(texts[key].id for key in keys), why=why)
        for keys, why in groups.listed()
    )


def _why(one: _Text, other: _Text) -> tuple[str, ...]:
    """Why two papers may be one, and what speaks against it; empty when they are not.

    Parts of a work, and issues of a series by what their abstracts say, are not.
    """
    if not compatible_authors(one.authors, other.authors):
        return ()
    same = one.normal_title == other.normal_title
    are_parts = one.title != other.title and name_other_works(one.title, other.title)
    near = same or (not are_parts and are_near(one.title, other.title))
    said = "nearly the same title" if near else "nearly the same abstract"
    said = "the same title" if same else said
    shared = _shared(one.abstract, other.abstract) if one.abstract and other.abstract else None
    if one.is_generic or other.is_generic or are_parts:
        is_one = shared is not None and shared >= REPEATED_OVERLAP
    elif shared is None or differ_in_dates(one.abstract, other.abstract):
        is_one = near and shared is None
    else:
        is_one = shared >= (VERSION_OVERLAP if near else SAME_WORDS)
    return _against((one, other), said) if is_one else ()


def _shared(one: str, other: str) -> float:
    return 1.0 if one == other else overlap(one, other)


def _against(papers: Sequence[_Text], said: str) -> tuple[str, ...]:
    """Why papers may be one, and what of their records speaks against it."""
    years = {one.year for one in papers if one.year}
    dois = {one.doi for one in papers if one.doi}
    against = (("other years", years), ("other DOIs", dois))
    return (said, *(words for words, values in against if len(values) > 1))


class _Groups:
    """Papers by their keys in groups: what is linked is one, with all the reasons why."""

    def __init__(self) -> None:
        self._first: dict[int, int] = {}
        self._members: dict[int, list[int]] = {}
        self._why: dict[int, dict[str, None]] = {}

    def join(self, keys: Sequence[int], why: Iterable[str]) -> None:
        """Link papers."""
        found = {self._first.get(key, key) for key in keys}
        # Members move to the largest group: a paper moves as often as its group doubles.
        into = max(found, key=lambda one: len(self._members.get(one, ())))
        members = self._members.setdefault(into, [into])
        reasons = self._why.setdefault(into, {})
        for one in sorted(found - {into}):
            moved = self._members.pop(one, [one])
            members += moved
            reasons |= self._why.pop(one, {})
            self._first.update(dict.fromkeys(moved, into))
        reasons |= dict.fromkeys(why)

    def is_large(self, one: int, other: int) -> bool:
        """True for two papers of one large group."""
        group = self._first.get(one, one)
        in_one = group == self._first.get(other, other)
        return in_one and len(self._members.get(group, ())) >= _LARGE

    def listed(self) -> list[tuple[list[int], tuple[str, ...]]]:
        """The groups by their oldest papers, and why."""
        found = ((sorted(keys), tuple(self._why[at])) for at, keys in self._members.items())
        return sorted(found, key=lambda one: one[0][0])


def _equal(ledger: Ledger, without: Collection[str]) -> list[list[int]]:
    """Papers of one text and the same authors, by their keys, ascending."""
    rows = ledger.rows(
        "SELECT json_group_array(key) FROM papers"
        " WHERE id NOT IN (SELECT value FROM json_each(?))"
        " GROUP BY text_hash, authors HAVING count(*) > 1",
        (json.dumps(sorted(without)),),
    )
    with ledger.reading():
        return [sorted(json.loads(keys)) for (keys,) in rows]


def _of_one_name(ledger: Ledger, without: Collection[int]) -> Iterator[Pair]:
    """Pairs of papers of one title or abstract; of very many each with some others."""
    rows = ledger.rows(
        "SELECT json_group_array(DISTINCT paper) FROM aliases WHERE kind IN ('title', 'abstract')"
        " GROUP BY kind, value HAVING count(DISTINCT paper) > 1"
        f" AND (kind = 'title' OR count(DISTINCT paper) <= {MOST_OF_ONE_NAME})"
    )
    for (text,) in rows:
        keys = [key for key in sorted(json.loads(text)) if key not in without]
        beside = len(keys)
        if len(keys) > _OF_ONE_NAME:
            keys, beside = _in_order(ledger, keys), _FOLLOWING
            yield from ((min(keys[0], one), max(keys[0], one)) for one in keys[1:])
        for at, one in enumerate(keys):
            yield from ((min(one, two), max(one, two)) for two in keys[at + 1 : at + 1 + beside])


def _in_order(ledger: Ledger, keys: Sequence[int]) -> list[int]:
    """Papers in the order of their texts, in which those that are nearly the same are beside."""
    rows = ledger.rows_in(
        f"SELECT key, substr(abstract, 1, {_BEGINNING}) || title FROM papers WHERE key IN ({{}})",
        keys,
    )
    return [int(key) for key, _ in sorted(rows, key=lambda row: (row[1], row[0]))]


def _near(ledger: Ledger, fingerprint: str, without: Collection[int]) -> Iterator[Pair]:
    """Pairs of papers whose vectors are near, by their keys."""
    import numpy as np

    embedder = embedder_key(ledger, fingerprint)
    dimension = embedder_dimension(ledger, fingerprint)
    if embedder is None or dimension is None:
        return
    slices = list(vector_slices(ledger, embedder, dimension))
    if not slices:
        return
    keys = np.concatenate([some for some, _ in slices])
    matrix = np.concatenate([rows for _, rows in slices])
    del slices
    if without:
        kept = ~np.isin(keys, np.fromiter(without, dtype=np.int64))
        keys, matrix = keys[kept], matrix[kept]

    def in_order(rows: Keys) -> Keys:
        # The keys ascend. A paper that went meanwhile is in no order, and is left out.
        return np.searchsorted(keys, _in_order(ledger, keys[rows].tolist()))

    first, second = near_pairs(matrix, in_order)
    yield from zip(keys[first].tolist(), keys[second].tolist(), strict=True)


def _texts(ledger: Ledger, keys: Iterable[int]) -> Mapping[int, _Text]:
    rows = ledger.rows_in(
        "SELECT key, id, title, abstract, authors, year, doi FROM papers WHERE key IN ({})",
        sorted(keys),
    )
    with ledger.reading():
        return {
            key: _Text(name, title, abstract, tuple(json.loads(authors)), year, doi)
            for key, name, title, abstract, authors, year, doi in rows
        }
