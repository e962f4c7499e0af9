"""What tools give: the schemas that a client is shown, and values as these."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict

from assistant.answers.references import address_of
from assistant.types.answers import Answer, Reference
from assistant.types.claims import Claim
from assistant.types.search import Found, SearchResult
from store.types import Paper

PAPER_URI = "quire://paper/"
"""Before the id of a paper: its address as a resource."""

MOST_HITS = 50
MOST_CLAIMS = 200
MOST_AUTHORS = 20
LONGEST_TEXT = 20_000
LONGEST_QUOTE = 2_000
"""Bounds of a result, in entries and characters; what goes beyond is cut, and ends so: …"""


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SentenceShape(_Shape):
    """A sentence of an abstract; 0 is the title."""

    index: int
    text: str


class HitShape(_Shape):
    """A ranked paper, with the sentence that speaks most to the query."""

    rank: int
    id: str
    uri: str
    title: str
    authors: list[str]
    year: int | None
    url: str | None
    retracted: bool
    score: float
    sentence: SentenceShape | None


class SearchShape(_Shape):
    """What a search found; `notes` say what a reader should know of it."""

    query: str
    hits: list[HitShape]
    notes: list[str]


class PaperShape(_Shape):
    """A paper with its abstract."""

    id: str
    uri: str
    title: str
    abstract: str
    authors: list[str]
    year: int | None
    venue: str | None
    doi: str | None
    arxiv_id: str | None
    url: str | None
    retracted: bool
    tags: list[str]
    status: str


class CitationShape(_Shape):
    """Sentences of one paper that a claim cites, counted from 1 (0: the title), and their text."""

    number: int
    id: str
    sentences: list[int]
    quote: str
    verdict: str


class ClaimShape(_Shape):
    """A sentence of the answer; `approved` only where its source says it as a check found."""

    text: str
    verdict: str
    checked_by: str
    approved: bool
    reasons: list[str]
    citations: list[CitationShape]


class ReferenceShape(_Shape):
    """A paper that the answer cites as [number]."""

    number: int
    id: str
    uri: str
    title: str
    authors: list[str]
    year: int | None
    url: str | None
    retracted: bool


class NearMissShape(_Shape):
    """A paper that came close, and why it does not do."""

    id: str
    title: str
    score: float
    why: str


class UsageShape(_Shape):
    """What the answer took; cost in USD, null where the price is not known."""

    calls: int
    input_tokens: int
    output_tokens: int
    cost: float | None


class AnswerShape(_Shape):
    """A checked answer.

    `outcome` is answered, uncited, not_in_collection, interrupted, cut or declined; one that is
    not `sure` holds the nearest sentences, which may not answer.
    """

    question: str
    outcome: str
    sure: bool
    text: str
    claims: list[ClaimShape]
    references: list[ReferenceShape]
    near_misses: list[NearMissShape]
    note: str
    model: str
    usage: UsageShape


def found_shape(result: SearchResult) -> SearchShape:
    """The result of a search, or of papers similar to one."""
    hits = [_hit(one) for one in result.hits]
    return SearchShape(query=clipped(result.query), hits=hits, notes=list(result.notes))


def _hit(found: Found) -> HitShape:
    sentence = None
    if (best := found.sentence) is not None:
        sentence = SentenceShape(index=best.index, text=clipped(best.text, LONGEST_QUOTE))
    return HitShape(rank=found.rank, score=found.score, sentence=sentence, **_of_paper(found.paper))


def _of_paper(paper: Paper) -> dict[str, Any]:
    return {
        "id": paper.id,
        "uri": f"{PAPER_URI}{paper.id}",
        "title": clipped(paper.title, LONGEST_QUOTE),
        "authors": _first(paper.authors),
        "year": paper.year,
        "url": address_of(paper),
        "retracted": paper.is_retracted,
    }


def paper_shape(paper: Paper) -> PaperShape:
    """A paper; the reader's own notes are nobody else's."""
    return PaperShape(
        abstract=clipped(paper.abstract),
        venue=paper.venue,
        doi=paper.doi,
        arxiv_id=paper.arxiv_id,
        tags=list(paper.tags),
        status=paper.status,
        **_of_paper(paper),
    )


def answer_shape(answer: Answer) -> AnswerShape:
    """An answer, without the conversation that nobody keeps."""
    cut = len(answer.claims) - MOST_CLAIMS
    more = f"{cut} more claims are left out here" if cut > 0 else ""
    usage = answer.usage
    return AnswerShape(
        question=clipped(answer.question),
        outcome=answer.outcome,
        sure=answer.sure,
        text=clipped(answer.text),
        claims=[_claim(one) for one in answer.claims[:MOST_CLAIMS]],
        references=[_reference(one) for one in answer.references[:MOST_CLAIMS]],
        near_misses=[
            NearMissShape(id=one.id, title=one.title, score=one.score, why=one.why)
            for one in answer.near_misses[:MOST_HITS]
        ],
        note="; ".join(filter(None, (answer.note, more))),
        model=answer.model,
        usage=UsageShape(
            calls=usage.calls,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cost=usage.cost,
        ),
    )


def _claim(claim: Claim) -> ClaimShape:
    return ClaimShape(
        text=clipped(claim.text),
        verdict=claim.verdict,
        checked_by=claim.checked_by,
        approved=claim.is_approved,
        reasons=list(claim.reasons),
        citations=[
            CitationShape(
                number=one.number,
                id=one.id,
                sentences=list(one.sentences),
                quote=clipped(one.quote, LONGEST_QUOTE),
                verdict=one.verdict,
            )
            for one in claim.citations
        ],
    )


def _reference(one: Reference) -> ReferenceShape:
    return ReferenceShape(
        number=one.number,
        id=one.id,
        uri=f"{PAPER_URI}{one.id}",
        title=clipped(one.title, LONGEST_QUOTE),
        authors=_first(one.authors),
        year=one.year,
        url=one.url,
        retracted=one.retracted,
    )


def clipped(text: str, most: int = LONGEST_TEXT) -> str:
    """A text of at most so many characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _first(names: Iterable[str]) -> list[str]:
    named = list(names)
    return named if len(named) <= MOST_AUTHORS else [*named[:MOST_AUTHORS], "…"]
