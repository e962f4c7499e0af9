"""What a model made of a question beside its wording, in words for the reader."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.query.planning.filter_words import described
from assistant.types.plans import PlannedPart


def meant_words(part: PlannedPart) -> str:
    """Which papers a part is about, and in which order it lists them."""
    order = f"{part.order} first" if part.order != "relevance" else ""
    return ", ".join(filter(None, (described(part.filter), order)))


def other_words(part: PlannedPart, *, is_translated: bool) -> Iterator[str]:
    """What a part leaves out, and by which other words it is searched.

    Those of a question that is not translated are among its own.
    """
    if part.excluded and not part.filter.without:
        yield f"without {part.excluded}"
    if is_translated and part.search and not part.is_of_records:
        yield f"searched as “{part.search}”"
    if part.worded and not part.is_of_records:
        yield f"searched also as “{part.worded}”"
    if part.opposite:
        yield f"and from the other side as “{part.opposite}”"
