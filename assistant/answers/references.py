"""Cited papers as they are shown: their record at the time, and where they are on the web."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.types.answers import Reference
from assistant.types.paper_records import record_line
from store.types import Paper


def reference_to(number: int, paper: Paper, sentences: tuple[int, ...]) -> Reference:
    """A cited paper as it is now, so that the citation outlives it."""
    place = paper.provenance[0] if paper.provenance else None
    return Reference(
        number=number,
        id=paper.id,
        title=paper.title,
        authors=paper.authors,
        year=paper.year,
        url=address_of(paper),
        abstract=paper.abstract,
        sentences=sentences,
        source=place.source if place else "",
        added_at=paper.added_at,
        record=record_line(paper),
        retracted=paper.is_retracted,
    )


def address_of(paper: Paper) -> str | None:
    """Where a paper is on the web, by what its record says; None when it says nothing."""
    return next(addresses_of(paper), None)


def addresses_of(paper: Paper) -> Iterator[str]:
    """All that the record of a paper says of where it is, its own address first."""
    if paper.url:
        yield paper.url
    if paper.arxiv_id:
        yield f"https://arxiv.org/abs/{paper.arxiv_id}"
    if paper.doi:
        yield f"https://doi.org/{paper.doi}"
