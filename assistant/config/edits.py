"""Changes to the text of a configuration, line by line: comments stay with what they are on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any


def with_value(text: str, tables: Sequence[str], key: str, value: Any) -> str | None:
    """The text with a line more in a table, behind its values: comments of the next stay its own.

    None where no line is the head of that table. tomlkit puts a value behind such comments.
    """
    import tomlkit

    lines = text.splitlines(keepends=True)
    found = _section(lines, tables)
    if found is None:
        return None
    first, end = found
    line = tomlkit.dumps({key: value})
    if any(one.endswith("\r\n") for one in lines[:end]):
        line = line.replace("\n", "\r\n")
    if first == end:  # no value stands before the first table, nor a comment of the file's own
        return f"{line}\n{text}" if text else line
    before = "".join(lines[:end])
    return f"{before}{'' if before.endswith(chr(10)) else chr(10)}{line}{''.join(lines[end:])}"


def _section(lines: Sequence[str], tables: Sequence[str]) -> tuple[int, int] | None:
    """From where to where a table's lines go, without comments and blank lines at their end."""
    first = 0
    if tables:
        head = _head(tables)
        at = [number for number, line in enumerate(lines) if head.fullmatch(line.rstrip())]
        if not at:
            return None
        first = at[0] + 1
    end = first
    while end < len(lines) and not lines[end].lstrip().startswith("["):
        end += 1
    least = first
    while end > least and lines[end - 1].lstrip()[:1] in ("", "#"):
        end -= 1
    return (first - 1, end) if tables else (first, end)


def _head(tables: Sequence[str]) -> re.Pattern[str]:
    """The line that is the head of a table."""
    names = (rf"(?:{re.escape(one)}|\"{re.escape(one)}\"|'{re.escape(one)}')" for one in tables)
    dotted = r"\s*\.\s*".join(names)
    return re.compile(rf"\s*\[\s*{dotted}\s*\]\s*(?:#.*)?")


def with_table(text: str, tables: Sequence[str], values: Mapping[str, Any]) -> str:
    """The text with a table that is not there yet."""
    import tomlkit

    # Behind all others: there it parts no comment from what it is on.
    whole: Mapping[str, Any] = dict(values)
    for name in reversed(tables):
        whole = {name: whole}
    table = tomlkit.dumps(whole)
    for end in range(1, len(tables)):
        table = table.replace(f"[{'.'.join(tables[:end])}]\n", "")
    gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
    return f"{text}{gap}{table}"


def without_table(text: str, name: str) -> str | None:
    """The text without `[models.NAME]`, the comments before the next table kept.

    None where no line is the head of that table.
    """
    lines = text.splitlines(keepends=True)
    found = _section(lines, ("models", name))
    return None if found is None else "".join(lines[: found[0]] + lines[found[1] :])
