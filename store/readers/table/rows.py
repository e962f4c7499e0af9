"""Cutting lines into rows of cells, after RFC 4180, each broken row for itself."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from store.pattern import pattern
from store.readers.text import Line

ROW_LIMIT = 2**20
"""Most characters of a row that goes over several lines."""
VAIN_LIMIT = 8 * ROW_LIMIT
"""After so many characters in vain no quotation is believed to go over lines."""

UNCLOSED = "a quotation is not closed"
_ESCAPED_OR_MARK = pattern(r"\\.|\"", re.DOTALL)
_NEXT_MARK = pattern(r"(?:[^\"\\]|\\.)*\\?", re.DOTALL)
# EBSCO and table programs write ="2024" for a text that looks like a number.
_OPENING = pattern(r"(?: *|=)\"")


class Row(NamedTuple):
    """A row with its first line; `problem` says why it cannot be used.

    `closed` tells that its last cell is quoted: nothing that follows can be the rest of it.
    """

    line: int
    cells: list[str]
    problem: str | None = None
    closed: bool = False


class Dialect(NamedTuple):
    """How a table is written; where cells are not quoted, no cell goes over lines.

    `escaped` tells that marks within quotations stand behind a backslash.
    """

    delimiter: str
    quoted: bool
    escaped: bool = False


class _Unclosed(Exception):
    """A quotation is open at the end of the text."""


class _Stray(Exception):
    """Something follows the end of a quotation."""


def rows(lines: Iterable[Line], dialect: Dialect, width: int = 0) -> Iterator[Row]:
    """All rows but blank ones; `width` is how many cells a row should have, 0 if not known."""
    return _Rows(lines, dialect, width).all()


class _Rows:
    def __init__(self, lines: Iterable[Line], dialect: Dialect, width: int) -> None:
        self._lines = iter(lines)
        self._back: deque[Line] = deque()
        self._delimiter, self._quoted, self._escaped = dialect
        self._width = width
        self._in_vain = 0

    def all(self) -> Iterator[Row]:
        while (line := self._next()) is not None:
            if line.problem:
                yield Row(line.number, [], line.problem)
            elif not line.text.strip(" \t" if self._delimiter != "\t" else " "):
                continue
            elif not self._quoted:
                yield Row(line.number, _unquoted(line.text.split(self._delimiter)))
            elif '"' not in line.text:
                yield Row(line.number, line.text.split(self._delimiter))
            else:
                yield self._row(line)

    def _next(self) -> Line | None:
        return self._back.popleft() if self._back else next(self._lines, None)

    def _row(self, first: Line) -> Row:
        """The row that begins in a line with quotations; lines that are none of it go back."""
        taken: list[Line] = []
        text = first.text
        pieces = [text]
        length = len(text)
        is_even = self._marks(text) % 2 == 0
        while True:
            if is_even or not taken:
                try:
                    return self._whole(first, taken, "\n".join(pieces))
                except _Unclosed:
                    pass
            line = None if self._in_vain > VAIN_LIMIT else self._next()
            if line is None or line.problem or length > ROW_LIMIT:
                self._in_vain += length
                self._back.extendleft(reversed([*taken, line] if line else taken))
                return Row(first.number, [], UNCLOSED)
            taken.append(line)
            pieces.append(line.text)
            length += len(line.text) + 1
            is_even ^= self._marks(line.text) % 2 == 1

    def _marks(self, text: str) -> int:
        """How many marks of quotation open or close."""
        if self._escaped and "\\" in text:
            return _ESCAPED_OR_MARK.findall(text).count('"')
        return text.count('"')

    def _whole(self, first: Line, taken: list[Line], text: str) -> Row:
        """The cells of a row. Raises _Unclosed where more lines belong to it."""
        try:
            cells = self._cells(text, strict=True)
        except _Stray:
            # Over several lines a mark that is not doubled more likely opens what closes nowhere.
            cells = [] if taken else self._loosely(text)
            if not cells:
                self._back.extendleft(reversed(taken))
                return Row(first.number, [], "a quotation mark stands within a quotation")
        if taken and self._width and len(trimmed(cells, self._width)) != self._width:
            alone = any(line.text.count(self._delimiter) + 1 == self._width for line in taken)
            if alone:
                self._back.extendleft(reversed(taken))
                return Row(first.number, [], UNCLOSED)
        return Row(first.number, cells, closed=text.rstrip(" ").endswith('"'))

    def _loosely(self, text: str) -> list[str]:
        """The cells of a line with marks within its quotations, none where their number is odd."""
        try:
            cells = trimmed(self._cells(text, strict=False), self._width)
        except _Unclosed:
            return []
        return cells if len(cells) == self._width or not self._width else []

    def _cells(self, text: str, *, strict: bool) -> list[str]:
        cells: list[str] = []
        at = 0
        while True:
            opening = _OPENING.match(text, at)
            if opening:
                cell, at = self._quotation(text, opening.end(), strict=strict)
                cells.append(cell)
                if at >= len(text):
                    return cells
                at += 1
                continue
            end = text.find(self._delimiter, at)
            if end < 0:
                cells.append(text[at:])
                return cells
            cells.append(text[at:end])
            at = end + 1

    def _quotation(self, text: str, begin: int, *, strict: bool) -> tuple[str, int]:
        """A quoted cell, and where its delimiter stands or the text ends."""
        at = begin
        while True:
            end = self._mark(text, at)
            if end < 0:
                raise _Unclosed
            if text.startswith('"', end + 1) and not self._ends_at(text, end + 2, strict=strict):
                at = end + 2
                continue
            after = end + 1
            while text.startswith(" ", after):
                after += 1
            if after >= len(text) or text[after] == self._delimiter:
                cell = text[begin:end].replace('""', '"')
                return (cell.replace('\\"', '"') if self._escaped else cell), after
            if strict:
                raise _Stray
            at = end + 1

    def _mark(self, text: str, at: int) -> int:
        """Where the next mark of quotation stands that no backslash escapes, or -1."""
        if not self._escaped:
            return text.find('"', at)
        found = _NEXT_MARK.match(text, at)
        return found.end() if found and found.end() < len(text) else -1

    def _ends_at(self, text: str, at: int, *, strict: bool) -> bool:
        """True for two marks of which the second ends the cell: `"he said "so"",`."""
        return not strict and (at >= len(text) or text[at] == self._delimiter)


def trimmed(cells: list[str], width: int) -> list[str]:
    """A row without the empty cells that stand beyond the width of the table."""
    end = len(cells)
    while end > width and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


def _unquoted(cells: list[str]) -> list[str]:
    """Take the quotation marks off cells that are quoted as a whole, as some programs write."""
    return [_bare(cell) if '"' in cell else cell for cell in cells]


def _bare(cell: str) -> str:
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        inside = cell[1:-1]
        if '"' not in inside.replace('""', ""):
            return inside.replace('""', '"')
    return cell
