"""The fields of the word index: how the texts of a paper come into them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import tantivy

from store.lexical.plain_text import plain
from store.lexical.question import closed_forms
from store.types import Paper

FIELDS = ("text", "title", "authors", "closed")
"""The indexed fields; `text` is the title and the abstract together, `closed` has the words that
stand there with hyphens as one: "il6" of "IL-6"."""
ANYWHERE = ("text", "authors")
"""Fields that hold together all that a paper says; `text` has the title."""


def analyzer() -> tantivy.TextAnalyzer:
    """How plain texts become terms: words, lower case, no marks on letters, English stems."""
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(64))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )


@dataclass(frozen=True)
class PlainPaper:
    """The texts of a paper in plain letters."""

    title: str
    abstract: str
    authors: str
    closed: str


def plain_paper(paper: Paper) -> PlainPaper:
    """The texts of a paper as they are indexed."""
    title, abstract = plain(paper.title), plain(paper.abstract)
    return PlainPaper(
        title=title,
        abstract=abstract,
        authors=plain(" ".join(paper.authors), names=True),
        closed=" ".join(closed_forms(title) + closed_forms(abstract)),
    )


class PaperTerms:
    """The terms of one paper, for what is read outside the index."""

    def __init__(self, paper: Paper, analyze: Callable[[str], list[str]]) -> None:
        there = plain_paper(paper)
        self.id = paper.id
        self.title = analyze(there.title)
        self.abstract = analyze(there.abstract)
        self.authors = analyze(there.authors)
        self.closed = analyze(there.closed)
        self.counts = {
            "text": Counter(self.title) + Counter(self.abstract),
            "title": Counter(self.title),
            "authors": Counter(self.authors),
            "closed": Counter(self.closed),
        }
        """How often each field has each term."""

    def occurrences(self, field: str, terms: Sequence[str]) -> int:
        """How often terms stand one after another in a field."""
        if len(terms) == 1:
            return self.counts[field][terms[0]]
        return sum(count_together(terms, text) for text in self.texts(field))

    def texts(self, field: str) -> tuple[list[str], ...]:
        """The texts of a field, as terms in order."""
        return {
            "text": (self.title, self.abstract),
            "title": (self.title,),
            "authors": (self.authors,),
            "closed": (self.closed,),
        }[field]


def count_together(terms: Sequence[str], text: Sequence[str]) -> int:
    """How often terms stand in a text one after another."""
    size, whole = len(terms), list(terms)
    return sum(
        text[at] == whole[0] and list(text[at : at + size]) == whole
        for at in range(len(text) - size + 1 if whole else 0)
    )
