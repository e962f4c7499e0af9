"""Rows of a damaged ledger as rows of a new one: what cannot stand in a column is set right.

Values are as `pages` reads them: text as bytes. A row whose digest holds passes unchanged.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import get_args

from store.clean import clean_line, clean_text
from store.ledger.database import now
from store.ledger.identity import content_hash, paper_id, text_hash
from store.ledger.pages import Cell
from store.ledger.row_values import details_of
from store.pattern import pattern
from store.types import Status

Values = dict[str, Cell]
_ID = pattern(r"[a-z][a-z0-9]{3,63}")
_SLOT_BITS = 40
_FIELDS = ("title", "abstract", "authors", "year", "date", "venue", "doi", "arxiv_id", "url")


def text(value: Cell) -> str:
    """Text as it stands; bytes that are no UTF-8 become U+FFFD."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


def slot_parts(slot: int) -> tuple[int, int]:
    """The numbers of embedder and paper in the key of a vector."""
    return slot >> _SLOT_BITS, slot & (1 << _SLOT_BITS) - 1


def paper(
    key: int, row: Values, taken: Callable[[str], bool], *, is_right: bool
) -> tuple[object, ...] | None:
    """A row of `papers`; None when it holds no title and no abstract.

    One that `is_right` stays as it is. Of another an id that cannot be one, or that is taken,
    gives way to another, and hashes are those of what the row holds now.
    """
    details = _details(row.get("details"))
    if is_right and not taken(text(row["id"])):
        right = [one for name, one in row.items() if name != "details"]
        return (*(text(one) if isinstance(one, bytes) else one for one in right), details)
    content: dict[str, object] = {
        name: _optional(row[name]) for name in ("date", "venue", "doi", "arxiv_id", "url")
    }
    title, abstract = _line(row["title"]), clean_text(text(row["abstract"]))
    year = row["year"]
    content |= {
        "title": title,
        "abstract": abstract,
        "authors": _authors(row["authors"]),
        "year": year if isinstance(year, int) else None,
    }
    if not title and not abstract:
        return None
    name, attempt = text(row["id"]), 0
    while not _ID.fullmatch(name) or taken(name):
        name, attempt = paper_id(f"salvaged:{key}", attempt), attempt + 1
    status = text(row["status"])
    stored = [content[field] for field in _FIELDS]
    stored[2] = json.dumps(list(content["authors"]), ensure_ascii=False)  # type: ignore[call-overload]
    return (
        key,
        name,
        *stored,
        content_hash(content),
        text_hash(title, abstract),
        status if status in get_args(Status) else "unread",
        _instant(row["added_at"]),
        details,
    )


def original(key: int, row: Values) -> tuple[object, ...]:
    """A row of `originals`."""
    return key, text(row["title"]), text(row["abstract"])


def revision(key: int, row: Values) -> tuple[object, ...]:
    """A row of `revisions`."""
    title, abstract = text(row["title"]), text(row["abstract"])
    hashed, replaced_at = text(row["text_hash"]), _instant(row["replaced_at"])
    return key, row["paper"], hashed, title, abstract, replaced_at


def part(key: int, row: Values) -> tuple[object, ...] | None:
    """A row of `parts`; None when its body is no JSON any more."""
    body = text(row["body"])
    try:
        json.loads(body)
    except ValueError:
        return None
    return key, row["paper"], text(row["record_hash"]), body, row["renews"]


def pair(key: int, row: Values) -> tuple[object, ...]:
    """A row of `apart`."""
    return key, text(row["one"]), text(row["other"]), _instant(row["since"])


def citation_key(key: int, row: Values) -> tuple[object, ...] | None:
    """A row of `citation_keys`; None for a key that its digest does not hold for."""
    return key, text(row["paper"]), text(row["name"]), row["came"]


def alias(key: int, row: Values) -> tuple[object, ...] | None:
    """A row of `aliases`."""
    return text(row["kind"]), text(row["value"]), key


def place(key: int, row: Values) -> tuple[object, ...] | None:
    """A row of `provenance`."""
    return (
        key,
        text(row["source"]),
        row["record"],
        text(row["reader"]),
        _optional(row["page_date"]),
        row["line"],
        text(row["record_hash"]),
        _instant(row["added_at"]),
    )


def tag(key: int, row: Values) -> tuple[object, ...] | None:
    """A row of `tags`."""
    found = text(row["tag"])
    return (key, found) if found else None


def note(row: Values) -> tuple[int, str, str] | None:
    """Paper, text and instant of a note; None when it names no paper."""
    key = row["paper"]
    return (key, text(row["text"]), _instant(row["written_at"])) if isinstance(key, int) else None


def embedder(row: Values) -> tuple[str, int] | None:
    """Fingerprint and dimension."""
    size = row["dimension"]
    return (text(row["fingerprint"]), size) if isinstance(size, int) else None


def session(row: Values) -> tuple[object, ...]:
    """A row of `sessions`."""
    return (
        text(row["id"]),
        text(row["title"]),
        _instant(row["created_at"]),
        _instant(row["updated_at"]),
    )


def turn(row: Values) -> tuple[object, ...] | None:
    """A row of `turns`; None when its answer is no JSON any more."""
    try:
        json.loads(text(row["answer"]))
    except ValueError:
        return None
    return (
        text(row["session"]),
        row["number"],
        _instant(row["asked_at"]),
        text(row["question"]),
        text(row["answer"]),
    )


def _details(value: Cell | None) -> str:
    """A JSON object of details as it stands, or an empty one."""
    written = "{}" if value is None else text(value)
    try:
        details_of(written)
    except (ValueError, TypeError):
        return "{}"
    return written


def _line(value: Cell) -> str:
    return clean_line(text(value))


def _optional(value: Cell) -> str | None:
    return None if value is None else text(value)


def _authors(value: Cell) -> tuple[str, ...]:
    try:
        found = json.loads(text(value))
    except ValueError:
        return ()
    return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()


def _instant(value: Cell) -> str:
    """An instant as it was written, now for what is none."""
    written = text(value)
    try:
        datetime.fromisoformat(written)
    except ValueError:
        return now()
    return written
