"""What a filter cannot see, in words for the reader."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from store.nearest import did_you_mean
from store.types import Filter

if TYPE_CHECKING:
    from store.library.library import Library
    from store.library.marking import Marking


def coverage_notes(library: Library, wanted: Filter) -> tuple[str, ...]:
    """A line for each value that no paper has, and for each field that some do not have."""
    lines = list(_untold(library, wanted))
    for field, number in library.lacking(wanted):
        papers = "paper has" if number == 1 else "papers have"
        keep = "; --undated keeps them" if field == "year" else ""
        lines.append(f"{number} {papers} no {field}, and a filter on it leaves them out{keep}")
    return (*lines, *unmatched_notes(library, wanted))


def unmatched_notes(library: Marking, wanted: Filter) -> Iterator[str]:
    """A line for each value that no paper has, with what may have been meant."""
    for field, value, near in library.unmatched(wanted):
        meant = did_you_mean([f"“{one}”" for one in near])
        yield f"no paper has the {field} “{value}”" + (f"; {meant}" if meant else "")


def as_evidence(library: Library, wanted: Filter) -> Filter:
    """A filter that leaves what can be evidence alone: papers that have an abstract."""
    if not library.untold(Filter()):
        return wanted
    return wanted.model_copy({"has": (*wanted.has, "abstract")})


def _untold(library: Library, wanted: Filter) -> Iterator[str]:
    """How many papers of a filter are no evidence, as they were taken with their titles alone."""
    number = library.untold(wanted) if "abstract" in wanted.has else 0
    if number:
        them = "paper has no abstract and is" if number == 1 else "papers have no abstract and are"
        yield f"{number} {them} no evidence"
