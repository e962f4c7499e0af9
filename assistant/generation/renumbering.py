"""Addresses of a reply under the numbers that its sources have in another prompt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.citations.parser import CitationReader
from assistant.generation.records import RecordedSource
from assistant.types.citations import Mark
from assistant.types.evidence import Evidence, Sentence, Source
from store.pattern import pattern
from store.types import Paper, Ranks

_MOST_SOURCES = 999
_LINE = pattern(r"(?m)^[^\w\n]*(?:source\s+)?(\d{1,3})(?!\.?\d)([^\n]*)$")
_DOTTED = pattern(r"(?<![\d.])(\d{1,3})(?=\.\d{1,3}(?![\d.]))")


def moved(before: Sequence[RecordedSource], after: Sequence[RecordedSource]) -> dict[int, int]:
    """The numbers that papers had before, to those that they have after; papers by their text."""
    places = {one.sentences: one.number for one in reversed(after)}
    return {one.number: places[one.sentences] for one in before if one.sentences in places}


def renumbered(
    text: str,
    before: Sequence[RecordedSource],
    after: Sequence[RecordedSource],
    evidence: Evidence,
) -> tuple[str, tuple[RecordedSource, ...]]:
    """A text with the numbers of after, and the papers that it cites and that are gone.

    It is read as an answer is: `evidence` are the papers of after, whose own numbers in
    brackets are no addresses. Each citation is written anew, as [2.3, 4.1].
    """
    known = {one.number: one for one in before}
    numbers = moved(before, after)
    reader = CitationReader(_as_before(known, numbers, evidence))
    reader.feed(text)
    reader.finish()
    pieces, at = [], 0
    for mark in reader.marks:
        pieces += [reader.text[at : mark.start], _written(mark, numbers)]
        at = mark.end
    cited = dict.fromkeys(one.source for mark in reader.marks for one in mark.addresses)
    gone = tuple(known[one] for one in cited if one in known and one not in numbers)
    return "".join((*pieces, reader.text[at:])) if reader.marks else text, gone


def _as_before(
    known: Mapping[int, RecordedSource], numbers: Mapping[int, int], evidence: Evidence
) -> Evidence:
    """The papers under the numbers that they had; those that are gone without their words."""
    last = min(max(known, default=0), _MOST_SOURCES)
    here = {old: evidence.source(new) for old, new in numbers.items()}
    return Evidence(
        sources=tuple(here.get(one) or _wordless(one, known.get(one)) for one in range(1, last + 1))
    )


def _wordless(number: int, source: RecordedSource | None) -> Source:
    sentences = len(source.sentences) if source else 0
    return Source(
        number=number,
        paper=Paper(id=f"gone:{number}", title="", abstract="", content_hash="", added_at=""),
        sentences=tuple(Sentence(index=at, start=0, end=0, text="") for at in range(sentences)),
        score=0.0,
        ranks=Ranks(),
    )


def _written(mark: Mark, numbers: Mapping[int, int]) -> str:
    """A citation under other numbers; what points at nothing stays."""
    moved_to = [
        (numbers.get(one.source, one.source), "" if one.sentence is None else f".{one.sentence}")
        for one in mark.addresses
    ]
    return f"[{', '.join((*(f'{source}{rest}' for source, rest in moved_to), *mark.unknown))}]"


def line_of(text: str, number: int, other: int) -> str:
    """The line on one source of a reply that has a line on each, under another number of it."""
    for found in _LINE.finditer(text):
        if int(found.group(1)) == number:
            rest = _DOTTED.sub(
                lambda one: str(other) if int(one[1]) == number else one[0], found.group(2)
            )
            return f"{other}{rest}"
    return ""
