"""Keywords, tags and venues: lists, objects, and one string with all of them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from functools import lru_cache

from store.pattern import pattern
from store.readers.values.plain import (
    DEPTH_LIMIT,
    FIELD_LIMIT,
    LIST_LIMIT,
    LeftOut,
    by_bare_key,
    is_nothing,
    number_text,
    plain_line,
    text_of,
)

_STRONG = pattern(r"[;|\n•·；]")
_COMMAS = pattern(r"[,，、]")
# Entries that are written as they are kept, a line each.
_ENTRY = r"[A-Za-z0-9][\w.:/()'+-]*+(?: [\w.:/()'+-]++)*+"
_PLAIN_ENTRIES = pattern(rf"{_ENTRY}(?:\n{_ENTRY})*+", re.ASCII)
_ITEM_KEYS = (
    "tag",
    "keyword",
    "kw",
    "name",
    "term",
    "value",
    "displayname",
    "subject",
    "descriptor",
)
_INSIDE = ("keywords", "tags", "keyword", "tag", "kwd", "terms", "list")


def entries_of(name: str, value: object, said: LeftOut) -> tuple[str, ...]:
    """The keywords or tags of a value, each once, in their order.

    Semicolons, bars and lines part them, and then commas do not; commas do where there is
    nothing else. Commas within the entries of a list are theirs.
    """
    if is_nothing(value):
        return ()
    if isinstance(value, list) and all(type(one) is str for one in value):
        text = "\n".join(value)
        if len(text) <= FIELD_LIMIT and _PLAIN_ENTRIES.fullmatch(text):
            return tuple(dict.fromkeys(value))
    odd: list[object] = []
    kept: dict[str, None] = {}
    for text in _entries(value, odd, DEPTH_LIMIT):
        cleaned = plain_line(text).strip(" ,;")
        if not cleaned:
            continue
        if len(cleaned) > FIELD_LIMIT or len(kept) >= LIST_LIMIT:
            odd.append(cleaned)
        else:
            kept[cleaned] = None
    if odd:
        said.leave_out(name, odd[0])
    return tuple(kept)


def split_entries(text: str) -> list[str]:
    """The entries of one string."""
    if "&" in text:
        text = html.unescape(text)
    return (_STRONG if _STRONG.search(text) else _COMMAS).split(text)


def _entries(value: object, odd: list[object], depth: int) -> Iterable[str]:
    if isinstance(value, str):
        return split_entries(value)
    if isinstance(value, list | tuple) and depth:
        return [text for one in value for text in _of_item(one, odd, depth)]
    if isinstance(value, dict) and depth:
        parts = by_bare_key(value)
        inside = next((parts[key] for key in _INSIDE if isinstance(parts.get(key), list)), None)
        if inside is not None:
            return _entries(inside, odd, depth - 1)
    return _of_item(value, odd, depth)


def _of_item(value: object, odd: list[object], depth: int) -> Iterable[str]:
    if isinstance(value, str):
        return split_entries(value) if _STRONG.search(value) else (value,)
    if is_nothing(value):
        return ()
    if isinstance(value, list | tuple) and depth:
        return _entries(value, odd, depth - 1)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (number_text(value),)
    if text := text_of(value, *_ITEM_KEYS):
        return (text,)
    odd.append(value)
    return ()


@lru_cache(maxsize=1 << 12)
def _venue(text: str) -> str:
    """A venue in one line: few have many papers."""
    return plain_line(text)


def venue_of(value: object, said: LeftOut) -> str | None:
    """Where a paper came out, from text, a list of names of one venue, or an object."""
    if is_nothing(value):
        return None
    text = text_of(
        value, "name", "displayname", "title", "containertitle", "journal", "journaltitle", "source"
    )
    text = _venue(text)
    if not text or len(text) > FIELD_LIMIT:
        said.leave_out("venue", text or value)
        return None
    return text
