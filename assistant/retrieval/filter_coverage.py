"""What a filter cannot see, in words for the reader."""

from __future__ import annotations

from store.library.library import Library
from store.types import Filter


def coverage_notes(library: Library, wanted: Filter) -> tuple[str, ...]:
    """A line for each field that a filter asks for and some papers do not have."""
    lines = []
    for field, number in library.lacking(wanted):
        papers = "paper has" if number == 1 else "papers have"
        keep = "; --undated keeps them" if field == "year" else ""
        lines.append(f"{number} {papers} no {field}, and a filter on it leaves them out{keep}")
    return tuple(lines)
