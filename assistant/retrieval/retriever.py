"""From a question to ranked papers, and to the evidence an answer is grounded on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from assistant.query.breadth import FEW_SOURCES, MANY_SOURCES, sources_needed
from assistant.query.named_systems import named_in
from assistant.query.spelling import Respelled, respelled, written_words
from assistant.retrieval.answerability import (
    ANSWERABLE_THRESHOLD,
    SPEAKS_THRESHOLD,
    SURE_THRESHOLD,
    AskedTerms,
    Relevance,
    answered,
    chance,
    covered_share,
    near_misses,
    with_quotes,
)
from assistant.retrieval.calibration import calibration_of
from assistant.retrieval.evidence_similarity import Similarity
from assistant.retrieval.filter_coverage import coverage_notes
from assistant.retrieval.fusion import (
    LIST_LENGTH,
    SCORE_DIGITS,
    Calibration,
    DenseList,
    Fused,
    fuse,
)
from assistant.retrieval.late_interaction import COMPARED, LOOKED_AT, reordered
from assistant.retrieval.papers_read import PapersRead, SimilarTo
from assistant.retrieval.sentence_vectors import SentenceVectors
from assistant.retrieval.term_statistics import LibraryStatistics
from assistant.retrieval.versions import compared, grouped, without_lookalikes
from assistant.text.reading import TextReader
from assistant.text.sentences import source_sentences
from assistant.types.evidence import Evidence, NearMiss, Sentence, Source
from store.library.library import Library
from store.sentences.readings import Readings
from store.types import Filter, Paper, Ranks

if TYPE_CHECKING:
    from store.chroma.projection import DenseHits
    from store.lexical.index import WordHits

REREAD = 20
"""How many of the best papers are read to put them in order: 30 give no more."""

_PAPERS_CUT = 512
"""Papers whose sentences are kept as they were cut."""

SPEAKS_FROM, NEAR_BEST = 0.8, 0.6
"""A single paper speaks to a question or a topic from this calibrated chance on, and with this
share of the best paper's measure. Of the papers that the development questions over the pages
name (17 questions for several papers) .85 do, and of those that do .55 are named. The share was
not chosen on Cranfield: there F1 is .19 with it and .16 without."""


@dataclass(frozen=True, eq=False)
class Judged:
    """Papers of a ranking as they were read for a query, and the chance that they speak to it.

    `chances` and `measures` are those of each paper by itself.
    """

    ranked: tuple[Fused, ...]
    papers: tuple[Paper, ...]
    read: PapersRead
    relevance: Relevance
    asked: AskedTerms
    chance: float
    chances: list[float]
    measures: list[float]

    def sources(self, number: int | None = None) -> tuple[Source, ...]:
        """The first so many papers as sources."""
        each = zip(self.ranked[:number], self.papers[:number], strict=True)
        return tuple(
            _source(at + 1, one, paper, self.read.sentences(at, paper))
            for at, (one, paper) in enumerate(each)
        )


@dataclass(frozen=True, eq=False)
class _Read:
    """What was read for a query when papers were put in order: it is judged just after.

    `whole` is the share of the query's weight that each paper holds, by id.
    """

    query: str
    asked: AskedTerms
    papers: PapersRead
    whole: Mapping[str, float]


class Retriever:
    """Searches a library; synchronous, for a thread of its own."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._read: _Read | None = None
        self._vectors = SentenceVectors(library)
        self._reader = TextReader(library.sentence_embedder)
        self._sentences = lru_cache(maxsize=_PAPERS_CUT)(source_sentences)

    @property
    def similarity(self) -> Similarity | None:
        """Cosine similarities of two lists of texts; None without an embedder."""
        return None if self._library.sentence_embedder is None else self._vectors.similarity

    def respelled(self, query: str) -> Respelled:
        """A query with its typing mistakes mended."""
        unknown = self._library.unknown_words(written_words(query))
        return respelled(
            query, lambda word: self._library.near_words(word) if word in unknown else ()
        )

    def ranked(self, query: str, wanted: Filter) -> list[Fused]:
        """Papers by fused score; papers that share neither word nor sense are left out.

        Typing mistakes are mended, versions of one paper are not put together.
        """
        return self.ranked_as_spelt(self.respelled(query).text, wanted)

    def ranked_as_spelt(self, query: str, wanted: Filter, depth: int = LIST_LENGTH) -> list[Fused]:
        """What `ranked` gives for a query that is searched as it is written.

        `depth` is how many papers each list gives to the fusion, never fewer than usual.
        """
        return self.speaking(self._fused(query, wanted, depth))

    def speaking(self, ranked: Sequence[Fused]) -> list[Fused]:
        """Those of a ranking that share a word with the query, or enough of its sense."""
        usual = calibration_of(self._library.embedder)
        return [one for one in ranked if speaks(one, usual)]

    def _fused(self, query: str, wanted: Filter, depth: int = LIST_LENGTH) -> list[Fused]:
        within = self._library.within(wanted)
        if within is not None and not within:
            return []
        depth = max(depth, LIST_LENGTH)
        words = self._library.word_hits(query, depth, within)
        also = [name for name, _ in words.ranked]
        near = self._library.dense_hits(query, depth, within, also)
        ranked = self._reread(query, self.fuse(words, near))
        return ranked if near is None else self._by_tokens(query, ranked, near)

    def _by_tokens(self, query: str, ranked: list[Fused], near: DenseHits) -> list[Fused]:
        """A ranking put in order by tokens, where the embedder tells them apart."""
        read = self._read
        if near.question is None or read is None or read.query != query:
            return ranked
        share = max((read.whole.get(one.id, 0.0) for one in ranked[:LOOKED_AT]), default=0.0)
        signs = self._library.token_signs([one.id for one in ranked[:COMPARED]])
        return reordered(ranked, query, read.asked.core, near.question, signs, share)

    def _reread(self, query: str, ranked: list[Fused]) -> list[Fused]:
        """A ranking whose first papers are put in order anew, by how much of the query they say."""
        asked = self._asked(query)
        if not asked.core or not ranked:
            return ranked
        read = self.read(query, asked, [one.id for one in ranked[:REREAD]])
        whole, sentence = (each.tolist() for each in read.coverage.held(asked.core))
        self._read = _Read(query, asked, read, dict(zip(read.ids, whole, strict=True)))
        usual = calibration_of(self._library.embedder)
        similar = read.nearest()
        nearest = [0.0] * len(whole) if similar is None else similar.tolist()
        shares = {
            name: (covered_share(own, best, usual.by_sentence), usual.by_similarity * near)
            for name, own, best, near in zip(read.ids, whole, sentence, nearest, strict=True)
        }
        first = [_gaining(one, *shares[one.id]) for one in ranked[:REREAD] if one.id in shares]
        return [*sorted(first, key=lambda one: (-one.score, one.id)), *ranked[REREAD:]]

    def _asked(self, query: str) -> AskedTerms:
        return AskedTerms.of(query, LibraryStatistics(self._library, [query]))

    def read(self, query: str, asked: AskedTerms, ids: Sequence[str]) -> PapersRead:
        """What is kept of the texts of papers, held against a query and all its terms."""
        found = self._library.embed([query])
        vector = None if found is None else found[0]
        return PapersRead.of(self.readings(ids), tuple(asked.every), vector)

    def readings(self, ids: Sequence[str]) -> Readings:
        """What is kept of the texts of papers; read now where the library keeps nothing."""
        kept = self._library.readings(ids)
        if kept is not None:
            return kept
        texts = self._library.texts(ids)
        return self._reader.read([(name, *texts[name]) for name in ids if name in texts])

    def fuse(self, words: WordHits, near: DenseHits | None) -> list[Fused]:
        """Two lists of the library's as one."""
        dense = None
        if near is not None:
            chance = near.chance
            dense = DenseList(near.ranked, near.also, chance.mean, chance.spread, chance.number)
        return fuse(words.ranked, words.spread, dense, calibration_of(self._library.embedder))

    def judge(self, query: str, ranked: Sequence[Fused]) -> Judged:
        """Read the papers of a ranking and tell how far they speak to the query."""
        before = self._read
        if before is not None and before.query == query:
            asked, read = before.asked, before.papers
        else:
            asked, read = self._asked(query), None
        ids = [one.id for one in ranked]
        if read is None or not set(ids) <= set(read.ids):
            read = self.read(query, asked, ids)
        papers = self._library.papers_by_id(ids)
        there = [one for one in ranked if one.id in papers and one.id in read.ids]
        kept = tuple(papers[one.id] for one in there)
        read = read.chosen([one.id for one in there])
        read = read.refined_nearest(kept, self.similar_to(query))
        relevance = Relevance.of(asked, read)
        total, usual = self._library.count(), calibration_of(self._library.embedder)
        each = [one.dense_score for one in there]
        measures = relevance.measures().tolist() if asked.core else [0.0] * len(there)
        best = max((one for one in each[:FEW_SOURCES] if one is not None), default=None)
        whole = relevance.together(FEW_SOURCES) if asked.core else 0.0
        return Judged(
            ranked=tuple(there),
            papers=kept,
            read=read,
            relevance=relevance,
            asked=asked,
            chance=chance(whole, best, total, usual) if there else 0.0,
            chances=[
                chance(one, cosine, total, usual)
                for one, cosine in zip(measures, each, strict=True)
            ],
            measures=measures,
        )

    def best_sentences(self, query: str, judged: Judged, number: int) -> list[Sentence]:
        """Of each of the first so many papers the sentence that speaks most to the query."""
        papers = judged.papers[:number]
        read = judged.read.chosen([one.id for one in papers])
        every, similar_to = judged.asked.every, self.similar_to(query)
        rows = read.coverage.best(read.refined_scores(papers, every, similar_to, titled=False))
        texts = read.texts(rows, papers)
        return [
            Sentence(index=read.index(row), start=start, end=end, text=text)
            for row, start, end, text in zip(
                rows.tolist(),
                read.starts[rows].tolist(),
                read.ends[rows].tolist(),
                texts,
                strict=True,
            )
        ]

    def similar_to(self, query: str) -> SimilarTo:
        """The similarities of texts to a query."""
        return lambda texts: self._vectors.similarity([query], texts)[0]

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

    def _beside(self, question: str, ranked: list[Fused], also: Sequence[str]) -> list[Fused]:
        """A ranking with papers that the lists do not hold, read as its first ones are."""
        there = {one.id for one in ranked[:REREAD]}
        known = {one.id: one for one in ranked if one.id in also}
        more = [
            known.get(name) or Fused(name, 0.0, None, None, None, None)
            for name in dict.fromkeys(also)
            if name not in there
        ]
        if not more:
            return ranked
        rest = [one for one in ranked if one.id in there or one.id not in also]
        read = self._reread(question, more)
        return sorted([*rest, *read], key=lambda one: (-one.score, one.id))

    def _speaking_sources(
        self, best: Sequence[Fused], judged: Judged, also: Sequence[str]
    ) -> tuple[Source, ...]:
        """The sources of the best papers, without those that do not speak to the question."""
        heard = {one.id for one in self.speaking(best)}
        speaking = [one for one in best if one.id in heard or one.id in also]
        whole = len(speaking) == len(best)
        return judged.sources(len(best)) if whole else self._sources(speaking)

    def _near_misses(self, query: str, judged: Judged) -> tuple[NearMiss, ...]:
        """The papers that come closest, with their nearest sentences."""
        misses = near_misses(judged.asked, judged.relevance, judged.papers)
        papers = {one.id: one for one in judged.papers}
        there = [papers[one.id] for one in misses]
        read = judged.read.chosen([one.id for one in misses])
        core, similar_to = judged.asked.core, self.similar_to(query)
        scores = read.refined_scores(there, core, similar_to, titled=True)
        rows = read.coverage.best(scores)
        texts = read.texts(rows, there)
        best = zip(scores[rows].tolist(), map(read.index, rows), texts, strict=True)
        return with_quotes(misses, dict(zip(read.ids, best, strict=True)))

    def _one_of_each(self, ranked: Sequence[Fused], limit: int) -> list[Fused]:
        """The first papers of a ranking, of several versions of one only the best-ranked."""
        by_id = {one.id: one for one in ranked[: compared(limit)]}
        groups, _ = self.versions(list(by_id), limit)
        return [by_id[group[0]] for group in groups]

    def versions(
        self, ids: Sequence[str], limit: int
    ) -> tuple[list[tuple[str, ...]], dict[str, Paper]]:
        """The first papers of a ranking, each with its versions, and the papers read for that."""
        vectors = self._library.vectors(ids)
        alone = set() if vectors is None else without_lookalikes(*vectors)
        papers = self._library.papers_by_id([name for name in ids if name not in alone])
        return grouped(ids, papers, limit, alone), papers

    def of_papers(self, ids: Sequence[str]) -> Evidence:
        """Evidence made of papers that were named, in this order; ids not there are left out."""
        sources = self._sources([Fused(one, 1.0, None, None, None, None) for one in ids])
        return Evidence(sources=sources, considered=len(sources))

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

    def _sources(self, ranked: Sequence[Fused]) -> tuple[Source, ...]:
        papers = self._library.papers_by_id([one.id for one in ranked])
        there = [(one, papers[one.id]) for one in ranked if one.id in papers]
        return tuple(
            _source(number, one, paper, self._sentences(paper.title, paper.abstract))
            for number, (one, paper) in enumerate(there, 1)
        )


def _gaining(one: Fused, covered: float, similar: float) -> Fused:
    """A paper with what it gains by the words of its text, and by the nearest sentence."""
    score = round(one.score + covered + similar, SCORE_DIGITS)
    return replace(one, score=score, covered_share=covered, similar_share=similar)


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


def speaks(one: Fused, usual: Calibration) -> bool:
    """True when a paper shares a word with the query, or is as near as random papers are.

    Papers of another field are farther off: half a standard deviation below the mean.
    """
    return one.lexical_rank is not None or (
        one.dense_score is not None and one.dense_score >= usual.mean - usual.spread / 2
    )


def ranks(one: Fused) -> Ranks:
    """Where a paper stands in the two lists."""
    return Ranks(lexical=one.lexical_rank, dense=one.dense_rank)


def _source(number: int, one: Fused, paper: Paper, sentences: tuple[Sentence, ...]) -> Source:
    return Source(
        number=number, paper=paper, sentences=sentences, score=one.score, ranks=ranks(one)
    )
