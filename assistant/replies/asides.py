"""Telling what a reply says to its reader from what it says of the papers.

"Sure, here is what I found" and "I hope this helps" are no claims: nothing of them can be found
in a source. Phrases cannot be listed, models have too many. What such a sentence has in common is
that it cites nothing, stands at an end of the reply and brings nothing of the evidence: no word
beyond the question's, no number, no name. Then it is one if it speaks to the reader, or of the
reply itself, or is nearer in meaning to what people say around answers than to the evidence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache, cached_property
from typing import TYPE_CHECKING

from assistant.query.question import asking_terms, named_words
from assistant.text.words import is_figure, terms
from assistant.types.citations import DraftClaim
from assistant.types.evidence import Evidence
from store.pattern import pattern
from store.tables import read_table

if TYPE_CHECKING:
    from store.embedders.wordllama import WordLlama

NEARER = 0.2
"""By so much a sentence must be nearer in cosine to what people say around an answer than to the
evidence, by the built-in embedder. No statement of 80 comes above .165. Of 75 openings and
closings all but 10 are told: a needless mark on one of these harms less than a statement lost."""

_TO_READER = pattern(r"\b(?:I|me|my|myself|you|your|yours|yourself|let['’]s)\b", re.IGNORECASE)
_OF_REPLY = pattern(
    r"\b(?:answers?|questions?|repl(?:y|ies)|responses?|below|above)\b"
    r"|\bhere(?:['’]s| is| are)\b|\?\W*$",
    re.IGNORECASE,
)
_ONE = "one"
"""The number word that is mostly none."""

_THEMSELVES = frozenset({"i", "ai"})
"""How models name themselves."""

_MOST_COMPARED = 300

Nearness = Callable[[str, Sequence[str], Sequence[str]], "float | None"]
"""By how much a text is nearer to some than to others; None where nothing can tell."""


class Asides:
    """Tells the asides of replies to one question from one evidence."""

    def __init__(self, evidence: Evidence, question: str, nearness: Nearness | None = None) -> None:
        self._evidence = evidence
        self._question = question
        self._nearness = nearness or built_in_nearness

    def settled(
        self, drafts: Sequence[DraftClaim], *, is_first: bool = True
    ) -> tuple[tuple[DraftClaim, ...], tuple[DraftClaim, ...]]:
        """The claims without those at both ends that are none; and those at the end.

        Of a reply that goes on the latter are not decided yet: they are to stand before what
        comes. Without `is_first` the claims do not begin the reply.
        """
        first, last = 0, len(drafts)
        while is_first and first < last and self._is_one(drafts[first]):
            first += 1
        while last > first and self._is_one(drafts[last - 1]):
            last -= 1
        return tuple(drafts[first:last]), tuple(drafts[last:])

    def _is_one(self, draft: DraftClaim) -> bool:
        return not draft.addresses and not draft.unknown and self.is_aside(draft.text)

    def is_aside(self, said: str) -> bool:
        """True for a sentence that says nothing of the papers or of what is asked."""
        own = {one for one in terms(said) if one not in asking_terms()}
        if own & (self.known - self.asked) or any(map(is_figure, own - {_ONE})):
            return False
        if not {name.lower() for name in named_words(said)} <= self._names:
            return False
        if _TO_READER.search(said) or _OF_REPLY.search(said):
            return True
        if own & self.asked:
            return False
        if said.rstrip().endswith("!"):
            return True
        nearer = self._nearness(said, spoken_around_answers(), self._texts)
        return nearer is not None and nearer >= NEARER

    @cached_property
    def _texts(self) -> tuple[str, ...]:
        sentences = [one.text for source in self._evidence.sources for one in source.sentences]
        return (self._question, *sentences[:_MOST_COMPARED])

    @cached_property
    def known(self) -> frozenset[str]:
        """The terms of the sources and of the question."""
        return frozenset(term for text in self._texts for term in terms(text))

    @cached_property
    def asked(self) -> frozenset[str]:
        """The terms that say what the question is about."""
        return frozenset(terms(self._question)) - asking_terms()

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(word.lower() for word in named_words(f"x {self._question}")) | _THEMSELVES


@cache
def spoken_around_answers() -> tuple[str, ...]:
    """What people say around an answer."""
    return tuple(read_table(__file__, "asides.toml")["spoken"].split("\n")[1:-1])


@cache
def _embedder() -> WordLlama | None:
    from store.embedders.wordllama import built_in_embedder

    return built_in_embedder()


def built_in_nearness(text: str, some: Sequence[str], others: Sequence[str]) -> float | None:
    """By how much a text is nearer to some texts than to others, whatever the library embeds by."""
    embedder = _embedder()
    if embedder is None:
        return None
    vectors = embedder.embed([text, *some, *others])
    cosines = vectors[1:] @ vectors[0]
    return float(cosines[: len(some)].max() - cosines[len(some) :].max())
