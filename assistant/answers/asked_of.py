"""Which papers an answer was asked of: kept with it, told in words, and asked for again."""

from __future__ import annotations

from assistant.types.asked_of import AskedOf
from assistant.types.questions import Question, SummaryRequest
from store.clean import clean_line, shorten
from store.types import Filter
from store.wording import counted

_WORDS = 60


def asked_of(request: Question | SummaryRequest) -> AskedOf | None:
    """What is kept of it with its answer; None for a question to all papers."""
    wanted = request.filter
    # What can be no evidence is left out of every question, whoever asks.
    wanted = wanted.model_copy({"has": tuple(one for one in wanted.has if one != "abstract")})
    if isinstance(request, SummaryRequest):
        return AskedOf(
            filter=Filter(papers=request.papers) if request.papers else wanted,
            is_summary=True,
            topic=request.topic or "",
            length=request.length,
        )
    if wanted.leaves_all:
        return None
    return AskedOf(
        filter=Filter() if request.query else wanted,
        query=request.query,
        words=request.words,
        papers=len(wanted.papers),
    )


def among(asked: AskedOf | None) -> str:
    """The papers in words: "among 12 papers: tag:cil"; "" for all, and for those of a summary."""
    if asked is None or asked.is_summary:
        return ""
    from assistant.query.planning.filter_words import described

    words = shorten(clean_line(asked.words), _WORDS) or described(asked.filter)
    papers = counted(asked.papers, "paper") if asked.papers else "papers"
    return f"among {papers}: {words}" if words else f"among {papers}" if asked.papers else ""


def question_again(text: str, asked: AskedOf | None, wanted: Filter) -> Question:
    """A question to put again to `wanted`, the papers that it was asked of as they are now."""
    if asked is None:
        return Question(text=text, filter=wanted)
    return Question(text=text, filter=wanted, query=asked.query, words=asked.words)


def summary_again(asked: AskedOf) -> SummaryRequest:
    """A summary to be made again."""
    return SummaryRequest(
        papers=asked.filter.papers if not asked.topic else (),
        topic=asked.topic or None,
        filter=Filter() if asked.filter.papers and not asked.topic else asked.filter,
        length=asked.length,
    )
