"""The reader of saved pages of the web."""

from __future__ import annotations

from collections.abc import Iterator

from store.errors import UnusableSource
from store.readers.fields import items_of
from store.readers.html import hugging_face, paper_page
from store.readers.html.tags import tags_of
from store.readers.kinds import is_html
from store.readers.text import HEAD, SourceText
from store.types import ReadItem

PAGE_LIMIT = 32 * 2**20
"""Longest page read, in bytes: one saved with its pictures inside is as long."""

_MARKS = (
    *("data-props=", "citation_title", "dc.title", "dcterms.title"),
    *("scholarlyarticle", "svelte_hydrater"),
)


class HtmlReader:
    """Reads saved pages of Hugging Face papers, and pages that name the paper they show."""

    name = "html"
    reads = "saved pages (.html) of Hugging Face papers, and of papers at arXiv, PubMed and others"
    suffixes: tuple[str, ...] = ()

    def sniff(self, head: str, suffix: str) -> bool:
        """True for a page that names a paper in its beginning, or may do so behind it."""
        if not is_html(head):
            return False
        start = head.lower()
        return len(head.encode("utf-8", "replace")) >= HEAD or any(one in start for one in _MARKS)

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
            raise UnusableSource("this is an HTML page that names no paper", "save it as text")
        yield from items_of(text.place(self.name, 1, 1), found)


def _whole(text: SourceText) -> str:
    data = bytearray()
    for piece in text.data(guess=True):
        data += piece
        if len(data) > PAGE_LIMIT:
            raise UnusableSource(f"an HTML page of more than {PAGE_LIMIT // 2**20} MiB")
    return data.decode("utf-8")
