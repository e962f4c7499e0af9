"""What quire wrote into a format that has no field for it: JSON behind "quire: "."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping

from store.pattern import pattern
from store.readers.exact import EXACT

_SIGN = "quire: {"
_LIMIT = 1_000_000
_NAMES = frozenset(
    (
        *("tags", "notes", "status", "type", "keywords", "language", "date", "arxiv_id"),
        *("openalex_id", "s2_id", "retracted", "url", "publisher", "issn", "isbn"),
        *("venue", "authors", "year"),
    )
)
# What a format has fields for as well, in which it may have been changed since.
_HAVE_FIELDS = frozenset(("authors", "tags", "keywords", "notes", "venue", "publisher"))
_DEPTH = 3
_INVERTED = pattern(r"([^,]+), ([^,]+)(?:, ([^,]+))?")


def take_carried(texts: Iterable[str], values: dict[str, object]) -> None:
    """Put what texts carry into the values of a record."""
    for text in texts:
        if found := carried_in(text):
            restore(found, values)


def carried_in(text: str) -> dict[str, object] | None:
    """The object that a text carries, or None."""
    if len(text) > _LIMIT:
        return None
    line = text.strip().replace("\n", " ")
    return object_in(line[len(_SIGN) - 1 :]) if line.startswith(_SIGN) else None


def object_in(text: str) -> dict[str, object] | None:
    """The object that a text is as JSON; None for any other text, and one too long."""
    if len(text) > _LIMIT:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def restore(found: dict[str, object], values: dict[str, object]) -> None:
    """Put carried values into those of a record, under the names that are known."""
    values.update(restored(found, values, _NAMES))
    abstract, breaks = values.get("abstract"), found.get("paragraphs")
    if isinstance(abstract, str) and isinstance(breaks, list):
        values["abstract"] = _in_paragraphs(abstract, breaks)
    authors = values.get("authors")
    orders = found.get("names")
    if isinstance(orders, str) and isinstance(authors, list):
        every = orders * len(authors) if len(orders) == 1 else orders
        if len(every) == len(authors):
            values["authors"] = [_in_order(*one) for one in zip(authors, every, strict=True)]


def restored(
    found: Mapping[str, object], values: Mapping[str, object], names: frozenset[str]
) -> dict[str, object]:
    """The carried values of these names, to be taken as they are.

    Where what the format's own field says was changed since, it stays as it is now.
    """
    known = {
        name: one
        for name, one in found.items()
        if name in names and _is_as_carried(values, name, one)
    }
    return {**known, EXACT: known}


def _is_as_carried(values: Mapping[str, object], name: str, carried: object) -> bool:
    """True for no value, and for one of the same letters and figures as the one carried.

    Of notes some may be missing, which a reader takes for those of a program; for a venue it may
    have taken the publisher.
    """
    value = values.get(name)
    if name not in _HAVE_FIELDS or not value or not carried:
        return True
    if name == "venue" and value == values.get("publisher"):
        return True
    there, then = Counter(_signs(value, _DEPTH)), Counter(_signs(carried, _DEPTH))
    return there <= then if name == "notes" else there == then


def _signs(value: object, depth: int) -> list[str]:
    """The letters and figures of a value of any shape, in no order."""
    if isinstance(value, str):
        return list(filter(str.isalnum, value.lower()))
    parts = value.values() if isinstance(value, dict) else value
    if not isinstance(parts, Iterable) or not depth:
        return []
    return [sign for one in parts for sign in _signs(one, depth - 1)]


def _in_paragraphs(abstract: str, breaks: list[object]) -> str:
    """The abstract with its breaks; as it is where it was changed since."""
    text = abstract.replace("\n", " ")
    parts = []
    start = 0
    for at in breaks:
        if not isinstance(at, int) or not start < at < len(text) or text[at] != " ":
            return abstract
        parts.append(text[start:at])
        start = at + 1
    return "\n\n".join([*parts, text[start:]])


def _in_order(name: object, order: str) -> object:
    """A name, inverted or in parts, in the order in which it was kept: s, i or m."""
    if isinstance(name, dict):
        parts = [str(name.get(part) or "") for part in ("family", "given", "suffix")]
    elif isinstance(name, str) and (found := _INVERTED.fullmatch(name)):
        parts = [part or "" for part in found.groups()]
    else:
        return name
    if not parts[0]:
        return name
    family, given, suffix = parts
    match order:
        case "s":
            return " ".join(filter(None, (given, family, suffix)))
        case "i":
            return ", ".join(filter(None, parts))
        case "m":
            return " ".join(filter(None, parts))
    return name
