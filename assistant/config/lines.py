"""In which line of the configuration something stands that cannot be used."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import Any

from store.pattern import pattern

_AT = pattern(r" ?\(at (?:line (\d+), column \d+|end of document)\)")
_MOST_LINES = 2_000
"""Lines of a file that are read one after the other in search of the one that fails."""
_LONGEST_VALUE = 50


def line_of_byte(data: bytes, at: int) -> int:
    """The line, from 1, in which a byte stands."""
    return data.count(b"\n", 0, at) + 1


def not_toml(text: str, failure: Exception) -> tuple[int | None, str]:
    """The line of what is no TOML, and what is wrong there without the place."""
    what = str(failure)
    found = _AT.search(what)
    if found is not None:
        line = int(found[1]) if found[1] else max(1, len(text.splitlines()))
        return line, _AT.sub("", what)
    # A number or a nesting that Python refuses, which comes without its place.
    if isinstance(failure, RecursionError):
        what = "too deeply nested"
    lines = text.splitlines(keepends=True)
    for number in range(1, min(len(lines), _MOST_LINES) + 1):
        try:
            tomllib.loads("".join(lines[:number]))
        except tomllib.TOMLDecodeError:
            continue
        except (ValueError, RecursionError):
            return number, what
    return None, what


def line_of(text: str, place: Sequence[str | int]) -> int | None:
    """The line in which the value at a place stands, or the nearest above it that is there."""
    meaning: Any = tomllib.loads(text)
    known: list[str] = []
    for part in place:
        if not (isinstance(part, str) and isinstance(meaning, dict) and part in meaning):
            break
        meaning = meaning[part]
        known.append(part)
    if not known:
        return None
    lines = text.splitlines(keepends=True)[:_MOST_LINES]
    for number, line in enumerate(lines, 1):
        if known[-1] in line and _has("".join(lines[:number]), lines[number:], known):
            return number
    return None


def _has(before: str, after: Sequence[str], place: Sequence[str]) -> bool:
    """True when a place is there in the lines up to one, and to where its value ends."""
    for more in range(min(len(after), _LONGEST_VALUE) + 1):
        try:
            meaning: Any = tomllib.loads(before + "".join(after[:more]))
        except ValueError:
            continue
        for part in place:
            if not (isinstance(meaning, dict) and part in meaning):
                return False
            meaning = meaning[part]
        return True
    return False
