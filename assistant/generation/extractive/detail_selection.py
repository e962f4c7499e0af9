"""Choosing the sentences that give the detail a question asks for, verbatim."""

from __future__ import annotations

from assistant.generation.extractive.selection import Selected
from assistant.query.details import Given
from assistant.query.question import core_weights
from assistant.retrieval.evidence_similarity import Similarity, rank_sentences
from assistant.text.discourse_cues import is_dangling
from assistant.text.words import Statistics, numbers, numbers_missing
from assistant.types.evidence import Source

_SHARE = 0.8
_MOST = 3
_RANK = 0.2
"""What the first paper's sentences gain, those of others in proportion to their scores."""
_NUMBERS = 0.15
"""What a sentence gains that has the numbers of the question: "with one percent of the labels"."""


def giving(
    given: Given,
    question: str,
    statistics: Statistics,
    similarity: Similarity | None,
    max_sentences: int,
) -> tuple[Selected, ...]:
    """The sentences that give a detail, the one nearest to the question first.

    At most three, further ones only when they are nearly as near. A sentence that leans on
    the one before it comes with that one where there is room.
    """
    top = max((source.score for source in given.sources), default=0.0) or 1.0
    ranked = sorted(
        (
            (score + _RANK * max(source.score, 0.0) / top, -at, source, index)
            for at, source in enumerate(given.sources)
            for index, score in _scores(given, source, question, statistics, similarity)
        ),
        key=lambda one: (-one[0], -one[1], one[3]),
    )
    if not ranked:
        return ()
    most = min(max_sentences, _MOST)
    chosen: dict[int, tuple[Source, set[int]]] = {}
    spent = 0
    for score, _, source, index in ranked:
        if spent >= most or score < _SHARE * ranked[0][0]:
            break
        _, indices = chosen.setdefault(source.number, (source, set()))
        leads = index > 1 and is_dangling(source.sentences[index].text) and spent + 1 < most
        new = ({index - 1, index} if leads else {index}) - indices
        indices |= new
        spent += len(new)
    return tuple(Selected(source, tuple(sorted(indices))) for source, indices in chosen.values())


def _scores(
    given: Given,
    source: Source,
    question: str,
    statistics: Statistics,
    similarity: Similarity | None,
) -> list[tuple[int, float]]:
    """The sentences of a source that give the detail, with how near they are to the question."""
    places = given.places.get(source.number, ())
    if not places:
        return []
    texts = [one.text for one in source.sentences]
    row = similarity([question], texts)[0] if similarity else None
    weighted = core_weights(question, statistics)
    scores = dict(rank_sentences(weighted, source.sentences, row))
    if numbers(question):
        for index in places:
            if index in scores and not numbers_missing(question, texts[index]):
                scores[index] += _NUMBERS
    found = [(index, scores[index]) for index in places if index in scores]
    # The title gives it alone, as in "A Model or 603 Exemplars".
    return found or [(index, 0.0) for index in places]
