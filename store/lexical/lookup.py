"""A question as some papers have its words: read once, whoever asks about it next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from store.lexical.alternatives import Vocabulary
from store.lexical.compounds import Compounds
from store.lexical.counts import IndexCounts
from store.lexical.fields import ANYWHERE
from store.lexical.plain_text import plain, plain_question
from store.lexical.question import QueryReader, QueryTerms
from store.lexical.writings import Sought, Writings

_ASKED_KEPT = 16


class Lookup:
    """Reads questions by what the papers that are counted have; `term` is that of one word.

    Raises what tantivy raises. What papers have must not change as long as it lives.
    """

    def __init__(self, term: Callable[[str], str], counts: IndexCounts) -> None:
        # No function here holds the lookup itself: with it goes the searcher that was counted.
        self.vocabulary = what_papers_have(term, counts)
        self.writings = writings = Writings(self.vocabulary, counts)
        self._compounds = Compounds(self.vocabulary, counts)
        self._hyphenated = hyphenated = lru_cache(_ASKED_KEPT)(self._compounds.hyphenated)
        read = QueryReader(term)

        @lru_cache(_ASKED_KEPT)
        def asked(text: str) -> tuple[QueryTerms, list[Sought]]:
            terms = read(hyphenated(plain_question(text)))
            return terms, writings.sought(terms)

        self._asked = asked

    def asked(self, text: str) -> tuple[QueryTerms, list[Sought]]:
        """The terms of a question, and its words in all their writings."""
        return self._asked(text)

    def hyphenated(self, text: str) -> str:
        """A question with hyphens in its compounds where most papers write these; else as it is."""
        whole = plain(text, parted=False)
        found = self._compounds.opened(self._hyphenated(whole))
        return text if found == whole else found


def what_papers_have(term: Callable[[str], str], counts: IndexCounts) -> Vocabulary:
    """The words of the papers that are counted."""

    def has(fields: Sequence[str], word: str) -> bool:
        own = term(word)
        return bool(own) and any(counts.frequency(field, own) > 0 for field in fields)

    return Vocabulary(
        term=term,
        known=lambda word: has(ANYWHERE, word),
        joined=lambda word: has(("closed",), word),
    )
