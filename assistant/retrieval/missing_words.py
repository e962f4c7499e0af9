"""The content words of a claim that a text has in no form, in phrases as the claim has them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from assistant.query.question import asking_terms
from assistant.text.foreign_names import is_acronym_of
from assistant.text.rare_words import is_rare
from assistant.text.words import STOP_WORDS, Statistics, is_figure, is_name, stem, terms
from store.pattern import pattern

_WORD = pattern(r"[^\W_]+")
_BEGINNING = 5
"""Letters of a stem by which a form of a word is found: "retriev", "retrieval"."""

_NAMED = 3
_OPENING = (
    "a an the its their our this that these those each every any no some both several and or of in"
    " on with without for from by as into over to at between across via through under using"
)
_BEFORE_THINGS = frozenset(_OPENING.split())
"""What a thing is named behind, and no verb or adverb."""

_FEWEST_PAPERS = 50
"""In fewer papers most words are rare."""


def missing_phrases(claim: str, text: str) -> str:
    """Up to three phrases of words that stand in a text in no form; empty where all stand there.

    Forms are those of the stem, compounds, and acronyms for their words; words of asking ("paper",
    "method") and numbers are never named.
    """
    return ", ".join(claim[one.start : one.end] for one in _phrases(claim, text)[:_NAMED])


def missing_things(claim: str, text: str, statistics: Statistics) -> str:
    """Those of them that name a thing: names, and what stands behind an article or preposition.

    There it has two words, or one that is rare in a collection that is large enough to tell. What
    begins a claim is a name where its second word is written as one.
    Other words are mostly the claim's own way to say it.
    """
    statistics.learn(claim)

    def is_thing(words: Sequence[str]) -> bool:
        found = terms(words[0])
        return len(words) > 1 or all(is_rare(one, statistics, _FEWEST_PAPERS) for one in found)

    found = [
        claim[one.start : one.end]
        for one in _phrases(claim, text)
        if any(map(is_name, one.words))
        or (one.before in _BEFORE_THINGS and is_thing(one.words))
        or (not one.before and len(one.words) > 1 and one.words[1][0].isupper())
    ]
    return ", ".join(found[:_NAMED])


class _Phrase(NamedTuple):
    """Words of a claim that follow one another, from `start` to `end`, and the word before."""

    start: int
    end: int
    before: str
    words: tuple[str, ...]


def _phrases(claim: str, text: str) -> list[_Phrase]:
    squeezed = _squeezed(text)
    words = list(_WORD.finditer(claim))
    lost = [
        at
        for at, match in enumerate(words)
        if _is_telling(match[0]) and not _stands(match[0], squeezed, text)
    ]
    spelt = _spelt_out([one[0] for one in words], text) if lost else ()
    phrases: list[_Phrase] = []
    for at in lost:
        if at in spelt:
            continue
        start, end = words[at].span()
        last = phrases[-1] if phrases else None
        if last and claim[last.end : start].strip(" -‐‑") == "":
            phrases[-1] = last._replace(end=end, words=(*last.words, words[at][0]))
        else:
            before = words[at - 1][0].lower() if at else ""
            phrases.append(_Phrase(start, end, before, (words[at][0],)))
    return phrases


@lru_cache(maxsize=1 << 6)
def _squeezed(text: str) -> str:
    return re.sub(r"[\W_]", "", text).lower()


@lru_cache(maxsize=1 << 12)
def _is_telling(word: str) -> bool:
    low = word.lower()
    if len(low) < 3 or low in STOP_WORDS or is_figure(low) or word[0].isdigit():
        return False
    return stem(low) not in asking_terms()


def _stands(word: str, squeezed: str, text: str) -> bool:
    beginning = stem(word.lower())[:_BEGINNING]
    return beginning in squeezed or (word[1:] != word[1:].lower() and is_acronym_of(word, text))


def _spelt_out(words: list[str], text: str) -> frozenset[int]:
    """The places of words for which a text has the acronym."""
    initials = "".join(word[0].lower() for word in words)
    found: set[int] = set()
    for acronym in {one.rstrip("s").lower() for one in re.findall(r"\b[A-Z]{2,6}s?\b", text)}:
        at = initials.find(acronym)
        while at >= 0:
            found.update(range(at, at + len(acronym)))
            at = initials.find(acronym, at + 1)
    return frozenset(found)
