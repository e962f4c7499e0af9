"""What a model made of a question beside its wording, in words for the reader."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from assistant.query.planning.filter_words import described
from assistant.types.plans import PlannedPart


def plan_words(parts: Iterable[PlannedPart]) -> str:
    """Which papers are meant and by which other words they are searched, part by part."""
    each = (", ".join(filter(None, _of_part(one))) for one in parts)
    return "; ".join(dict.fromkeys(filter(None, each)))


def _of_part(part: PlannedPart) -> Iterator[str]:
    yield described(part.filter)
    if part.order != "relevance":
        yield f"{part.order} first"
    if part.excluded:
        yield f"without {part.excluded}"
    if part.search and part.kind == "content" and part.search != part.question:
        yield f"searched as “{part.search}”"
    if part.opposite:
        yield f"and as “{part.opposite}”"
