"""The reader of saved pages of the web."""

from __future__ import annotations

import re
from collections.abc import Iterator

from store.errors import UnusableSource
from store.pattern import pattern
from store.readers.fields import items_of
from store.readers.html import hugging_face, paper_page
from store.readers.html.tags import Tag, tags_of
from store.readers.html.visible import is_of_an_error, paragraphs_of
from store.readers.likeness import in_turn
from store.readers.pairing import read_pairs
from store.readers.text import SourceText
from store.types import ReadItem

PAGE_LIMIT = 32 * 2**20
"""Longest page read, in bytes: one saved with its pictures inside is as long."""

NO_PAPER = "this is an HTML page that names no paper"
"""Why a page is refused."""
_HTML = pattern(
    r"<!doctype\s+html|<html\b|<!--.{0,2000}?<html\b"
    r"|<(?:head|body|script|style|div|p|meta|title|table)\b[^<>]*>",
    re.IGNORECASE | re.DOTALL,
)


class HtmlReader:
    """Reads saved pages of Hugging Face papers, and pages that name the paper they show.

    Any other page is read as the plain text that it shows, where that is titles and abstracts.
    """

    name = "html"
    reads = "saved pages (.html) of Hugging Face papers, and of papers at arXiv, PubMed and others"
    suffixes: tuple[str, ...] = ()

    def sniff(self, head: str, suffix: str) -> bool:
        """True for a page of HTML."""
        return _HTML.match(head.lstrip()) is not None

    def read(self, text: SourceText) -> Iterator[ReadItem]:
        """Yield the papers of a list, or the one that the page is about."""
        page = _whole(text)
        tags = list(tags_of(page))
        number = 0
        for tag, day, values in hugging_face.papers_of(tags):
            number += 1
            line = page.count("\n", 0, tag.start) + 1
            yield from items_of(text.place(self.name, line, number, day), values)
        if number:
            return
        found = paper_page.values_of(page, tags)
        if found is None:
            yield from self._shown(text, page, tags)
        else:
            yield from items_of(text.place(self.name, 1, 1), found)

    def _shown(self, text: SourceText, page: str, tags: list[Tag]) -> Iterator[ReadItem]:
        blocks = paragraphs_of(page, tags)
        if len(blocks) < 2 or is_of_an_error(page, tags, blocks):
            raise UnusableSource(NO_PAPER, "save it as text")
        try:
            first, *others = read_pairs(in_turn(blocks), text, self.name, strict=True)
        except UnusableSource as failure:
            raise UnusableSource(f"{NO_PAPER}; {failure.message}", "save it as text") from failure
        yield text.place(self.name, 1, 1).notice(
            "an HTML page that names no paper: the text that it shows was read"
        )
        yield first
        yield from others


def _whole(text: SourceText) -> str:
    data = bytearray()
    for piece in text.data(guess=True):
        data += piece
        if len(data) > PAGE_LIMIT:
            raise UnusableSource(f"an HTML page of more than {PAGE_LIMIT // 2**20} MiB")
    return data.decode("utf-8")
