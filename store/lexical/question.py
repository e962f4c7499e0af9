"""What of a question is looked up in the word index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress

from store.lexical.alternatives import closed
from store.lexical.plain_text import PLUS_PLUS, WORD, is_unspaced, plain, plain_question
from store.lexical.stopwords import STOP_WORDS
from store.pattern import pattern

_OPERATORS = frozenset(["AND", "OR", "NOT"])
_FEW = 3  # words that may all be names
_COMPOUND = pattern(r"(?<![^\W_])[^\W_]+(?:(?:-[^\W_]+)+(?: plusplus)?| plusplus)")


@dataclass(frozen=True)
class QueryTerms:
    """What of a question is looked up, with counts, and the word that each stem came from.

    `pairs` are neighbouring words, `closed` are the words that they are when they are closed up.
    `compounds` are the terms of the parts of words written with hyphens, with what these are when
    they are closed up; empty where they are no word then, as beside a name in capitals that is
    written as a function word.
    """

    stems: Mapping[str, int]
    pairs: Mapping[tuple[str, str], int]
    closed: Sequence[str]
    compounds: Mapping[tuple[str, ...], str]
    words: Mapping[str, str]

    def share(self, parts: Sequence[str]) -> float:
        """How much of the question's telling words a compound is; its function words tell too."""
        others = sum(number for stem, number in self.stems.items() if stem not in parts)
        return len(parts) / (len(parts) + others)


class QueryReader:
    """Turns a question into the terms that are looked up; `term` is that of one word."""

    def __init__(self, term: Callable[[str], str]) -> None:
        self._term = term

    def __call__(self, text: str) -> QueryTerms:
        """The terms of a question in plain letters; no stop words unless nothing else is there."""
        words = WORD.findall(text)
        telling = _telling(words)
        terms = [self._term(word) for word in words]
        all_tell = not any(telling)
        stems: Counter[str] = Counter()
        named: dict[str, str] = {}
        for word, term, tells in zip(words, terms, telling, strict=True):
            if term and (tells or all_tell):
                stems[term] += 1
                named.setdefault(term, word)
        pairs: Counter[tuple[str, str]] = Counter()
        joined: dict[str, None] = {}
        compounds: dict[tuple[str, ...], str] = {}
        for at in range(len(words) - 1):
            pair = terms[at], terms[at + 1]
            if not (telling[at] and telling[at + 1] and all(pair)):
                continue
            if STOP_WORDS.isdisjoint(map(str.lower, words[at : at + 2])):
                pairs[pair] += 1
                joined[closed(words[at : at + 2])] = None
            else:  # papers have "us" and "coast" everywhere: where they meet is what tells
                compounds[pair] = ""
        compounds |= self._compounds(text)
        apart = [one for one in joined if one and one not in compounds.values()]
        return QueryTerms(stems, pairs, apart, compounds, named)

    def _compounds(self, text: str) -> dict[tuple[str, ...], str]:
        """The terms of the parts of words with hyphens, and what these are when closed up."""
        found = {}
        for compound in _COMPOUND.findall(text):
            written = WORD.findall(compound)
            parts = tuple(filter(None, map(self._term, written)))
            if len(parts) > 1:
                found[parts] = closed(written)
        return found


def query_words(text: str) -> list[str]:
    """The words of a question that are looked up: no stop words unless nothing else is there."""
    words = WORD.findall(plain_question(text))
    return [*compress(words, _telling(words))] or words


def _telling(words: Sequence[str]) -> list[bool]:
    """Which words of a question say what it is about: no stop words.

    What is typed in capitals among others is a name ("US coast"), but for operators of searches.
    """
    shouts = len(words) > _FEW and all(map(str.isupper, words))
    return [
        word != PLUS_PLUS
        and (
            word.lower() not in STOP_WORDS
            or (len(word) > 1 and word.isupper() and word not in _OPERATORS and not shouts)
        )
        for word in words
    ]


def words_of(text: str, *, names: bool = False) -> list[str]:
    """The words of a text in plain letters; in `names` initials stay apart."""
    return WORD.findall(plain(text, names=names))


def is_unspaced_pair(terms: Sequence[str]) -> bool:
    """True for letters of a script without spaces."""
    return all(map(is_unspaced, terms))


def closed_forms(text: str) -> list[str]:
    """The compounds of a text in plain letters that are written with hyphens, closed up.

    Of one with more than two parts any two neighbours are closed up too.
    """
    if "-" not in text:
        return []
    found: list[str] = []
    for part in text.split():
        if "-" in part:
            for compound in _COMPOUND.findall(part):
                parts = compound.split("-")
                found.append(closed(parts))
                if len(parts) > 2:
                    found += [closed(parts[at : at + 2]) for at in range(len(parts) - 1)]
    return [one for one in found if one]
