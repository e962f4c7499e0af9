"""Other ways to write a word or a phrase: other spellings, parts closed up, and taken apart.

What is asked is held against what papers have: of all ways that letters allow few are known.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from store.lexical.plain_text import is_unspaced
from store.lexical.spelling import spellings
from store.lexical.stopwords import STOP_WORDS

MOST_READINGS = 32
"""Most ways in which one phrase is looked for."""
_MOST_WORDS = 64  # words of a phrase that is looked for in several ways
_LONGEST = 40  # letters of a closed compound
_MOST_JOINED, _MOST_PARTS = 3, 4
_LEAST = 5  # letters of a word that is taken apart between two letters

Terms = tuple[str, ...]


@dataclass(frozen=True)
class Vocabulary:
    """What papers have: `term` of a word (empty for none), whether a word is `known`, and whether
    it is `joined`, that is, written with a hyphen somewhere.
    """

    term: Callable[[str], str]
    known: Callable[[str], bool]
    joined: Callable[[str], bool]

    def other_spellings(self, word: str) -> list[str]:
        """The terms of a word's other spellings that papers have."""
        own = self.term(word)
        found = (self.term(one) for one in spellings(word.lower())[1:] if self.known(one))
        return [one for one in dict.fromkeys(found) if one != own]

    def parts(self, word: str) -> list[Terms]:
        """The terms of the parts that a closed compound may be taken into: "il6" is il and 6."""
        return [tuple(map(self.term, parts)) for parts in self.splits(word)]

    def splits(self, word: str) -> list[tuple[str, ...]]:
        """The parts that a closed compound may be taken into, as words in lower case."""
        low = word.lower()
        if len(low) > _LONGEST or low in STOP_WORDS or not (low.isascii() and low.isalnum()):
            return []
        return [*_splits(low, self.known, loose=self.joined(low), most=_MOST_PARTS)]

    def readings(self, words: Sequence[str]) -> list[Terms]:
        """The ways in which words that stand together may be written, as terms."""
        if len(words) > _MOST_WORDS:
            own = tuple(filter(None, map(self.term, words)))
            return [own] if own else []
        found: list[Terms] = []
        for one in self._readings(words, 0):
            if one and one not in found:
                found.append(one)
            if len(found) == MOST_READINGS:
                break
        return found

    def _readings(self, words: Sequence[str], at: int) -> Iterator[Terms]:
        if at == len(words):
            yield ()
            return
        for terms, size in self._heads(words, at):
            for rest in self._readings(words, at + size):
                yield (*terms, *rest)

    def _heads(self, words: Sequence[str], at: int) -> Iterator[tuple[Terms, int]]:
        """What may stand for the next words, and for how many of them."""
        own = self.term(words[at])
        yield ((own,) if own else ()), 1
        for other in self.other_spellings(words[at]):
            yield (other,), 1
        for size in range(2, _MOST_JOINED + 1):
            whole = closed(words[at : at + size]) if at + size <= len(words) else ""
            if whole:
                if self.known(whole):
                    yield (self.term(whole),), size
                for other in self.other_spellings(whole):
                    yield (other,), size
        for parts in self.parts(words[at]):
            yield parts, 1


def closed(parts: Sequence[str]) -> str:
    """The parts of a compound as one word; empty where they are none: numbers in a row."""
    for left, right in itertools.pairwise(parts):
        if (left[-1].isdigit() and right[0].isdigit()) or is_unspaced(left) or is_unspaced(right):
            return ""
    whole = "".join(parts)
    return whole if len(whole) <= _LONGEST else ""


def _splits(
    word: str, known: Callable[[str], bool], *, loose: bool, most: int
) -> Iterator[tuple[str, ...]]:
    """The known parts that a word may be made of, two to `most`.

    Function words and single letters are parts only where it is `loose`: papers write it with
    a hyphen. A letter and a digit always may part.
    """
    for at in range(1, len(word)):
        left, right = word[:at], word[at:]
        if left[-1].isdigit() and right[0].isdigit():
            continue
        is_border = left[-1].isdigit() != right[0].isdigit()
        if not (is_border or loose or _may_part(word, left, right)) or not known(left):
            continue
        if known(right):
            yield left, right
        if most > 2:
            for rest in _splits(right, known, loose=loose, most=most - 1):
                yield left, *rest


def _may_part(word: str, left: str, right: str) -> bool:
    return (
        len(word) >= _LEAST
        and min(len(left), len(right)) > 1
        and left not in STOP_WORDS
        and right not in STOP_WORDS
    )
