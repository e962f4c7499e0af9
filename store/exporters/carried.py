"""What a format has no field for, as JSON that `store/readers/carried.py` takes back."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from store.exporters.jsonl import record_fields
from store.exporters.names import orders
from store.exporters.odd import is_odd, odd_values
from store.tables import read_table

if TYPE_CHECKING:
    from store.types import Paper

SIGN = "quire: "
"""What a field begins with that holds such JSON."""


def carried(paper: Paper, format_name: str, *, marks: bool) -> dict[str, Any]:
    """Those values of a paper that a format has no field for, by their standard names."""
    names, told = _tables()[format_name]
    fields = record_fields(paper, marks=marks)
    found = {name: fields[name] for name in names if name in fields}
    for name in told:
        if name in found and not is_odd(name, found[name]):
            del found[name]
    found |= odd_values(fields)
    if "publisher" in fields and "venue" not in fields:
        found["venue"] = ""  # else a publisher is taken for where the paper stands
    if found.get("status") == "unread":
        del found["status"]
    if "names" in names and paper.authors:
        found["names"] = orders(paper.authors)
    return found


@cache
def _tables() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """What is carried in each format, and what of it its own fields hold unless it is odd."""
    return {
        format_name: (tuple(one["names"].split()), tuple(one["told"].split()))
        for format_name, one in read_table(__file__, "carried.toml").items()
    }


def line(values: dict[str, Any]) -> str:
    """The values as one line; it holds no `-->`, `<` or control character."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return SIGN + text.replace("<", "\\u003c").replace(">", "\\u003e")


def in_lines(paper: Paper, found: dict[str, Any]) -> str:
    """The line of a format of lines: the breaks of the abstract stand in it too."""
    beside = dict(found)
    if breaks := paragraphs(paper.abstract):
        beside["paragraphs"] = breaks
    return line(beside) if beside else ""


def paragraphs(text: str) -> list[int]:
    """Where paragraphs end, as places in the text that has a blank for each break."""
    places: list[int] = []
    at = 0
    for part in text.split("\n\n")[:-1]:
        at += len(part) + bool(places)
        places.append(at)
    return places


def in_one_line(text: str) -> str:
    """A text without its line breaks."""
    return text.replace("\n\n", " ").replace("\n", " ")
