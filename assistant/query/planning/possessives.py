"""Surnames with a possessive "s" and no apostrophe: "okafors papers"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from assistant.query.planning.asked import PAPER_NOUNS, Asked, AskedWord, pieces_of, word_class
from store.library.library import Library

_ORDERS = word_class("newest") | word_class("oldest")
_SHORTEST = 3
"""Letters of a surname that is told from a plural."""


def with_possessives(asked: Asked, library: Library) -> Iterator[AskedWord]:
    """The words, with a surname before a bare "s" as a possessive: "okafors papers"."""
    for at, word in enumerate(asked.words):
        bare = word.plain.removesuffix("s")
        known = word.plain == bare or word.is_possessive or len(bare) < _SHORTEST
        if known or not library.author_frequency(bare) or _has_name(library, word.plain):
            yield word
            continue
        in_texts = library.document_frequency(word.plain)
        owns = asked.plain(at + 1) in PAPER_NOUNS | _ORDERS
        if in_texts > (library.author_frequency(bare) if owns else 0):
            yield word
        elif owns or not library.is_word(word.plain):
            pieces, end = pieces_of(bare), word.end - 1
            yield replace(word, end=end, plain=bare, pieces=pieces, is_possessive=True)
        else:
            yield word


def _has_name(library: Library, piece: str) -> bool:
    return any(piece in pieces_of(name) for name in library.author_names([piece]))
