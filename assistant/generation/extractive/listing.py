"""Lists and counts of papers, in words: what the records say, a sentence of each paper."""

from __future__ import annotations

from assistant.generation.extractive.selection import select_summary
from assistant.generation.extractive.verbatim import addressed, headed, verbatim
from assistant.retrieval.evidence_similarity import Similarity
from assistant.retrieval.sentence_measure import ranked_sentences
from assistant.text.words import Statistics
from assistant.types.evidence import Source
from assistant.types.paper_records import entry_of, whole_record
from assistant.types.plans import AskedPart, PlannedPart

_ORDERS = {"newest": ", newest first", "oldest": ", oldest first", "relevance": ""}


def listing(part: AskedPart, statistics: Statistics, similarity: Similarity | None) -> str:
    """The papers of a part: a line that leads, then of each its record and one sentence.

    What is written beside the sentences is the ledger's: it cites the record by the title's
    address, or is no claim.
    """
    sources = part.evidence.sources
    if not sources:
        return f"{_sentence(part)}."
    items = [_item(source, part.plan, statistics, similarity) for source in sources]
    return "\n".join((f"{_lead(part)}:\n", *items))


def _item(
    source: Source, plan: PlannedPart, statistics: Statistics, similarity: Similarity | None
) -> str:
    number, topic = source.number, plan.topic
    is_record = bool(topic and plan.limit) and plan.order == "relevance"
    written = whole_record(source.paper) if is_record else entry_of(source.paper)
    entry = f"- {addressed(written, number, 0)}"
    if topic:
        index = ranked_sentences(topic, (source,), statistics, similarity)[0].index
    else:
        chosen = select_summary(source.paper.title, (source,), statistics, similarity, 1)
        index = chosen[0].indices[0]
    if not index:
        return f"{entry}."
    return headed(entry, addressed(source.sentences[index].text, number, index))


def _lead(part: AskedPart) -> str:
    """What is listed, and how much of it: "3 papers by Mira Okonkwo, newest first"."""
    shown, order = len(part.evidence.sources), _ORDERS[part.plan.order]
    what = _what(part)
    if part.plan.limit and part.plan.limit < part.total and part.plan.order != "relevance":
        one = f"the {part.plan.order}" + (f" {shown}" if shown > 1 else "")
        return f"Of {what} {one}"
    if shown < part.total:
        return f"{what}{order}; the first {shown}"
    return f"{what}{order if shown > 1 else ''}"


def _what(part: AskedPart) -> str:
    papers = "1 paper" if part.total == 1 else f"{part.total} papers"
    speak = "speaks" if part.total == 1 else "speak"
    topic = f"that {speak} to “{part.plan.topic}”" if part.plan.topic else ""
    return verbatim(" ".join(filter(None, (papers, part.about, topic))))


def _sentence(part: AskedPart) -> str:
    if not part.evidence.answerable:
        instead = verbatim(part.instead or "no paper")
        return instead[:1].upper() + instead[1:]
    return f"{_what(part)} {'is' if part.total == 1 else 'are'} in this library"
