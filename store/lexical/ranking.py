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


def sought(asked: QueryTerms, vocabulary: Vocabulary, counts: Counts) -> list[Sought]:
    """The words of a question, and closed compounds of it that papers have, in all writings."""
    found = []
    for at, (stem, number) in enumerate(asked.stems.items()):
        word = asked.words[stem]
        ways = (
            _ways(word, stem, vocabulary, counts)
            if at < _VARIED_AT_MOST
            else [Way("text", (stem,), counts.frequency("text", stem))]
        )
        found.append(_sought(word, number, ways, counts))
    for word, counted in islice(asked.closed.items(), _VARIED_AT_MOST):
        term = vocabulary.term(word)
        if not term or term in asked.stems:
            continue
        others = [term, *vocabulary.other_spellings(word)]
        ways = [Way("text", (one,), counts.frequency("text", one)) for one in others]
        ways = [way for way in ways if way.papers]
        if ways:
            found.append(_sought(word, counted, ways, counts))
    return found


def _sought(word: str, number: float, ways: Sequence[Way], counts: Counts) -> Sought:
    papers = min(sum(way.papers for way in ways), counts.total())
    return Sought(word, number, tuple(ways), papers)


def _ways(word: str, stem: str, vocabulary: Vocabulary, counts: Counts) -> list[Way]:
    own = counts.frequency("text", stem)
    terms = [stem, *vocabulary.other_spellings(word)]
    ways = [
        Way("text", (one,), counts.frequency("text", one) if at else own)
        for at, one in enumerate(terms)
    ]
    hyphened = [Way("closed", (one,), counts.frequency("closed", one)) for one in terms]
    hyphened = [way for way in hyphened if way.papers]
    ways += hyphened
    # A word that papers have as it is, and never with a hyphen, is no compound.
    if hyphened or not own or not (word.isalpha() or word.isdigit()):
        for parts in dict.fromkeys(vocabulary.parts(word)):
            together = counts.together(parts)
            if together:
                ways.append(Way("text", parts, together))
    return [ways[0], *(way for way in ways[1:] if way.papers)]


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
        return tantivy.Query.term_query(schema, field, terms[0])
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


def _saturated(paper: PaperTerms, field: str, terms: Sequence[str]) -> float:
    number = paper.occurrences(field, terms)
    if not number:
        return 0.0
    norm = _K1 * (1 - _B + _B * paper.counts[field].total() / _LENGTHS[field])
    return number * (_K1 + 1) / (number + norm)


def idf(holding: float, total: int) -> float:
    """How telling a term is that so many of all papers hold (as BM25 has it in tantivy)."""
    return math.log(1 + (max(total - holding, 0) + 0.5) / (holding + 0.5))
