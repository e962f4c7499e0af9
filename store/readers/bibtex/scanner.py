"""The fields of an entry of BibTeX: names, values in braces, quotations or macros, joined by #."""

from __future__ import annotations

import re
from typing import NamedTuple

from store.clean import clean_line, shorten
from store.pattern import pattern
from store.readers.bibtex.macros import Macros, MacroTooLong

_SPACE = pattern(r"(?:[\s,]+|%[^\n]*(?:\n|\Z))*")
_NAME = pattern(r"([^\s=,{}\"#%()@][^=,{}\"#%()\n]{0,80}?)\s{0,80}=\s*")
_BARE = pattern(r"[^\s,{}\"#=()]+")
_JOINT = pattern(r"\s*#\s*")
_BRACES = pattern(r"[{}]")
_UNESCAPED = pattern(r"(?<!\\)[{}]")
_SHOWN = 40


class Unreadable(Exception):
    """What stands here is no field, or is never closed."""


class Fields(NamedTuple):
    """Names and texts of fields, macros that nothing defines by field, and the entry's end."""

    pairs: list[tuple[str, str]]
    undefined: dict[str, str]
    end: int


class Scanner:
    """Reads the fields of one entry that ends with `close`.

    As in BibTeX every brace counts; without `escapes` those behind a backslash do not.
    """

    def __init__(self, text: str, close: str, macros: Macros, *, escapes: bool = True) -> None:
        self._text = text
        self._close = close
        self._macros = macros
        self._brace = _BRACES if escapes else _UNESCAPED

    def fields(self, at: int) -> Fields:
        """All fields from here to the end of the entry. Raises Unreadable."""
        text = self._text
        pairs: list[tuple[str, str]] = []
        undefined: dict[str, str] = {}
        while True:
            at = _end(_SPACE, text, at)
            if at >= len(text):
                raise Unreadable("not closed")
            if text[at] == self._close:
                return Fields(pairs, undefined, at + 1)
            name = _NAME.match(text, at)
            if name is None:
                raise Unreadable(f"no field is named at “{shown(text[at:])}”")
            field = name[1].lower()
            value, at, unknown = self._value(name.end())
            pairs.append((field, value))
            if unknown:
                undefined.setdefault(field, unknown)

    def _value(self, at: int) -> tuple[str, int, str]:
        """The text of a value, where it ends, and the name of a macro that nothing defines."""
        text = self._text
        pieces: list[str] = []
        unknown = ""
        while True:
            opening = text[at : at + 1]
            if opening == "{":
                end = self.closing(at + 1)
                pieces.append(text[at + 1 : end])
                at = end + 1
            elif opening == '"':
                end = self._quote(at + 1)
                pieces.append(text[at + 1 : end])
                at = end + 1
            else:
                bare = _BARE.match(text, at)
                if bare is None:
                    raise Unreadable(f"a field has no value at “{shown(text[at:])}”")
                word = bare[0]
                known = word if word.isdigit() else self._macros.get(word)
                unknown = unknown if known is not None else word
                pieces.append(word if known is None else known)
                at = bare.end()
            joint = _JOINT.match(text, at)
            if joint is None:
                break
            at = joint.end()
        return pieces[0] if len(pieces) == 1 else self._joined(pieces), at, unknown

    def _joined(self, pieces: list[str]) -> str:
        try:
            return self._macros.joined(pieces)
        except MacroTooLong as failure:
            raise Unreadable(str(failure)) from failure

    def closing(self, at: int) -> int:
        """Where the brace that was opened before `at` is closed. Raises Unreadable."""
        depth = 1
        for found in self._brace.finditer(self._text, at):
            if found[0] == "{":
                depth += 1
            else:
                depth -= 1
                if not depth:
                    return found.start()
        raise Unreadable("a brace is not closed")

    def _quote(self, at: int) -> int:
        """Where the quotation that was opened before `at` ends, outside of all braces."""
        text = self._text
        end = text.find('"', at)
        brace = text.find("{", at)
        while end >= 0 and 0 <= brace < end:
            after = self.closing(brace + 1) + 1
            end, brace = text.find('"', after) if end < after else end, text.find("{", after)
        if end < 0:
            raise Unreadable("a quotation is not closed")
        return end


def is_bare(text: str) -> bool:
    """True for a number or the name of a macro."""
    return _BARE.fullmatch(text) is not None


def shown(text: str) -> str:
    """The first words of a text on one line, for a message."""
    return shorten(clean_line(text[: 4 * _SHOWN]), _SHOWN)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
