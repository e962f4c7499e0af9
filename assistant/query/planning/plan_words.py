"""What a model made of a question beside its wording, in words for the reader."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from assistant.types.plans import PlannedPart
from store.types import Filter


def plan_words(parts: Iterable[PlannedPart]) -> str:
    """Which papers are meant and by which other words they are searched, part by part."""
    each = (", ".join(_of_part(one)) for one in parts)
    return "; ".join(dict.fromkeys(filter(None, each)))


def _of_part(part: PlannedPart) -> Iterator[str]:
    yield from filter_words(part.filter)
    if part.order != "relevance":
        yield f"{part.order} first"
    if part.excluded:
        yield f"without {part.excluded}"
    if part.search and part.kind == "content" and part.search != part.question:
        yield f"searched as “{part.search}”"
    if part.opposite:
        yield f"and as “{part.opposite}”"


def filter_words(wanted: Filter) -> Iterator[str]:
    """The authors, venues and years of a filter."""
    if wanted.authors:
        yield f"by {' or '.join(wanted.authors)}"
    if wanted.venues:
        yield f"in {' or '.join(wanted.venues)}"
    first, last = wanted.year_from, wanted.year_to
    if first is not None and last is not None:
        yield f"of {first}" if first == last else f"from {first} to {last}"
    elif first is not None:
        yield f"since {first}"
    elif last is not None:
        yield f"until {last}"
