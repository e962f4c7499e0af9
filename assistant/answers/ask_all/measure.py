"""How far each single paper speaks to a question, without a model: read, measured, calibrated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.answers.ask_all.batches import as_source
from assistant.query.named_systems import is_own_part
from assistant.query.question import core_weights
from assistant.retrieval.answerability import AskedTerms, chance, measure, readings
from assistant.retrieval.calibration import calibration_of
from assistant.retrieval.evidence_similarity import rank_sentences, recall, weights
from assistant.retrieval.retriever import NEAR_BEST, SPEAKS_FROM, Retriever
from assistant.retrieval.term_statistics import LibraryStatistics
from assistant.text.discourse_cues import HOUSEKEEPING
from assistant.text.words import terms
from assistant.types.answers import PaperSays
from assistant.types.evidence import Source
from store.dense.dots import dots
from store.embedders.base import Embedder
from store.errors import EmbedderUnavailable, EmbeddingFailed
from store.library.library import Library
from store.types import Paper

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


@dataclass(frozen=True)
class Measured:
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
        self._similarity = retriever.similarity
        statistics = LibraryStatistics(library, [question])
        self._question = question
        self._asked = AskedTerms.of(question, statistics)
        self._weights = core_weights(question, statistics) or weights(question, statistics)
        self._papers = library.count()
        self._usual = calibration_of(library.embedder)
        self._vector = _vector(library.embedder, question)

    def of(self, papers: Sequence[Paper]) -> list[Measured]:
        """How far each of some papers speaks to the question."""
        sources = [as_source(number, paper) for number, paper in enumerate(papers, 1)]
        similar = self._similarities([[one.text for one in each.sentences] for each in sources])
        found = readings(self._asked, sources, similar)
        if not found:
            return [Measured(0.0, 0.0, 0, one.title) for one in papers]
        cosines = self._cosines(papers)
        measured: list[Measured] = []
        for at, (reading, source) in enumerate(zip(found, sources, strict=True)):
            measured_at = measure(self._asked, [reading])
            cosine = cosines.get(source.paper.id)
            own = chance(measured_at, cosine, self._papers, self._usual)
            row = similar[at] if similar else None
            index = best_sentence(self._weights, source, row)
            measured.append(Measured(own, measured_at, index, source.sentences[index].text))
        return measured

    def _similarities(self, texts: Sequence[Sequence[str]]) -> list[list[float]] | None:
        if self._similarity is None or not texts:
            return None
        row = iter(self._similarity([self._question], [one for each in texts for one in each])[0])
        return [[next(row) for _ in each] for each in texts]

    def _cosines(self, papers: Sequence[Paper]) -> dict[str, float]:
        """The cosine of the question and each paper by the library's own vectors."""
        held = None if self._vector is None else self._library.vectors([one.id for one in papers])
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
    ranked = rank_sentences(weighted, source.sentences, similar)
    aside = [one for one in ranked if HOUSEKEEPING.search(source.sentences[one[0]].text)]
    telling = [one for one in ranked if one not in aside]
    if aside and _asks_of(weighted, source.sentences[aside[0][0]].text):
        return aside[0][0]
    if not telling:
        return ranked[0][0] if ranked else 0
    least = _NEAR_SENTENCE * telling[0][1]
    for index, score in telling:
        if score >= least and is_own_part(source.sentences[index].text, source):
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
