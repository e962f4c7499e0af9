"""Whether retrieved sources speak to a question at all, before any model is asked.

A score of retrieval alone cannot tell: the best of a foreign collection scores too. What
tells is how much of what the question is about the sources hold. The weights and the
threshold were chosen on PubMedQA and SciFact questions put to their own and to foreign
collections; `tests/bench/calibration.py` prints what they give.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.evidence_match import Similarity, positive, recall
from assistant.questions import core_weights, core_words, named_words
from assistant.values import NearMiss, Source
from assistant.words import Statistics, terms

ANSWERABLE_THRESHOLD = 0.42
"""Below this measure nothing retrieved speaks to the question."""

_WHOLE, _SENTENCE, _SIMILARITY = 0.3, 0.3, 0.4
_UNKNOWN_NAME = 0.1
_NEAR_MISSES = 3
_WORDS_NAMED = 2
_HALF_LIKE = 0.5
_UNKNOWN_TERM = "\x00"


@dataclass(frozen=True)
class _Reading:
    """How one source speaks to a question."""

    source: Source
    held: frozenset[str]
    whole: float
    sentence: float
    score: float


def answerability(
    question: str,
    evidence_sources: Sequence[Source],
    statistics: Statistics,
    similarity: Similarity | None,
) -> tuple[float, tuple[NearMiss, ...]]:
    """How far sources speak to a question, 0 to 1, and the three that come closest.

    The measure is that of the best source: the weight of the question's telling terms that
    its text holds, that one sentence of it holds with the title, and the greatest
    similarity of a sentence. A name in the question that the collection does not know costs.
    """
    core = core_weights(question, statistics)
    if not evidence_sources or not core:
        return 0.0, ()
    similar = _similar(question, evidence_sources, similarity)
    readings = [
        _reading(source, core, similar[at] if similar else None)
        for at, source in enumerate(evidence_sources)
    ]
    wholes = max(one.whole for one in readings)
    sentences = max(one.sentence for one in readings)
    if similar:
        measure = _WHOLE * wholes + _SENTENCE * sentences + _SIMILARITY * max(similar)
    else:
        measure = (wholes + sentences) / 2
    everything = frozenset().union(*(one.held for one in readings))
    if _unknown_names(question, everything, statistics):
        measure -= _UNKNOWN_NAME
    nearest = sorted(readings, key=lambda one: -one.score)[:_NEAR_MISSES]
    misses = tuple(_near_miss(question, core, one) for one in nearest)
    return min(max(measure, 0.0), 1.0), misses


def _similar(
    question: str, sources: Sequence[Source], similarity: Similarity | None
) -> list[float]:
    """The greatest similarity of a sentence of each source; empty without an embedder."""
    if similarity is None:
        return []
    texts = [sentence.text for source in sources for sentence in source.sentences]
    row = iter(similarity([question], texts)[0])
    return [max((positive(next(row)) for _ in source.sentences), default=0.0) for source in sources]


def _reading(source: Source, core: dict[str, float], similar: float | None) -> _Reading:
    each = [frozenset(terms(one.text)) for one in source.sentences]
    held = frozenset().union(*each)
    whole = recall(core, held)
    sentence = max((recall(core, each[0] | one) for one in each), default=0.0)
    score = whole if similar is None else (whole + similar) / 2
    return _Reading(source, held, whole, sentence, score)


def _unknown_names(question: str, held: frozenset[str], statistics: Statistics) -> bool:
    """True when the question names something that neither the sources nor the collection hold."""
    names = named_words(question)
    unknown = statistics.idf(_UNKNOWN_TERM)
    return any(
        word in names and statistics.idf(term) >= unknown and recall({term: 1.0}, held) < _HALF_LIKE
        for term, word in core_words(question).items()
    )


def _near_miss(question: str, core: dict[str, float], reading: _Reading) -> NearMiss:
    """A source that came close, with the words of the question it has and has not."""
    words = core_words(question) or {term: term for term in core}
    order = [words[term] for term in sorted(core, key=lambda term: -core[term])]
    lacking_words = {words[term] for term in core if recall({term: 1.0}, reading.held) < _HALF_LIKE}
    there = [word for word in order if word not in lacking_words]
    lacking = [word for word in order if word in lacking_words]
    paper = reading.source.paper
    if there and lacking:
        why = f"speaks of {_quoted(there)}, not of {_quoted(lacking)}"
    elif lacking:
        why = f"does not speak of {_quoted(lacking)}"
    else:
        why = f"speaks of {_quoted(there)}, but not of what is asked"
    return NearMiss(id=paper.id, title=paper.title, score=round(reading.score, 4), why=why)


def _quoted(words: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(words))[:_WORDS_NAMED]
    return " and ".join(f"“{word}”" for word in distinct)
