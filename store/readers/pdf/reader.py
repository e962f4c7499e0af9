"""Reads a paper from the first two pages of a PDF, with pypdfium2 (the extra `pdf`).

pdfium was taken for its text: it knows the fonts of LaTeX, Word and others, and gives the size
and place of each character, which the title and the abstract are told by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from store.errors import UnusableSource
from store.pattern import pattern
from store.readers.fields import items_of
from store.readers.lines import chunks
from store.readers.pdf.front import Front, front_of
from store.readers.pdf.lines import MOST_CHARACTERS, Line, lines_of
from store.readers.records import Place
from store.types import ReadItem

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

PAGES = 2
"""Pages that are read."""
MOST_BYTES = 256 * 2**20
"""Largest file read."""
NO_ABSTRACT_FOUND = "no abstract found on the first two pages"
"""The reason for refusing a paper whose abstract is not where abstracts stand."""
_MAGIC = b"%PDF-"
_DOI = pattern(r"\b10\.\d{4,9}/[^\s\"<>{}|]+")
_DOI_PARTED = pattern(r"(?<=doi\.org/) +")
_STAMP = pattern(r"arXiv:\s?((?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?)")
_WORDS = pattern(r"\w+")


class PdfReader:
    """Reads title, authors, abstract, DOI and arXiv id of one paper a file."""

    name = "pdf"
    reads = "PDF with its text (.pdf)"
    suffixes = (".pdf",)

    def sniff_bytes(self, head: bytes) -> bool:
        """True for a file that begins as PDF does, some bytes before it allowed."""
        return _MAGIC in head[:1024]

    def read_bytes(
        self, head: bytes, stream: BinaryIO, place: Callable[[int, int], Place]
    ) -> Iterator[ReadItem]:
        """Yield the paper, or why there is none; raises UnusableSource."""
        # Asked for all at once, a stream makes room for as much as may come.
        data = bytearray()
        for piece in chunks(head, stream):
            data += piece
            if len(data) > MOST_BYTES:
                raise UnusableSource(f"a PDF of more than {MOST_BYTES // 2**20} MiB")
        document = _opened(bytes(data))
        try:
            lines = [
                line
                for at in range(min(PAGES, len(document)))
                for line in lines_of(document[at], at + 1)
            ]
            metadata = document.get_metadata_dict()
            first = document[0].get_textpage()
            text = first.get_text_range(0, min(first.count_chars(), MOST_CHARACTERS))
        finally:
            document.close()
        if not lines:
            raise UnusableSource("a PDF without text: its pages are pictures", "recognise its text")
        yield from _items(place(1, 1), lines, text, metadata)


def _opened(data: bytes) -> PdfDocument:
    try:
        import pypdfium2
    except ImportError as failure:
        raise UnusableSource(
            "a PDF, for which pypdfium2 is not installed", "pip install 'quire[pdf]'"
        ) from failure
    try:
        document = pypdfium2.PdfDocument(data)
        len(document)
    except pypdfium2.PdfiumError as failure:
        raise UnusableSource("a damaged PDF, or one with a password") from failure
    return document


def _items(
    place: Place, lines: list[Line], text: str, metadata: dict[str, str]
) -> Iterator[ReadItem]:
    """The paper; `text` is all of the first page, also what stands upright at its margin."""
    front = front_of(lines)
    stamp = _STAMP.search(text)
    doi = _DOI.search(_DOI_PARTED.sub("", text))
    values: dict[str, object] = {
        "title": _title(front, metadata.get("Title", ""), text),
        "authors": _authors(front, metadata.get("Author", ""), text),
        "abstract": front.abstract,
        "doi": doi[0] if doi else None,
        "arxiv_id": stamp[1] if stamp else None,
    }
    if not front.abstract and not place.titles:
        yield place.rejection(NO_ABSTRACT_FOUND)
        return
    yield from items_of(place, values)
    if front.is_guess:
        yield place.notice("no heading stands over the abstract; it was taken for its print")


def _title(front: Front, named: str, text: str) -> str:
    """The title of the metadata where the page has its words, else that of the largest print."""
    words = {word.lower() for word in _WORDS.findall(named)}
    there = {word.lower() for word in _WORDS.findall(text)}
    if len(words) >= 3 and len(words & there) >= 0.8 * len(words) and named.count(" ") >= 2:
        return named
    return front.title


def _authors(front: Front, named: str, text: str) -> object:
    """The authors of the metadata where the page names them all, else those found there."""
    families = [word.lower() for word in _WORDS.findall(named) if len(word) > 2]
    low = text.lower()
    if len(families) >= 2 and all(one in low for one in families):
        several = len(front.authors) > 1 and not any(mark in named for mark in ",;&")
        return front.authors if several and " and " not in named else named
    return front.authors
