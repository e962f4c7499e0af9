"""The reader of BibTeX and BibLaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterator

from store.pattern import pattern
from store.readers.bibtex.entries import BrokenEntry, Entry, entries_of
from store.readers.bibtex.inheritance import CONTAINERS, Family
from store.readers.bibtex.macros import Macros
from store.readers.bibtex.meaning import values_of
from store.readers.bibtex.segments import Segment, segments
from store.readers.fields import items_of
from store.readers.records import Place
from store.readers.text import SourceText
from store.types import ReadItem

BEFORE_LIMIT = 8_000
"""Most characters before the first entry of a text that is taken for BibTeX by its content."""

_ENTRY = pattern(
    r"(?m)^[ \t\ufeff]*@[ \t]*(?:string\s*[{(]\s*\w[^\s={}]*\s*=|preamble\s*[{(]\s*[\"{]"
    r"|comment\s*\{"
    r"|[a-z]+\s*[{(]\s{0,99}(?:[^\s,={}][^,={}\n]{0,300}|)\s{0,99}(?:,\s{0,99})?"
    r"[a-z][\w:.+-]{0,99}\s{0,99}=\s{0,99}[{\"\w])",
    re.IGNORECASE,
)


class BibtexReader:
    """Reads entries with an abstract out of files of BibTeX and BibLaTeX."""

    name = "bibtex"
    reads = "BibTeX (.bib)"
    suffixes = (".bib", ".bibtex", ".biblatex")

    def sniff(self, head: str, suffix: str) -> bool:
        """True for a text in which an entry with fields begins a line, near its beginning."""
        found = _ENTRY.search(head[: 4 * BEFORE_LIMIT])
        return found is not None and found.start() <= BEFORE_LIMIT

    def read(self, text: SourceText) -> Iterator[ReadItem]:
        """Yield a record for each entry; entries that wait for a parent come after the others."""
        return _Reading(text, self.name).items()


class _Reading:
    def __init__(self, text: SourceText, name: str) -> None:
        self._text = text
        self._name = name
        self._number = 0
        self._macros = Macros()
        self._family = Family()
        self._numbers: dict[int, int] = {}

    def items(self) -> Iterator[ReadItem]:
        for segment in segments(self._text.lines(guess=True)):
            yield from self._segment(segment)
        for entry, line in self._family.rest():
            yield from self._entry(entry, line)

    def _segment(self, segment: Segment) -> Iterator[ReadItem]:
        if segment.problem:
            yield self._place(segment.line).rejection(segment.problem)
            return
        if "@" not in segment.text:
            return
        counted, line = 0, segment.line
        for found in entries_of(segment.text, self._macros):
            line += segment.text.count("\n", counted, found.at)
            counted = found.at
            if isinstance(found, BrokenEntry):
                yield self._place(line).rejection(str(found))
            elif found.type in CONTAINERS:
                self._family.keep(found)
            else:
                yield from self._passed(found, line)

    def _place(self, line: int) -> Place:
        self._number += 1
        return self._text.place(self._name, line, self._number)

    def _passed(self, entry: Entry, line: int) -> Iterator[ReadItem]:
        self._number += 1
        self._numbers[id(entry)] = self._number
        for one, at in self._family.passed(entry, line):
            yield from self._entry(one, at)

    def _entry(self, entry: Entry, line: int) -> Iterator[ReadItem]:
        place = self._text.place(self._name, line, self._numbers.pop(id(entry)))
        yield from items_of(place, values_of(entry), entry.remarks)
