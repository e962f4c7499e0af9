"""Choosing sentences of the evidence that answer a question or sum up papers, verbatim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.query.named_systems import coined_names, named_in
from assistant.query.question import asks_what, core_weights, kind_of
from assistant.retrieval.evidence_similarity import Similarity, positive, recall, weights
from assistant.text.discourse_cues import (
    CUE,
    HOUSEKEEPING,
    LEAD_IN,
    PROPOSAL,
    RESULT,
    is_background,
    is_dangling,
)
from assistant.text.words import Statistics, is_figure, numbers, numbers_missing, terms
from assistant.types.evidence import Source

_REDUNDANCY = 0.3
_LIST_SHARE = 0.6
_SINGLE_SHARE = 0.8
_STAND_IN_SHARE = 0.85
_CANDIDATES = 40
_SAME_SHARE = 0.7
"""A further sentence of the paper that the best one is of is shown from this share of it on."""
_TITLE_DISCOUNT = 0.5
"""What a term of the title or of a paper's own name counts within that paper."""
_NAMED = 0.3
"""What the sentences of the one paper gain that the question names."""
_FIGURE, _ASKED_FIGURE, _BACKGROUND = 0.3, 0.1, 0.2
"""What a sentence gains for a figure where one is asked for, for those that the question has,
and loses for speaking of others' work. Chosen on tests/bench/questions_blind.jsonl, "dev"."""


@dataclass(frozen=True)
class Candidate:
    """A sentence with its score and its place in the evidence."""

    source: Source
    index: int
    score: float

    @property
    def text(self) -> str:
        """The sentence as it stands in the source."""
        return self.source.sentences[self.index].text


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
    """The sentences that speak most to a question, best first, one entry for each place.

    A question that asks for many (which, compare) gets one sentence a paper, any other one
    to three of the best. A sentence that leans on the one before it comes with that one, or
    gives way to one nearly as good.
    """
    kind = kind_of(question)
    ranked = ranked_sentences(question, sources, statistics, similarity)
    if not ranked or max_sentences < 1:
        return ()
    redundant = _Redundancy(ranked[:_CANDIDATES], similarity)
    many = kind == "list"
    share = _LIST_SHARE if many else _SINGLE_SHARE
    most = max_sentences if many else min(max_sentences, 3)
    chosen: list[Candidate] = []
    shown: list[Selected] = []
    pool = list(ranked[:_CANDIDATES])
    spent = 0
    while pool and spent < most:
        best = max(pool, key=lambda one: one.score - _REDUNDANCY * redundant.to(one, chosen))
        gain = best.score - _REDUNDANCY * redundant.to(best, chosen)
        # What makes papers alike makes them all answers to a question that asks for many.
        if chosen and (best.score if many else gain) < share * chosen[0].score:
            if many or best.score < _SAME_SHARE * chosen[0].score:
                break
            if best.source.number != chosen[0].source.number:
                pool.remove(best)
                continue
        pool.remove(best)
        best = _standing(best, pool) if is_dangling(best.text) else best
        pool = [one for one in pool if one != best]
        if many and any(one.source.number == best.source.number for one in chosen):
            continue
        indices = _with_lead(best) if spent + 1 < most else (best.index,)
        if _is_shown(best, shown):
            continue
        chosen.append(best)
        shown.append(Selected(best.source, indices))
        spent += len(indices)
    return tuple(_together(shown))


def select_summary(
    topic: str,
    sources: Sequence[Source],
    statistics: Statistics,
    similarity: Similarity | None,
    max_sentences: int,
) -> tuple[Selected, ...]:
    """The sentences that sum up one paper, or one sentence for each of several.

    Of one paper the sentence that says most comes first, then others in the paper's order,
    a result among them, and what stands before it only where too little comes after.
    """
    if not sources or max_sentences < 1:
        return ()
    if len(sources) > 1:
        found = [_gist(source, topic, statistics, similarity) for source in sources[:max_sentences]]
        return tuple(Selected(one.source, (one.index,)) for one in found if one is not None)
    source = sources[0]
    scored = summary_scores(source, statistics, similarity)
    if not scored:
        return (Selected(source, (0,)),)
    best = max(scored, key=lambda index: scored[index])
    if max_sentences == 1:
        return (Selected(source, (best,)),)
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
    body = source.sentences[1:]
    if not body:
        return {}
    texts = [one.text for one in body]
    weighted = weights(source.sentences[0].text, statistics)
    titles, middles = [0.0] * len(body), [0.0] * len(body)
    if similarity:
        rows = similarity([source.sentences[0].text, *texts], texts)
        titles = rows[0]
        spread = max(sum(map(sum, rows[1:])) / len(texts) ** 2, 1e-6) ** 0.5
        middles = [sum(row) / len(texts) / spread for row in rows[1:]]
    scores: dict[int, float] = {}
    for at, sentence in enumerate(body):
        text = sentence.text
        scores[sentence.index] = (
            0.7 * titles[at]
            + 0.3 * recall(weighted, frozenset(terms(text)))
            + 0.5 * middles[at]
            + 0.2 * bool(CUE.search(text))
            + 0.15 * bool(PROPOSAL.search(text))
            + 0.15 * bool(LEAD_IN.search(text))
            - 0.05 * at / max(len(body) - 1, 1)
            - 0.15 * (is_dangling(text) and not PROPOSAL.search(text))
            - 0.5 * bool(HOUSEKEEPING.search(text))
        )
    return scores


def _gist(
    source: Source, topic: str, statistics: Statistics, similarity: Similarity | None
) -> Candidate | None:
    """The one sentence that says most of a paper, with an eye on a topic."""
    scored = summary_scores(source, statistics, similarity)
    if not scored:
        return Candidate(source, 0, 0.0) if source.sentences else None
    core = core_weights(topic, statistics)
    if core:
        for sentence in source.sentences[1:]:
            scored[sentence.index] += 0.3 * recall(core, frozenset(terms(sentence.text)))
    best = max(scored, key=lambda index: scored[index])
    return Candidate(source, best, scored[best])


def ranked_sentences(
    question: str,
    sources: Sequence[Source],
    statistics: Statistics,
    similarity: Similarity | None,
) -> list[Candidate]:
    """All sentences of all sources by how much they speak to a question, best first."""
    core = core_weights(question, statistics)
    kind = kind_of(question)
    places = [
        (source, sentence.index)
        for source in sources
        for sentence in source.sentences
        if sentence.index or len(source.sentences) == 1
    ]
    if not places:
        return []
    texts = [source.sentences[index].text for source, index in places]
    similar = similarity([question], texts)[0] if similarity else [0.0] * len(texts)
    top = max(max((source.score for source in sources), default=0.0), 1e-9)
    titles = {source.number: frozenset(terms(source.sentences[0].text)) for source in sources}
    telling = {source.number: _telling(core, titles[source.number], source) for source in sources}
    whole = {source.number: recall(core, _all_terms(source)) for source in sources}
    own_share = 0.25 if kind == "list" else 0.5
    figures = bool(numbers(question))
    defines = asks_what(question)
    about = named_in(question, sources)
    one = about[0].number if len(about) == 1 else None
    asked_figures = frozenset(filter(is_figure, core))
    found: list[Candidate] = []
    for (source, index), text, likeness in zip(places, texts, similar, strict=True):
        own = frozenset(terms(text))
        stated = figures and not numbers_missing(question, text)
        if stated:
            own |= asked_figures
        # What the title says is said of the sentence too.
        score = own_share * recall(telling[source.number], own)
        score += (1 - own_share) * recall(core, own | titles[source.number])
        score += 0.5 * positive(likeness) + 0.2 * max(source.score, 0.0) / top
        score += 0.3 * whole[source.number]
        if kind == "number" and numbers(text):
            score += _FIGURE
        if source.number == one:
            score += _NAMED
        if stated:
            score += _ASKED_FIGURE
        if is_background(text):
            score -= _BACKGROUND
        if (kind == "list" or defines) and PROPOSAL.search(text):
            score += 0.25 if kind == "list" else 0.15
        if HOUSEKEEPING.search(text) and not HOUSEKEEPING.search(question):
            score -= 0.3
        found.append(Candidate(source, index, score))
    return sorted(found, key=lambda one: (-one.score, one.source.number, one.index))


def _telling(core: dict[str, float], title: frozenset[str], source: Source) -> dict[str, float]:
    """The weights of a question within one source: what all of it is about tells little."""
    named = title | {term for name in coined_names(source) for term in terms(name)}
    return {
        term: weight * (_TITLE_DISCOUNT if term in named else 1.0) for term, weight in core.items()
    }


def _all_terms(source: Source) -> frozenset[str]:
    return frozenset(term for sentence in source.sentences for term in terms(sentence.text))


class _Redundancy:
    """How like each other candidates are: cosine similarity, or shared terms without one."""

    def __init__(self, candidates: Sequence[Candidate], similarity: Similarity | None) -> None:
        self._place = {(one.source.number, one.index): at for at, one in enumerate(candidates)}
        texts = [one.text for one in candidates]
        self._rows = similarity(texts, texts) if similarity and texts else None
        self._terms = [frozenset(terms(text)) for text in texts]

    def to(self, one: Candidate, chosen: Sequence[Candidate]) -> float:
        """The greatest likeness of a candidate to those chosen, 0 to 1."""
        at = self._place[one.source.number, one.index]
        return max((self._like(at, other) for other in chosen), default=0.0)

    def _like(self, at: int, other: Candidate) -> float:
        there = self._place[other.source.number, other.index]
        if self._rows is not None:
            return positive(self._rows[at][there])
        one, two = self._terms[at], self._terms[there]
        return len(one & two) / max(min(len(one), len(two)), 1)


def _standing(best: Candidate, pool: Sequence[Candidate]) -> Candidate:
    """A sentence of the same source that stands alone and is nearly as good, or the same."""
    others = [
        one
        for one in pool
        if one.source.number == best.source.number
        and not is_dangling(one.text)
        and one.score >= _STAND_IN_SHARE * best.score
    ]
    return max(others, key=lambda one: one.score, default=best)


def _with_lead(one: Candidate) -> tuple[int, ...]:
    """The sentence, after the one it leans on."""
    if one.index > 1 and is_dangling(one.text):
        return (one.index - 1, one.index)
    return (one.index,)


def _is_shown(one: Candidate, shown: Sequence[Selected]) -> bool:
    return any(
        entry.source.number == one.source.number and one.index in entry.indices for entry in shown
    )


def _together(shown: Sequence[Selected]) -> list[Selected]:
    """Entries of one source joined where its first one stands, in the order of the source."""
    joined: dict[int, Selected] = {}
    for entry in shown:
        before = joined.get(entry.source.number)
        indices = set(entry.indices) | set(before.indices if before else ())
        joined[entry.source.number] = Selected(entry.source, tuple(sorted(indices)))
    return list(joined.values())
