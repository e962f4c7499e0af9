"""What a question counts for: its words in all their writings, its compounds and its pairs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import tantivy

from store.lexical.fields import PaperTerms
from store.lexical.question import QueryTerms, is_unspaced_pair
from store.lexical.writings import Counts, Sought, Way, idf

TITLE_BOOST = 0.3
AUTHORS_BOOST = 0.5
"""How much a term counts once more in a field, beside 1 in the text. The title's was chosen on
the train claims of SciFact and the dev summaries of SciTLDR: terms weighed over title and
abstract as one text rank better than over each of them alone (nDCG@10 .700 to .692, .822 to
.816)."""

PAIR_BOOST = 0.2
"""How much two neighbouring words of a question count when they stand side by side in a paper.
Chosen as TITLE_BOOST was: .2 gives +.015 on the summaries and nothing on the claims."""

_TYPICAL_WEIGHT = 1.5
_NO_SPREAD = 1e-6
_BOOSTS = (("text", 1.0), ("title", TITLE_BOOST), ("authors", AUTHORS_BOOST))
_K1, _B = 1.2, 0.75  # tantivy's own constants of BM25
_LENGTHS = {"text": 190.0, "title": 10.0, "authors": 10.0, "closed": 6.0}


def ranking_query(
    schema: tantivy.Schema, asked: QueryTerms, words: Sequence[Sought], counts: Counts
) -> tantivy.Query:
    """The query that ranks papers by BM25 over words, pairs and compounds."""
    parts = [one for word in words for one in _word_queries(schema, word, counts)]
    parts += _together_queries(schema, asked, counts)
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, one) for one in parts])


def _word_queries(schema: tantivy.Schema, word: Sought, counts: Counts) -> Iterator[tantivy.Query]:
    """A word in each field; of several writings in the text the one that counts most counts."""
    if len(word.ways) == 1 and not word.ways[0].is_apart:
        yield _boosted(term_or_phrase(schema, "text", word.ways[0].terms), word.number)
    else:
        total = counts.total()
        held = [way for way in word.ways if way.papers]
        weighed = [
            _boosted(
                term_or_phrase(schema, way.field, way.terms),
                way.weight * word.number * idf(word.papers, total) / _idf_in_tantivy(way, counts),
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
    """Pairs, each weighed as one term by the number of papers that hold it.

    tantivy weighs a phrase by the sum of its terms' idf, too much for two rare words that
    always come together.
    """
    boosts: list[tuple[tuple[str, ...], float]] = [
        (pair, number * (1.0 if is_unspaced_pair(pair) else PAIR_BOOST))
        for pair, number in asked.pairs.items()
    ]
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
                way.weight * idf(word.papers, total) * _saturated(paper, way.field, way.terms)
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
        counted = word.number * max(way.weight for way in word.ways)
        weight = counted * _TYPICAL_WEIGHT * idf(share * total, total)
        variance += weight**2 * share * (1 - share)
    return max(math.sqrt(variance), _NO_SPREAD)


def _saturated(paper: PaperTerms, field: str, terms: Sequence[str]) -> float:
    number = paper.occurrences(field, terms)
    if not number:
        return 0.0
    norm = _K1 * (1 - _B + _B * paper.counts[field].total() / _LENGTHS[field])
    return number * (_K1 + 1) / (number + norm)
