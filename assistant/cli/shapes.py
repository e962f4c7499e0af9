"""Values as the JSON that scripts rely on."""

from __future__ import annotations

from typing import Any

from assistant.citations.references import address_of
from assistant.types.answers import Answer
from assistant.types.events import (
    AnswerDone,
    AskedAgain,
    ClaimChecked,
    Event,
    EvidenceFound,
    Progress,
    TextDelta,
    Thinking,
)
from assistant.types.evidence import Evidence
from assistant.types.search import Explanation, Found, SearchResult
from store.text_links import find_links
from store.types import IngestReport, Paper

Shape = dict[str, Any]


def search_shape(result: SearchResult) -> Shape:
    """`quire search --json` and `quire similar --json`."""
    paper = result.paper
    own = {"paper": paper.id, "versions": _versions(result.versions)} if paper else {}
    return {
        "query": result.query,
        **own,
        "hits": [_hit(one) for one in result.hits],
        "notes": list(result.notes),
    }


def _hit(found: Found) -> Shape:
    sentence, why = found.sentence, found.explanation
    return {
        "rank": found.rank,
        "id": found.paper.id,
        "title": found.paper.title,
        "year": found.paper.year,
        "authors": list(found.paper.authors),
        "score": found.score,
        "ranks": {"lexical": found.ranks.lexical, "dense": found.ranks.dense},
        "sentence": None if sentence is None else {"index": sentence.index, "text": sentence.text},
        "url": address_of(found.paper),
        "versions": _versions(found.versions),
        **({"explain": _explanation(found, why)} if why else {}),
    }


def _versions(papers: tuple[Paper, ...]) -> list[Shape]:
    return [
        {"id": one.id, "title": one.title, "year": one.year, "venue": one.venue} for one in papers
    ]


def _explanation(found: Found, why: Explanation) -> Shape:
    return {
        "score": found.score,
        "fused": why.fused,
        "parts": why.parts,
        "lexical": {"rank": found.ranks.lexical, "score": why.lexical_score},
        "dense": {"rank": found.ranks.dense, "score": why.dense_score},
        "matched": [one.model_dump() for one in why.matched],
        "missing": list(why.missing),
    }


def answer_shape(answer: Answer) -> Shape:
    """`quire ask --json` and `quire summarize --json`."""
    whole = answer.model_dump()
    for claim in whole["claims"]:
        del claim["start"], claim["end"]
    if answer.coverage is None:
        del whole["coverage"], whole["papers"]
    whole["prompt"] = whole["prompt"] or {"name": answer.model, "version": "1", "digest": ""}
    return whole


def event_shape(event: Event) -> Shape | None:
    """One line of --jsonl; None for what has no line there."""
    match event:
        case EvidenceFound():
            return {"event": "evidence", "sources": _sources(event.evidence)}
        case TextDelta():
            return {"event": "delta", "text": event.text}
        case AnswerDone():
            return {"event": "done", "answer": answer_shape(event.answer)}
        case AskedAgain():
            return {"event": "again", "why": event.why}
        case Progress() | ClaimChecked() | Thinking():
            return None


def _sources(evidence: Evidence) -> list[Shape]:
    return [
        {
            "number": one.number,
            "id": one.paper.id,
            "title": one.paper.title,
            "year": one.paper.year,
            "score": one.score,
            "ranks": {"lexical": one.ranks.lexical, "dense": one.ranks.dense},
        }
        for one in evidence.sources
    ]


def report_shape(report: IngestReport) -> Shape:
    """`quire add --json`."""
    return {
        "read": report.read,
        "new": report.new,
        "same": report.same,
        "changed": report.changed,
        "refused": report.refused,
        "rejections": [one.model_dump() for one in report.rejections],
        "notices": [one.model_dump() for one in report.notices],
        "more_rejections": report.more_rejections,
        "more_notices": report.more_notices,
        "papers": list(report.papers),
        "dry_run": report.dry_run,
    }


def paper_shape(paper: Paper) -> Shape:
    """One entry of `quire show --json`."""
    return {
        "id": paper.id,
        "title": paper.title,
        "abstract": paper.abstract,
        "authors": list(paper.authors),
        "year": paper.year,
        "date": paper.date,
        "venue": paper.venue,
        "doi": paper.doi,
        "arxiv_id": paper.arxiv_id,
        "url": address_of(paper),
        "links": links_of(paper),
        "tags": list(paper.tags),
        "notes": list(paper.notes),
        "status": paper.status,
        "provenance": [one.model_dump() for one in paper.provenance],
        "added_at": paper.added_at,
    }


def links_of(paper: Paper) -> list[str]:
    """Addresses of a paper: its own, then those in its abstract, each once."""
    own = address_of(paper)
    return list(
        dict.fromkeys([*([own] if own else []), *(one.url for one in find_links(paper.abstract))])
    )


def list_shape(total: int, papers: tuple[Paper, ...], notes: tuple[str, ...]) -> Shape:
    """`quire list --json`."""
    return {
        "total": total,
        "notes": list(notes),
        "papers": [
            {
                "id": one.id,
                "title": one.title,
                "year": one.year,
                "authors": list(one.authors),
                "venue": one.venue,
                "tags": list(one.tags),
                "status": one.status,
                "provenance": [
                    {"source": place.source, "page_date": place.page_date}
                    for place in one.provenance
                ],
            }
            for one in papers
        ],
    }
