"""Giving papers their citation keys.

All papers without one get theirs at once, in the order added: which papers are exported, or in
which order, changes no key. A key stays whatever becomes of the record, so it is kept in the
ledger; a library that cannot be written to gives the keys that it would keep.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from store.errors import LibraryBusy, LibraryReadOnly, NoSpace
from store.ledger.citation_keys import Unkeyed, has_keys, keep, keys_of, take_back, unkeyed
from store.ledger.database import Ledger
from store.library.key_pattern import is_valid, made_by, next_key, speaks_of

_CITING = frozenset(("bibtex",))
"""Readers of formats in which an entry's id is nothing but what a text cites it by."""
_FEW = 500


def citation_keys(ledger: Ledger, ids: Sequence[str], pattern: str) -> dict[str, str]:
    """The keys of papers by their ids; who has none gets one, made by a pattern."""
    found = keys_of(ledger, ids if len(ids) <= _FEW else None)
    if all(name in found for name in ids):
        return {name: found[name] for name in ids}
    if has_keys(ledger) and not ledger.read_only:
        try:
            with ledger.write():
                given = _all_given(ledger, pattern)
                keep(ledger, given)
        except (LibraryBusy, LibraryReadOnly, NoSpace):
            given = _all_given(ledger, pattern)
    else:
        given = _all_given(ledger, pattern)
    found |= {paper: key for paper, key, _ in given}
    return {name: found[name] for name in ids if name in found}


def renew(ledger: Ledger, ids: Sequence[str], pattern: str) -> dict[str, str]:
    """Make the keys of papers anew; those that came with their papers stay, or are taken up."""
    take_back(ledger, ids)
    return citation_keys(ledger, ids, pattern)


def _all_given(ledger: Ledger, pattern: str) -> list[tuple[str, str, bool]]:
    return list(_given(unkeyed(ledger), keys_of(ledger), pattern))


def _given(
    papers: Sequence[Unkeyed], keys: Mapping[str, str], pattern: str
) -> Iterator[tuple[str, str, bool]]:
    """Papers with their keys, and whether these came with them: such have the first choice."""
    taken = {key.lower() for key in keys.values()}
    rest: list[Unkeyed] = []
    for paper in papers:
        former = next((keys[one] for one in paper.merged if one in keys), None)
        if former is not None:
            yield paper.id, former, False
        elif (came := _came_with(paper, taken)) is not None:
            taken.add(came.lower())
            yield paper.id, came, True
        else:
            rest.append(paper)
    numbers: dict[str, int] = {}
    for paper in rest:
        base = made_by(pattern, paper)
        key, number = base, numbers.get(base.lower(), 1)
        while key.lower() in taken:
            number += 1
            key = next_key(base, number)
        numbers[base.lower()] = number
        taken.add(key.lower())
        yield paper.id, key, False


def _came_with(paper: Unkeyed, taken: set[str]) -> str | None:
    """The id that a source uses, where it is a key that people cite by and that is free.

    What is read of a bibliography is one; of other sources it is where it speaks of the paper.
    """
    names = [one for one in paper.names if is_valid(one) and one.lower() not in taken]
    telling = [one for one in names if speaks_of(one, paper)]
    if telling or not _CITING.isdisjoint(paper.readers):
        return min(telling or names, default=None)
    return None
