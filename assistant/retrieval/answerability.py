"""Whether retrieved sources speak to a question at all, before any model is asked.

A score of retrieval alone cannot tell: the best of a foreign collection scores too. What
tells is how much of what the question is about the sources hold, and how near they are to it
for a collection of this size. `python -m tests.bench.retrieval.relevance` prints what it gives.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.query.question import core_weights, core_words, named_words
from assistant.retrieval.evidence_similarity import weights
from assistant.retrieval.fusion import Calibration
from assistant.retrieval.papers_read import PapersRead
from assistant.text.discourse_cues import HOUSEKEEPING
from assistant.text.words import Statistics, stem, term_words
from assistant.types.evidence import NearMiss
from store.pattern import pattern
from store.types import Paper

if TYPE_CHECKING:
    from assistant.retrieval.sentence_coverage import Shares
    from store.lexical.held import HeldName

SPEAKS_THRESHOLD = 0.5
"""Below this chance nothing that was found for a query speaks to it."""

ANSWERABLE_THRESHOLD = 0.25
"""Below this chance nothing in the library speaks to a question: it is refused."""

SURE_THRESHOLD = 0.5
"""From this chance on the sentences that are chosen answer more often than not: they hold a fact
that is asked for in 147 of 215 questions, between the two thresholds in 9 of 41. The score of the
best sentence tells no more of that than the chance does (AUROC .72, .84, .64 with and without)."""

_WHOLE, _SENTENCE, _SIMILARITY = 0.3, 0.3, 0.4
_UNKNOWN_NAME = 0.1
_NEAR_MISSES = 3
_WORDS_NAMED = 2
_BEGINNING = 5
_SPLIT = pattern(r"[\W_]+")
_HALF_LIKE = 0.5
_UNKNOWN_TERM = "\x00"

_BY_MEASURE, _BY_NEARNESS, _BY_SIZE, _BASE = 14.0, 1.85, -3.22, 2.08
_MEASURE_ALONE, _SIZE_ALONE, _BASE_ALONE = 23.0, -1.79, -2.03
"""Logistic regressions, with vectors and without, of questions put to their own collection
(SciFact train, SciTLDR dev, PubMedQA) against questions put to a foreign one, at 300, 1000
and 3000 papers."""
_FEWEST = 20

_BY_TOKENS, _USUAL_ALIKENESS = 25.0, 0.51
"""What the tokens of the nearest paper add beside that, and the mean cosine at which they add
nothing: chosen on SciFact's train claims over 3 072 of its papers (minilm), so that no more of them
are refused. Of the pages' foreign questions .933 are refused with it, .767 without, and none of
their own; these figures were in view when the weight was chosen."""

_ASKED, _ASKED_ALONE = (-3.89, 7.58, 3.85, -1.82), (-8.24, 5.96, 3.96, -0.47)
"""Base, and weights of the measure, of the logarithm of the telling terms and of size, with vectors
and without: logistic regressions of 193 questions that their library answers against 123 that it
does not, most of these about papers that are there. A long question is never covered as a short
one is, and says more where it is covered in part. AUROC on the set of questions that was left out
.840, .906, .818, by `chance` .786, .815, .723. The weight of size is that of `chance`, in
proportion to the measure's."""
_FEWEST_TERMS = 3
"""A question of fewer telling terms counts as one of so many: "What is OwlCodec?"."""

_WHOLE_GAIN = 1.0
"""nDCG@10 with none, with these and with twice as much: SciFact train .719, .727, .730,
SciTLDR dev .845, .855, .857, PubMedQA .981, .984, .984. The half of what is best there: long
queries over abstracts of very different length lose by more."""


def covered_share(whole: float, sentence: float, by_sentence: float) -> float:
    """What a paper gains in a ranking by what it holds of a query, in standard deviations.

    A paper that says many different words of the query stands above one that says few
    of them often, which BM25 leaves open.
    """
    return _WHOLE_GAIN * whole + by_sentence * sentence


def with_names(
    shares: Shares, weight: float, ids: Sequence[str], names: Sequence[HeldName]
) -> Shares:
    """The shares of a query's weight that papers hold, shape (n,), names beside its terms.

    A name counts as a term of its own, for its words may stand apart in a paper of another thing.
    """
    import numpy as np

    if not names:
        return shares
    held = [sum(name.idf for name in names if one in name.papers) for one in ids]
    found: Shares = (shares * weight + np.array(held)) / (weight + sum(one.idf for one in names))
    return found


@dataclass(frozen=True, eq=False)
class Relevance:
    """How n papers speak to a question, shapes (n,), 0 to 1, before calibration.

    `whole` and `sentence` are the shares of the weight of its telling terms that the text and the
    best sentence hold, `similar` the greatest similarity of a sentence, None without vectors.
    `names`, shape (names, n), is how far the papers hold each name that the collection lacks.
    """

    whole: Shares
    sentence: Shares
    similar: Shares | None
    names: Shares

    @classmethod
    def of(cls, asked: AskedTerms, read: PapersRead, names: Sequence[HeldName] = ()) -> Relevance:
        """Of papers that were read for the terms of a question, and have some of its names."""
        weight = sum(asked.core.values())
        whole, sentence = (
            with_names(each, weight, read.ids, names) for each in read.coverage.held(asked.core)
        )
        held, _ = read.coverage.rows(dict.fromkeys(asked.doubtful, 1.0))
        return cls(whole, sentence, read.nearest(), read.coverage.greatest(held))

    def measures(self) -> Shares:
        """How far each paper speaks to the question, shape (n,).

        A name in the question that neither it nor the collection knows costs.
        """
        if self.similar is None:
            measured = (self.whole + self.sentence) / 2
        else:
            parts = _WHOLE * self.whole + _SENTENCE * self.sentence
            measured = parts + _SIMILARITY * self.similar
        unknown = (self.names < _HALF_LIKE).any(axis=0)
        found: Shares = (measured - _UNKNOWN_NAME * unknown).clip(0.0, 1.0)
        return found

    def together(self, number: int) -> float:
        """How far the first papers speak to it together, each part by the one best in it."""
        if not len(self.whole):
            return 0.0
        first = slice(number)
        best = Relevance(
            self.whole[first].max(keepdims=True),
            self.sentence[first].max(keepdims=True),
            None if self.similar is None else self.similar[first].max(keepdims=True),
            self.names[:, first].max(axis=1, keepdims=True),
        )
        return float(best.measures()[0])

    def nearness(self) -> Shares:
        """How close each paper comes, for the order of near misses."""
        return self.whole if self.similar is None else (self.whole + self.similar) / 2


@dataclass(frozen=True)
class AskedTerms:
    """What a question is about: its telling terms with their weights, and their words.

    `every` are all its terms with their idf. `doubtful` are terms of names that the collection
    does not know.
    """

    core: Mapping[str, float]
    words: Mapping[str, str]
    doubtful: tuple[str, ...]
    every: Mapping[str, float]

    @classmethod
    def of(cls, question: str, statistics: Statistics) -> AskedTerms:
        """Read a question by the statistics of a collection."""
        words, names = core_words(question), named_words(question)
        unknown = statistics.idf(_UNKNOWN_TERM)
        core = core_weights(question, statistics)
        doubtful = tuple(
            term
            for term, word in words.items()
            if word in names and statistics.idf(term) >= unknown
        )
        known = words or {term: word for word, term in reversed(term_words(question))}
        return cls(core, known, doubtful, weights(question, statistics))


def chance(
    measured: float,
    cosine: float | None,
    papers: int,
    calibration: Calibration,
    alike: float | None = None,
) -> float:
    """The calibrated chance that what was so measured speaks to the question.

    `cosine` is that of the question and a paper by the library's embedder, or None, and `alike`
    what `alikeness` gives of their tokens. The nearest of N random papers is about sqrt(2 ln N)
    standard deviations off, so with more `papers` in the library it takes more to stand out.
    """
    size = math.sqrt(2 * math.log(max(papers, _FEWEST)))
    if cosine is None:
        return _logistic(_BASE_ALONE + _MEASURE_ALONE * measured + _SIZE_ALONE * size)
    nearness = (cosine - calibration.mean) / calibration.spread
    by_tokens = 0.0 if alike is None else _BY_TOKENS * (alike - _USUAL_ALIKENESS)
    near = _BY_NEARNESS * nearness + _BY_SIZE * size + by_tokens
    return _logistic(_BASE + _BY_MEASURE * measured + near)


def answered(measured: float, terms: int, papers: int, *, by_words: bool) -> float:
    """The calibrated chance that a library of so many papers speaks to a question.

    `measured` is the measure of the paper that speaks to it most, `terms` counts the telling terms
    of the question; `by_words` says that there are no vectors.
    """
    base, by_measure, by_terms, by_size = _ASKED_ALONE if by_words else _ASKED
    size = math.sqrt(2 * math.log(max(papers, _FEWEST)))
    length = math.log(max(terms, _FEWEST_TERMS))
    return _logistic(base + by_measure * measured + by_terms * length + by_size * size)


def near_misses(
    asked: AskedTerms, found: Relevance, papers: Sequence[Paper]
) -> tuple[NearMiss, ...]:
    """The three papers that come closest, each with what it has and what it lacks.

    None for a question without a telling word.
    """
    if not asked.core:
        return ()
    scores = found.nearness()
    nearest = (-scores).argsort(kind="stable")[:_NEAR_MISSES].tolist()
    return tuple(_near_miss(asked, papers[at], float(scores[at])) for at in nearest)


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-max(min(value, 50.0), -50.0)))


def _near_miss(asked: AskedTerms, paper: Paper, score: float) -> NearMiss:
    """A paper that came close, with words of the question that stand in it, and that do not.

    Nothing is said of what it speaks of: words are looked for as they are written, and of one that
    stands there in another form neither is said.
    """
    words = _SPLIT.sub(" ", f" {paper.title} {paper.abstract} ".casefold())
    squeezed = words.replace(" ", "")
    order = [asked.words[term] for term in sorted(asked.core, key=lambda term: -asked.core[term])]
    there = [word for word in order if _SPLIT.sub(" ", f" {word} ".casefold()) in words]
    lacking = [word for word in order if _begins(word) not in squeezed]
    parts = [f"has {_quoted(there)}"] if there else []
    if lacking:
        parts.append(f"{'not' if there else 'does not have'} {_quoted(lacking)}")
    why = ", ".join(parts) or "is near in meaning"
    return NearMiss(id=paper.id, title=paper.title, score=round(score, 4), why=why)


def _begins(word: str) -> str:
    """The first letters of a word, which stand in all its forms."""
    return _SPLIT.sub("", stem(word.casefold()))[:_BEGINNING]


def _quoted(words: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(words))[:_WORDS_NAMED]
    noun = "the words" if len(distinct) > 1 else "the word"
    return f"{noun} " + " and ".join(f"“{word}”" for word in distinct)


NEAR_SENTENCE = 0.4
"""From this score on a sentence is quoted. Of questions about a paper of the collection the best
sentence lies above .43, of those about something else mostly below .35 (19 development
questions that were refused)."""


def with_quotes(
    misses: Sequence[NearMiss], best: Mapping[str, tuple[float, int, str]]
) -> tuple[NearMiss, ...]:
    """Near misses, each with its nearest sentence where that comes near enough.

    `best` are the score, the index and the text of each paper's, by id. A sentence about code or
    data is not quoted. A refusal may be wrong, the more so that of a small model: with the
    sentence the reader sees at once whether it was.
    """
    return tuple(_quoting(miss, *best[miss.id]) if miss.id in best else miss for miss in misses)


def _quoting(miss: NearMiss, score: float, index: int, quote: str) -> NearMiss:
    if score < NEAR_SENTENCE or HOUSEKEEPING.search(quote):
        return miss
    return miss.model_copy(update={"sentence": index, "quote": quote})
