"""How far sentences of a source carry what another sentence says or asks.

Two signals are added: the recall of its terms, each weighted by its idf, and the cosine
similarity of embedded sentences. Neither sees a contradiction. The constants were chosen on
the training pairs of SciFact and citint; `tests/bench/calibration.py` prints what they give.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from assistant.query.question import asking_terms
from assistant.text.words import Statistics, beginnings, is_figure, terms, terms_beginning
from assistant.types.evidence import Sentence

Similarity = Callable[[Sequence[str], Sequence[str]], list[list[float]]]
"""The cosine similarity of each text of the first list to each of the second."""

SIMILARITY_WEIGHT = 0.8
"""Weight of similarity beside recall: half a standard deviation of it to one of recall."""

TITLE_DISCOUNT = 0.5
"""What a term that the title holds counts, where sentences are ranked."""
POINTING_SIMILARITY, POINTING_POSITION = 0.3, 0.1
"""Weights of similarity and of the place in the abstract beside recall, where they are ranked."""
SHARED_LETTERS, LEAST_LIKENESS = 4, 0.5
"""Letters that two terms have in common at the start, and the share of them, to be alike."""
_BEST_OF_WHOLE = 3


def weights(text: str, statistics: Statistics) -> dict[str, float]:
    """The distinct terms of a text with their idf, in order."""
    return {term: statistics.idf(term) for term in terms(text)}


def claim_weights(claim: str, statistics: Statistics) -> dict[str, float]:
    """The distinct terms of a claim with their idf, without words like "paper" or "method".

    A claim that has no other words keeps them.
    """
    every = weights(claim, statistics)
    asking = asking_terms()
    return {term: weight for term, weight in every.items() if term not in asking} or every


def claim_recall(
    weighted: Mapping[str, float], held: Collection[str], *, numbers_found: bool
) -> float:
    """The recall of a claim's terms, given that its numbers were compared as quantities.

    Digits need not be written alike: where all numbers were found, so are their terms.
    """
    if not numbers_found:
        return recall(weighted, held)
    figures = {term for term in weighted if is_figure(term)}
    return recall(weighted, figures.union(held))


def recall(weighted: Mapping[str, float], held: Collection[str]) -> float:
    """The share of a text's weight that a set of terms covers, 0 to 1; 0 for no terms.

    A term that is missing counts in part when one that is there begins like it: the share
    of common letters at the start, when it is half or more (retrieval, retriever).
    """
    return covered(weighted, coverage(weighted, held))


def covered(weighted: Mapping[str, float], shares: Mapping[str, float]) -> float:
    """The share of a text's weight that is covered where each term is so far; 0 for no terms."""
    total = sum(weighted.values())
    if not total:
        return 0.0
    return sum(weight * shares[term] for term, weight in weighted.items()) / total


def coverage(asked: Collection[str], held: Collection[str]) -> dict[str, float]:
    """How far each term is covered by a set of terms, 0 to 1, as `recall` counts it."""
    return coverages(asked, [held])[0]


def coverages(asked: Collection[str], each: Sequence[Collection[str]]) -> list[dict[str, float]]:
    """What `coverage` gives for each of several sets of terms, all of them read once."""
    every = frozenset().union(*each)
    starts = "\n".join(("", *every))
    found = [dict.fromkeys(asked, 0.0) for _ in each]
    for term in asked:
        if f"\n{term[:SHARED_LETTERS]}" not in starts:
            continue
        alike = {**_likenesses(term, every), term: 1.0}
        for shares, held in zip(found, each, strict=True):
            best = 0.0
            for other, share in alike.items():
                if share > best and other in held:
                    best = share
            shares[term] = best
    return found


def combined(recalled: float, similar: float | None) -> float:
    """The score of recall and greatest similarity together, 0 to 1; recall alone if None."""
    if similar is None:
        return recalled
    return (recalled + SIMILARITY_WEIGHT * positive(similar)) / (1 + SIMILARITY_WEIGHT)


def positive(similar: float) -> float:
    """A similarity, or 0 when it is below 0 or NaN (the vector of a text without tokens)."""
    return similar if similar > 0 else 0.0


def similar_whole(row: Sequence[float]) -> float:
    """The similarity of a claim to a whole source: the mean of its three greatest."""
    best = sorted(map(positive, row))[-_BEST_OF_WHOLE:]
    return sum(best) / max(len(best), 1)


def similar_texts(row: Sequence[float], *, whole: bool) -> float:
    """The similarity of a claim to texts: to the nearest, or to all of a whole source."""
    return similar_whole(row) if whole else max(map(positive, row))


def rank_sentences(
    weighted: Mapping[str, float],
    source_sentences: Sequence[Sentence],
    similar: Sequence[float] | None,
) -> tuple[tuple[int, float], ...]:
    """The sentences of one source by how much they speak to a query: (sentence index, score).

    `weighted` are the query's terms, `similar` its similarity to each sentence. Best first,
    scores 0 to 1. The title is not among them unless nothing else is there; terms that it
    holds count less, since they are what the whole source is about. Of equal sentences the
    later one wins: conclusions stand at the end.
    """
    titles = [one.text for one in source_sentences if one.index == 0]
    starts = beginnings(weighted)
    title = frozenset(terms(" ".join(titles)))
    discounted = {
        term: weight * (TITLE_DISCOUNT if term in title else 1.0)
        for term, weight in weighted.items()
    }
    ranked: list[tuple[int, float]] = []
    first, last = len(titles), max(len(source_sentences) - len(titles) - 1, 1)
    held = terms_beginning([one.text for one in source_sentences], starts)
    shares = coverages(discounted, held)
    for at, sentence in enumerate(source_sentences):
        if sentence.index == 0 and len(source_sentences) > 1:
            continue
        score = covered(discounted, shares[at])
        score += POINTING_POSITION * max(at - first, 0) / last
        top = 1 + POINTING_POSITION
        if similar is not None:
            score += POINTING_SIMILARITY * positive(similar[at])
            top += POINTING_SIMILARITY
        ranked.append((sentence.index, score / top))
    return tuple(sorted(ranked, key=lambda entry: -entry[1]))


def likeness(term: str, other: str) -> float:
    """How far a term covers another one: 1 the same, the share of common letters one like it."""
    if term == other:
        return 1.0
    return _likenesses(term, (other,)).get(other, 0.0)


def _likenesses(term: str, others: Iterable[str]) -> dict[str, float]:
    """Terms that begin like one, each with the share of letters they have in common there."""
    if len(term) < SHARED_LETTERS or not term.isalpha():
        return {}
    start = term[:SHARED_LETTERS]
    found: dict[str, float] = {}
    for other in others:
        if not (other.startswith(start) and other.isalpha()):
            continue
        shared = 0
        for one, two in zip(term, other, strict=False):
            if one != two:
                break
            shared += 1
        share = shared / max(len(term), len(other))
        if share >= LEAST_LIKENESS:
            found[other] = share
    return found
