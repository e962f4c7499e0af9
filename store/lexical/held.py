"""What of a question papers hold: its words, for a reader, and the names that it asks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import tantivy

from store.lexical.fields import PaperTerms
from store.lexical.ranking import term_or_phrase
from store.lexical.writings import Sought, idf
from store.types import TermMatch

NAMED_FROM = 0.5
"""A compound that is so much of a question is a name that is asked for."""


@dataclass(frozen=True)
class HeldName:
    """A name that a question asks for, how telling it is (idf), and ids of papers that have it."""

    idf: float
    papers: frozenset[str]


def names_of(words: Iterable[Sought]) -> list[Sought]:
    """The names that a question asks for, by its words as they are looked up."""
    return [one for one in words if one.share >= NAMED_FROM]


def holding(schema: tantivy.Schema, word: Sought) -> tantivy.Query:
    """The papers that hold a word in any of its writings."""
    ways = [term_or_phrase(schema, way.field, way.terms) for way in word.ways]
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, one) for one in ways])


def term_matches(
    own: Sequence[str], words: Iterable[Sought], there: PaperTerms, title: PaperTerms, papers: int
) -> tuple[TermMatch, ...]:
    """The words of a question with how often a paper has each; those it lacks have 0.

    `own` are the words as the reader wrote them; they come first, and a compound that is not
    among them only where the paper has it. `title` is the paper without its abstract; there are
    so many `papers`.
    """
    by_word = {word.word: word for word in words}
    found = []
    for name in dict.fromkeys([*own, *by_word]):
        if name not in by_word:
            continue
        word = by_word[name]
        whole, in_title = word.occurrences(there), word.occurrences(title)
        authors = sum(there.counts["authors"][term] for term in word.terms)
        if not (whole or authors) and name not in own:
            continue
        found.append(
            TermMatch(
                word=name,
                idf=round(idf(word.papers, papers), 3),
                title=in_title,
                abstract=whole - in_title,
                authors=authors,
            )
        )
    return tuple(found)
