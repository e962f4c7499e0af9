"""Words that say that something gets more, less, better or worse, and what they compare.

Words are in lower case, ends of sentences among them; keys are what they are compared by. The
words are in directions.toml.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from assistant.text.words import stem
from store.tables import read_table

_TABLE = read_table(__file__, "directions.toml")
_WORSE = frozenset(_TABLE["worse"].split())
_AGAINST = frozenset(_TABLE["against"].split())
_EXCEEDING = frozenset(map(stem, _TABLE["exceeding"].split()))
ENDS = frozenset(".;:!?")
"""The marks that end a sentence or a part of one."""

_BREAKS = ENDS | frozenset(_TABLE["breaks"].split())
_IT = frozenset(("it", "them", "this", "these", "both"))
_BE = frozenset(("is", "are", "was", "were", "be", "been", "being"))
_NO_OBJECT = ENDS | _BE | frozenset(_TABLE["no_object"].split())
_BESIDE = 2
"""Words on either side that place a direction in a sentence."""


class Direction(NamedTuple):
    """A direction: its word, the next, those beside it, its pairs of opposites with its sides.

    `said_of` are the keys of its clause, but for those `against` which it compares.
    """

    word: str
    following: str
    beside: tuple[str, ...]
    pairs: frozenset[tuple[int, int]]
    said_of: frozenset[str]
    against: frozenset[str]

    def is_opposed(self, other: Direction) -> bool:
        """True for the opposite direction."""
        return any((pair, 1 - side) in other.pairs for pair, side in self.pairs)

    def may_share_object(self, other: Direction) -> bool:
        """True where the same word follows both, or one that stands for it follows the other."""
        return other.following == self.following or other.following in _IT

    def stands_alike(self, other: Direction) -> bool:
        """True where most of what two directions share stands on the same sides of both.

        Where what one says it of and what it compares with have changed places, that decides.
        """
        both = (self.said_of & self.against) | (other.said_of & other.against)
        same = (self.said_of & other.said_of) | (self.against & other.against)
        there, back = self.said_of & other.against, self.against & other.said_of
        if there - both and back - both:
            return False
        return len(same - both) > len((there | back) - both)


def directions(words: Sequence[str], keys: Sequence[str]) -> Mapping[int, Direction]:
    """The directions of a text by their places; "less than 10 %" is a number."""
    known = _pairs()
    found = {}
    for at, word in enumerate(words):
        pairs = known.get(stem(word))
        following, then = (*words[at + 1 : at + 3], ".", ".")[:2]
        if pairs and not (following == "than" and then[0].isdigit()):
            beside = (*words[max(at - _BESIDE, 0) : at], "", *words[at + 1 : at + 1 + _BESIDE])
            found[at] = Direction(word, following, beside, pairs, *_sides(words, keys, at))
    return found


def is_directed(word: str) -> bool:
    """True for a word that says that something gets more, less, better or worse."""
    return word in _WORSE or stem(word) in _pairs()


def is_without_object(words: Sequence[str], at: int) -> bool:
    """True where what follows a word is no object of it."""
    return at + 1 == len(words) or words[at + 1] in _NO_OBJECT


@cache
def _pairs() -> Mapping[str, frozenset[tuple[int, int]]]:
    """Stems of direction words: the pairs they belong to, each with their side of it."""
    found: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for pair, sides in enumerate(_TABLE["directions"]):
        for side, words in enumerate(sides):
            for word in words.split():
                found[stem(word)].add((pair, side))
    return {word: frozenset(pairs) for word, pairs in found.items()}


def _sides(
    words: Sequence[str], keys: Sequence[str], at: int
) -> tuple[frozenset[str], frozenset[str]]:
    """The keys of what a direction is said of, and of what it is compared with."""
    first, last = at, at + 1
    while first and words[first - 1] not in _BREAKS:
        first -= 1
    while last < len(words) and words[last] not in _BREAKS:
        last += 1
    against = _compared(words, first, at, last)
    said_of = {keys[one] for one in range(first, last) if one not in against and one != at}
    return frozenset(said_of - {""}), frozenset(keys[one] for one in against) - {""}


def _compared(words: Sequence[str], first: int, at: int, last: int) -> range:
    """Where in a clause that stands with which a direction compares.

    That is the object of "outperforms", or what follows "than"; in front of a direction it ends
    with a comma.
    """
    if stem(words[at]) in _EXCEEDING:
        is_passive = "by" in words[at + 1 : at + 2] and not _BE.isdisjoint(words[first:at])
        return range(first, at) if is_passive else range(at + 1, last)
    for start in (*range(at + 1, last), *range(first, at)):
        if words[start] in _AGAINST:
            if start > at:
                return range(start, last)
            return range(start, next((one for one in range(start, at) if words[one] == ","), at))
    return range(0)
