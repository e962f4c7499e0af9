"""Values that quire wrote as it keeps them: they are made safe, and not read in another way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from store.clean import clean_line, clean_text
from store.pattern import pattern
from store.readers.records import RecordFields
from store.readers.values.marks import NOTE_LIMIT, NOTES_LIMIT
from store.readers.values.plain import FIELD_LIMIT, LIST_LIMIT
from store.types import Details

EXACT = "exact"
"""The name under which a reader hands on such values, by the standard names of a record."""
_TYPE = pattern(r"[a-z]+(?:[-_][a-z]+)*")
_FIRST_YEAR, _LAST_YEAR = 1000, 2999


def take_exact(given: object, fields: RecordFields) -> None:
    """Put values that are of the type that they must have into the fields of a record."""
    if not isinstance(given, Mapping):
        return
    for name, read in _READ.items():
        if name in given and (value := read(given[name])) is not None:
            fields[name] = value  # type: ignore[literal-required]
    details = {
        name: value
        for name, read in _READ_DETAILS.items()
        if name in given and (value := read(given[name])) is not None
    }
    if details:
        fields["details"] = (fields.get("details") or Details()).model_copy(update=details)


def _line(value: object) -> str | None:
    text = clean_line(value) if isinstance(value, str) and len(value) <= FIELD_LIMIT else ""
    return text or None


def _lines(value: object) -> tuple[str, ...] | None:
    return _several(value, _line, LIST_LIMIT)


def _note(value: object) -> str | None:
    text = clean_text(value).strip() if isinstance(value, str) and len(value) <= NOTE_LIMIT else ""
    return text or None


def _notes(value: object) -> tuple[str, ...] | None:
    return _several(value, _note, NOTES_LIMIT)


def _several(
    value: object, read: Callable[[object], str | None], limit: int
) -> tuple[str, ...] | None:
    if not isinstance(value, list) or len(value) > limit:
        return None
    found = tuple(map(read, value))
    return None if None in found else tuple(one for one in found if one)


def _year(value: object) -> int | None:
    return value if type(value) is int and _FIRST_YEAR <= value <= _LAST_YEAR else None


def _type(value: object) -> str | None:
    return value if isinstance(value, str) and _TYPE.fullmatch(value) else None


_READ: dict[str, Callable[[object], Any]] = {
    "authors": _lines,
    "tags": _lines,
    "notes": _notes,
    "year": _year,
    "date": _line,
    "venue": _line,
    "url": _line,
}
_READ_DETAILS: dict[str, Callable[[object], Any]] = {
    "keywords": _lines,
    "publisher": _line,
    "type": _type,
}
