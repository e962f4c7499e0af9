"""What quire wrote into a format that has no field for it: JSON behind "quire: "."""

from __future__ import annotations

import json
from collections.abc import Iterable

from store.pattern import pattern

_SIGN = "quire: {"
_LIMIT = 1_000_000
_NAMES = frozenset(
    (
        *("tags", "notes", "status", "type", "keywords", "language", "date", "arxiv_id"),
        *("openalex_id", "s2_id", "retracted", "url", "publisher", "issn", "isbn"),
        *("doi", "pmid", "pmcid", "venue", "authors"),
    )
)
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
    if not line.startswith(_SIGN):
        return None
    try:
        found = json.loads(line[len(_SIGN) - 1 :])
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def restore(found: dict[str, object], values: dict[str, object]) -> None:
    """Put carried values into those of a record, under the names that are known."""
    values.update({name: one for name, one in found.items() if name in _NAMES})
    abstract, breaks = values.get("abstract"), found.get("paragraphs")
    if isinstance(abstract, str) and isinstance(breaks, list):
        values["abstract"] = _in_paragraphs(abstract, breaks)
    authors = values.get("authors")
    orders = found.get("names")
    if isinstance(orders, str) and isinstance(authors, list):
        every = orders * len(authors) if len(orders) == 1 else orders
        if len(every) == len(authors):
            values["authors"] = [_in_order(*one) for one in zip(authors, every, strict=True)]


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
