"""What a question counts for: its words in all their writings, its pairs and its compounds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

import tantivy

from store.lexical.alternatives import Vocabulary
from store.lexical.fields import PaperTerms
from store.lexical.question import QueryTerms, is_unspaced_pair

TITLE_BOOST = 0.3
AUTHORS_BOOST = 0.5
"""How much a term counts once more in a field, beside 1 in the text. The title's was chosen on
the train claims of SciFact and the dev summaries of SciTLDR: terms weighed over title and
abstract as one text rank better than over each of them alone (nDCG@10 .700 to .692, .822 to
.816)."""

PAIR_BOOST = 0.2
"""How much two neighbouring words of a question count when they stand side by side in a paper.
Chosen as TITLE_BOOST was: .2 gives +.015 on the summaries and nothing on the claims."""

COMPOUND_BOOST = 0.2
"""How much a word written with hyphens counts as a whole, beside its parts."""

_VARIED_AT_MOST = 256  # distinct words of a question that are looked up in all writings
_TYPICAL_WEIGHT = 1.5
_NO_SPREAD = 1e-6
_KEPT = 1 << 14  # words whose writings are kept
_BOOSTS = (("text", 1.0), ("title", TITLE_BOOST), ("authors", AUTHORS_BOOST))
_K1, _B = 1.2, 0.75  # tantivy's own constants of BM25
_LENGTHS = {"text": 190.0, "title": 10.0, "authors": 10.0, "closed": 6.0}


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

    @property
    def is_apart(self) -> bool:
        """True where its parts stand apart, with a hyphen or a space between them."""
        return self.field == "closed" or len(self.terms) > 1


@dataclass(frozen=True)
class Sought:
    """A word that is looked up in all its writings; the first way is as it was typed."""

    word: str
    number: float
    ways: tuple[Way, ...]
    papers: int
    """In how many papers it is, at most."""

    @property
    def terms(self) -> tuple[str, ...]:
        """The terms that stand for it as one word."""
        return tuple(dict.fromkeys(way.terms[0] for way in self.ways if len(way.terms) == 1))

    def occurrences(self, paper: PaperTerms) -> int:
        """How often a paper has it; what stands there with a hyphen is not counted twice."""
        apart = [paper.occurrences(way.field, way.terms) for way in self.ways if way.is_apart]
        whole = sum(paper.counts["text"][way.terms[0]] for way in self.ways if not way.is_apart)
        return whole + max(apart, default=0)


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
            found.append(self._sought(asked.words[stem], number, ways))
        for word, counted in islice(asked.closed.items(), _VARIED_AT_MOST):
            if self._vocabulary.term(word) not in asked.stems and (ways := self._of_closed(word)):
                found.append(self._sought(word, counted, ways))
        return found

    def papers(self, word: str, stem: str) -> int:
        """In how many papers a word of plain letters occurs in any of its writings."""
        return self._sought(word, 1, self._of(word, stem)).papers

    def _sought(self, word: str, number: float, ways: tuple[Way, ...]) -> Sought:
        papers = min(sum(way.papers for way in ways), self._counts.total())
        return Sought(word, number, ways, papers)

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
        hyphened = [self._way("closed", one) for one in terms]
        hyphened = [way for way in hyphened if way.papers]
        ways += hyphened
        # A word that papers have as it is, and never with a hyphen, is no compound.
        if hyphened or not ways[0].papers or not (word.isalpha() or word.isdigit()):
            for parts in dict.fromkeys(self._vocabulary.parts(word)):
                ways.append(Way("text", parts, self._counts.together(parts)))
        return (ways[0], *(way for way in ways[1:] if way.papers))

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


def ranking_query(
    schema: tantivy.Schema, asked: QueryTerms, words: Sequence[Sought], counts: Counts
) -> tantivy.Query:
    """The query that ranks papers by BM25 over words, pairs and compounds."""
    parts = [one for word in words for one in _word_queries(schema, word, counts)]
    parts += _together_queries(schema, asked, counts)
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, one) for one in parts])


def _word_queries(schema: tantivy.Schema, word: Sought, counts: Counts) -> Iterator[tantivy.Query]:
    """A word in each field; of several writings in the text the one that counts most counts."""
    if len(word.ways) == 1:
        yield _boosted(term_or_phrase(schema, "text", word.ways[0].terms), word.number)
    else:
        total = counts.total()
        held = [way for way in word.ways if way.papers]
        weighed = [
            _boosted(
                term_or_phrase(schema, way.field, way.terms),
                word.number * idf(word.papers, total) / _idf_in_tantivy(way, counts),
            )
            for way in held
        ]
        if weighed:
            yield tantivy.Query.disjunction_max_query(weighed)
    for term in word.terms:
        for field, boost in _BOOSTS[1:]:
            if counts.frequency(field, term):
                yield _boosted(term_or_phrase(schema, field, (term,)), boost * word.number)


def _idf_in_tantivy(way: Way, counts: Counts) -> float:
    """By what tantivy weighs a way: a phrase by the sum of its terms."""
    if len(way.terms) == 1:
        return idf(way.papers, counts.total())
    return sum(idf(counts.frequency("text", term), counts.total()) for term in way.terms)


def _together_queries(
    schema: tantivy.Schema, asked: QueryTerms, counts: Counts
) -> Iterator[tantivy.Query]:
    """Pairs and compounds, each weighed as one term by the number of papers that hold it.

    tantivy weighs a phrase by the sum of its terms' idf, too much for two rare words that
    always come together.
    """
    boosts: list[tuple[tuple[str, ...], float]] = [
        (pair, number * (1.0 if is_unspaced_pair(pair) else PAIR_BOOST))
        for pair, number in asked.pairs.items()
    ]
    boosts += [(terms, number * COMPOUND_BOOST) for terms, number in asked.compounds.items()]
    for terms, boost in boosts:
        frequencies = [counts.frequency("text", term) for term in terms]
        if not all(frequencies):
            continue
        holding = counts.together(terms)
        if holding:
            total = counts.total()
            weight = idf(holding, total) / sum(idf(one, total) for one in frequencies)
            yield _boosted(term_or_phrase(schema, "text", terms), boost * weight)


def term_or_phrase(schema: tantivy.Schema, field: str, terms: Sequence[str]) -> tantivy.Query:
    """The papers in which terms stand one after another in a field."""
    if len(terms) == 1:
        # Positions are not needed for one term, and take time to read.
        return tantivy.Query.term_query(schema, field, terms[0], index_option="freq")
    return tantivy.Query.phrase_query(schema, field, list(terms))


def _boosted(query: tantivy.Query, boost: float) -> tantivy.Query:
    return query if boost == 1.0 else tantivy.Query.boost_query(query, boost)


def scores(
    words: Sequence[Sought], papers: Sequence[PaperTerms], counts: Counts
) -> list[tuple[str, float]]:
    """BM25 of papers outside the index: those with a score above 0.

    Lengths are measured against typical ones, for tantivy does not tell its averages,
    and pairs do not count; scores are close to what they will be, not equal.
    """
    total = counts.total()
    found = []
    for paper in papers:
        score = 0.0
        for word in words:
            weights = [
                idf(word.papers, total) * _saturated(paper, way.field, way.terms)
                for way in word.ways
            ]
            score += word.number * max(weights)
            for term in word.terms:
                for field, boost in _BOOSTS[1:]:
                    weight = boost * word.number * idf(counts.frequency(field, term), total)
                    score += weight * _saturated(paper, field, (term,))
        if score > 0:
            found.append((paper.id, score))
    return found


def spread(words: Sequence[Sought], papers: int) -> float:
    """About the standard deviation of a question's BM25 over all papers, never 0.

    A term of which a share p of the papers holds one occurrence adds p (1 - p) idf²
    times the square of a typical weight, as if terms occurred independently. A score
    divided by it says how far a paper stands out, whatever the size of the collection.
    """
    variance = 0.0
    total = max(papers, 1)
    for word in words:
        share = min(word.papers / total, 1.0)
        weight = word.number * _TYPICAL_WEIGHT * idf(share * total, total)
        variance += weight**2 * share * (1 - share)
    return max(math.sqrt(variance), _NO_SPREAD)


def _saturated(paper: PaperTerms, field: str, terms: Sequence[str]) -> float:
    number = paper.occurrences(field, terms)
    if not number:
        return 0.0
    norm = _K1 * (1 - _B + _B * paper.counts[field].total() / _LENGTHS[field])
    return number * (_K1 + 1) / (number + norm)


def idf(holding: float, total: int) -> float:
    """How telling a term is that so many of all papers hold (as BM25 has it in tantivy)."""
    return math.log(1 + (max(total - holding, 0) + 0.5) / (holding + 0.5))
