"""What of a question is looked up in the word index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from store.lexical.alternatives import closed
from store.lexical.plain_text import PLUS_PLUS, WORD, is_unspaced, plain
from store.lexical.stopwords import STOP_WORDS
from store.pattern import pattern

SPACED = 0.5
"""How much two neighbouring words count when a paper has them as one word."""
_COMPOUND = pattern(r"(?<![^\W_])[^\W_]+(?:(?:-[^\W_]+)+(?: plusplus)?| plusplus)")


@dataclass(frozen=True)
class QueryTerms:
    """What of a question is looked up, with counts, and the word that each stem came from.

    `pairs` are neighbouring words, `compounds` those written with a hyphen, as the terms of their
    parts; `closed` are the words that both are when they are closed up, with what these count.
    """

    stems: Mapping[str, int]
    pairs: Mapping[tuple[str, str], int]
    compounds: Mapping[tuple[str, ...], int]
    closed: Mapping[str, float]
    words: Mapping[str, str]


class QueryReader:
    """Turns a question into the terms that are looked up; `term` is that of one word."""

    def __init__(self, term: Callable[[str], str]) -> None:
        self._term = term

    def __call__(self, text: str) -> QueryTerms:
        """The terms of a question; stop words are out unless there is nothing else."""
        text = plain(text)
        words = WORD.findall(text)
        telling = list(map(_tells, words))
        terms = [self._term(word) for word in words]
        all_tell = not any(telling)
        stems: Counter[str] = Counter()
        named: dict[str, str] = {}
        for word, term, tells in zip(words, terms, telling, strict=True):
            if term and (tells or all_tell):
                stems[term] += 1
                named.setdefault(term, word)
        pairs: Counter[tuple[str, str]] = Counter()
        whole: dict[str, float] = {}
        for at in range(len(words) - 1):
            if telling[at] and telling[at + 1] and terms[at] and terms[at + 1]:
                pairs[terms[at], terms[at + 1]] += 1
                whole[closed(words[at : at + 2])] = SPACED
        compounds: Counter[tuple[str, ...]] = Counter()
        for found in _COMPOUND.findall(text):
            written = WORD.findall(found)
            parts = tuple(filter(None, map(self._term, written)))
            if len(parts) > 1:
                compounds[parts] += 1
            whole[closed(written)] = 1.0
        whole.pop("", None)
        return QueryTerms(stems, pairs, compounds, whole, named)


def query_words(text: str) -> list[str]:
    """The words of a question that are looked up: no stop words unless nothing else is there."""
    words = words_of(text)
    return list(filter(_tells, words)) or words


def _tells(word: str) -> bool:
    return word != PLUS_PLUS and word.lower() not in STOP_WORDS


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
