"""What the cells of a row say, by the standard names of a record."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Sequence

from store.pattern import pattern
from store.readers.carried import take_carried
from store.readers.table.columns import Columns
from store.readers.values.lists import split_entries

_MISSING = frozenset(("NA", "N/A", "NaN", "nan", "NULL", "null", "None", "<NA>", "#N/A", "#VALUE!"))
_LITERAL_LIMIT = 50_000
_NESTED_LIMIT = 1_000
# Scopus puts its number of an author behind the name.
_AUTHOR_NUMBER = pattern(r"\s*\(\d{6,}\)")
_BETWEEN_ADDRESSES = pattern(r"[\s|]+|(?<![;,])[;,]+\s*(?=http)")
# An arXiv id without the zeros at its ends, as a table program leaves it.
_NUMBER = pattern(r"\d{3}\.\d{1,4}|(?:0[7-9]|1[0-4])\d\d\.\d{1,3}|(?:1[5-9]|2\d)\d\d\.\d{1,4}")
# Web of Science has a column for "MAR 5" beside that of the year.
_YEAR = pattern(r"\d{4}|^\d+$")
_SOURCE = pattern(
    r"(.{2,300}?) \(([12]\d{3})\)[ ,]+(?:\d|Suppl|Part|no\.|Article|Date of Publication)",
    re.IGNORECASE,
)
_DATE_OF_SOURCE = pattern(r"Date of Publication: ([^.;]{4,40})")
_FORMULA = frozenset("=+-@\t\r'＝＋－＠")
_DAY = ("year", "month", "day")


def values_of(cells: Sequence[str], columns: Columns) -> dict[str, object]:
    """The values of a row; a cell that says that there is nothing is none."""
    values: dict[str, object] = {}
    for name, places in columns.items():
        bare = (_without_formula(cells[at]) for at in places)
        filled = [cell for cell in bare if _is_filled(cell)]
        if not filled:
            continue
        if name == "notes":
            values[name] = [one for cell in filled for one in _literal_list(cell) or [cell]]
        elif name in ("keywords", "tags"):
            values[name] = [
                one for cell in filled for one in _literal_list(cell) or split_entries(cell)
            ]
        elif name == "authors":
            values[name] = _authors(filled[0])
        elif name == "arxiv_id" and _NUMBER.fullmatch(filled[0]):
            values[name] = float(filled[0])
        elif name == "id" and filled[0][0] == "{":
            values[name] = _literal(filled[0])
        elif name == "url":
            values[name] = _BETWEEN_ADDRESSES.split(filled[0].strip())
        else:
            values[name] = filled[0]
    _take_source(values)
    if carried := values.pop("carried", None):
        take_carried([str(carried)], values)
    if group := values.pop("group_authors", None):
        values["authors"] = _with_group(values.get("authors"), str(group))
    month = values.pop("month", None)
    day = values.pop("day", None)
    if month and "date" not in values:
        parts = zip(_DAY, (values.get("year"), month, day), strict=True)
        values["date"] = {name: _whole(part) for name, part in parts if part}
    date = values.get("date")
    if isinstance(date, str) and "year" in values and not _YEAR.search(date):
        values["date"] = f"{_whole(values['year'])} {date}"
    return values


def _without_formula(cell: str) -> str:
    """The text of a cell that is written so that no program takes it for a number or formula."""
    if cell.startswith('="') and cell.endswith('"'):
        return cell[2:-1].replace('""', '"')
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _FORMULA else cell


def _is_filled(cell: str) -> bool:
    return bool(cell) and not cell.isspace() and cell not in _MISSING


def _whole(cell: object) -> str:
    """A number without the fraction that a table program gives it."""
    return str(cell).strip().removesuffix(".0")


def _authors(cell: str) -> object:
    if cell[0] in "[{" and (read := _literal(cell)) is not None:
        return read
    return _AUTHOR_NUMBER.sub("", cell) if "(" in cell else cell


def _with_group(authors: object, group: str) -> object:
    """The authors and behind them the group, which has a column of its own."""
    if isinstance(authors, list):
        return [*authors, group]
    return f"{authors}; {group}" if authors else group


def _literal_list(cell: str) -> list[object] | None:
    read = _literal(cell) if cell[0] == "[" else None
    return list(read) if isinstance(read, list) else None


def _take_source(values: dict[str, object]) -> None:
    """Take apart what Embase says in one cell of where and when a paper came out."""
    source = values.get("venue")
    if not isinstance(source, str) or (found := _SOURCE.match(source)) is None:
        return
    values["venue"] = found[1]
    values.setdefault("year", found[2])
    if day := _DATE_OF_SOURCE.search(source):
        values.setdefault("date", day[1].strip())


def _literal(cell: str) -> object:
    """The list or object that a cell spells in JSON or as Python prints it, or None."""
    if len(cell) > _LITERAL_LIMIT or cell.count("[") + cell.count("{") > _NESTED_LIMIT:
        return None
    for read in (json.loads, ast.literal_eval):
        try:
            value = read(cell)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(value, list | dict):
            return value
    return None
