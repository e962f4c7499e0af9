"""The sentence of a near miss that comes nearest to a question.

A refusal may be wrong, the more so that of a small model: with the sentence the reader sees
at once whether it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.retrieval.evidence_similarity import rank_sentences
from assistant.text.discourse_cues import HOUSEKEEPING
from assistant.types.evidence import NearMiss, Source

NEAR_SENTENCE = 0.4
"""From this score on a sentence is quoted. Of questions about a paper of the collection the best
sentence lies above .43, of those about something else mostly below .35 (19 development
questions that were refused)."""


def with_quotes(
    misses: Sequence[NearMiss],
    core: Mapping[str, float],
    sources: Sequence[Source],
    similar: Sequence[Sequence[float]] | None,
) -> tuple[NearMiss, ...]:
    """Near misses, each with its nearest sentence where that comes near enough.

    `core` are the weighted terms of the question, `similar` its similarities to the sentences
    of each source. A sentence about code or data is not quoted.
    """
    places = {source.paper.id: at for at, source in enumerate(sources)}
    found = []
    for miss in misses:
        at = places.get(miss.id)
        if at is not None:
            row = similar[at] if similar else None
            miss = _quoting(miss, core, sources[at], row)
        found.append(miss)
    return tuple(found)


def _quoting(
    miss: NearMiss, core: Mapping[str, float], source: Source, row: Sequence[float] | None
) -> NearMiss:
    ranked = rank_sentences(core, source.sentences, row)
    if not ranked or ranked[0][1] < NEAR_SENTENCE:
        return miss
    index = ranked[0][0]
    quote = source.sentences[index].text
    if HOUSEKEEPING.search(quote):
        return miss
    return miss.model_copy(update={"sentence": index, "quote": quote})
