"""Finding the papers of a JSON text, in whatever they are wrapped."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from store.readers.json.columns import COLUMNS_LIMIT, columns_limit, rows_of
from store.readers.json.services import Likeness, Mapper
from store.readers.json.window import VALUE_LIMIT, TooLong, Unreadable, Window

DEPTH = 8
"""So many objects and lists may stand around a paper."""

NOTHING_AFTER = "; nothing after it was read"
"""What is said at the end of a reason where a text is not read to its end."""
_TOO_LONG_TABLE = (
    f"a table by columns of more than {COLUMNS_LIMIT // 2**20} MiB, which is read as a whole; "
    "write one object a line (JSON Lines)"
)
_TOO_LONG = f"not read: a value of more than {VALUE_LIMIT // 2**20} MiB"


_QUOTED = frozenset(
    ("highlight", "highlights", "highlighting", "_highlightResult", "_snippetResult", "_formatted")
)
"""Where search engines say once more what of a paper was found (Elasticsearch, Solr, Algolia)."""


class Found(NamedTuple):
    """A value at a line that is a paper, or nothing that papers are in; or why it is not read.

    `path` tells where it stands: "message.items[]".
    """

    path: str
    line: int
    value: object
    problem: str | None = None


def found_in(window: Window, mapper: Mapper) -> Iterator[Found]:
    """Everything in a text that is a paper, or stands where one might, in its order.

    Where it is broken, reading goes on at the next line that begins with an object.
    """
    walk = _Walk(window, mapper)
    while True:
        try:
            yield from walk.all()
            return
        except Unreadable as failure:
            goes_on = window.resume()
            reason = failure.reason if goes_on else f"{failure.reason}{NOTHING_AFTER}"
            yield Found("", failure.line, None, reason)
            if not goes_on:
                return


def holds_papers(value: object, mapper: Mapper, depth: int = 0) -> Likeness:
    """The most that something within a value looks like a paper."""
    most = Likeness.NONE
    if depth < DEPTH and isinstance(value, dict | list):
        for one in _unquoted(value) if isinstance(value, dict) else value:
            if isinstance(one, dict):
                most = max(most, mapper.likeness(one))
            if most < Likeness.PAPER and isinstance(one, dict | list):
                most = max(most, holds_papers(one, mapper, depth + 1))
            if most == Likeness.PAPER:
                break
    return most


def _unquoted(value: dict[str, object]) -> Iterator[object]:
    return (one for key, one in value.items() if key not in _QUOTED)


def is_wrapper(value: dict[str, object], mapper: Mapper) -> bool:
    """True for an object that is no paper and has some in it."""
    own = mapper.likeness(value)
    return own < Likeness.PAPER and holds_papers(value, mapper) > own


class _Walk:
    def __init__(self, window: Window, mapper: Mapper) -> None:
        self._window = window
        self._mapper = mapper

    def all(self) -> Iterator[Found]:
        while sign := self._window.peek(between=True):
            if sign in "]}":  # left of what was broken
                self._window.step()
            elif sign == "{" and (limit := columns_limit(self._window.ahead())):
                yield from self._columns(limit)
            else:
                yield from self._found("", 0)

    def _found(self, path: str, depth: int) -> Iterator[Found]:
        window = self._window
        sign = window.peek()
        if depth < DEPTH and sign == "[":
            yield from self._list(path, depth)
            return
        try:
            value, length = window.value()
        except Unreadable as failure:
            if sign != "{" or depth >= DEPTH:
                raise
            yield from self._object(path, depth)  # what comes before is read, or all of it
            yield Found(path, failure.line, None, failure.reason)
            return
        except TooLong as failure:
            if sign != "{" or depth >= DEPTH:
                raise window.unreadable(_TOO_LONG) from failure
            yield from self._long_object(path, depth)
            return
        if isinstance(value, dict) and depth < DEPTH and is_wrapper(value, self._mapper):
            yield from self._object(path, depth)
            return
        line = window.line
        problem = window.skip(length)
        if isinstance(value, dict) or not path or path.endswith("[]"):
            yield Found(path, line, value, problem)

    def _list(self, path: str, depth: int) -> Iterator[Found]:
        window = self._window
        window.step("[")
        while (sign := window.peek(between=True)) != "]":
            if not sign:
                raise window.unreadable("not valid JSON: the array is not closed")
            yield from self._found(f"{path}[]", depth + 1)
        window.step()

    def _object(self, path: str, depth: int) -> Iterator[Found]:
        for key in self._keys():
            found = self._found(f"{path}.{key}" if path else key, depth + 1)
            if key in _QUOTED:
                deque(found, maxlen=0)
            else:
                yield from found

    def _long_object(self, path: str, depth: int) -> Iterator[Found]:
        """A page; or a paper with long lists of others that it cites, which are none of it."""
        window, line = self._window, self._window.line
        members: dict[str, object] = {}
        room, is_paper = VALUE_LIMIT, False
        for key in self._keys():
            try:
                value, length = window.value()
            except TooLong:
                value, length = None, room + 1
            if length <= room:
                members[key] = value
                room -= length
                is_paper = is_paper or self._mapper.likeness(members) >= Likeness.PAIR
                if is_paper:
                    window.skip(length)
                    continue
            found = self._found(f"{path}.{key}" if path else key, depth + 1)
            if is_paper:
                deque(found, maxlen=0)
            else:
                yield from found
        if is_paper:
            yield Found(path, line, members)

    def _keys(self) -> Iterator[str]:
        """The keys of the object that begins here, at the value of each."""
        window = self._window
        window.step("{")
        while (sign := window.peek(between=True)) != "}":
            if not sign:
                raise window.unreadable("not valid JSON: the object is not closed")
            if sign != '"':
                window.step('"')
            key, length = window.value()
            window.skip(length)
            window.step(":")
            window.peek()
            yield str(key)
        window.step()

    def _columns(self, limit: int) -> Iterator[Found]:
        """The rows of a table that is written by columns, or what it is instead."""
        rows = None
        try:
            value, length = self._window.value(limit)
            rows = rows_of(value, self._mapper)
        except TooLong:
            if limit == COLUMNS_LIMIT:
                raise self._window.unreadable(_TOO_LONG_TABLE) from None
        except Unreadable:
            pass  # what comes before is read
        if rows is None:
            yield from self._found("", 0)
            return
        line = self._window.line
        self._window.skip(length)
        yield from (Found("[]", line, row) for row in rows)
