"""Cutting PubMed's numbered citations apart, with flat memory.

A number and a dot begin a citation only where one is due: after the line with the PMID that
closes the one before it, or after two blank lines where the number is the next, or the first of
another file, and what follows names a year, as the first line of a citation does. An abstract may
hold numbered lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from store.pattern import pattern
from store.readers.lines import RECORD_LIMIT, RECORD_TOO_LONG, without_long_runs
from store.readers.text import Line

IDENTIFIER = pattern(r"(DOI|PMCID|PMID|MID|PII): ?(\S+)(?:\s+\[.*\]?)?\s*\Z")
_NUMBER = pattern(r"(\d{1,7})\. (?=\S)")
_YEAR = pattern(r"\b(?:1[89]|20)\d\d\b")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """The lines between two blank lines, as they stand, without blanks at their ends."""

    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The lines as one."""
        return " ".join(line.strip() for line in self.lines)

    @property
    def identifiers(self) -> dict[str, str]:
        """What stands there where every line is an identifier, else nothing."""
        found = [IDENTIFIER.match(line) for line in self.lines]
        return {one[1]: one[2] for one in found if one} if all(found) else {}

    def parts(self) -> Iterator[Paragraph]:
        """The paragraph, and the identifiers that close it without a blank line before them."""
        end = len(self.lines)
        while end and IDENTIFIER.match(self.lines[end - 1]):
            end -= 1
        closing = Paragraph(self.lines[end:])
        if 0 < end < len(self.lines) and "PMID" in closing.identifiers:
            yield Paragraph(self.lines[:end])
            yield closing
        else:
            yield self


@dataclass(slots=True)
class Citation:
    """One citation: its paragraphs, the first of which is the journal and the date.

    `is_closed` once the line with its PMID was read.
    """

    line: int
    number: int
    paragraphs: list[Paragraph] = field(default_factory=list)
    length: int = 0
    is_closed: bool = False
    problem: str | None = None

    def add(self, paragraph: Paragraph) -> None:
        """Take in a paragraph."""
        self.length += sum(map(len, paragraph.lines))
        if self.length > RECORD_LIMIT:
            self.problem = self.problem or RECORD_TOO_LONG
            self.paragraphs.clear()
        elif not self.problem:
            self.paragraphs.append(paragraph)
        self.is_closed = self.is_closed or "PMID" in paragraph.identifiers


def citations(lines: Iterable[Line]) -> Iterator[Citation]:
    """The citations of a text; what stands before the first is passed over."""
    citation: Citation | None = None
    for first, blanks, paragraph, problem in _paragraphs(lines):
        found = _NUMBER.match(paragraph.lines[0]) if paragraph.lines else None
        if found and _begins(int(found[1]), blanks, paragraph, citation):
            if citation:
                yield citation
            citation = Citation(first, int(found[1]))
            head = paragraph.lines[0][found.end() :]
            paragraph = Paragraph((head, *paragraph.lines[1:]))
        if citation:
            citation.problem = citation.problem or problem
            for part in paragraph.parts():
                citation.add(part)
    if citation:
        yield citation


def _begins(number: int, blanks: int, paragraph: Paragraph, before: Citation | None) -> bool:
    if before is None:
        return True
    is_next = number == before.number + 1
    if before.is_closed and is_next:
        return True
    return (
        blanks > 1
        and (is_next or number == 1 or before.is_closed)
        and bool(_YEAR.search(paragraph.text))
    )


def _paragraphs(lines: Iterable[Line]) -> Iterator[tuple[int, int, Paragraph, str | None]]:
    """Each paragraph with its line, the blank lines before it, and what spoils it.

    A paragraph without end is handed on in pieces, so that it is never held whole.
    """
    first = blanks = length = 0
    held: list[str] = []
    problem: str | None = None
    for line in lines:
        text = line.text.rstrip()
        if (not text and not line.problem) or length > RECORD_LIMIT:
            if held:
                yield first, blanks, Paragraph(tuple(held)), problem
                blanks = length = 0
                held, problem = [], None
            blanks += not text
        if text or line.problem:
            first = first if held else line.number
            held.append(without_long_runs(text))
            length += len(text)
            problem = problem or line.problem
    if held:
        yield first, blanks, Paragraph(tuple(held)), problem
