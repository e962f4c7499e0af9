"""Tables of cases as data files beside their tests, and one test for all rows of one."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SHOWN = 10
"""So many failing rows are told in full; the rest are counted."""
_CHARACTERS = 400

Row = dict[str, Any]


def table(test_file: str, name: str) -> list[Row]:
    """The rows of a table beside a test: JSON objects, a line each; `#` begins a remark.

    `table(__file__, "forms.jsonl")`. Each row gets its line number as "line"; in TOML, which has
    one array of tables, its number. Raises ValueError for a line that is no object.
    """
    path = Path(test_file).with_name(name)
    if path.suffix == ".toml":
        (found,) = tomllib.loads(path.read_text("utf-8")).values()
        return [{"line": number, **row} for number, row in enumerate(found, 1)]
    rows = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            rows.append({"line": number, **json.loads(line)})
        except (ValueError, TypeError) as failure:
            raise ValueError(f"{path.name}, line {number}: {failure}") from failure
    assert rows, f"{name} holds no row"
    return rows


def for_each(rows: Iterable[Row], check: Callable[[Row], None]) -> None:
    """Run a check that asserts on every row; all rows that fail are told, each with what failed."""
    failed = []
    for row in rows:
        try:
            check(row)
        except Exception as failure:
            failed.append(f"{_told(row)}\n    {type(failure).__name__}: {_short(str(failure))}")
    _report(failed)


def compare(rows: Iterable[Row], came: Callable[[Row], object], right: str = "right") -> None:
    """Hold what comes of every row against its column `right`; a failure tells all three."""
    failed = []
    for row in rows:
        try:
            got = came(row)
        except Exception as failure:
            failed.append(f"{_told(row, right)}\n    raised {failure!r}\n    right  {row[right]!r}")
            continue
        if got != row[right]:
            failed.append(f"{_told(row, right)}\n    came   {got!r}\n    right  {row[right]!r}")
    _report(failed)


def holds(came: object, right: object) -> None:
    """Hold JSON against another: of each object only what `right` names, all else as a whole."""
    named = _named(came, right)
    assert named == right, f"\n    came   {named!r}\n    right  {right!r}"


def _named(came: object, right: object) -> object:
    if isinstance(came, dict) and isinstance(right, dict):
        return {name: _named(came[name], right[name]) for name in right if name in came}
    if isinstance(came, list) and isinstance(right, list) and len(came) == len(right):
        return [_named(*pair) for pair in zip(came, right, strict=True)]
    return came


@contextmanager
def naming(step: object) -> Iterator[None]:
    """Add to a failure at which step of a walk it came."""
    try:
        yield
    except Exception as failure:
        failure.add_note(f"at this step of the walk: {step}")
        raise


async def compare_awaited(rows: list[Row], came: Callable[[Row], Awaitable[object]]) -> None:
    """The same of what is waited for, row by row."""
    found = {row["line"]: await came(row) for row in rows}
    compare(rows, lambda row: found[row["line"]])


def _told(row: Row, right: str = "") -> str:
    cells = (f"{name}={_short(repr(row[name]))}" for name in row if name not in ("line", right))
    return f"line {row.get('line', '?')}: " + ", ".join(cells)


def _short(text: str) -> str:
    return text if len(text) <= _CHARACTERS else f"{text[:_CHARACTERS]}… ({len(text)} characters)"


def _report(failed: list[str]) -> None:
    if failed:
        more = f"\n  and {len(failed) - SHOWN} more" if len(failed) > SHOWN else ""
        shown = "\n  ".join(failed[:SHOWN])
        raise AssertionError(f"{len(failed)} row(s) fail:\n  {shown}{more}")
