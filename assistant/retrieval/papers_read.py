"""What was read of some papers, held against one query: their sentences, terms and similarities."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, repeat
from typing import TYPE_CHECKING

from assistant.retrieval.evidence_similarity import POINTING_SIMILARITY
from assistant.retrieval.sentence_coverage import SentenceCoverage
from assistant.text.sentences import source_sentences
from assistant.types.evidence import Sentence
from store.sentences.readings import Readings
from store.types import Paper, PaperText

if TYPE_CHECKING:
    from assistant.retrieval.sentence_coverage import Shares
    from store.ledger.vectors import Keys, Vectors

SimilarTo = Callable[[Sequence[str]], Sequence[float]]
"""The similarity of each of some texts to the query, told from vectors that are not quantised."""

_MARGIN = 0.03
"""How far two similarities from quantised vectors are off at most, one from the other: five
standard deviations of one of them."""


@dataclass(frozen=True, eq=False)
class PapersRead:
    """What was read of n papers with m sentences: borders, terms, and similarities to a query.

    `starts` and `ends` have shape (m,), in characters, as `Readings` has them; `similar`, shape
    (m,), is None without an embedder, and from quantised vectors but where it was `refined`.
    """

    ids: tuple[str, ...]
    starts: Keys
    ends: Keys
    coverage: SentenceCoverage
    similar: Shares | None

    @classmethod
    def of(cls, readings: Readings, asked: Sequence[str], vector: Vectors | None) -> PapersRead:
        """Hold the readings of papers against a query: its terms, and its vector, shape (d,)."""
        import numpy as np

        coverage = SentenceCoverage.of(asked, readings)
        is_known = vector is not None and readings.codes.shape[1] == len(vector)
        similar = (
            readings.similarities(vector).astype(np.float64)
            if vector is not None and is_known
            else None
        )
        return cls(readings.ids, readings.starts, readings.ends, coverage, similar)

    def chosen(self, ids: Sequence[str]) -> PapersRead:
        """The same of some of the papers, in this order; raises KeyError for others."""
        import numpy as np

        places = {name: at for at, name in enumerate(self.ids)}
        at = np.array([places[name] for name in ids], dtype=np.int64)
        each = np.diff(self.coverage.first)[at]
        first = np.concatenate([[0], each.cumsum()])
        rows = np.arange(first[-1]) + np.repeat(self.coverage.first[at] - first[:-1], each)
        coverage = replace(self.coverage, shares=self.coverage.shares[:, rows], first=first)
        similar = None if self.similar is None else self.similar[rows]
        return PapersRead(tuple(ids), self.starts[rows], self.ends[rows], coverage, similar)

    def nearest(self) -> Shares | None:
        """The greatest similarity of each paper's sentences, at least 0, shape (n,)."""
        if self.similar is None:
            return None
        found: Shares = self.coverage.greatest(self.similar).clip(min=0.0)
        return found

    def refined_nearest(
        self, papers: Sequence[Paper | PaperText], similar_to: SimilarTo
    ) -> PapersRead:
        """The same with true similarities of the sentences that may be the nearest of a paper."""
        import numpy as np

        if self.similar is None:
            return self
        best = self.coverage.greatest(self.similar)[self.coverage.papers]
        return self._refined(np.flatnonzero(self.similar >= best - _MARGIN), papers, similar_to)

    def refined_scores(
        self,
        papers: Sequence[Paper | PaperText],
        weighted: Mapping[str, float],
        similar_to: SimilarTo,
        *,
        titled: bool,
    ) -> Shares:
        """What `SentenceCoverage.scores` gives, by true similarities of what may be a best one."""
        scores = self.coverage.scores(weighted, self.similar, titled=titled)
        if self.similar is None:
            return scores
        similar = self._refined(self._contenders(scores), papers, similar_to).similar
        return self.coverage.scores(weighted, similar, titled=titled)

    def best_rows(
        self,
        papers: Sequence[Paper],
        weighted: Mapping[str, float],
        similar_to: SimilarTo,
        *,
        titled: bool,
    ) -> Keys:
        """The row of each paper's best sentence by `refined_scores`, shape (n,).

        True similarities are told only where more than one sentence may be the best.
        """
        import numpy as np

        scores = self.coverage.scores(weighted, self.similar, titled=titled)
        if self.similar is not None:
            near = self._contenders(scores)
            of = self.coverage.papers[near]
            contested = near[np.bincount(of, minlength=len(self.ids))[of] > 1]
            if len(contested):
                similar = self._refined(contested, papers, similar_to).similar
                scores = self.coverage.scores(weighted, similar, titled=titled)
        return self.coverage.best(scores)

    def _contenders(self, scores: Shares) -> Keys:
        """The sentences that may be the best of their paper, by scores that are about right."""
        import numpy as np

        best = self.coverage.greatest(scores)[self.coverage.papers]
        return np.flatnonzero(scores >= best - _MARGIN * POINTING_SIMILARITY)

    def _refined(
        self, rows: Keys, papers: Sequence[Paper | PaperText], similar_to: SimilarTo
    ) -> PapersRead:
        assert self.similar is not None
        similar = self.similar.copy()
        similar[rows] = similar_to(self.texts(rows, papers))
        return replace(self, similar=similar)

    def index(self, row: int) -> int:
        """The index of a sentence in its paper, as it is addressed."""
        return int(row - self.coverage.first[self.coverage.papers[row]])

    def texts(self, rows: Keys, papers: Sequence[Paper | PaperText]) -> list[str]:
        """The texts of sentences; `papers` are all n papers, in order."""
        places = self.coverage.papers[rows]
        titles = (self.coverage.first[places] == rows).tolist()
        spans = zip(
            places.tolist(),
            titles,
            self.starts[rows].tolist(),
            self.ends[rows].tolist(),
            strict=True,
        )
        return [
            (papers[at].title if is_title else papers[at].abstract)[start:end]
            for at, is_title, start, end in spans
        ]

    def sentences(self, at: int, paper: Paper | PaperText) -> tuple[Sentence, ...]:
        """The sentences of paper `at` as they are addressed; cut anew where its text is another."""
        part = slice(self.coverage.first[at], self.coverage.first[at + 1])
        borders = list(zip(self.starts[part].tolist(), self.ends[part].tolist(), strict=True))
        if not _is_of(paper, borders):
            return source_sentences(paper.title, paper.abstract)
        return tuple(
            Sentence(index=index, start=start, end=end, text=text[start:end])
            for index, (text, (start, end)) in enumerate(zip(_texts(paper), borders, strict=False))
        )

    def sentence_texts(self, papers: Sequence[Paper | PaperText]) -> Iterator[list[str]]:
        """The texts of the `sentences` of each paper; `papers` are all n papers, in order."""
        first = self.coverage.first.tolist()
        every = list(zip(self.starts.tolist(), self.ends.tolist(), strict=True))
        for at, paper in enumerate(papers):
            borders = every[first[at] : first[at + 1]]
            if _is_of(paper, borders):
                spans = zip(_texts(paper), borders, strict=False)
                yield [text[start:end] for text, (start, end) in spans]
            else:
                yield [one.text for one in source_sentences(paper.title, paper.abstract)]


def _is_of(paper: Paper | PaperText, borders: Sequence[tuple[int, int]]) -> bool:
    """True where these are the borders of a paper's sentences, not of another text it had."""
    last = paper.abstract if len(borders) > 1 else paper.title
    return borders[-1][1] == len(last.rstrip())


def _texts(paper: Paper | PaperText) -> Iterator[str]:
    """The text that each sentence of a paper stands in."""
    return chain((paper.title,), repeat(paper.abstract))
