"""The macros of a BibTeX file: those of @string, and the months."""

from __future__ import annotations

from collections.abc import Iterable

from store.readers.values.dates import MONTHS

MACRO_LIMIT = 200_000
"""Longest text that a macro or a concatenation may have, in characters."""
MACROS_LIMIT = 4 * 2**20
"""Most characters of all macros together; what is defined beyond is not known."""


MISSED_LIMIT = 1_000
"""Most macros of a source of which it is said that nothing defines them."""


class MacroTooLong(Exception):
    """A concatenation of macros grows beyond the limit."""

    def __init__(self) -> None:
        super().__init__(f"its macros make a text of more than {MACRO_LIMIT} characters")


class Macros:
    """What @string has defined so far; the names are known in any case of letters."""

    def __init__(self) -> None:
        self._texts = {month: month for month in MONTHS}
        self._size = 0
        self._missed: set[str] = set()

    def define(self, name: str, text: str) -> None:
        """Keep a macro; a later one takes the place of an earlier."""
        self._size += len(name) + len(text)
        if self._size <= MACROS_LIMIT:
            self._texts[name.lower()] = text

    def get(self, name: str) -> str | None:
        """The text of a macro, or None."""
        return self._texts.get(name.lower())

    def joined(self, pieces: Iterable[str]) -> str:
        """The pieces of a concatenation as one text. Raises MacroTooLong."""
        pieces = list(pieces)
        if sum(map(len, pieces)) > MACRO_LIMIT and len(pieces) > 1:
            raise MacroTooLong
        return "".join(pieces)

    def is_missed_first(self, name: str) -> bool:
        """True the first time that nothing is found under a name."""
        is_first = name not in self._missed and len(self._missed) < MISSED_LIMIT
        if is_first:
            self._missed.add(name)
        return is_first
