"""Papers in order for a query: two lists fused, the first papers read, versions told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from assistant.query.spelling import Respelled, respelled, written_words
from assistant.retrieval.answerability import (
    AskedTerms,
    covered_share,
    with_names,
)
from assistant.retrieval.calibration import calibration_of
from assistant.retrieval.evidence_similarity import Similarity
from assistant.retrieval.fusion import (
    LIST_LENGTH,
    SCORE_DIGITS,
    Calibration,
    DenseList,
    Fused,
    fuse,
)
from assistant.retrieval.late_interaction import COMPARED, LOOKED_AT, reordered
from assistant.retrieval.papers_read import PapersRead
from assistant.retrieval.sentence_vectors import SentenceVectors
from assistant.retrieval.term_statistics import LibraryStatistics
from assistant.retrieval.versions import compared, grouped, without_lookalikes
from assistant.text.reading import TextReader
from store.library.library import Library
from store.sentences.readings import Readings
from store.types import Filter, Paper

if TYPE_CHECKING:
    from store.chroma.projection import DenseHits
    from store.lexical.held import HeldName
    from store.lexical.index import WordHits
    from store.tokens.signs import QuestionTokens

REREAD = 20
"""How many of the best papers are read to put them in order: 30 give no more."""


@dataclass(frozen=True, eq=False)
class _Read:
    """What was read for a query when papers were put in order: it is judged just after.

    `whole` is the share of the query's weight that each paper holds, by id; `tokens` are those of
    the query, and `signs` those of the first papers by id, where the embedder tells tokens apart.
    `names` are those that the query asks for, with the papers that have them.
    """

    query: str
    asked: AskedTerms
    papers: PapersRead
    whole: Mapping[str, float]
    tokens: QuestionTokens | None = None
    signs: Mapping[str, bytes] = field(default_factory=dict)
    names: Sequence[HeldName] = ()


class Ranking:
    """Ranks the papers of a library; synchronous, for a thread of its own."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._read: _Read | None = None
        self._vectors = SentenceVectors(library)

    @cached_property
    def _reader(self) -> TextReader:
        return TextReader(self._library.sentence_embedder)

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
        self._read = replace(read, tokens=near.question, signs=signs)
        return reordered(ranked, query, read.asked.core, near.question, signs, share)

    def _reread(self, query: str, ranked: list[Fused]) -> list[Fused]:
        """A ranking whose first papers are put in order anew, by how much of the query they say."""
        asked = self._asked(query)
        if not asked.core or not ranked:
            return ranked
        read = self.read(query, asked, [one.id for one in ranked[:REREAD]])
        names = self._library.holding_names(query, read.ids)
        whole, sentence = (
            with_names(each, sum(asked.core.values()), read.ids, names).tolist()
            for each in read.coverage.held(asked.core)
        )
        self._read = _Read(query, asked, read, dict(zip(read.ids, whole, strict=True)), names=names)
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
        written = self._library.hyphenated(query)
        return AskedTerms.of(written, LibraryStatistics(self._library, [written]))

    def read(self, query: str, asked: AskedTerms, ids: Sequence[str]) -> PapersRead:
        """What is kept of the texts of papers, held against a query and all its terms."""
        vector = self._vectors.of(query)
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

    def versions(
        self, ids: Sequence[str], limit: int
    ) -> tuple[list[tuple[str, ...]], dict[str, Paper]]:
        """The first papers of a ranking, each with its versions, and the papers read for that."""
        vectors = self._library.vectors(ids)
        alone = set() if vectors is None else without_lookalikes(*vectors)
        papers = self._library.papers_by_id([name for name in ids if name not in alone])
        return grouped(ids, papers, limit, alone), papers

    def _one_of_each(self, ranked: Sequence[Fused], limit: int) -> list[Fused]:
        """The first papers of a ranking, of several versions of one only the best-ranked."""
        by_id = {one.id: one for one in ranked[: compared(limit)]}
        groups, _ = self.versions(list(by_id), limit)
        return [by_id[group[0]] for group in groups]


def _gaining(one: Fused, covered: float, similar: float) -> Fused:
    """A paper with what it gains by the words of its text, and by the nearest sentence."""
    score = round(one.score + covered + similar, SCORE_DIGITS)
    return one._replace(score=score, covered_share=covered, similar_share=similar)


def speaks(one: Fused, usual: Calibration) -> bool:
    """True when a paper shares a word with the query, or is as near as random papers are.

    Papers of another field are farther off: half a standard deviation below the mean.
    """
    return one.lexical_rank is not None or (
        one.dense_score is not None and one.dense_score >= usual.mean - usual.spread / 2
    )
