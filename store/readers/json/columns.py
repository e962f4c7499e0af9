"""Tables that are written by columns, as pandas' `to_json` and `to_dict` do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from store.pattern import pattern
from store.readers.json.services import Likeness, Mapper
from store.readers.json.window import VALUE_LIMIT

COLUMNS_LIMIT = 32 * 2**20
"""Most characters of a table that is written by columns: it has to be read as a whole."""

_KEY = r"\s*\"(?:[^\"\\]|\\.){0,200}\"\s*:\s*"
_TABLE = pattern(rf"\{{(?:\s*\"columns\"\s*:\s*\[\s*\"|{_KEY}\{{\s*\"0\"\s*:\s*[^{{\s])")
_MAYBE_TABLE = pattern(rf"\{{{_KEY}(?:\{{{_KEY}[^{{\s]|\[\s*[^{{\s])")


def columns_limit(head: str) -> int:
    """How many characters may be read to see columns in a text that begins so; 0 for none."""
    if _TABLE.match(head):
        return COLUMNS_LIMIT
    return VALUE_LIMIT if _MAYBE_TABLE.match(head) else 0


def rows_of(value: object, mapper: Mapper) -> Iterator[Mapping[str, object]] | None:
    """The rows of a table by columns, None for anything else.

    Columns are objects with the same keys, lists of one length, or `columns` and `data`.
    """
    if not isinstance(value, dict):
        return None
    split = _split_rows(value)
    if split is not None:
        return split
    shown = [one for one in value.values() if isinstance(one, dict | list)]
    if len(shown) < len(value) or len(shown) < 2:
        return None
    if mapper.likeness(value) < Likeness.PAIR:
        return None
    first = shown[0]
    if isinstance(first, dict):
        keys = first.keys()
        if any(not isinstance(one, dict) or one.keys() != keys for one in shown):
            return None
        return ({name: column[key] for name, column in value.items()} for key in keys)
    if len(first) < 2 or any(not isinstance(one, list) or len(one) != len(first) for one in shown):
        return None
    return ({name: column[row] for name, column in value.items()} for row in range(len(first)))


def _split_rows(value: Mapping[str, object]) -> Iterator[Mapping[str, object]] | None:
    columns, data = value.get("columns"), value.get("data")
    if not isinstance(columns, list) or not isinstance(data, list):
        return None
    if not all(isinstance(row, list) and len(row) == len(columns) for row in data):
        return None
    names = [str(column) for column in columns]
    return (dict(zip(names, row, strict=True)) for row in data)
