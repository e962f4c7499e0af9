"""How far the papers of a ranking speak to a query, and the sentences that do so most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.query.breadth import FEW_SOURCES
from assistant.retrieval.answerability import (
    AskedTerms,
    Relevance,
    chance,
    near_misses,
    with_quotes,
)
from assistant.retrieval.calibration import calibration_of
from assistant.retrieval.fusion import Fused
from assistant.retrieval.late_interaction import alikeness
from assistant.retrieval.papers_read import PapersRead, SimilarTo
from assistant.retrieval.ranking import Ranking
from assistant.types.evidence import NearMiss, Sentence, Source
from store.types import Paper, Ranks


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
            source_of(at + 1, one, paper, self.read.sentences(at, paper))
            for at, (one, paper) in enumerate(each)
        )


class Judging(Ranking):
    """Reads ranked papers and judges them by the calibrated measure."""

    def judge(self, query: str, ranked: Sequence[Fused]) -> Judged:
        """Read the papers of a ranking and tell how far they speak to the query."""
        before = self._read
        if before is not None and before.query == query:
            asked, read = before.asked, before.papers
        else:
            asked, read = self._asked(query), None
        ids = [one.id for one in ranked]
        names = () if before is None else before.names
        if read is None or not set(ids) <= set(read.ids):
            read = self.read(query, asked, ids)
            names = self._library.holding_names(query, ids)
        papers = self._library.papers_by_id(ids)
        there = [one for one in ranked if one.id in papers and one.id in read.ids]
        kept = tuple(papers[one.id] for one in there)
        read = read.chosen([one.id for one in there])
        read = read.refined_nearest(kept, self.similar_to(query))
        relevance = Relevance.of(asked, read, names)
        total, usual = self._library.count(), calibration_of(self._library.embedder)
        each = [one.dense_score for one in there]
        tells = bool(asked.core or names)
        measures = relevance.measures().tolist() if tells else [0.0] * len(there)
        best = max((one for one in each[:FEW_SOURCES] if one is not None), default=None)
        whole = relevance.together(FEW_SOURCES) if tells else 0.0
        alike = self._alike(query, there[:FEW_SOURCES])
        return Judged(
            ranked=tuple(there),
            papers=kept,
            read=read,
            relevance=relevance,
            asked=asked,
            chance=chance(whole, best, total, usual, alike) if there else 0.0,
            chances=[
                chance(one, cosine, total, usual)
                for one, cosine in zip(measures, each, strict=True)
            ],
            measures=measures,
        )

    def _alike(self, query: str, first: Sequence[Fused]) -> float | None:
        """How near the tokens of the nearest paper are; None where they were not compared."""
        read = self._read
        if read is None or read.query != query or read.tokens is None:
            return None
        return alikeness(read.tokens, [read.signs.get(one.id, b"") for one in first])

    def best_sentences(self, query: str, judged: Judged, number: int) -> list[Sentence]:
        """Of each of the first so many papers the sentence that speaks most to the query."""
        papers = judged.papers[:number]
        read = judged.read.chosen([one.id for one in papers])
        every, similar_to = judged.asked.every, self.similar_to(query)
        rows = read.best_rows(papers, every, similar_to, titled=False)
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


def ranks(one: Fused) -> Ranks:
    """Where a paper stands in the two lists."""
    return Ranks(lexical=one.lexical_rank, dense=one.dense_rank)


def source_of(number: int, one: Fused, paper: Paper, sentences: tuple[Sentence, ...]) -> Source:
    """A ranked paper as a source."""
    return Source(
        number=number, paper=paper, sentences=sentences, score=one.score, ranks=ranks(one)
    )
