"""A reader's search: the query read, papers ranked, versions put together, hits explained."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from assistant.query.breadth import FEW_SOURCES
from assistant.query.syntax import Query, parse_query
from assistant.retrieval.answerability import SPEAKS_THRESHOLD
from assistant.retrieval.fusion import LIST_LENGTH, Fused
from assistant.retrieval.judging import ranks
from assistant.retrieval.retriever import Retriever
from assistant.retrieval.versions import compared, grouped, is_same_work, sketch
from assistant.text.paper_language import ending_notes
from assistant.types.search import Explanation, Found, SearchResult
from store.lexical.stopwords import STOP_WORDS
from store.library.library import Library
from store.pattern import pattern
from store.types import Filter, Paper, Ranks

if TYPE_CHECKING:
    from store.ledger.vectors import Vectors

NOTHING_CLEAR = "nothing in this library clearly speaks to that; these papers come nearest"
ONLY_FIELDS = "no words to rank by: the papers added last come first"


class Searcher:
    """Searches a library for a reader; synchronous, for a thread of its own."""

    def __init__(self, library: Library, retriever: Retriever) -> None:
        self._library = library
        self._retriever = retriever

    def search(
        self, text: str, limit: int, wanted: Filter, *, explain: bool = False
    ) -> SearchResult:
        """The best papers for a query in the syntax of `parse_query`; raises QuerySyntaxError.

        `limit` counts papers, each with its versions. `explain` says why each stands there.
        """
        query = parse_query(text)
        left_out = [one.narrowed(Filter()) for one in query.without]
        wanted = self._library.leaving_out(query.narrowed(wanted), left_out)
        notes = [*query.notes]
        worded = self._library.worded(wanted, query.required, query.excluded)
        hits: tuple[Found, ...] = ()
        if worded is None:
            notes += self._hints(query)
        elif not query.text:
            hits = self._listed(worded, limit)
            notes.append(ONLY_FIELDS)
        else:
            spelt = self._retriever.respelled(query.text)
            ranked = self._retriever.ranked_as_spelt(spelt.text, worded, compared(limit))
            reasons = spelt.text if explain else None
            hits, chance = self._hits(ranked, limit, spelt.text, reasons)
            notes += spelt.notes
            if hits and chance < SPEAKS_THRESHOLD:
                notes.append(NOTHING_CLEAR)
        notes += self._retriever.notes(wanted)
        notes += ending_notes(one.paper for one in hits)
        return SearchResult(query=text, hits=hits, notes=tuple(dict.fromkeys(notes)))

    def similar(
        self, paper: Paper, limit: int, wanted: Filter, *, explain: bool = False
    ) -> SearchResult:
        """The papers nearest to one, by its own vector and by its most telling words.

        The paper itself and further records of it are no hits. Scores are standard deviations
        above chance.
        """
        text = telling_words(paper, self._library.document_frequency)
        vectors = self._library.vectors([paper.id])
        ranked = self._near(paper, text, vectors, wanted, max(compared(limit), LIST_LENGTH) + 1)
        notes = [] if vectors else ["this paper has no vector: compared by words alone"]
        notes += [] if paper.abstract else ["this paper has no abstract: compared by its title"]
        own, ids = sketch(paper), [one.id for one in ranked[: compared(limit)]]
        records = self._library.papers_by_id(ids)
        versions = {
            name: records[name]
            for name in ids
            if name in records and is_same_work(own, sketch(records[name]))
        }
        others = [one for one in ranked if one.id not in versions]
        hits, _ = self._hits(others, limit, paper.title, text if explain else None)
        scores = {one.id: one.score for one in ranked}
        return SearchResult(
            query=paper.title,
            paper=paper,
            versions=tuple(versions.values()),
            hits=tuple(one.model_copy(update={"score": scores[one.paper.id]}) for one in hits),
            notes=(*notes, *self._retriever.notes(wanted)),
        )

    def _near(
        self,
        paper: Paper,
        text: str,
        vectors: tuple[list[str], Vectors] | None,
        wanted: Filter,
        depth: int,
    ) -> list[Fused]:
        """The other papers by their nearness to one that has such words and such a vector."""
        within = self._library.within(wanted)
        if within is not None and not within:
            return []
        words = self._library.word_hits(text, depth, within)
        near = None
        if vectors is not None:
            also = [name for name, _ in words.ranked]
            near = self._library.nearest(vectors[1][0], depth, within, also)
        ranked = self._retriever.fuse(words, near)
        return [one for one in self._retriever.speaking(ranked) if one.id != paper.id]

    def _listed(self, wanted: Filter, limit: int) -> tuple[Found, ...]:
        """The papers a filter leaves, the last added first, as hits of no query."""
        ids = self._library.ids(wanted)[::-1][: compared(limit)]
        papers = self._library.papers_by_id(ids)
        return tuple(
            Found(
                rank=rank,
                paper=papers[group[0]],
                score=0.0,
                ranks=Ranks(),
                versions=tuple(papers[name] for name in group[1:]),
            )
            for rank, group in enumerate(grouped(ids, papers, limit), 1)
        )

    def _hints(self, query: Query) -> list[str]:
        """Why nothing was found: words that must be there, with what they may have meant."""
        asked = [
            f"“{one.text}”" + (" in its title" if one.in_title else "") for one in query.required
        ]
        spelt = self._retriever.respelled(" ".join(one.text for one in query.required))
        return [f"no paper has {' and '.join(asked)}", *spelt.guesses]

    def _groups(
        self, ranked: Sequence[Fused], limit: int
    ) -> tuple[list[tuple[str, ...]], dict[str, Paper]]:
        """The first papers of a ranking with their versions, best first, and what they hold."""
        ids = [one.id for one in ranked]
        groups, papers = self._retriever.versions(ids[: compared(limit)], limit)
        if len(groups) < limit and len(ids) > compared(limit):
            groups, papers = self._retriever.versions(ids, limit)
        return groups, papers

    def _hits(
        self, ranked: Sequence[Fused], limit: int, text: str, reasons: str | None
    ) -> tuple[tuple[Found, ...], float]:
        """Ranked papers as hits, and the calibrated chance that the library speaks to a text.

        That chance is the score of the first; it means the same in libraries of any size. The
        others' never rise again. `reasons` are the words looked up, to say why each hit is one.
        """
        by_id = {one.id: one for one in ranked}
        groups, papers = self._groups(ranked, max(limit, FEW_SOURCES))
        judged = self._retriever.judge(text, [by_id[group[0]] for group in groups])
        scores = list(accumulate(judged.chances[::-1], max))[::-1]
        sentences = self._retriever.best_sentences(text, judged, limit)
        versions = {group[0]: group[1:] for group in groups}
        hits = [
            Found(
                rank=at + 1,
                paper=paper,
                score=round(min(scores[at], judged.chance) if at else judged.chance, 4),
                ranks=ranks(by_id[paper.id]),
                sentence=sentence,
                versions=tuple(papers[name] for name in versions[paper.id]),
                explanation=None
                if reasons is None
                else self._explanation(reasons, by_id[paper.id], paper),
            )
            for at, (paper, sentence) in enumerate(zip(judged.papers, sentences, strict=False))
        ]
        return tuple(hits), judged.chance

    def _explanation(self, text: str, one: Fused, paper: Paper) -> Explanation:
        words = self._library.matches(text, paper)
        matched = [word for word in words if word.title or word.abstract or word.authors]
        return Explanation(
            fused=one.score,
            parts={
                "lexical": round(one.lexical_share, 4),
                "dense": round(one.dense_share, 4),
                "covered": round(one.covered_share, 4),
                **({"similar": round(one.similar_share, 4)} if one.similar_share else {}),
                **({"tokens": round(one.token_share, 4)} if one.token_share else {}),
            },
            lexical_score=one.lexical_score,
            dense_score=one.dense_score,
            matched=tuple(sorted(matched, key=lambda word: -word.idf)),
            missing=tuple(word.word for word in words if word not in matched),
        )


MOST_WORDS = 25
"""Words taken of an abstract, beside all of the title."""
_APART = " and "
_WORD = pattern(r"[^\W\d_][^\W_]+")


def telling_words(paper: Paper, document_frequency: Callable[[str], int]) -> str:
    """The words of a title, and those of the abstract with the greatest tf·idf, as one text.

    A word that no other paper holds finds none, and is left out.
    """
    counts = Counter(word.lower() for word in _words(f"{paper.title}. {paper.abstract}"))
    holding = {word: document_frequency(word) for word in counts}
    total = max(holding.values(), default=1)
    weight = {
        word: number * math.log(1 + total / holding[word])
        for word, number in counts.items()
        if holding[word] > 1
    }
    best = sorted(weight, key=lambda word: (-weight[word], word))[:MOST_WORDS]
    # Neighbouring words are looked up as pairs too: those of the abstract are no neighbours.
    return _APART.join((paper.title, *best))


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if word.lower() not in STOP_WORDS]
