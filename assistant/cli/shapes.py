"""Values as the JSON that scripts rely on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from assistant.answers.answer_shape import Shape as Shape
from assistant.answers.answer_shape import answer_shape as answer_shape
from assistant.answers.references import address_of
from assistant.replies.plain_text import MarkdownMarks, plain
from assistant.text.paper_language import noted_language
from assistant.types.answers import Answer
from assistant.types.events import (
    AnswerDone,
    AnswerWhole,
    AskedAgain,
    ClaimChecked,
    ClaimJudged,
    Event,
    EvidenceFound,
    Progress,
    TextDelta,
    Thinking,
)
from assistant.types.evidence import Evidence, Sentence, Source
from assistant.types.search import Explanation, Found, SearchResult
from store.text_links import find_links
from store.types import IngestReport, Paper, Provenance, Record

if TYPE_CHECKING:
    from store.library.duplicates import Likely

_Shown = Paper | Provenance | Found | Explanation | Sentence | Source | IngestReport
"""What fields are shown of."""


def _fields(value: _Shown, names: str) -> Shape:
    """Fields of a value as JSON, in the order of their names."""
    whole = value.model_dump(include=set(names.split()))
    return {name: whole[name] for name in names.split()}


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
    return {
        "rank": found.rank,
        **_fields(found.paper, "id title year authors"),
        "retracted": found.paper.is_retracted,
        **_fields(found, "score ranks"),
        "sentence": found.sentence and _fields(found.sentence, "index text"),
        "url": address_of(found.paper),
        "versions": _versions(found.versions),
        **({"explain": _explanation(found, found.explanation)} if found.explanation else {}),
    }


def _versions(papers: tuple[Paper, ...]) -> list[Shape]:
    return [
        {**_fields(one, "id title year venue"), "retracted": one.is_retracted} for one in papers
    ]


def _explanation(found: Found, why: Explanation) -> Shape:
    return {
        "score": found.score,
        **_fields(why, "fused parts"),
        "lexical": {"rank": found.ranks.lexical, "score": why.lexical_score},
        "dense": {"rank": found.ranks.dense, "score": why.dense_score},
        **_fields(why, "matched missing"),
    }


class EventShapes:
    """The lines of --jsonl, event by event; all deltas joined are the text of the answer.

    What was held back of a text that is stopped comes with its end, in no TextDelta. A judgement
    that is taken back comes again with "void": true, why, and the claim as its words alone are.
    """

    def __init__(self) -> None:
        self._marks = MarkdownMarks()
        self._said = ""

    def __call__(self, event: Event) -> list[Shape]:
        """The lines of one event; none for what has no line there."""
        match event:
            case EvidenceFound():
                return [{"event": "evidence", "sources": _sources(event.evidence)}]
            case TextDelta():
                return self._deltas("".join(one.text for one in self._marks.feed(event.text)))
            case AnswerDone():
                done = {"event": "done", "answer": answer_shape(event.answer)}
                return [*self._rest(event.answer), done]
            case AskedAgain():
                self._marks, self._said = MarkdownMarks(), ""
                return [{"event": "again", "why": event.why}]
            case AnswerWhole():
                return self._rest(event.answer)
            case ClaimJudged():
                claim = event.claim
                fields = ("verdict", "checked_by", "reasons")
                judged = {name: getattr(claim, name) for name in fields}
                own = {"claim": event.index + 1, "approved": claim.is_approved, **judged}
                void = {"void": True, "why": event.void} if event.void else {}
                return [{"event": "judged", **own, **void}]
            case Progress() | ClaimChecked() | Thinking():
                return []

    def _rest(self, answer: Answer) -> list[Shape]:
        """What of the whole text was held back until now."""
        text = plain(answer.text)
        return self._deltas(text[len(self._said) :] if text.startswith(self._said) else "")

    def _deltas(self, text: str) -> list[Shape]:
        self._said += text
        return [{"event": "delta", "text": text}] if text else []


def _sources(evidence: Evidence) -> list[Shape]:
    return [
        {
            "number": one.number,
            **_fields(one.paper, "id title year"),
            "retracted": one.paper.is_retracted,
            **_fields(one, "score ranks"),
        }
        for one in evidence.sources
    ]


def report_shape(report: IngestReport) -> Shape:
    """`quire add --json`."""
    return _fields(
        report,
        "read new same changed refused rejections notices more_rejections more_notices papers"
        " dry_run",
    )


def sample_shape(record: Record) -> Shape:
    """A record as it would be stored, without what it lacks: `quire add --dry-run --json`."""
    whole = record.model_dump()
    details = whole.pop("details")
    return {name: value for name, value in {**whole, **details}.items() if value}


def paper_shape(paper: Paper, key: str, original: tuple[str, str] | None = None) -> Shape:
    """One entry of `quire show --json`: its citation key, and its text as it came if it differs."""
    raw = dict(zip(("raw_title", "raw_abstract"), original, strict=True)) if original else {}
    return {
        **_fields(paper, "id title abstract authors year date venue doi arxiv_id"),
        "citation_key": key,
        "url": address_of(paper),
        "links": links_of(paper),
        **paper.details.model_dump(),
        "language": noted_language(paper),
        **raw,
        **_fields(paper, "tags notes status provenance added_at"),
    }


def links_of(paper: Paper) -> list[str]:
    """Addresses of a paper: its own, then those in its abstract, each once."""
    own = address_of(paper)
    return list(
        dict.fromkeys([*([own] if own else []), *(one.url for one in find_links(paper.abstract))])
    )


def duplicates_shape(groups: tuple[Likely, ...], papers: Mapping[str, Paper]) -> Shape:
    """`quire list --duplicates --json`."""
    return {
        "total": len(groups),
        "groups": [
            {
                "why": list(one.why),
                "papers": [
                    {
                        **_fields(papers[name], "id title year authors venue doi arxiv_id"),
                        "provenance": [
                            _fields(place, "source page_date") for place in papers[name].provenance
                        ],
                    }
                    for name in one.papers
                ],
            }
            for one in groups
        ],
    }


def list_shape(total: int, papers: tuple[Paper, ...], notes: tuple[str, ...]) -> Shape:
    """`quire list --json`."""
    return {
        "total": total,
        "notes": list(notes),
        "papers": [
            {
                **_fields(one, "id title year authors venue tags status"),
                "retracted": one.is_retracted,
                "provenance": [_fields(place, "source page_date") for place in one.provenance],
            }
            for one in papers
        ],
    }
