"""How a table is laid out: its delimiter, its quotation, the row with the names, the columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from store.pattern import pattern
from store.readers.table.columns import SAMPLE, Columns, are_names, named
from store.readers.table.rows import Dialect, Row, rows, trimmed
from store.readers.text import HEAD, Line
from store.readers.values import citing

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
"""The signs that divide cells, and what they are called."""
_ROWS_BEFORE = 12
_WIDTHS = 0.9
_SEP = pattern(r"\ufeff?\"?sep=(.)\"?[ \t]*(?:\r\n|\r|\n)", re.IGNORECASE)
_ESCAPED = pattern(r"\\\"")
_LINE_END = pattern(r"\r\n|\r|\n")
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Layout:
    """A table as its beginning shows it; `at` counts the rows before the one with the names.

    `has_index` tells that each row begins with a cell over which no name stands.
    """

    dialect: Dialect
    at: int
    header: tuple[str, ...]
    columns: Columns
    sample: tuple[Row, ...] = field(repr=False)
    has_index: bool = False

    @property
    def width(self) -> int:
        """How many cells a row has."""
        return len(self.header)

    @property
    def is_clear(self) -> bool:
        """True where the names alone show a table of papers."""
        others = self.columns.keys() - {"title", "month", "day", citing.NUMBER, *citing.NAMES}
        if "title" not in self.columns or not others:
            return False
        return "abstract" in others or len(others) >= 3


def layout_of(head: str) -> Layout | None:
    """The layout that fits best, or None for a text without rows of two cells."""
    declared = _SEP.match(head)
    body = head[declared.end() :] if declared else head
    delimiters: Sequence[str] = [declared[1]] if declared else list(DELIMITERS)
    lines = _lines(body)
    best: Layout | None = None
    for delimiter in delimiters:
        if delimiter not in body:
            continue
        found = _layout(lines, delimiter, skipped=1 if declared else 0)
        if found and (best is None or _worth(found) > _worth(best)):
            best = found
    return best


def _worth(layout: Layout) -> tuple[int, int, int]:
    known = len(layout.columns)
    return known if layout.is_clear else 0, _agreeing(layout.sample, layout.width), layout.width


def _lines(body: str) -> list[Line]:
    texts = _LINE_END.split(body)
    # The last line of a head that is cut says nothing.
    if len(body.encode("utf-8", "replace")) >= HEAD // 2 and len(texts) > 1:
        texts.pop()
    return [Line(number, text) for number, text in enumerate(texts, start=1)]


def _layout(lines: list[Line], delimiter: str, *, skipped: int) -> Layout | None:
    quoted = _is_quoted(lines, delimiter)
    dialect = Dialect(delimiter, quoted, quoted and _is_escaped(lines, delimiter))
    cut = list(islice(rows(lines, dialect), _ROWS_BEFORE + SAMPLE))
    candidates: list[tuple[int, Row, Columns]] = [
        (at, row, named(row.cells) if are_names(row.cells) else {})
        for at, row in enumerate(cut[:_ROWS_BEFORE])
        if len(row.cells) > 1 and not row.problem and _could_be_names(row.cells)
    ]
    if not candidates:
        candidates += [(at, row, {}) for at, row in enumerate(cut) if len(row.cells) > 1][:1]
    if not candidates:
        return None
    at, row, columns = max(candidates, key=lambda one: (len(one[2]), -one[0]))
    header = [cell.strip() for cell in row.cells]
    while len(header) > 1 and not header[-1] and _agreeing(cut[at + 1 :], len(header)) == 0:
        header.pop()
    sample = tuple(one for one in cut[at + 1 :] if not one.problem)
    has_index = _has_index(sample, len(header))
    if has_index:
        header.insert(0, "")
        columns = {name: [place + 1 for place in places] for name, places in columns.items()}
    return Layout(dialect, at + skipped, tuple(header), columns, sample, has_index)


def _could_be_names(cells: list[str]) -> bool:
    return all(len(cell) <= _LONGEST_NAME and "\n" not in cell for cell in cells)


def _is_quoted(lines: list[Line], delimiter: str) -> bool:
    """False for tabs where each line is a row of itself: a mark of quotation is a sign there."""
    if delimiter != "\t":
        return True
    widths = [line.text.count("\t") for line in lines[: _ROWS_BEFORE + SAMPLE] if line.text]
    usual = max(widths, key=widths.count, default=0)
    return widths.count(usual) < _WIDTHS * len(widths)


def _is_escaped(lines: list[Line], delimiter: str) -> bool:
    """True where a mark stands behind a backslash that neither is doubled nor ends a cell."""
    ends = ('"', delimiter)
    return any(
        (after := line.text[found.end() :].lstrip(" ")) and not after.startswith(ends)
        for line in lines
        for found in _ESCAPED.finditer(line.text)
    )


def _agreeing(sample: Sequence[Row], width: int) -> int:
    return sum(len(trimmed(row.cells, width)) == width for row in sample)


def _has_index(sample: Sequence[Row], width: int) -> bool:
    """True where R wrote the names of the rows, over which it puts no name."""
    longer = sum(len(row.cells) == width + 1 and bool(row.cells[0].strip()) for row in sample)
    filled = any(len(row.cells) > width and row.cells[-1].strip() for row in sample)
    return len(sample) > 0 and filled and longer >= _WIDTHS * len(sample)
