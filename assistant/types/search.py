"""What a search finds, and why."""

from __future__ import annotations

from assistant.types.evidence import Sentence
from store.types import Paper, Ranks, TermMatch
from store.value import Value


class Explanation(Value):
    """Why a paper stands where it stands.

    `fused` is the score that papers are ordered by, in standard deviations above chance, and
    `parts` what each list gave to it; raw scores are BM25 and cosine similarity. `matched` and
    `missing` are the words of the query that the paper has and lacks.
    """

    fused: float
    parts: dict[str, float]
    lexical_score: float | None
    dense_score: float | None
    matched: tuple[TermMatch, ...] = ()
    missing: tuple[str, ...] = ()


class Found(Value):
    """A ranked paper of a search, with the sentence that speaks most to the query.

    `rank` counts papers, not their versions; `versions` are further records of this paper.
    """

    rank: int
    paper: Paper
    score: float
    ranks: Ranks
    sentence: Sentence | None = None
    versions: tuple[Paper, ...] = ()
    explanation: Explanation | None = None


class SearchResult(Value):
    """What a search found; `notes` are lines for the reader (what a filter left out).

    For papers similar to one, `paper` is that one and `versions` are further records of it.
    """

    query: str
    paper: Paper | None = None
    versions: tuple[Paper, ...] = ()
    hits: tuple[Found, ...] = ()
    notes: tuple[str, ...] = ()
