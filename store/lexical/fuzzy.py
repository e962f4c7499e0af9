"""Words of the index that an unknown word may have been meant to be; a typing mistake is one edit.

An edit adds, drops or changes a letter, or swaps two neighbours (optimal string alignment).
Words are compared as they are written, not by their stems: a mistake may hide the ending.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Protocol

from store.clean import folded
from store.lexical.stopwords import STOP_WORDS
from store.pattern import pattern

LEAST_LETTERS = 5
"""Shorter words have too many neighbours to guess from."""
TWO_EDITS_FROM = 8
"""Letters of a word in which two mistakes are looked for; in a shorter one the first letter must
be right, or have changed places with the second: "told" was not meant to be "hold"."""
MOST_WORDS = 3
"""Most near words that stand for one that no paper has."""
_RARE = 0.1
"""A near word counts only when it is in this share of as many papers as the most frequent one:
a rare word would outweigh by its rarity the frequent one that was meant."""
_FREQUENT = 20
# A short word has rare neighbours by chance, the more the larger the library: "Merlin", "medlin".
_PAPERS_FOR_ONE_MORE, _ENOUGH = 1000, 5
_SAME_START = 2
_ENDING = 7  # letters of the longest endings that stemming takes off, and two mistakes
_LOOKED_AT = 8  # terms, and below: papers that show how they are written
_PAPERS = 32
_WORD = pattern(r"[^\W_]+")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


Texts = Callable[[Sequence[str]], Iterable[str]]
"""Gives all that the papers with these ids say, as texts."""


class Terms(Protocol):
    """What is asked of the word index."""

    def count(self) -> int:
        """How many papers there are."""
        ...

    def stems(self, text: str) -> list[str]:
        """The terms of a text, in order."""
        ...

    def is_written(self, word: str) -> bool:
        """True for a word that papers hold in any spelling, with hyphens or in parts."""
        ...

    def frequency(self, stem: str) -> int:
        """In how many papers a term occurs, in the field where it is most frequent."""
        ...

    def starting(self, prefix: str) -> dict[str, int]:
        """The terms that begin so, with their frequencies."""
        ...

    def holding(self, stem: str, limit: int) -> list[str]:
        """Ids of some papers that hold a term."""
        ...


def near_words(word: str, terms: Terms, texts: Texts) -> tuple[str, ...]:
    """The nearest words to one that no paper holds, the most frequent first; at most three.

    Empty for a word that is known, short, no plain word, or near nothing. Two edits are looked
    for in words of eight letters and more whose first two letters are right.
    """
    plain = folded(word)
    if not _is_unknown(plain, terms):
        return ()
    once = _one_edit(plain)
    if not STOP_WORDS.isdisjoint(once):
        return ()  # a function word mistyped: it would not be searched for anyway
    if len(plain) < TWO_EDITS_FROM:
        once = {one for one in once if one[0] == plain[0] or one[:2] == plain[1::-1]}
    # In a long word most variants begin as it does: those are looked up here all at once.
    start = plain[:_SAME_START] if len(plain) >= TWO_EDITS_FROM else ""
    beginning = terms.starting(start) if start else {}
    counted: dict[str, int] = {}
    for one in set(terms.stems(" ".join(once))):
        known = start and one.startswith(start)
        if number := beginning.get(one, 0) if known else terms.frequency(one):
            counted[one] = number
    frequent = sorted(counted, key=lambda one: (-counted[one], one))
    near = _written(plain, 1, frequent, terms, texts)
    if not near and frequent and counted[frequent[0]] >= _FREQUENT:
        # So many papers have a word of this stem that one may well be written like this, with
        # an ending. It is shown as they write it: a variant may be no word at all ("fastes").
        form = _form(plain, frequent[0], terms, texts)
        near = {form: frequent[0]} if form else {}
    if len(plain) < TWO_EDITS_FROM:
        enough = min(1 + terms.count() // _PAPERS_FOR_ONE_MORE, _ENOUGH)
        near = {one: stem for one, stem in near.items() if counted[stem] >= enough}
    elif not near:
        counted = near_beginnings(plain, beginning)
        near = _written(plain, 2, list(counted), terms, texts)
    least = max((counted[one] for one in near.values()), default=0) * _RARE
    ranked = sorted(near, key=lambda one: (-counted[near[one]], one))
    return tuple(one for one in ranked if counted[near[one]] >= least)[:MOST_WORDS]


def is_unknown(word: str, terms: Terms) -> bool:
    """True for a plain word, not a short one, that no paper holds."""
    return _is_unknown(folded(word), terms)


def _is_unknown(plain: str, terms: Terms) -> bool:
    if len(plain) < LEAST_LETTERS or not (plain.isascii() and plain.isalpha()):
        return False
    stem = terms.stems(plain)
    if plain in STOP_WORDS or len(stem) != 1 or terms.frequency(stem[0]):
        return False
    return not terms.is_written(plain)


def edits(one: str, other: str, most: int) -> int:
    """How many edits lead from one word to another; more than `most` is `most + 1`."""
    return _distance()(one, other, score_cutoff=most)


@cache
def _distance() -> Callable[..., int]:
    """The distance; its import takes 25 ms, and most queries have no unknown word."""
    from rapidfuzz.distance import OSA

    return OSA.distance


def _one_edit(word: str) -> set[str]:
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    dropped = {left + right[1:] for left, right in cuts if right}
    swapped = {left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1}
    changed = {left + one + right[1:] for left, right in cuts if right for one in _LETTERS}
    added = {left + one + right for left, right in cuts for one in _LETTERS}
    return (dropped | swapped | changed | added) - {word}


def near_beginnings(word: str, counted: Mapping[str, int]) -> dict[str, int]:
    """Stems that are two edits or less from some beginning of a word, with their frequencies.

    The nearest and most frequent come first. A stem ends before the word it stands for, so it is
    compared with beginnings.
    """
    shortest = max(LEAST_LETTERS, len(word) - _ENDING)
    fit = [one for one in counted if shortest <= len(one) <= len(word) + 2]
    beginnings = [word[:length] for length in range(shortest - 2, len(word) + 1)]
    letters = set(word)
    near = sorted(
        (far, -counted[fit[at]], fit[at])
        for at, far in _near(beginnings, fit, 2)
        if len(letters.symmetric_difference(fit[at])) <= _ENDING
    )
    return {stem: -number for _, number, stem in near}


def _near(some: Sequence[str], others: Sequence[str], most: int) -> list[tuple[int, int]]:
    """Which of others are at most so many edits from any of some words; their numbers, how far."""
    import numpy as np
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import cdist

    if not others:
        return []
    table = cdist(some, others, scorer=OSA.distance, score_cutoff=most, dtype=np.uint8)
    least = table.min(axis=0)
    places = np.flatnonzero(least <= most)
    return list(zip(places.tolist(), least[places].tolist(), strict=True))


def _written(
    word: str,
    most: int,
    stems: Sequence[str],
    terms: Terms,
    texts: Texts,
) -> dict[str, str]:
    """Words as papers write them that are no more than `most` edits away, with their stems."""
    looked = stems[:_LOOKED_AT]
    each = _PAPERS // max(len(looked), 1)
    ids = {name for stem in looked for name in terms.holding(stem, each)}
    words = set().union(*(_WORD.findall(folded(text)) for text in texts(sorted(ids))))
    close = [one for one in words if abs(len(one) - len(word)) <= most]
    far = {one: distance for one in close if (distance := edits(word, one, most)) <= most}
    nearest: dict[str, tuple[int, int, str]] = {}
    for one, stem in _stemmed(sorted(far), terms):
        if stem not in looked or (len(word) < TWO_EDITS_FROM and one[0] not in word[:2]):
            continue
        # Of two forms equally near the longer: letters are dropped more often than added.
        candidate = (far[one], -len(one), one)
        nearest[stem] = min(nearest.get(stem, candidate), candidate)
    least = min((distance for distance, _, _ in nearest.values()), default=0)
    return {one: stem for stem, (distance, _, one) in nearest.items() if distance == least}


def _form(word: str, stem: str, terms: Terms, texts: Texts) -> str:
    """The word with this stem that papers write most like a given one; empty for none."""
    written = {
        one
        for text in texts(sorted(terms.holding(stem, _PAPERS)))
        for one in _WORD.findall(folded(text))
        if one[:_SAME_START] == stem[:_SAME_START]
    }
    forms = [one for one, its in _stemmed(sorted(written), terms) if its == stem]
    return min(forms, key=lambda one: (edits(word, one, len(word)), one), default="")


def _stemmed(words: Sequence[str], terms: Terms) -> Iterator[tuple[str, str]]:
    """Words with their stems; those that are no single term are left out."""
    stems = terms.stems(" ".join(words))
    if len(stems) == len(words):
        yield from zip(words, stems, strict=True)
        return
    for one in words:
        alone = terms.stems(one)
        if len(alone) == 1:
            yield one, alone[0]
