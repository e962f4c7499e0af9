"""From a question to ranked papers, and to the evidence an answer is grounded on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from assistant.query.breadth import FEW_SOURCES, MANY_SOURCES, sources_needed
from assistant.query.named_systems import named_in
from assistant.retrieval.answerability import (
    ANSWERABLE_THRESHOLD,
    SPEAKS_THRESHOLD,
    SURE_THRESHOLD,
    answered,
)
from assistant.retrieval.filter_coverage import coverage_notes
from assistant.retrieval.fusion import (
    LIST_LENGTH,
    Fused,
)
from assistant.retrieval.judging import Judged, Judging, source_of
from assistant.text.sentences import source_sentences
from assistant.types.evidence import Evidence, Source
from store.library.library import Library
from store.types import Filter

_PAPERS_CUT = 512
"""Papers whose sentences are kept as they were cut."""

SPEAKS_FROM, NEAR_BEST = 0.8, 0.6
"""A single paper speaks to a question or a topic from this calibrated chance on, and with this
share of the best paper's measure. Of the papers that the development questions over the pages
name (17 questions for several papers) .85 do, and of those that do .55 are named. The share was
not chosen on Cranfield: there F1 is .19 with it and .16 without."""


class Retriever(Judging):
    """Searches a library; synchronous, for a thread of its own."""

    def __init__(self, library: Library) -> None:
        super().__init__(library)
        self._sentences = lru_cache(maxsize=_PAPERS_CUT)(source_sentences)

    def notes(self, wanted: Filter) -> tuple[str, ...]:
        """What a filter cannot see, in words."""
        return coverage_notes(self._library, wanted)

    def gather(
        self,
        question: str,
        limit: int | None,
        wanted: Filter,
        opposite: str = "",
        also: Sequence[str] = (),
        *,
        worded: str = "",
    ) -> Evidence:
        """The evidence for a question: sources in order of rank, and whether they answer it.

        `worded` says a question in the words that abstracts use, `opposite` the other side of one
        that has two: they are searched for as well, and a paper counts by the wording that finds
        it best. Of 21 papers of nine conflicting development questions, worded by hand, both find
        21, the other side alone 18, the question alone 17. The papers of the ids in `also` are
        read and ranked beside the hits, and stay.
        """
        spelt = self.respelled(question)
        ranked = self._fused(spelt.text, wanted)
        for other in filter(None, (worded, opposite)):
            ranked = of_both(ranked, self._fused(self.respelled(other).text, wanted))
        ranked = self._beside(spelt.text, ranked, also)
        best = self._one_of_each(ranked, limit or MANY_SOURCES)
        scores = [one.score for one in best]
        needed = limit or sources_needed(question, scores, sides=bool(opposite))
        best, needed = _keeping(ranked, best, needed, also)
        # The measure was calibrated on eight sources: no fewer are read for it.
        judged = self.judge(spelt.text, best[: max(needed, FEW_SOURCES)])
        best = best[:needed]
        sources = self._speaking_sources(best, judged, also)
        chance = answered(
            max(judged.measures[:FEW_SOURCES], default=0.0),
            len(judged.asked.core),
            self._library.count(),
            by_words=judged.read.similar is None,
        )
        # No paper holds the names of two systems that are compared: each is spoken of by its own.
        speaks = chance >= ANSWERABLE_THRESHOLD or len(named_in(spelt.text, sources)) > 1
        return Evidence(
            sources=sources,
            considered=len(best),
            answerable=bool(sources) and speaks,
            sure=chance >= SURE_THRESHOLD,
            near_misses=self._near_misses(spelt.text, judged),
            notes=spelt.notes,
        )

    def speaking_to(self, topic: str, wanted: Filter) -> tuple[list[str], Evidence]:
        """The papers that speak to a topic by the calibrated measure, each by itself, best first.

        As many as there are among those that the lists hold, of several versions of one paper
        the best-ranked. Where few are sure, those that are more likely than not count too;
        where none is, the evidence is that of a question.
        """
        spelt = self.respelled(topic)
        best = self._one_of_each(self._fused(spelt.text, wanted), 2 * LIST_LENGTH)
        judged = self.judge(spelt.text, best)
        least = NEAR_BEST * max(judged.measures, default=0.0)
        chances = {
            paper.id: own if measured >= least else 0.0
            for paper, own, measured in zip(
                judged.papers, judged.chances, judged.measures, strict=True
            )
        }
        sure = [one for one in best if chances.get(one.id, 0.0) >= SPEAKS_FROM]
        if len(sure) < FEW_SOURCES:
            sure = [one for one in best if chances.get(one.id, 0.0) >= SPEAKS_THRESHOLD]
        if not sure:
            return [], self.gather(topic, FEW_SOURCES, wanted)
        evidence = Evidence(sources=self._sources(sure), considered=len(best), notes=spelt.notes)
        return [one.id for one in sure], evidence

    def lead(self, question: str, ids: Sequence[str]) -> float:
        """How much of a question these papers hold, of what the best other paper holds.

        By the weights of its telling terms in the whole text and in one sentence; 1 where
        no other paper holds any.
        """
        found = self._beside(question, self._fused(question, Filter()), ids)
        own = max((one.covered_share for one in found if one.id in ids), default=0.0)
        others = max((one.covered_share for one in found if one.id not in ids), default=0.0)
        return own / others if others else float(own > 0)

    def _speaking_sources(
        self, best: Sequence[Fused], judged: Judged, also: Sequence[str]
    ) -> tuple[Source, ...]:
        """The sources of the best papers, without those that do not speak to the question."""
        heard = {one.id for one in self.speaking(best)}
        speaking = [one for one in best if one.id in heard or one.id in also]
        whole = len(speaking) == len(best)
        return judged.sources(len(best)) if whole else self._sources(speaking)

    def of_papers(self, ids: Sequence[str]) -> Evidence:
        """Evidence made of papers that were named, in this order; ids not there are left out."""
        sources = self._named(ids)
        return Evidence(sources=sources, considered=len(sources))

    def of_each(self, ids: Sequence[str]) -> dict[str, Evidence]:
        """The evidence that each paper is alone, by its id; ids not there are left out."""
        alone = [source.model_copy(update={"number": 1}) for source in self._named(ids)]
        return {one.paper.id: Evidence(sources=(one,), considered=1) for one in alone}

    def representative(self, wanted: Filter, number: int) -> list[str]:
        """Ids of papers that stand for all that a filter leaves, the most central first.

        Each next paper is the one farthest from all taken so far, among vectors of the
        papers (farthest-first traversal, Gonzalez 1985); without vectors, the first ones.
        """
        ids = self._library.ids(wanted)
        vectors = self._library.vectors(ids)
        if vectors is None or len(vectors[0]) <= number:
            return ids[:number]
        names, matrix = vectors
        centre = matrix.mean(axis=0)
        central = matrix @ centre
        taken = [int(central.argmax())]
        nearest = matrix @ matrix[taken[0]]
        while len(taken) < number:
            # Farness alone picks outliers: closeness to the centre counts a little too.
            farthest = int((nearest - 0.5 * central).argmin())
            taken.append(farthest)
            nearest = nearest.clip(min=matrix @ matrix[farthest])
        return [names[at] for at in taken]

    def _named(self, ids: Sequence[str]) -> tuple[Source, ...]:
        return self._sources([Fused(one, 1.0, None, None, None, None) for one in ids])

    def _sources(self, ranked: Sequence[Fused]) -> tuple[Source, ...]:
        papers = self._library.papers_by_id([one.id for one in ranked])
        there = [(one, papers[one.id]) for one in ranked if one.id in papers]
        return tuple(
            source_of(number, one, paper, self._sentences(paper.title, paper.abstract))
            for number, (one, paper) in enumerate(there, 1)
        )


def of_both(one: Sequence[Fused], other: Sequence[Fused]) -> list[Fused]:
    """Two rankings as one: a paper of both stands where it scores higher."""
    found = {paper.id: paper for paper in one}
    for paper in other:
        if paper.id not in found or found[paper.id].score < paper.score:
            found[paper.id] = paper
    return sorted(found.values(), key=lambda paper: (-paper.score, paper.id))


def _keeping(
    ranked: Sequence[Fused], best: list[Fused], needed: int, also: Sequence[str]
) -> tuple[list[Fused], int]:
    """The best of a ranking, those that are to stay among the needed ones; how many those are."""
    held = {one.id for one in best[:needed]}
    stay = [one for one in ranked if one.id in also and one.id not in held]
    rest = [one for one in best[needed:] if one.id not in also]
    return [*best[:needed], *stay, *rest], needed + len(stay)
