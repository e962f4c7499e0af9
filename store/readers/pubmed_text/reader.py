"""The reader of PubMed's "Abstract" format, as its site and efetch write it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from store.errors import UnusableSource
from store.pattern import pattern
from store.readers.fields import items_of
from store.readers.lines import with_newlines
from store.readers.pubmed_text.citations import Citation, citations
from store.readers.pubmed_text.paragraphs import parts_of
from store.readers.records import OTHER_ABSTRACT
from store.readers.text import SourceText
from store.types import ReadItem

NO_END = "the record has no end: no line with its PMID follows"
"""Why a record that was cut is refused: its abstract may be cut too."""

_ABSTRACTS = pattern(
    r"\A\s*\d+\. \S.*(?:\n\S.*){0,5}\n\s*\n(?s:.*?)^(?:PMID: \d+|Author information: ?$)",
    re.MULTILINE,
)
_SUMMARY = pattern(r"\A\s*\d+: \S(?s:.{0,4000}?)\bPMID: \d+")
_IDS = pattern(r"\A\s*(?:\d{5,8}\s+){2,}(?:\d{1,8}\s*)?\Z")
_HINT = "save the citations on PubMed's site as “PubMed”, or as “Abstract (text)”"


class PubmedTextReader:
    """Reads citations that PubMed shows as text, numbered, with their abstracts."""

    name = "pubmed-text"
    reads = "PubMed abstracts as text"
    suffixes: tuple[str, ...] = ()

    def sniff(self, head: str, suffix: str) -> bool:
        """True for numbered citations with the line of a PMID, and for lists of PMIDs."""
        start = with_newlines(head)
        return any(one.match(start) for one in (_ABSTRACTS, _SUMMARY, _IDS))

    def read(self, text: SourceText) -> Iterator[ReadItem]:
        """Yield a record for each citation, or why there is none.

        Raises UnusableSource for PubMed's formats that hold no abstracts.
        """
        start = with_newlines(text.head)
        if not _ABSTRACTS.match(start):
            if _SUMMARY.match(start):
                raise UnusableSource("this is PubMed's summary, which holds no abstracts", _HINT)
            if _IDS.match(start):
                raise UnusableSource("this is a list of PMIDs, which holds no abstracts", _HINT)
        for number, citation in enumerate(citations(text.lines(guess=True)), start=1):
            yield from self._items(text, citation, number)

    def _items(self, text: SourceText, citation: Citation, number: int) -> Iterator[ReadItem]:
        place = text.place(self.name, citation.line, number)
        if citation.problem:
            yield place.rejection(citation.problem)
            return
        if not citation.is_closed:
            yield place.rejection(NO_END)
            return
        parts = parts_of(citation)
        yield from items_of(place, parts.values)
        if parts.other_abstracts:
            yield place.notice(OTHER_ABSTRACT)
