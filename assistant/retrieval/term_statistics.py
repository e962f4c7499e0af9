"""How telling a word is in a library, asked from its word index."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from functools import cached_property

from assistant.text.words import term_words
from store.library.library import Library


class LibraryStatistics:
    """Document frequencies of terms, looked up in the library's word index as needed.

    The index knows words by stems of its own, so terms are looked up by the words they
    stand for in the texts that were learned; a term never learned is looked up as it is.
    The idf is that of BM25 in Lucene: ln(1 + (N - n + .5) / (n + .5)).
    """

    def __init__(self, library: Library, texts: Sequence[str] = ()) -> None:
        self._library = library
        self._unread = deque(texts)
        self._words: dict[str, set[str]] = {}
        self._known: dict[str, float] = {}

    def learn(self, text: str) -> None:
        """Take note of which words the terms of a text stand for, once a term is asked for."""
        self._unread.append(text)

    def _read(self, text: str) -> None:
        for word, term in term_words(text):
            words = self._words.setdefault(term, set())
            if word not in words and len(words) < 6:
                words.add(word)
                self._known.pop(term, None)

    @cached_property
    def _total(self) -> int:
        return self._library.count()

    def idf(self, term: str) -> float:
        """ln(1 + (N - n + .5) / (n + .5)); highest for a term nothing contains."""
        while self._unread:
            self._read(self._unread.popleft())
        if term not in self._known:
            words = self._words.get(term) or {term}
            count = max(self._library.document_frequency(word) for word in words)
            total = max(self._total, count)
            self._known[term] = math.log(1 + (total - count + 0.5) / (count + 0.5))
        return self._known[term]
