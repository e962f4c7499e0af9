"""Searching an open library: by words, by meaning, and by what words stand where."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from store.embedders.token_vectors import TokenEmbedder, TokenVectors
from store.errors import EmbedderUnavailable, EmbeddingFailed
from store.ledger.named import author_names
from store.ledger.vectors import embedder_dimension
from store.library.parts import Parts
from store.types import Filter, Paper, TermMatch, Words

if TYPE_CHECKING:
    from store.chroma.projection import DenseHits
    from store.ledger.selection import Selection
    from store.ledger.vectors import Vectors
    from store.lexical.held import HeldName
    from store.lexical.index import WordHits


_NAMED_AT_MOST = 300
"""Papers that are read for the names of their authors."""


class Searches(Parts):
    """The searches of an open library."""

    def lexical(
        self, text: str, k: int, within: Selection | Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        """The k best papers by BM25, of a selection or of these ids: best first, with scores."""
        return self.word_hits(text, k, within).ranked

    def worded(
        self, wanted: Filter, required: Sequence[Words], excluded: Sequence[Words]
    ) -> Filter | None:
        """A filter that asks for words too; None when no paper holds what is required.

        What is required and what is excluded become ids, so that every list obeys.
        """
        if not required and not excluded:
            return wanted
        with self._words_lock:
            if required:
                ids = self.words.matching(required, excluded)
                if wanted.papers:
                    ids = [name for name in ids if name in set(wanted.papers)]
                return wanted.model_copy(update={"papers": tuple(ids)}) if ids else None
            out = {name for one in excluded for name in self.words.matching([one], [])}
        return wanted.model_copy(update={"without": (*wanted.without, *sorted(out))})

    def unknown_words(self, words: Sequence[str]) -> set[str]:
        """Those of some words for which `near_words` may give others: all are looked up at once."""
        with self._words_lock:
            return self.words.unknown_words(words)

    def near_words(self, word: str) -> tuple[str, ...]:
        """The nearest words to one that no paper holds, the best first; else empty.

        An English word is what was meant, whether a paper holds it or not.
        """
        with self._words_lock:
            near = self.words.near_words(word)
        return () if near and self.is_word(word) else near

    def holding_names(self, text: str, ids: Sequence[str]) -> list[HeldName]:
        """The names that a question asks for, with those of some papers that have them."""
        with self._words_lock:
            return self.words.holding_names(text, ids)

    def hyphenated(self, text: str) -> str:
        """A question with hyphens in its compounds where most papers write these."""
        with self._words_lock:
            return self.words.hyphenated(text)

    def matches(self, text: str, paper: Paper) -> tuple[TermMatch, ...]:
        """The words of a question with how often a paper has each; those it lacks have 0."""
        with self._words_lock:
            return self.words.matches(text, paper)

    def dense(
        self, text: str, k: int, within: Selection | Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        """The k nearest papers, of a selection or of these ids: best first, with cosines.

        Empty without an embedder.
        """
        found = self.dense_hits(text, k, within)
        return [] if found is None else found.ranked

    def word_hits(
        self, text: str, k: int, within: Selection | Collection[str] | None = None
    ) -> WordHits:
        """The k best papers by BM25, and the spread of the question's scores."""
        selection = self._selection(within)
        with self._words_lock:
            return self.words.search(text, k, selection)

    def dense_hits(
        self,
        text: str,
        k: int,
        within: Selection | Collection[str] | None = None,
        also: Collection[str] = (),
    ) -> DenseHits | None:
        """The k nearest papers, and how near the papers in `also` are; None without an embedder."""
        chroma = self.chroma
        if chroma is None or not text.strip():
            self.words_alone = self._active.trouble
            return None
        try:
            question = None
            if (kept := self.tokens_by(chroma.embedder)) is None:
                vector = chroma.embedder.embed([text])[0]
            else:
                vector, question = kept.question(text)
        except (EmbedderUnavailable, EmbeddingFailed) as failure:
            self.words_alone = f"{failure.message}: searching words alone; {failure.hint}"
            self._narrate(self.words_alone)
            return None
        self.words_alone = ""
        selection = self._selection(within)
        with self._chroma_lock:
            found = chroma.search(vector, k, selection, also)
        return found if question is None else replace(found, question=question)

    def nearest(
        self,
        vector: Vectors,
        k: int,
        within: Selection | Collection[str] | None = None,
        also: Collection[str] = (),
    ) -> DenseHits | None:
        """What `dense_hits` gives for a vector, shape (d,) and of length 1.

        None also when the library has changed its embedder, and its vectors are of another size.
        """
        selection = self._selection(within)
        chroma = self.chroma
        if chroma is None or embedder_dimension(self.ledger, chroma.fingerprint) != len(vector):
            return None
        with self._chroma_lock:
            return chroma.search(vector, k, selection, also)

    def embed(self, texts: Sequence[str]) -> Vectors | None:
        """Vectors of sentences, to be compared with one another; None without an embedder.

        float32, shape (n, 256), every row of length 1: those of `sentence_embedder`.
        """
        if self.sentence_embedder is None:
            return None
        try:
            return self.sentence_embedder.embed(texts)
        except EmbedderUnavailable as failure:
            self._compare_words_alone(failure)
            return None

    def _compare_words_alone(self, failure: EmbedderUnavailable) -> None:
        """Do without the embedder of sentences from now on, and say so unless it was said."""
        self.sentence_embedder = None
        if not self.words_alone.startswith(failure.message):
            line = f"{failure.message}: sentences are compared by their words alone; {failure.hint}"
            self._narrate(line)

    def token_vectors(self, texts: Sequence[str]) -> list[TokenVectors] | None:
        """Vectors of texts and of their tokens by the library's embedder.

        Shapes (d,) and (n, d), every vector of length 1. None where it does not tell tokens
        apart, or is not on this machine.
        """
        try:
            embedder = self.needed_embedder()
            return embedder.token_vectors(texts) if isinstance(embedder, TokenEmbedder) else None
        except EmbedderUnavailable:
            return None

    def author_frequency(self, word: str) -> int:
        """In how many papers a word is a part of an author's name; never fewer than there are."""
        with self._words_lock:
            return self.words.author_frequency(word)

    def author_names(self, words: Sequence[str]) -> tuple[str, ...]:
        """Authors of papers whose authors' names hold all of some words; of very many, some.

        The names are those of all authors of these papers, as the records write them.
        """
        with self._words_lock:
            ids = self.words.with_author(words, _NAMED_AT_MOST)
        return author_names(self.ledger, ids)

    def is_word(self, word: str) -> bool:
        """True for an English word, as far as the built-in embedder can tell."""
        words = self.sentence_embedder
        try:
            return words is not None and words.is_word(word)
        except EmbedderUnavailable as failure:
            self._compare_words_alone(failure)
            return False

    def document_frequency(self, word: str) -> int:
        """In how many papers a word occurs."""
        with self._words_lock:
            return self.words.document_frequency(word)
