"""How far each single paper speaks to a question, without a model: read, measured, calibrated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from assistant.query.named_systems import is_own_part
from assistant.retrieval.answerability import AskedTerms, Relevance, chance
from assistant.retrieval.calibration import calibration_of
from assistant.retrieval.evidence_similarity import rank_sentences, recall
from assistant.retrieval.papers_read import PapersRead
from assistant.retrieval.retriever import NEAR_BEST, SPEAKS_FROM, Retriever
from assistant.retrieval.term_statistics import LibraryStatistics
from assistant.text.discourse_cues import is_housekeeping
from assistant.text.words import terms
from assistant.types.answers import PaperSays
from assistant.types.evidence import Source
from store.dense.dots import dots
from store.embedders.base import Embedder
from store.errors import EmbedderUnavailable, EmbeddingFailed
from store.library.library import Library
from store.types import Paper, PaperText

if TYPE_CHECKING:
    from store.ledger.vectors import Vectors

_NEAR_SENTENCE = 0.6
"""The share of the best sentence's score from which on one on the paper's own work goes before."""
_ASKED_OF = 0.5
"""A sentence on code or data that holds more of the question's weight is what it asks of."""
UNCLEAR_FROM = 0.4
"""Chance from which a single paper that is no yes counts as unclear: .93 of the papers that the
development questions over the pages name are above it, and 29 of 299 papers; 0.8 where the
question is about something else."""


class Measured(NamedTuple):
    """A paper's calibrated chance of speaking to a question, and the sentence that does so most.

    `measure` is what the chance was calibrated from, 0 to 1. `sentence` is an index as in
    `Sentence`, 0 is the title; `quote` is its text.
    """

    chance: float
    measure: float
    sentence: int
    quote: str


class PaperMeasure:
    """Measures papers against one question; synchronous, for a thread of its own."""

    def __init__(self, library: Library, retriever: Retriever, question: str) -> None:
        self._library = library
        self._retriever = retriever
        self._question = question
        self._asked = AskedTerms.of(question, LibraryStatistics(library, [question]))
        self._papers = library.count()
        self._usual = calibration_of(library.embedder)
        self._vector = _vector(library.embedder, question)

    def of(self, papers: Mapping[str, PaperText]) -> dict[str, Measured]:
        """How far each of some papers, texts by id, speaks to the question, by id.

        The title stands for the sentence of a paper that speaks to it too little to be unclear.
        """
        read = self._retriever.read(self._question, self._asked, list(papers))
        there = [papers[name] for name in read.ids]
        read = read.refined_nearest(there, self._retriever.similar_to(self._question))
        cosines = self._cosines(read.ids)
        found = {
            name: Measured(own, measured, 0, papers[name].title)
            for name, own, measured in self._chances(read, cosines)
        }
        near = [name for name, one in found.items() if one.chance >= UNCLEAR_FROM]
        if near:
            told = self._told(read.chosen(near), [papers[name] for name in near])
            for name, (index, quote) in zip(near, told, strict=True):
                found[name] = found[name]._replace(sentence=index, quote=quote)
        return found

    def _told(self, read: PapersRead, papers: Sequence[PaperText]) -> Iterator[tuple[int, str]]:
        """The index and the text of the telling sentence of each paper that is more than a no."""
        similar_to = self._retriever.similar_to(self._question)
        core = self._asked.core
        scores = read.refined_scores(papers, core, similar_to, titled=True).tolist()
        first = read.coverage.first.tolist()
        each = zip(papers, read.sentence_texts(papers), strict=True)
        for at, (paper, texts) in enumerate(each):
            # A text that was changed meanwhile may have fewer sentences than were read.
            own = scores[first[at] : first[at + 1]][: len(texts)]
            scored = [one for one in enumerate(own) if one[1] >= 0]
            ranked = sorted(scored, key=lambda one: -one[1])
            index = _telling(core, paper, texts, ranked)
            yield index, texts[index]

    def _chances(
        self, read: PapersRead, cosines: Mapping[str, float]
    ) -> Iterator[tuple[str, float, float]]:
        """The id of each paper with its calibrated chance, and the measure that gives it."""
        if not self._asked.core:
            yield from ((name, 0.0, 0.0) for name in read.ids)
            return
        measures = Relevance.of(self._asked, read).measures().tolist()
        for name, measured in zip(read.ids, measures, strict=True):
            own = chance(measured, cosines.get(name), self._papers, self._usual)
            yield name, own, measured

    def _cosines(self, ids: Sequence[str]) -> dict[str, float]:
        """The cosine of the question and each paper by the library's own vectors."""
        held = None if self._vector is None else self._library.vectors(ids)
        if held is None or self._vector is None or held[1].shape[1] != len(self._vector):
            return {}
        names, matrix = held
        return dict(zip(names, dots(matrix, self._vector).tolist(), strict=True))


def verdict_of(one: Measured, best: float) -> PaperSays:
    """What a paper says by its measure, beside the greatest measure of all."""
    if one.chance >= SPEAKS_FROM and one.measure >= NEAR_BEST * best:
        return "yes"
    return "unclear" if one.chance >= UNCLEAR_FROM else "no"


def best_sentence(
    weighted: Mapping[str, float], source: Source, similar: Sequence[float] | None
) -> int:
    """The sentence of a source that speaks most to a question.

    Not one about code or data, unless the question speaks of that; one on what the paper itself
    does goes before a better one on what is known, where it comes near.
    """
    texts = [one.text for one in source.sentences]
    ranked = rank_sentences(weighted, source.sentences, similar)
    return _telling(weighted, source.paper, texts, ranked)


def _telling(
    weighted: Mapping[str, float],
    paper: Paper | PaperText,
    texts: Sequence[str],
    ranked: Sequence[tuple[int, float]],
) -> int:
    """The same of the sentences of a paper as they were ranked: index and score, best first."""
    aside = [one for one in ranked if is_housekeeping(texts[one[0]])]
    telling = [one for one in ranked if one not in aside]
    if aside and _asks_of(weighted, texts[aside[0][0]]):
        return aside[0][0]
    if not telling:
        return ranked[0][0] if ranked else 0
    least = _NEAR_SENTENCE * telling[0][1]
    for index, score in telling:
        if score >= least and is_own_part(texts[index], paper):
            return index
    return telling[0][0]


def _asks_of(weighted: Mapping[str, float], text: str) -> bool:
    """True where most of the weight of a question stands in a sentence."""
    return recall(weighted, frozenset(terms(text))) > _ASKED_OF


def _vector(embedder: Embedder | None, question: str) -> Vectors | None:
    """The question's vector by the library's embedder; None where it cannot be made."""
    if embedder is None:
        return None
    try:
        vector: Vectors = embedder.embed([question])[0]
    except (EmbedderUnavailable, EmbeddingFailed):
        return None
    return vector
