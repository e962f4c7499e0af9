"""The papers that the records of a library give for a part of a question."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.query.planning.filter_words import as_options, described
from assistant.query.planning.held import papers_left
from assistant.retrieval.retriever import Retriever
from assistant.text.words import terms
from assistant.types.evidence import Evidence
from assistant.types.plans import AskedPart, PlannedPart
from store.library.library import Library
from store.types import Filter

LISTED = 20
"""So many papers of a list are shown; how many there are is said."""


def of_records(
    library: Library, retriever: Retriever, part: PlannedPart, asked: Filter
) -> AskedPart | None:
    """The papers that a list or a count is of, in its order, within the filter of the request.

    None where a record is asked for of a paper that the library does not have.
    """
    wanted = library.held_by_both(asked, part.filter)
    about = ", ".join(filter(None, (described(asked), described(part.filter))))
    if part.topic:
        return _on_topic(library, retriever, part, wanted, about)
    if wanted.authors or wanted.venues:  # they are looked for in every paper: once is enough
        wanted = papers_left(wanted, library)
    total = library.count(wanted)
    if not total:
        why = _why_none(library, part.filter, about)
        return AskedPart(plan=part, evidence=Evidence(answerable=False), about=about, instead=why)
    lists = part.kind == "papers" or not wanted.is_empty
    undated = _undated(library, wanted) if part.order != "relevance" else 0
    if undated == total:
        part = part.model_copy(update={"order": "relevance"})  # nothing tells which is newer
        if part.limit:
            why = " ".join(filter(None, ("no paper", about, "has a date in its record")))
            return AskedPart(plan=part, evidence=Evidence(answerable=False), instead=why)
    names = _in_order(library, part, wanted) if lists else []
    evidence = retriever.of_papers(names)
    if undated and part.limit:
        evidence = evidence.model_copy(update={"notes": (_lacking("date", undated),)})
    return AskedPart(plan=part, evidence=evidence, total=total, about=about)


def _undated(library: Library, wanted: Filter) -> int:
    """How many papers of a filter have no year."""
    return library.count(wanted.model_copy(update={"lacks": (*wanted.lacks, "year")}))


def _lacking(field: str, number: int) -> str:
    return f"{number} {'paper has' if number == 1 else 'papers have'} no {field}"


def _in_order(library: Library, part: PlannedPart, wanted: Filter) -> list[str]:
    limit = min(part.limit or LISTED, LISTED)
    return library.ids_by_date(wanted, newest=part.order != "oldest", limit=limit)


def _on_topic(
    library: Library, retriever: Retriever, part: PlannedPart, wanted: Filter, about: str
) -> AskedPart | None:
    names, found = retriever.speaking_to(part.topic, wanted)
    if part.limit and part.order == "relevance":
        names = _titled(library, part.topic, [*dict.fromkeys((*part.also, *names))])
        if not names:
            return None
    if not names:
        total = len(found.sources) if found.answerable else 0
        return AskedPart(plan=part, evidence=found, total=total, about=about)
    total = len(names)
    if part.order != "relevance":
        names = _in_order(library, part, Filter(papers=tuple(names)))
    evidence = retriever.of_papers(names[:LISTED])
    notes = evidence.model_copy(update={"notes": found.notes, "considered": found.considered})
    return AskedPart(plan=part, evidence=notes, total=total, about=about)


def _titled(library: Library, topic: str, names: list[str]) -> list[str]:
    """Of some papers the one whose title has all words of a topic: its record is asked of.

    Else those that it calls by the names their titles begin with, where these are several. A
    paper that only speaks of a system is not the one that it was published in.
    """
    asked = set(terms(topic))
    titles = {name: title for name, (title, _) in library.texts(names).items()}
    titles = {name: titles[name] for name in names if name in titles}
    whole = [name for name, title in titles.items() if asked <= set(terms(title))]
    heads = {name: set(terms(title.partition(": ")[0])) for name, title in titles.items()}
    named = [name for name, own in heads.items() if own and own <= asked]
    return whole[:1] or (named if len(named) > 1 else [])


def _why_none(library: Library, own: Filter, about: str) -> str:
    """Why nothing is left, and what there is with less asked for, with the command for it."""
    there = library.papers_by_id(own.papers)
    if papers := [name for name in own.papers if name and name not in there]:
        return f"no record of this library has {' or '.join(papers)}"
    said = f"no paper {about}" if about else "no paper in this library"
    for wider in _wider(own):
        if number := library.count(wider):
            how = as_options(wider)
            said += f"; {number} {described(wider)}" + (f": quire list {how}" if how else "")
            break
    return "; ".join((said, *(_lacking(*one) for one in library.lacking(own))))


def _wider(wanted: Filter) -> Iterator[Filter]:
    """The filter with one thing less, what is most likely meant first."""
    for left in (
        {"without": ()},
        {"year_from": None, "year_to": None},
        {"statuses": (), "tags": (), "added_since": None},
        {"venues": ()},
        {"authors": ()},
    ):
        wider = wanted.model_copy(update=left)
        if wider != wanted and not wider.is_empty:
            yield wider
