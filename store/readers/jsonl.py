"""JSON Lines: one object a line; also an array of objects, and objects printed over many lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from store.errors import UnusableSource
from store.pattern import pattern
from store.readers.fields import items_of
from store.readers.records import Place
from store.readers.text import SourceText
from store.types import ReadItem

NESTED_LIMIT = 1_000_000
"""Most objects and lists in one line, or one document: they take far more memory than text."""

_TOO_NESTED = f"not read: more than {NESTED_LIMIT} nested objects and lists"
_ARRAY_START = pattern(r"\[\s*(?:\{|\]\s*\Z)")
_OBJECT_START = pattern(rf"\{{\s*[\"}}]|{_ARRAY_START.pattern}")
_SPACE = pattern(r"[ \t\r\n]*")
_BETWEEN = pattern(r"[ \t\r\n,]*")
_LINE_END = pattern(r"\r\n|[\r\n]")


class JsonLinesReader:
    """Reads objects with the fields title, abstract (or summary, text), authors, year and others.

    Of a key that stands twice in an object the last one counts. An array, or objects over
    several lines, are read as a whole and so have a limit of size; lines have none.
    """

    name = "jsonl"
    reads = "JSON Lines (.jsonl, .ndjson, .json)"
    takes_mapping = True
    suffixes = (".jsonl", ".ndjson", ".json")

    def sniff(self, head: str, suffix: str) -> bool:
        """True for a text that begins as an object or an array of them."""
        return _OBJECT_START.match(head.lstrip()) is not None

    def read(self, text: SourceText) -> Iterator[ReadItem]:
        """Yield what the text holds, in its order."""
        if _is_document(text.head):
            return self._read_document(text)
        return self._read_lines(text)

    def _read_lines(self, text: SourceText) -> Iterator[ReadItem]:
        number = 0
        for line in text.lines(guess=False):
            if not line.problem and not line.text.strip():
                continue
            number += 1
            place = text.place(self.name, line.number, number)
            if line.problem:
                yield place.rejection(line.problem)
                continue
            if _is_too_nested(line.text):
                yield place.rejection(_TOO_NESTED)
                continue
            try:
                value = json.loads(line.text)
            except (ValueError, RecursionError) as failure:
                yield place.rejection(_why(failure))
            else:
                yield from _items(place, value)

    def _read_document(self, text: SourceText) -> Iterator[ReadItem]:
        whole = text.document()
        if _is_too_nested(whole):
            raise UnusableSource(_TOO_NESTED, "write one object a line (JSON Lines)")
        number, line, counted = 0, 1, 0
        at = 0
        try:
            for at, value in _values(whole):
                number += 1
                line += whole.count("\n", counted, at)
                counted = at
                yield from _items(text.place(self.name, line, number), value)
        except _Unreadable as failure:
            line += whole.count("\n", counted, failure.at)
            if not number:
                raise UnusableSource(f"{failure.reason} (line {line})") from failure
            place = text.place(self.name, line, number + 1)
            yield place.rejection(f"{failure.reason}; nothing after it was read")


def _is_too_nested(text: str) -> bool:
    return text.count("{") + text.count("[") > NESTED_LIMIT


class _Unreadable(Exception):
    def __init__(self, reason: str, at: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.at = at


def _is_document(head: str) -> bool:
    """Tell an array, or an object over several lines, from objects that are lines."""
    start = head.lstrip()
    if _ARRAY_START.match(start):
        return True
    if not start.startswith("{"):
        return False
    first, *others = (line.rstrip() for line in _LINE_END.split(start, maxsplit=64))
    second = next(filter(None, others), "{")
    # A first line that was cut is followed by the next object at once.
    if not first.endswith(("{", "[", ",", ":")) or second.startswith("{"):
        return False
    try:
        json.JSONDecoder().raw_decode(first)
    except (ValueError, RecursionError):
        return True
    return False


def _values(text: str) -> Iterator[tuple[int, object]]:
    """The elements of arrays and the objects of a text, each with where it begins."""
    decoder = json.JSONDecoder()
    at = _end(_SPACE, text, 0)
    in_array = False
    while at < len(text):
        if not in_array and text[at] == "[":
            in_array, at = True, at + 1
        elif in_array and text[at] == "]":
            in_array, at = False, at + 1
        else:
            try:
                value, end = decoder.raw_decode(text, at)
            except (ValueError, RecursionError) as failure:
                where = failure.pos if isinstance(failure, json.JSONDecodeError) else at
                raise _Unreadable(_why(failure), where) from failure
            yield at, value
            at = end
        at = _end(_BETWEEN, text, at)
    if in_array:
        raise _Unreadable("not valid JSON: the array is not closed", at)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _items(place: Place, value: object) -> Iterator[ReadItem]:
    if not isinstance(value, dict):
        yield place.rejection("not an object")
    else:
        yield from items_of(place, value)


def _why(failure: ValueError | RecursionError) -> str:
    if isinstance(failure, RecursionError):
        return "not read: nested too deeply"
    if isinstance(failure, json.JSONDecodeError):
        return (
            f"not valid JSON: {failure.msg[:1].lower()}{failure.msg[1:]} (column {failure.colno})"
        )
    return "not read: a number of too many digits"
