"""Texts with citations of five numbered sources, read as they come in."""

from __future__ import annotations

from made_sources import numbered_source

from assistant.citations.parser import CitationReader
from assistant.types.evidence import Evidence

NUMBERED = Evidence(sources=tuple(numbered_source(number) for number in range(1, 6)))


def read(*pieces: str, evidence: Evidence = NUMBERED) -> tuple[str, CitationReader]:
    """What is shown of a text that comes in pieces, and the reader that read it."""
    reader = CitationReader(evidence)
    shown = "".join([reader.feed(piece) for piece in pieces])
    return shown + reader.finish(), reader
