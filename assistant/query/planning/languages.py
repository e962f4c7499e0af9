"""Whether a question is in another language than the abstracts, and which the two are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assistant.text.language import is_function_word, is_in_another_language, language_of
from store.clean import folded
from store.library.library import Library
from store.pattern import pattern

_SAMPLE = 24
"""Abstracts that are read: a language that a tenth of them are in is missed in 8 of 100 samples."""
_CHARACTERS = 500
"""Characters of each that tell its language."""


_SIGNS = "?!.,;:()\"'"
_ACCENTED = pattern(r"\b[^\W\d_]*[À-ɏḀ-ỿ][^\W\d_]*\b")


@dataclass(frozen=True)
class _Sample:
    """Some abstracts of a library that had so many papers, and all of them as one text."""

    papers: int
    abstracts: tuple[str, ...] = ()
    together: str = ""


class AbstractLanguages:
    """The languages that a library's abstracts are in, by a sample that is read once."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._read = _Sample(-1)

    @property
    def main(self) -> str:
        """The name of the language of most abstracts; empty where it is not known."""
        return language_of(self._sample().together)

    def foreign(self, question: str, names: Iterable[str]) -> str:
        """The name of a question's language where it is none of the abstracts, else nothing.

        `names` are those of records in it. Synchronous, for a thread.
        """
        if not self.is_foreign(question, names):
            return ""
        return language_of(question) or "another language"

    def is_foreign(self, text: str, names: Iterable[str] = ()) -> bool:
        """True for a text that is in no language of the abstracts, its `names` left out.

        Synchronous, for a thread.
        """
        named = {one for name in names for one in folded(name).split()}
        text = " ".join(word for word in text.split() if folded(word.strip(_SIGNS)) not in named)
        if is_function_word(text.strip(_SIGNS)):  # alone it may be a word of any language: "hi"
            return False
        most = self._sample().together
        if not is_in_another_language(text, most):
            return False
        text = self._without_known(text)
        others = (one for one in self._sample().abstracts if is_in_another_language(one, most))
        return all(is_in_another_language(text, one) for one in (most, *others))

    def _without_known(self, text: str) -> str:
        """A text without accented words that the library has too: names of its, or loans."""
        for word in _ACCENTED.findall(text):
            if not is_function_word(word) and self._library.document_frequency(word):
                text = text.replace(word, " ")
        return text

    def _sample(self) -> _Sample:
        papers = self._library.count()
        if papers != self._read.papers:
            texts = self._library.texts(self._library.sample(_SAMPLE))
            abstracts = tuple(abstract[:_CHARACTERS] for _, abstract in texts.values())
            self._read = _Sample(papers, abstracts, "\n".join(abstracts))
        return self._read
