"""Where a text turns something round: negations, opposites by prefix, contrasts, directions.

A negation holds for the next content words of its sentence. Words are compared by the first
letters of their stems. The words are in polarity.toml.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

from assistant.text.directions import (
    ENDS,
    Direction,
    directions,
    is_directed,
    is_without_object,
)
from assistant.text.words import STOP_WORDS, stem
from store.pattern import pattern
from store.tables import read_table

_TABLE = read_table(__file__, "polarity.toml")
_CUES = frozenset(_TABLE["cues"].split())
_SOFT_CUES = frozenset(_TABLE["soft_cues"].split())
_NEGATIVE = frozenset(_TABLE["negative"].split())
_AFTER = frozenset(_TABLE["after"].split())
LOOSENED = frozenset(_TABLE["loosened"].split())
SURE = frozenset(_TABLE["sure"].split())
HEDGES = frozenset(_TABLE["hedges"].split())
_PLAIN_PREFIXES = tuple(_TABLE["plain_prefixes"].split())
_TURNING = ("dis", "in", "im", "ir")
_PREFIXES = (*_PLAIN_PREFIXES, *_TURNING)
_NOUNS = frozenset(("cause", "causes", "guarantee", "guarantees"))
_NOT_TURNED = frozenset(_TABLE["not_turned"].split())

_WORD = pattern(r"[^\W_]+|[.,;:!?](?=\s|\Z)")
_NOT = pattern(r"n['’]t\b|\bcannot\b")
_NON = pattern(r"\bnon[-‐‑ ](?=\w)")
_LOSING = pattern(
    r"\b(?:los(?:es?|ing) to|lost to|fall(?:s|ing)? (?:short of|below|behind)"
    r"|fell (?:short of|below|behind)|lag(?:s|ged|ging)? behind)\b"
)
_IN_PART = frozenset(("most", "least", "all", "every", "each"))
_BUT = frozenset(("but", "if", "or", "whether", "though"))
_JOINS = frozenset(("and", "but", "while", "whereas", "because"))
FAILING = frozenset(_TABLE["failing"].split())
_LETTERS = 6
"""Letters of a stem that are compared: "adaptation", "adaptive"."""

_SCOPE, _SCOPE_OF_SOURCE, _SCOPE_BEFORE = 3, 4, 3
"""Content words that a negation of a claim holds for, one of a source, and one behind them."""

_REACH = 7
"""Words within which they stand."""

_NEAR = 4
"""Content words on either side of a direction that tell what it is about."""

_DEGREES = frozenset(("more", "less"))
_SHORTEST_REST = 5


@lru_cache(maxsize=1 << 15)
def _key(word: str) -> str:
    """What a content word is compared by; empty for others, and for numbers."""
    if len(word) < 3 or word in STOP_WORDS or word in _CUES or word[0].isdigit():
        return ""
    return stem(word)[:_LETTERS]


@cache
def _opposites() -> Mapping[str, str]:
    """The stems of words that a prefix turns, each with the key of the word that it turns."""
    words = _TABLE["opposites"].split()
    return {
        stem(word): _key(next(word[len(one) :] for one in _TURNING if word.startswith(one)))
        for word in words
    }


@lru_cache(maxsize=1 << 15)
def _turned(word: str) -> str:
    """The key of the word that a prefix turns: that of "supervised" for "unsupervised"."""
    for prefix in _PLAIN_PREFIXES:
        rest = word[len(prefix) :]
        if word.startswith(prefix) and len(rest) >= _SHORTEST_REST and word not in _NOT_TURNED:
            return "" if rest.startswith("der") else _key(rest)
    return _opposites().get(stem(word), "")


@cache
def _kinds() -> Mapping[str, tuple[int, int]]:
    """The words of contrasted kinds: pair, and side of it."""
    return {
        word: (pair, side)
        for pair, sides in enumerate(_TABLE["contrasts"])
        for side, words in enumerate(sides)
        for word in words.split()
    }


@dataclass(frozen=True)
class Reading:
    """A text cut in lower-case words and the ends of sentences, with what its rules ask for."""

    words: tuple[str, ...]

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The key of each word; empty for words without content."""
        return tuple(map(_key, self.words))

    @cached_property
    def all_words(self) -> frozenset[str]:
        """The words, each once."""
        return frozenset(self.words)

    @cached_property
    def all_keys(self) -> frozenset[str]:
        """The keys, each once."""
        return frozenset(filter(None, self.keys))

    def word_of(self, key: str) -> str:
        """The first word that has a key of this text."""
        return self.words[self.keys.index(key)]

    @cached_property
    def turned(self) -> Mapping[str, str]:
        """The keys of words that prefixes turn, each with the whole word."""
        return {key: word for word in self.words if (key := _turned(word))}

    @cached_property
    def scopes(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Each negation with the places of the words that it holds for."""
        found = []
        for at, word in enumerate(self.words):
            if word not in _CUES or self._is_loosened(at):
                continue
            places = self._places(at, 1, _SCOPE, ends=ENDS | _JOINS)
            if places and _IN_PART.isdisjoint(self.words[at : places[-1]]):
                found.append((word, places))
        return tuple(found)

    @cached_property
    def is_negative(self) -> bool:
        """True where anything may turn something round, in whatever form."""
        cues = (at for at, word in enumerate(self.words) if word in _CUES)
        return self.is_softened or not all(map(self._is_loosened, cues))

    @cached_property
    def takes_away(self) -> bool:
        """True where something is denied or left out, whatever gets more or less of it."""
        return any(
            (word in _CUES or word in _SOFT_CUES) and not is_directed(word) for word in self.words
        )

    @cached_property
    def is_softened(self) -> bool:
        """True where something else than a negation may: "impossible", "only", "exemplar-free"."""
        softened = not self.all_words.isdisjoint(_SOFT_CUES | _AFTER - _CUES | _NEGATIVE)
        return softened or bool(self.turned) or any(one.endswith("less") for one in self.words)

    def turns(self, keys: Set[str]) -> bool:
        """True where a prefix turns a word of one of the keys: "inaccessible"."""
        return any(
            word.startswith(prefix) and word[len(prefix) :].startswith(tuple(keys))
            for word in self.words
            for prefix in _PREFIXES
        )

    def is_noun(self, at: int) -> bool:
        """True for "cause" and "guarantee" without an object."""
        return self.words[at] in _NOUNS and is_without_object(self.words, at)

    @cached_property
    def negated(self) -> frozenset[int]:
        """The places that any negation may hold for, however it is written."""
        found: set[int] = set()
        for at, word in enumerate(self.words):
            if word in _CUES or word in _SOFT_CUES:
                found.update(self._places(at, 1, _SCOPE_OF_SOURCE))
            if word in _AFTER:
                found.update(self._places(at, -1, _SCOPE_BEFORE))
        return frozenset(found)

    @cached_property
    def negated_keys(self) -> frozenset[str]:
        """The keys that a negation or a prefix may hold for."""
        return frozenset(self.keys[at] for at in self.negated) | self.turned.keys()

    @cached_property
    def plain_keys(self) -> frozenset[str]:
        """The keys of words that no negation holds for."""
        plain = (key for at, key in enumerate(self.keys) if at not in self.negated)
        return frozenset(filter(None, plain))

    @cached_property
    def kinds(self) -> Mapping[tuple[int, str], dict[int, str]]:
        """Contrasted kinds that are not negated, by pair and word beside them: side and word."""
        found: dict[tuple[int, str], dict[int, str]] = defaultdict(dict)
        known = _kinds()
        for at, word in enumerate(self.words):
            if word in known and at not in self.negated:
                pair, side = known[word]
                for step in (-1, 1):
                    for place in self._places(at, step, 1, reach=2):
                        found[pair, self.keys[place]][side] = word
        return found

    @cached_property
    def nearest(self) -> Mapping[str, tuple[Direction, ...]]:
        """Content words, each with the directions that are nearest to it.

        A direction is about what follows it, and about what stands before it only where no
        object follows: "recall is higher than", "recall improves by". "More" is about one word.
        """
        nearest: dict[str, tuple[int, tuple[Direction, ...]]] = {}
        for at, one in self.directions.items():
            most = 1 if one.word in _DEGREES else _NEAR
            for step in (1, -1) if is_without_object(self.words, at) else (1,):
                for place in self._places(at, step, most, skipped=self.directions, reach=4 * _NEAR):
                    key, far = self.keys[place], abs(place - at)
                    best, found = nearest.get(key, (far, ()))
                    if far <= best:
                        nearest[key] = far, ((*found, one) if far == best else (one,))
        return {key: found for key, (_, found) in nearest.items()}

    @cached_property
    def directions(self) -> Mapping[int, Direction]:
        """The directions by their places."""
        return directions(self.words, self.keys)

    def _is_loosened(self, at: int) -> bool:
        """True for what turns nothing round: "not only", "but not the others"."""
        following = self.words[at + 1] if at + 1 < len(self.words) else ""
        return following in LOOSENED or (at > 0 and self.words[at - 1] in _BUT)

    def _places(
        self,
        at: int,
        step: int,
        most: int,
        *,
        skipped: Mapping[int, object] | None = None,
        reach: int = _REACH,
        ends: Set[str] = ENDS,
    ) -> tuple[int, ...]:
        """The places of the next content words of a sentence, in one direction."""
        found: list[int] = []
        for place in range(at + step, at + step * (reach + 1), step):
            if not 0 <= place < len(self.words) or self.words[place] in ends:
                break
            if self.keys[place] and not (skipped and place in skipped):
                found.append(place)
                if len(found) == most:
                    break
        return tuple(found)


@lru_cache(maxsize=1 << 9)
def read(text: str) -> Reading:
    """Read a text; "n't" is "not", and "non-" is part of its word."""
    low = _NON.sub("non", _NOT.sub(" not", text.lower()))
    return Reading(tuple(_WORD.findall(_LOSING.sub("underperforms", low))))
