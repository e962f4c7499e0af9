"""Reading which papers a question is about, by the records that a library holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from assistant.query.planning.asked import Asked, Span
from assistant.query.planning.asking import Asking, asking_of, take_order
from assistant.query.planning.compared import release_compared
from assistant.query.planning.fillers import pass_over_fillers, requests_of_author
from assistant.query.planning.marks import take_identifiers, take_lacking, take_marks, typed_filters
from assistant.query.planning.names import take_authors
from assistant.query.planning.venues import take_venues
from assistant.query.planning.years import number_of, take_added, take_years
from assistant.text.discourse_cues import NEGATION
from assistant.types.plans import PartOrder, PlannedPart
from store.library.library import Library
from store.pattern import pattern
from store.types import Filter

_LONGEST = 600
"""Characters of a question that is read for records: what is longer tells a story."""
_TOGETHER = pattern(r"(?i)\b(?:together|both|jointly|with each other)\b")


@dataclass(frozen=True)
class Read:
    """A question read by the records, and which papers it is about, in words."""

    part: PlannedPart
    words: str = ""


def read_records(question: str, library: Library, today: date) -> Read:
    """A question with the authors, years, venues, identifiers and marks that it names.

    They become a filter, and the rest is what is searched for; with no rest, and where papers are
    asked for, the records answer. What may be a name and may be a word stays a word.
    """
    plain = Read(PlannedPart(question=question))
    if len(question) > _LONGEST:
        return plain
    text, typed = typed_filters(question, library)
    asked = Asked.of(text)
    asked.spans += typed
    take_identifiers(asked, library)
    take_added(asked, today)
    take_venues(asked, library)
    take_authors(asked, library)
    release_compared(asked, library)
    if requests_of_author(asked):
        pass_over_fillers(asked, library)
    order = take_order(asked)
    take_marks(asked, library)
    take_lacking(asked)
    take_years(asked, library, today, asks_papers=asking_of(asked, order).lists)
    asked.turn_excluded()
    asking = asking_of(asked, order)
    spans = [one for one in asked.spans if one.words]
    if not spans and not (asking.lists or asking.counts):
        return plain
    wanted = _filter(spans, library, together=bool(_TOGETHER.search(text)))
    return Read(_part(question, asked, asking, wanted, has_spans=bool(spans)), _words(spans))


def _part(
    question: str, asked: Asked, asking: Asking, wanted: Filter, *, has_spans: bool
) -> PlannedPart:
    topic = asked.topic_text()
    topic = "" if number_of(topic) is not None else topic  # "which of the three papers"
    if asking.counts and (topic or not asking.lists):
        return PlannedPart(
            question=question, kind="count", topic=topic, filter=wanted, needs_all=bool(topic)
        )
    if not topic or (asking.lists and not NEGATION.search(asked.rest())):
        order: PartOrder = "oldest" if asking.order == "oldest" else "newest"
        if asking.order == "relevance" and topic:
            order = "relevance"
        return PlannedPart(
            question=question,
            search=asked.rest() if topic and has_spans else "",
            kind="papers",
            topic=topic,
            filter=wanted,
            order=order,
            limit=asking.limit,
        )
    if not has_spans:
        return PlannedPart(question=question)
    return PlannedPart(question=question, search=asked.rest(), filter=wanted)


def _filter(spans: Sequence[Span], library: Library, *, together: bool) -> Filter:
    """One filter of all that was found; of several authors any one, or all where they share."""
    authors = [one.filter for one in spans if one.filter.authors and not one.is_excluded]
    rest = [one.filter for one in spans if not one.filter.authors and not one.is_excluded]
    wanted = Filter()
    shared: set[str] | None = None
    if len(authors) > 1 and together:
        shared = set.intersection(*(set(library.ids(one)) for one in authors))
        authors = authors[:0] if shared else authors
    for one in (*authors, *rest):
        wanted = _both(wanted, one)
    for span in spans:
        if span.is_excluded:
            without = tuple(sorted(library.ids(span.filter)))
            wanted = wanted.model_copy(update={"without": (*wanted.without, *without)})
    if shared:
        names = tuple(name for one in spans for name in one.filter.authors)
        wanted = wanted.model_copy(update={"papers": tuple(sorted(shared)), "authors": names})
    return wanted


def _both(one: Filter, other: Filter) -> Filter:
    """Two filters as one: what both ask for of a list is any of it, years hold on both sides."""
    firsts = [year for year in (one.year_from, other.year_from) if year is not None]
    lasts = [year for year in (one.year_to, other.year_to) if year is not None]
    return one.model_copy(
        update={
            "year_from": max(firsts) if firsts else None,
            "year_to": min(lasts) if lasts else None,
            "authors": (*one.authors, *other.authors),
            "venues": (*one.venues, *other.venues),
            "tags": (*one.tags, *other.tags),
            "statuses": (*one.statuses, *other.statuses),
            "sources": (*one.sources, *other.sources),
            "papers": (*one.papers, *other.papers),
            "without": (*one.without, *other.without),
            "lacks": (*one.lacks, *other.lacks),
            "added_since": other.added_since or one.added_since,
        }
    )


def _words(spans: Sequence[Span]) -> str:
    """What was understood: in words, and how it is typed."""
    said = [f"without {one.words}" if one.is_excluded else one.words for one in spans]
    typed = [one.typed for one in spans if one.typed and not one.is_excluded]
    can_type = len(typed) == len(spans) and typed
    return ", ".join(said) + (f" ({' '.join(typed)})" if can_type else "")
