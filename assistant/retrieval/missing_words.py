"""The content words of a claim that a text has in no form, in phrases as the claim has them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from assistant.query.question import asking_terms
from assistant.text.foreign_names import is_acronym_of
from assistant.text.words import STOP_WORDS, is_figure, stem, terms
from store.pattern import pattern

_WORD = pattern(r"[^\W_]+")
_BEGINNING = 5
"""Letters of a stem by which a form of a word is found: "retriev", "retrieval"."""

_NAMED = 3


def missing_phrases(claim: str, text: str, is_named: Callable[[str], bool] = lambda _: True) -> str:
    """Up to three phrases of words that stand in a text in no form; empty where all stand there.

    Forms are those of the stem, compounds, and acronyms for their words. `is_named` chooses
    among the terms; words of asking ("paper", "method") and numbers are never named.
    """
    squeezed = _squeezed(text)
    words = list(_WORD.finditer(claim))
    lost = [
        at
        for at, match in enumerate(words)
        if _is_telling(match[0]) and not _stands(match[0], squeezed, text)
    ]
    spelt = _spelt_out([one[0] for one in words], text) if lost else ()
    phrases: list[list[int]] = []
    end = -2
    for at in lost:
        match = words[at]
        if at in spelt or not all(map(is_named, terms(match[0]))):
            continue
        start = match.start()
        if phrases and claim[end:start].strip(" -‐‑") == "" and end >= 0:
            phrases[-1][1] = match.end()
        else:
            phrases.append([start, match.end()])
        end = match.end()
    return ", ".join(claim[start:end] for start, end in phrases[:_NAMED])


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
