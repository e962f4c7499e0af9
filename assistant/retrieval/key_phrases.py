"""Phrases that many papers of a collection have in their titles: what it is about, in its words."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from assistant.query.question import asking_terms
from assistant.text.words import STOP_WORDS, is_figure, is_name, stem
from store.pattern import pattern

MOST_WORDS = 4
"""Words of the longest phrase: longer ones are whole titles."""
_WORD = pattern(r"[^\W_]+(?:['’\-‐‑–+.][^\W_]+)*")
_JOINT = pattern(r"[^\W_]+")
_LEAST_OWN = 0.5
"""The share of a phrase's titles that no phrase before it has."""


@dataclass(frozen=True)
class KeyPhrase:
    """A phrase as most titles write it, and the places of the titles that hold it."""

    text: str
    titles: frozenset[int]


def key_phrases(titles: Sequence[str]) -> tuple[KeyPhrase, ...]:
    """The phrases of two to four words in titles: those that titles share, the most telling first,
    then those of single ones.

    A phrase stands between two stop words or marks (RAKE, Rose et al. 2010). It tells as much as
    its C-value (Frantzi et al. 2000): the titles that hold it, without those where it is a part
    of a longer one, times the logarithm of its words. What mostly stands in titles of a phrase
    before it is left out.
    """
    holding: defaultdict[tuple[str, ...], set[int]] = defaultdict(set)
    written: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for at, title in enumerate(titles):
        for words in _phrases(title):
            terms = tuple(stem(word.lower()) for word in words)
            holding[terms].add(at)
            written[terms][" ".join(words)] += 1
    longer: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for terms, found in holding.items():
        if len(found) > 1:
            for part in {*_parts(terms)} - {terms}:
                longer[part].append(len(found))

    def telling(terms: tuple[str, ...]) -> tuple[bool, float]:
        """Whether titles share it, and its C-value."""
        number, inside = len(holding[terms]), longer[terms]
        own = number - (sum(inside) / len(inside) if inside else 0.0)
        return number > 1, own * math.log2(len(terms))

    ranked = sorted(sorted(holding), key=telling, reverse=True)
    return tuple(_unlike(KeyPhrase(_form(written[one]), frozenset(holding[one])) for one in ranked))


def _phrases(title: str) -> Iterator[tuple[str, ...]]:
    """All phrases that may be told of, as they are written."""
    for run in _runs(title):
        yield from (part for part in _parts(run) if _may_tell(part))


def _runs(title: str) -> Iterator[tuple[str, ...]]:
    """The words between stop words and marks."""
    run: list[str] = []
    end = 0
    for match in _WORD.finditer(title):
        if run and title[end : match.start()] != " ":
            yield tuple(run)
            run = []
        end = match.end()
        if match[0].lower() not in STOP_WORDS:
            run.append(match[0])
        elif run:
            yield tuple(run)
            run = []
    if run:
        yield tuple(run)


def _parts(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for start in range(len(words)):
        for end in range(start + 2, min(start + MOST_WORDS, len(words)) + 1):
            yield words[start:end]


def _may_tell(words: Sequence[str]) -> bool:
    """False for a phrase with a number, or with a word of asking at an end: "new method"."""
    if any(is_figure(one) for one in words):
        return False
    return all(stem(one.lower()) not in asking_terms() for one in (words[0], words[-1]))


def _form(forms: Counter[str]) -> str:
    """A phrase as most titles write it; capitals of a headline are none of its own."""
    form = min(forms, key=lambda one: (-forms[one], -len(one), one))
    return _JOINT.sub(lambda part: part[0] if is_name(part[0]) else part[0].lower(), form)


def _unlike(phrases: Iterable[KeyPhrase]) -> Iterator[KeyPhrase]:
    """Those whose titles are mostly not of a phrase before them."""
    told: set[int] = set()
    for one in phrases:
        if len(one.titles - told) >= _LEAST_OWN * len(one.titles):
            told |= one.titles
            yield one
