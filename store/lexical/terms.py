"""Words that a paper must hold or must not, and words that it has: by its terms."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import tantivy

from store.types import Paper, Words

Analyze = Callable[[str], list[str]]
"""Turns a text into its terms, in order."""

ANYWHERE = ("text", "authors")
"""Fields of the word index that hold together all that a paper says; `text` has the title."""


def wording_query(
    schema: tantivy.Schema, analyze: Analyze, required: Sequence[Words], excluded: Sequence[Words]
) -> tantivy.Query:
    """The papers that hold all of `required` and none of `excluded`; every score is 0."""
    parts = [(tantivy.Occur.Must, _anywhere(schema, analyze, one)) for one in required]
    parts += [(tantivy.Occur.MustNot, _anywhere(schema, analyze, one)) for one in excluded]
    if not required:
        parts.append((tantivy.Occur.Must, tantivy.Query.all_query()))
    return tantivy.Query.const_score_query(tantivy.Query.boolean_query(parts), 0.0)


def has_wording(
    paper: Paper, analyze: Analyze, required: Sequence[Words], excluded: Sequence[Words]
) -> bool:
    """True when a paper holds all of `required` and none of `excluded`."""
    title, authors = analyze(paper.title), analyze(" ".join(paper.authors))
    abstract = analyze(paper.abstract)

    def holds(words: Words) -> bool:
        terms = analyze(words.text)
        texts = (title,) if words.in_title else (title, abstract, authors)
        return any(_stand_in(terms, text) for text in texts)

    return all(map(holds, required)) and not any(map(holds, excluded))


def _fields(words: Words) -> tuple[str, ...]:
    return ("title",) if words.in_title else ANYWHERE


def _anywhere(schema: tantivy.Schema, analyze: Analyze, words: Words) -> tantivy.Query:
    terms = analyze(words.text)
    if not terms:
        return tantivy.Query.empty_query()
    each = [
        tantivy.Query.term_query(schema, field, terms[0])
        if len(terms) == 1
        else tantivy.Query.phrase_query(schema, field, list(terms))
        for field in _fields(words)
    ]
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, one) for one in each])


def _stand_in(terms: Sequence[str], text: Sequence[str]) -> bool:
    """True when terms stand in a text one after another."""
    size = len(terms)
    return size > 0 and any(
        text[at] == terms[0] and list(text[at : at + size]) == list(terms)
        for at in range(len(text) - size + 1)
    )
