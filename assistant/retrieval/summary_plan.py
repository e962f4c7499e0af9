"""What a summary is made from: papers named, a topic, or all that a filter leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.errors import WrongUse
from assistant.query.breadth import MANY_SOURCES
from assistant.retrieval.filter_coverage import coverage_notes
from assistant.retrieval.grouping import Group, group_papers, most_lines
from assistant.retrieval.retriever import Retriever
from assistant.types.answers import Answer
from assistant.types.asked_of import Length
from assistant.types.evidence import Evidence
from assistant.types.questions import SummaryRequest
from store.clean import clean_line, shorten
from store.library.library import Library

_SENTENCES = {
    "sentence": "one sentence",
    "short": "two or three sentences",
    "long": "six to eight sentences",
}
_PARAGRAPHS = {
    "sentence": "one sentence a paper",
    "short": "one paragraph of four to six sentences",
    "long": "three paragraphs",
}
_ONE_PAPER = {"sentence": 1, "short": 3, "long": 7}
_MANY_PAPERS = {"sentence": 8, "short": 8, "long": 16}
_GROUPED = {"sentence": 16, "short": 16, "long": 36}
_GROUPED_TOPIC = {"sentence": 40, "short": 40, "long": 100}
"""Papers that stand for groups in a summary of verbatim sentences, one sentence each."""


@dataclass(frozen=True)
class Plan:
    """A summary to be made: its title, the words for a model, the evidence, and its length.

    `total` counts the papers asked for; the evidence may hold fewer. `groups` are the topics of
    many papers, of which `placed` are in one of them.
    """

    title: str
    request: str
    evidence: Evidence
    max_sentences: int
    total: int
    groups: tuple[Group, ...] = ()
    placed: int = 0

    def coverage(self, answer: Answer) -> str:
        """How much of what was asked for the summary rests on, in words."""
        if self.total <= 1 or answer.outcome == "not_in_collection":
            return ""
        cited = len(answer.references)
        if self.groups:
            placed = f"all {self.total}" if self.placed == self.total else f"{self.placed}"
            number = "1 group" if len(self.groups) == 1 else f"{len(self.groups)} groups"
            return f"{number}, {cited} of {self.total} papers cited, {placed} placed"
        share = 100 * cited / self.total
        shown = f"{share:.0f} %" if share >= 1 else "under 1 %"
        return f"cites {cited} of {self.total} papers ({shown})"


def is_summary(title: str) -> bool:
    """True for what may be the title of a summary, as those here are made."""
    return title.startswith(("Summary of ", "Summary on "))


def plan_summary(
    library: Library, retriever: Retriever, request: SummaryRequest, extractive: bool
) -> Plan:
    """Choose the papers of a summary; raises UnknownPaper, WrongUse for an empty choice."""
    if request.papers:
        return _of_papers(library, retriever, request, extractive)
    if request.topic:
        return _of_topic(library, retriever, request, clean_line(request.topic), extractive)
    return _of_all(library, retriever, request, extractive)


def _of_papers(
    library: Library, retriever: Retriever, request: SummaryRequest, extractive: bool
) -> Plan:
    named = tuple({one.id: one for one in map(library.paper, request.papers)}.values())
    papers = tuple(one for one in named if one.abstract)
    untold = tuple(
        f"“{shorten(one.title, 80)}” has no abstract" for one in named if not one.abstract
    )
    if not papers:
        return Plan(
            title=f"Summary of {shorten('; '.join(one.title for one in named), 300)}",
            request="",
            evidence=Evidence(answerable=False, notes=untold),
            max_sentences=0,
            total=0,
        )
    if len(papers) > MANY_SOURCES and request.length != "sentence":
        ids = [one.id for one in papers]
        title = f"Summary of {len(papers)} papers"
        return _grouped(library, retriever, request, ids, title, extractive)
    evidence = retriever.of_papers([one.id for one in papers]).model_copy({"notes": untold})
    if len(papers) == 1:
        return of_one_paper(evidence, request.length)
    titles = shorten("; ".join(one.title for one in papers), 300)
    return Plan(
        title=f"Summary of {len(papers)} papers: {titles}",
        request=f"Summarize these papers together in {_PARAGRAPHS[request.length]}.",
        evidence=evidence,
        max_sentences=max(_MANY_PAPERS[request.length], len(papers)),
        total=len(papers),
    )


def of_one_paper(evidence: Evidence, length: Length) -> Plan:
    """The summary of one paper that has an abstract, from the evidence that it is alone."""
    return Plan(
        title=f"Summary of “{evidence.sources[0].paper.title}”",
        request=f"Summarize this paper in {_SENTENCES[length]}:"
        " the problem, what is proposed, and what was found.",
        evidence=evidence,
        max_sentences=_ONE_PAPER[length],
        total=1,
    )


def _of_topic(
    library: Library, retriever: Retriever, request: SummaryRequest, topic: str, extractive: bool
) -> Plan:
    """All papers that speak to a topic, as many as there are, and no others."""
    ids, evidence = retriever.speaking_to(topic, request.filter)
    title = f"Summary on {topic}"
    if len(ids) > MANY_SOURCES:
        grouped = _grouped(library, retriever, request, ids, title, extractive, topic)
        noted = grouped.evidence.model_copy(update={"notes": evidence.notes})
        return replace(grouped, evidence=noted)
    return Plan(
        title=title,
        request=f"Summarize what these papers say on this topic in"
        f" {_PARAGRAPHS[request.length]}: {topic}",
        evidence=evidence,
        max_sentences=max(len(ids), _MANY_PAPERS[request.length]),
        total=len(evidence.sources),
    )


def _grouped(
    library: Library,
    retriever: Retriever,
    request: SummaryRequest,
    ids: Sequence[str],
    title: str,
    extractive: bool,
    topic: str = "",
) -> Plan:
    """Many papers, group by group."""
    lines = (_GROUPED_TOPIC if topic else _GROUPED)[request.length]
    lines = lines if extractive else most_lines()
    found = group_papers(library, retriever, ids, lines, ranked=bool(topic))
    return Plan(
        title=title,
        request=topic,
        evidence=found.evidence,
        max_sentences=len(found.evidence.sources),
        total=len(ids),
        groups=found.groups,
        placed=found.placed,
    )


def _of_all(
    library: Library, retriever: Retriever, request: SummaryRequest, extractive: bool
) -> Plan:
    total = library.count(request.filter)
    if total == 0:
        hint = "; ".join(coverage_notes(library, request.filter)) or "see: quire list"
        raise WrongUse("no paper is left to summarize", hint)
    if total > MANY_SOURCES:
        every = library.ids(request.filter)
        title = f"Summary of {total} papers"
        return _grouped(library, retriever, request, every, title, extractive)
    number = _MANY_PAPERS[request.length] if extractive else MANY_SOURCES
    ids = retriever.representative(request.filter, number)
    evidence = retriever.of_papers(ids)
    left_out = total - len(evidence.sources)
    return Plan(
        title=f"Summary of {total} papers",
        request=f"These papers stand for a collection of {total}. Say in"
        f" {_PARAGRAPHS[request.length]} what the collection is about: its topics, and what is"
        " proposed and found in each.",
        evidence=evidence.model_copy(update={"considered": total, "dropped": left_out}),
        max_sentences=number,
        total=total,
    )
