"""Choosing sentences of the evidence that answer a question or sum up papers, verbatim."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.query.breadth import level_papers
from assistant.query.named_systems import coined_name, named_in
from assistant.query.question import core_weights
from assistant.retrieval.evidence_similarity import Similarity, recall, weights
from assistant.retrieval.kept_sentences import KeptSentences, told_apart
from assistant.retrieval.sentence_measure import Candidate, ranked_sentences
from assistant.text.discourse_cues import (
    CUE,
    HOUSEKEEPING,
    LEAD_IN,
    PROPOSAL,
    RESULT,
    is_dangling,
)
from assistant.text.words import Statistics, numbers, terms
from assistant.types.evidence import Source
from store.pattern import pattern

_OF_FACT = 3
"""Sentences that answer a question which is not broad."""

_WITHIN, _WITHIN_PAPERS = 2.0, 4.5
"""A sentence is shown that scores so little below the best one."""

_CHOOSES = pattern(r"^\W*which\b", re.IGNORECASE)


@dataclass(frozen=True)
class Selected:
    """Sentences of one source that are shown together, in the order of the source."""

    source: Source
    indices: tuple[int, ...]


def select_answer(
    question: str,
    sources: Sequence[Source],
    statistics: Statistics,
    similarity: Similarity | None,
    max_sentences: int,
) -> tuple[Selected, ...]:
    """The sentences that answer a question best, an entry for each paper, the best first.

    Where several papers are level, or the question names them, each speaks with its best
    sentence before any speaks again, behind its title, which is not counted, unless the sentence
    names what it proposes.
    """
    ranked = ranked_sentences(question, sources, statistics, similarity)
    if not ranked or max_sentences < 1:
        return ()
    named = {one.number for one in named_in(question, sources)}
    papers = max(len(named), level_papers([one.score for one in sources]))
    papers = min(papers, max_sentences)
    near = [one for one in ranked if one.score >= ranked[0].score - _WITHIN]
    if papers < 2:
        return _together(near[: min(max_sentences, _OF_FACT)])
    # Papers go by the order of retrieval, which tells those that are needed better.
    level = [one.number for one in sources if len(named) < 2 or one.number in named][:papers]
    least = ranked[0].score - _WITHIN_PAPERS
    first = {
        one.source.number: one
        for one in reversed(ranked)
        if one.score >= least or one.source.number in named
    }
    chosen = sorted((first[number] for number in level if number in first), key=ranked.index)
    chosen += [one for one in near[:_OF_FACT] if one not in chosen]
    return tuple(map(_titled, _together(chosen[:max_sentences])))


def select_each(
    question: str, sources: Sequence[Source], statistics: Statistics, similarity: Similarity | None
) -> tuple[Selected, ...]:
    """The best sentence of each source; where it is asked which, titled, of those near the best."""
    ranked = ranked_sentences(question, sources, statistics, similarity)
    first = {one.source.number: one for one in reversed(ranked)}
    each = [one for one in ranked if one is first[one.source.number]]
    if not _CHOOSES.match(question):
        return _together(each)
    least = ranked[0].score - _WITHIN_PAPERS
    return tuple(map(_titled, _together([one for one in each if one.score >= least])))


def select_nearest(
    question: str, sources: Sequence[Source], statistics: Statistics, similarity: Similarity | None
) -> tuple[Selected, ...]:
    """The three sentences that come nearest to a question, whether or not they answer it."""
    return _together(ranked_sentences(question, sources, statistics, similarity)[:_OF_FACT])


def _titled(entry: Selected) -> Selected:
    """The sentences of one of several papers, behind the title where only that names it."""
    name = coined_name(entry.source.paper)
    texts = [entry.source.sentences[index].text for index in entry.indices]
    if 0 in entry.indices or (name and any(name in text for text in texts)):
        return entry
    return Selected(entry.source, (0, *entry.indices))


def _together(chosen: Sequence[Candidate]) -> tuple[Selected, ...]:
    """Sentences of one source put together where its first one stands, in the source's order."""
    joined: dict[int, list[Candidate]] = {}
    for one in chosen:
        joined.setdefault(one.source.number, []).append(one)
    return tuple(
        Selected(each[0].source, tuple(sorted(one.index for one in each)))
        for each in joined.values()
    )


def select_summary(
    topic: str,
    sources: Sequence[Source],
    statistics: Statistics,
    similarity: Similarity | None,
    max_sentences: int,
    kept: KeptSentences | None = None,
) -> tuple[Selected, ...]:
    """The sentences that sum up one paper, or one sentence for each of several.

    Of one paper the sentence that says most comes first, then others in the paper's order,
    a result among them, and what stands before it only where too little comes after. `kept` may
    tell the one sentence sooner: `similarity` is asked where that is not certain.
    """
    if not sources or max_sentences < 1:
        return ()
    if len(sources) > 1:
        core = core_weights(topic, statistics)
        found = (
            (source, _gist(source, core, statistics, similarity, kept))
            for source in sources[:max_sentences]
        )
        return tuple(Selected(source, (index,)) for source, index in found if index is not None)
    source = sources[0]
    if max_sentences == 1:
        return (Selected(source, (_gist(source, {}, statistics, similarity, kept) or 0,)),)
    scored = summary_scores(source, statistics, similarity)
    if not scored:
        return (Selected(source, (0,)),)
    best = max(scored, key=lambda index: scored[index])
    chosen = {best}
    texts = {one.index: one.text for one in source.sentences}
    figures = {
        index: any(not number.spelt for number in numbers(texts[index]))
        for index in scored
        if index > best
    }
    results = [index for index in figures if figures[index] or RESULT.search(texts[index])]
    if results:
        chosen.add(max(results, key=lambda index: (figures[index], scored[index])))
    for index in sorted(scored, key=lambda index: (index < best, -scored[index])):
        if len(chosen) >= max_sentences:
            break
        chosen.add(index)
    return (Selected(source, (best, *sorted(chosen - {best}))),)


def summary_scores(
    source: Source, statistics: Statistics, similarity: Similarity | None
) -> dict[int, float]:
    """How well each sentence of an abstract sums it up, by index; the title is not among them.

    Likeness to the title and to the whole abstract, and cues such as "we propose"; the
    weights were fitted on the training part of SciTLDR.
    """
    texts = [one.text for one in source.sentences[1:]]
    said = _said(source, statistics)
    likeness = similarity([source.sentences[0].text, *texts], texts) if similarity and said else []
    return _scored(said, likeness)


def _said(source: Source, statistics: Statistics) -> dict[int, float]:
    """What the words of each sentence of an abstract add to its score."""
    body = source.sentences[1:]
    if not body:
        return {}
    weighted = weights(source.sentences[0].text, statistics)
    found: dict[int, float] = {}
    for at, sentence in enumerate(body):
        text = sentence.text
        found[sentence.index] = (
            0.3 * recall(weighted, frozenset(terms(text)))
            + 0.2 * bool(CUE.search(text))
            + 0.15 * bool(PROPOSAL.search(text))
            + 0.15 * bool(LEAD_IN.search(text))
            - 0.05 * at / max(len(body) - 1, 1)
            - 0.15 * (is_dangling(text) and not PROPOSAL.search(text))
            - 0.5 * bool(HOUSEKEEPING.search(text))
        )
    return found


def _scored(said: Mapping[int, float], likeness: Sequence[Sequence[float]]) -> dict[int, float]:
    """Scores with what similarities add: of title and sentences to each sentence, or empty."""
    if not likeness:
        return dict(said)
    count = len(said)
    spread = max(sum(map(sum, likeness[1:])) / count**2, 1e-6) ** 0.5
    middles = [sum(row) / count / spread for row in likeness[1:]]
    each = zip(said.items(), likeness[0], middles, strict=True)
    return {index: own + 0.7 * title + 0.5 * middle for (index, own), title, middle in each}


def _gist(
    source: Source,
    core: Mapping[str, float],
    statistics: Statistics,
    similarity: Similarity | None,
    kept: KeptSentences | None,
) -> int | None:
    """The one sentence that says most of a paper, with an eye on the telling terms of a topic."""
    said = _said(source, statistics)
    if not said:
        return 0 if source.sentences else None
    if core:
        for sentence in source.sentences[1:]:
            said[sentence.index] += 0.3 * recall(core, frozenset(terms(sentence.text)))
    likeness = kept.likeness(source) if kept and similarity else None
    scored = _scored(said, likeness) if likeness else {}
    if not scored or not told_apart([*scored.values()]):
        texts = [one.text for one in source.sentences[1:]]
        exact = similarity([source.sentences[0].text, *texts], texts) if similarity else []
        scored = _scored(said, exact)
    return max(scored, key=lambda index: scored[index])
