"""Telling by its words that a sentence says that the sources do not answer, in many languages.

Such a sentence denies, of what a model was given to read, that it tells something. No phrase is
looked for: the words of each of the three kinds are few in a language, and `refusal.toml` has
them. What asserts something is none, whatever it denies: a figure, a name of the sources that was
not asked for, a clause of the matter before any word that denies.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from assistant.replies.asides import Asides
from assistant.text.sentences import split_sentences
from assistant.text.words import is_name, term_words, terms
from store.pattern import pattern
from store.tables import read_table

LONGEST_REFUSAL = 400
"""So many characters at most has a reply that says nothing but that."""

_LEAST = 4
_CLAUSE_ENDS = pattern(r"[,;:،؛、，；：—–]")


@dataclass(frozen=True)
class _Language:
    """The words of one language, by what they do in such a sentence.

    The sources are in English: words that are shorter than `least` may be spelled as theirs by
    chance.
    """

    least: int
    no: re.Pattern[str]
    material: re.Pattern[str]
    says: re.Pattern[str]
    has: re.Pattern[str]
    that: re.Pattern[str]

    def without_reporting(self, text: str) -> str:
        """What a sentence reports: all of it, or what it says "that" of without denying it."""
        that = self.that.search(text)
        before = text[: that.start()] if that else ""
        is_reported = that and self.says.search(before) and not self.no.search(before)
        return text[that.end() :] if that and is_reported else text

    def matter(self, text: str) -> frozenset[str]:
        """The terms of a text without words of these kinds."""
        for words in (self.no, self.material, self.says, self.has):
            text = words.sub(" ", text)
        return frozenset(one for one in terms(text) if len(one) >= self.least)


class Refusals:
    """Tells refusals of one question, asked of the sources that some asides are told of."""

    def __init__(self, asides: Asides) -> None:
        self._asides = asides
        self.is_sentence = lru_cache(256)(self._is_sentence)
        """True for a sentence that says that the sources do not tell something."""

    def is_reply(self, text: str) -> bool:
        """True for a short text whose first sentence that says anything refuses."""
        if len(text) > LONGEST_REFUSAL:
            return False
        for start, end in split_sentences(text):
            said = text[start:end]
            if self.is_sentence(said):
                return True
            is_of_matter = self._asides.known.intersection(terms(said)) or self.asserts(said)
            if is_of_matter and not self._asides.is_aside(said):
                return False
        return False

    def _is_sentence(self, said: str) -> bool:
        text = said.lower()
        return any(
            self._refuses(said, reported, one)
            for one in _languages()
            if one.no.search(text)
            and one.no.search(reported := one.without_reporting(text))
            and (self._has_own(one.says, reported) or self._has_own(one.has, reported))
        )

    def _has_own(self, words: re.Pattern[str], text: str) -> bool:
        """True for a text with one of these words that the question is not about itself."""
        found = (frozenset(terms(one.group())) for one in words.finditer(text))
        return any(not one or one - self._asides.asked for one in found)

    def asserts(self, said: str) -> bool:
        """True for a sentence with a figure, or a name of the sources, that was not asked for."""
        words = term_words(said)
        beyond = [(word, term) for word, term in words if term not in self._asides.asked]
        return any(
            any(char.isdigit() for char in term) or (is_name(word) and term in self._asides.known)
            for word, term in beyond
        )

    def _refuses(self, said: str, text: str, language: _Language) -> bool:
        known, asked = self._asides.known, self._asides.asked
        # Words of telling are told of sources, those of giving and knowing of all sorts of things.
        is_said = self._has_own(language.says, text)
        if self._has_own(language.material, text):
            of_matter, leading = frozenset() if is_said else known - asked, known - asked
        else:
            of_matter, leading = known - asked if is_said else known, known
        if language.matter(text) & of_matter or self.asserts(said):
            return False
        return not language.matter(_before_denial(text, language)) & leading


def _before_denial(text: str, language: _Language) -> str:
    """The clauses before the first that denies or speaks of the sources."""
    led: list[str] = []
    for clause in _CLAUSE_ENDS.split(text):
        if language.no.search(clause) or language.material.search(clause):
            break
        led.append(clause)
    return " ".join(led)


@lru_cache(1 << 10)
def tells_of_absence(said: str, matter: str) -> bool:
    """True for words that deny something or speak of sources, and are not those of the matter."""
    said, matter = said.lower(), matter.lower()
    return any(
        not set(kind.findall(said)) <= set(kind.findall(matter))
        for one in _languages()
        for kind in (one.no, one.material)
    )


@cache
def _languages() -> Sequence[_Language]:
    return [
        _Language(
            0 if name == "english" else _LEAST,
            **{kind: _any_of(words.split()) for kind, words in {"that": "", **one}.items()},
        )
        for name, one in read_table(__file__, "refusal.toml").items()
    ]


def _any_of(words: Sequence[str]) -> re.Pattern[str]:
    """A pattern of words; a star stands for more letters, "_" for a space."""
    forms: dict[bool, list[str]] = {True: [], False: []}
    for word in words:
        bare = re.escape(word.strip("*").replace("_", " ")).replace(r"\*", r"\w*")
        forms[word[0] != "*"].append(bare + (r"\w*" if word[-1] == "*" else r"(?!\w)"))
    begun, within = ("|".join(forms[one]) or r"(?!)" for one in (True, False))
    return pattern(rf"(?<!\w)(?:{begun})|(?:{within})")
