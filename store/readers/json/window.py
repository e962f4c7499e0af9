"""Reading the values of a JSON text of any length with flat memory.

The decoder of `json` reads every value, from a window over the text: so the lines of records and
the messages are known, and it is faster than ijson with yajl2_c, which tells no positions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import orjson

from store.pattern import pattern

VALUE_LIMIT = 4 * 2**20
"""Longest value that is read at once, in characters: far more than a record has."""
NESTED_LIMIT = 1_000_000
"""Most objects and lists in one value: they take far more memory than text."""
TOO_NESTED = f"not read: more than {NESTED_LIMIT} nested objects and lists"

_EXPECTING = {'"': "Expecting property name enclosed in double quotes"}
_LEAST = 64 * 1024
_AHEAD = 4_096
_SPACE = pattern(r"[ \t\r\n]*")
_BETWEEN = pattern(r"[ \t\r\n,]*")
_NEXT_OBJECT = pattern(r"[\r\n]\{")
_BAD_BYTE = pattern("[\udc80-\udcff]")
# The longest literal that the end of the window may cut, -Infinity, and some more.
_CUT = 16


class Unreadable(Exception):
    """What stands in a line is no JSON, or more than is read."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


class TooLong(Exception):
    """A value is longer than it may be."""


def is_too_nested(text: str) -> bool:
    """True for a text with more than NESTED_LIMIT objects and lists."""
    return len(text) > NESTED_LIMIT and text.count("{") + text.count("[") > NESTED_LIMIT


def loads(text: str) -> object:
    """The value of a whole text. Raises ValueError and RecursionError as `json` does.

    orjson reads it three times as fast; what it refuses, such as NaN, is left to `json`, and so
    are the messages.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)


def why_unreadable(failure: ValueError | RecursionError, column: int | None = None) -> str:
    """Why the decoder of `json` failed, with the column where it says one."""
    if isinstance(failure, RecursionError):
        return "not read: nested too deeply"
    if isinstance(failure, json.JSONDecodeError):
        said = f"{failure.msg[:1].lower()}{failure.msg[1:]}"
        return f"not valid JSON: {said} (column {column or failure.colno})"
    return "not read: a number of too many digits"


class Window:
    """A text that comes in pieces, and a place in it."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._text = ""
        self._at = 0
        self._is_all = False
        self._line, self._counted = 1, 0
        self._column = 0  # of the first character in the window, from 0
        self._has_bad_bytes = False
        self._decode = json.JSONDecoder().raw_decode

    @property
    def line(self) -> int:
        """The number of the line of this place."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def peek(self, *, between: bool = False) -> str:
        """The next character that is no white space, or "" at the end; `between` passes commas."""
        space: re.Pattern[str] = _BETWEEN if between else _SPACE
        while True:
            if found := space.match(self._text, self._at):
                self._at = found.end()
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def step(self, expected: str = "") -> None:
        """Pass the character at this place. Raises Unreadable where it is not the expected one."""
        if expected and self.peek() != expected:
            said = _EXPECTING.get(expected, f"Expecting '{expected}' delimiter")
            raise self._unreadable(json.JSONDecodeError(said, self._text, self._at))
        self._at += 1

    def ahead(self) -> str:
        """The next characters, some thousand where there are so many."""
        if len(self._text) - self._at < _AHEAD:
            self._more()
        return self._text[self._at : self._at + _AHEAD]

    def value(self, limit: int = VALUE_LIMIT) -> tuple[object, int]:
        """The value at this place, and its length; it is not passed.

        Raises Unreadable and TooLong.
        """
        while True:
            try:
                found, end = self._decode(self._text, self._at)
            except json.JSONDecodeError as failure:
                if not self._is_cut(failure, limit):
                    raise self._unreadable(failure) from failure
                self._more()
            except (ValueError, RecursionError) as failure:
                raise self._unreadable(failure) from failure
            else:
                if end < len(self._text) or self._is_all or isinstance(found, dict | list):
                    return found, end - self._at
                self._more()  # the rest of a number may follow

    def skip(self, length: int) -> str | None:
        """Pass so many characters; what makes them no value that is taken, or None."""
        start, self._at = self._at, self._at + length
        if length > NESTED_LIMIT and is_too_nested(self._text[start : self._at]):
            return TOO_NESTED
        if self._has_bad_bytes and _BAD_BYTE.search(self._text, start, self._at):
            return "not UTF-8 text"
        return None

    def resume(self) -> bool:
        """Go on at the next line that begins with an object; False where there is none."""
        while True:
            if found := _NEXT_OBJECT.search(self._text, self._at):
                self._at = found.end() - 1
                return True
            self._at = max(self._at, len(self._text) - 1)
            if not self._more():
                return False

    def unreadable(self, reason: str) -> Unreadable:
        """The exception that says what is wrong at this place."""
        return Unreadable(reason, self.line)

    def _unreadable(self, failure: ValueError | RecursionError) -> Unreadable:
        if not isinstance(failure, json.JSONDecodeError):
            return self.unreadable(why_unreadable(failure))
        before = self._text.rfind("\n", 0, failure.pos)
        column = failure.pos - before if before >= 0 else self._column + failure.pos + 1
        line = self.line + self._text.count("\n", self._at, failure.pos)
        return Unreadable(why_unreadable(failure, column), line)

    def _is_cut(self, failure: json.JSONDecodeError, limit: int) -> bool:
        """True where the value may go on after the window. Raises TooLong."""
        near_end = failure.pos >= len(self._text) - _CUT
        if self._is_all or not (near_end or failure.msg.startswith("Unterminated string")):
            return False
        if len(self._text) - self._at > limit:
            raise TooLong
        if is_too_nested(self._text):
            raise self.unreadable(TOO_NESTED)
        return True

    def _more(self) -> bool:
        """Twice as much text from this place on; False where nothing follows."""
        if self._is_all:
            return False
        self._forget()
        parts, length, least = [self._text], 0, max(_LEAST, len(self._text))
        while length < least:
            piece = next(self._pieces, None)
            if piece is None:
                self._is_all = True
                break
            if not piece.isascii() and _BAD_BYTE.search(piece):
                self._has_bad_bytes = True
            parts.append(piece)
            length += len(piece)
        self._text = "".join(parts)
        return length > 0

    def _forget(self) -> None:
        _ = self.line  # counts what goes
        before = self._text.rfind("\n", 0, self._at)
        self._column = self._at - before - 1 if before >= 0 else self._column + self._at
        self._text = self._text[self._at :]
        self._at = self._counted = 0
