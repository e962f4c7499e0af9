"""Values of services that no other format has, and choices among what a path finds."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from operator import itemgetter
from types import MappingProxyType

from store.pattern import pattern

_ARXIV = pattern(r"(?i)arxiv(?:\.org/\w+/|[.:]\s*)(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})")


class NotUnderstood(Exception):
    """A value is not what it should be, and why."""


def inverted_index(value: object) -> object:
    """The text of an inverted index: words, each with its positions.

    Words at one position all stand there, and gaps vanish. A text is passed on; an index may be
    written as a text, or stand within the one of MAG (IndexLength, InvertedIndex). Raises
    NotUnderstood.
    """
    if isinstance(value, str):
        if not value.lstrip().startswith("{"):
            return value
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return value
    if isinstance(value, dict) and isinstance(inner := value.get("InvertedIndex"), dict):
        value = inner
    if not isinstance(value, dict):
        raise NotUnderstood("the inverted index is no object")
    placed: list[tuple[int, str]] = []
    for word, places in value.items():
        for place in places if isinstance(places, list) else (None,):
            if type(place) is not int or place < 0:
                raise NotUnderstood("the inverted index has a position that is no number")
            placed.append((place, word))
    placed.sort(key=itemgetter(0))
    return " ".join([word for _, word in placed])


def is_index(value: Mapping[str, object]) -> bool:
    """True for an object that can only be an inverted index."""
    if isinstance(value.get("InvertedIndex"), dict):
        return True
    return len(value) > 1 and all(
        isinstance(one, list) and one and type(one[0]) is int for one in value.values()
    )


def _first(value: object) -> object:
    """The first that is there of a list, or the value."""
    if isinstance(value, list):
        return next((found for one in value if (found := _first(one))), None)
    return value


def _arxiv_of(value: object) -> object:
    """The first arXiv id that one of some texts names, or None."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str) and (found := _ARXIV.search(one)):
            return found[1]
    return None


def _divided(value: object) -> object:
    """The parts of a text that bars, semicolons, else spaces part."""
    if not isinstance(value, str):
        return value
    mark = next((one for one in ("|", ";") if one in value), None)
    return [part.strip() for part in value.split(mark) if part.strip()]


def _read_status(value: object) -> object:
    """The mark "read" where a program says true."""
    return "read" if value is True else None


CONVERSIONS: Mapping[str, Callable[[object], object]] = MappingProxyType(
    {
        "arxiv": _arxiv_of,
        "divided": _divided,
        "first": _first,
        "inverted": inverted_index,
        "read": _read_status,
    }
)
"""The conversions that a path may name after a bar."""
