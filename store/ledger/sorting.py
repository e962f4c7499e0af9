"""The papers of a ledger in the order of a field."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Literal, get_args

from store.clean import folded
from store.ledger.conditions import conditions
from store.ledger.database import Ledger, Row
from store.ledger.named import date_order
from store.types import Filter, Status

SortField = Literal["added", "author", "date", "status", "title", "venue", "year"]
"""What papers are put in order by; `year` is `date`."""
_STATUSES = get_args(Status)
_COLUMNS: dict[SortField, str] = {
    "added": "added_at",
    "author": "authors",
    "date": "year, date",
    "status": "status",
    "title": "title",
    "venue": "venue",
    "year": "year, date",
}


def sorted_ids(ledger: Ledger, wanted: Filter, by: SortField, *, reverse: bool) -> list[str]:
    """The ids a filter leaves by a field, in the order added where it is the same.

    Papers without the field come last, in reverse too. Titles and venues are compared without
    case, accents and what stands before their first letter or digit, authors by the family name
    of the first one, statuses as they are named in `Status`.
    """
    return in_order(ledger, "id", conditions(wanted), by, reverse=reverse)


Key = tuple[Any, ...]


def in_order(
    ledger: Ledger,
    column: str,
    held: tuple[str, Sequence[object]],
    by: SortField,
    *,
    reverse: bool,
) -> list[Any]:
    """A column of the papers that a condition in SQL holds for, in the order of a field.

    `held` is the condition with its values. Papers are in order as `sorted_ids` has it.
    """
    where, values = held
    sql = f"SELECT {column}, {_COLUMNS[by]} FROM papers WHERE {where} ORDER BY key"
    rows = ledger.rows(sql, values)
    key = _KEYS.get(by, _plain)
    with ledger.reading():
        keyed = [(key(row, reverse), row[0]) for row in rows]
    there = [one for one in keyed if one[0]]
    there.sort(key=lambda one: one[0], reverse=reverse)
    return [value for _, value in (*there, *(one for one in keyed if not one[0]))]


def _plain(row: Row, reverse: bool) -> Key:
    return () if row[1] is None else (row[1],)


def _dated(row: Row, reverse: bool) -> Key:
    return () if row[1] is None else (row[1], *date_order(row[2], newest=reverse))


def _lettered(row: Row, reverse: bool) -> Key:
    text = folded(row[1] or "")
    start = next((at for at, letter in enumerate(text) if letter.isalnum()), None)
    return () if start is None else (text[start:],)


def _family(row: Row, reverse: bool) -> Key:
    names = json.loads(row[1])
    if not names:
        return ()
    name = folded(names[0])
    if "," in name:
        family, _, given = name.partition(",")
    else:
        given, _, family = name.strip().rpartition(" ")
    return (family.strip(), given.strip())


def _status(row: Row, reverse: bool) -> Key:
    return (_STATUSES.index(row[1]),)


_KEYS: dict[SortField, Callable[[Row, bool], Key]] = {
    "author": _family,
    "date": _dated,
    "status": _status,
    "title": _lettered,
    "venue": _lettered,
    "year": _dated,
}
