"""The writings of a question's words that papers have, and in how many: what is then ranked by."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Protocol

from store.lexical.alternatives import Vocabulary
from store.lexical.fields import PaperTerms
from store.lexical.question import QueryTerms

SPACED = 0.5
"""How much two neighbouring words count when a paper has them as one word."""

COMPOUND_BOOST = 0.2
"""How much a word written with hyphens counts as a whole, beside its parts, at least."""

_VARIED_AT_MOST = 256  # distinct words of a question that are looked up in all writings
_KEPT = 1 << 14  # words whose writings are kept


class Counts(Protocol):
    """How many papers hold what."""

    def total(self) -> int:
        """How many papers there are."""
        ...

    def frequency(self, field: str, term: str) -> int:
        """How many papers hold a term in a field."""
        ...

    def together(self, terms: Sequence[str]) -> int:
        """How many papers hold terms one after another in the text."""
        ...


@dataclass(frozen=True)
class Way:
    """One writing of a word: the terms that stand for it in a field, in how many papers."""

    field: str
    terms: tuple[str, ...]
    papers: int
    weight: float = 1.0
    """What it counts of what its word counts: parts that count for themselves need less."""

    @property
    def is_apart(self) -> bool:
        """True where its parts stand apart, with a hyphen or a space between them."""
        return self.field == "closed" or len(self.terms) > 1


@dataclass(frozen=True)
class Sought:
    """A word that is looked up in all its writings, the first as it was typed, or a compound."""

    word: str
    number: float
    ways: tuple[Way, ...]
    papers: int
    """In how many papers it is, at most."""
    share: float = 0.0
    """How much of the question it is, where it is a compound that papers write with hyphens."""

    @property
    def terms(self) -> tuple[str, ...]:
        """The terms that stand for it as one word."""
        return tuple(dict.fromkeys(way.terms[0] for way in self.ways if len(way.terms) == 1))

    def occurrences(self, paper: PaperTerms) -> int:
        """How often a paper has it; what stands there with a hyphen is not counted twice."""
        apart = [paper.occurrences(way.field, way.terms) for way in self.ways if way.is_apart]
        whole = sum(paper.counts["text"][way.terms[0]] for way in self.ways if not way.is_apart)
        return whole + max(apart, default=0)


def _is_compound(ways: Sequence[Way]) -> bool:
    """True for a closed word that more papers write with hyphens, by its ways."""
    return sum(way.papers for way in ways if way.field == "closed") > ways[0].papers


class Writings:
    """The writings of words that papers have; each word is looked up once."""

    def __init__(self, vocabulary: Vocabulary, counts: Counts) -> None:
        self._vocabulary = vocabulary
        self._counts = counts
        self._known: dict[tuple[str, str], tuple[Way, ...]] = {}
        self._closed: dict[str, tuple[Way, ...]] = {}

    def sought(self, asked: QueryTerms) -> list[Sought]:
        """The words of a question, and closed compounds of it that papers have, in all writings."""
        found = []
        for at, (stem, number) in enumerate(asked.stems.items()):
            varied = at < _VARIED_AT_MOST
            ways = self._of(asked.words[stem], stem) if varied else (self._way("text", stem),)
            share = asked.share([stem]) if _is_compound(ways) else 0.0
            found.append(self._sought(asked.words[stem], number, ways, share))
        for word in islice(asked.closed, _VARIED_AT_MOST):
            if self._vocabulary.term(word) not in asked.stems and (ways := self._of_closed(word)):
                found.append(self._sought(word, SPACED, ways))
        for parts, word in islice(asked.compounds.items(), _VARIED_AT_MOST):
            if self._vocabulary.term(word) not in asked.stems:
                found += self._of_compound(asked, parts, word)
        return found

    def papers(self, word: str, stem: str) -> int:
        """In how many papers a word of plain letters occurs in any of its writings."""
        return self._sought(word, 1, self._of(word, stem)).papers

    def _sought(
        self, word: str, number: float, ways: tuple[Way, ...], share: float = 0.0
    ) -> Sought:
        papers = min(sum(way.papers for way in ways), self._counts.total())
        return Sought(word, number, ways, papers, share)

    def _way(self, field: str, term: str) -> Way:
        return Way(field, (term,), self._counts.frequency(field, term))

    def _of(self, word: str, stem: str) -> tuple[Way, ...]:
        """The ways of a word of a question; the first is its own, even if no paper has it."""
        found = self._known.get((word, stem))
        if found is None:
            found = self._looked_up(word, stem)
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[word, stem] = found
        return found

    def _looked_up(self, word: str, stem: str) -> tuple[Way, ...]:
        terms = [stem, *self._vocabulary.other_spellings(word)]
        ways = [self._way("text", one) for one in terms]
        hyphenated = [self._way("closed", one) for one in terms]
        hyphenated = [way for way in hyphenated if way.papers]
        ways += hyphenated
        # A word that papers have as it is, and never with a hyphen, is no compound.
        if hyphenated or not ways[0].papers or not (word.isalpha() or word.isdigit()):
            for parts in dict.fromkeys(self._vocabulary.parts(word)):
                ways.append(Way("text", parts, self._counts.together(parts)))
        return (ways[0], *(way for way in ways[1:] if way.papers))

    def _of_compound(
        self, asked: QueryTerms, parts: tuple[str, ...], word: str
    ) -> Iterator[Sought]:
        """A word with hyphens, closed up and in its parts, where papers have it."""
        ways = self._of_closed(word) if word else ()
        apart = Way("text", parts, self._together(parts))
        if apart.papers:
            papers = min(sum(way.papers for way in (*ways, apart)), self._counts.total())
            ways = (*ways, replace(apart, weight=self._beside_parts(asked, parts, papers)))
        if ways:
            name = word or "-".join(asked.words.get(one, one) for one in parts)
            yield self._sought(name, 1.0, ways, asked.share(parts))

    def _together(self, parts: Sequence[str]) -> int:
        """In how many papers terms stand one after another; what one of them lacks, all lack."""
        held = all(self._counts.frequency("text", one) for one in parts)
        return self._counts.together(parts) if held else 0

    def _beside_parts(self, asked: QueryTerms, parts: Sequence[str], papers: int) -> float:
        """What a compound counts as a whole beside its parts, as a share of what one word does.

        The more of the question it is, the more; and never less than its parts leave open: in
        "only-train-once" two are function words, which count nothing.
        """
        total = self._counts.total()
        telling = [self._counts.frequency("text", one) for one in parts if one in asked.stems]
        left = 1.0 - sum(idf(one, total) for one in telling) / idf(papers, total)
        return max(COMPOUND_BOOST, left, asked.share(parts))

    def _of_closed(self, word: str) -> tuple[Way, ...]:
        """The ways of a compound that a question may have in parts."""
        found = self._closed.get(word)
        if found is None:
            term = self._vocabulary.term(word)
            terms = [term, *self._vocabulary.other_spellings(word)] if term else []
            found = tuple(way for one in terms if (way := self._way("text", one)).papers)
            if len(self._closed) >= _KEPT:
                self._closed.clear()
            self._closed[word] = found
        return found


def idf(holding: float, total: int) -> float:
    """How telling a term is that so many of all papers hold (as BM25 has it in tantivy)."""
    return math.log(1 + (max(total - holding, 0) + 0.5) / (holding + 0.5))
