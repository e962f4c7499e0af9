"""Whether an abstract gives the detail that a question asks for: a number, a person, a place.

Sources that speak of what is asked about need not say what is asked. "Who wrote the WaveGrad
paper?" is about WaveGrad, whose abstract names nobody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.query.detail_forms import Detail, detail_of
from assistant.query.named_systems import is_named
from assistant.query.question import asking_terms, kind_of, named_words
from assistant.text.words import Statistics, is_figure, term_words, terms
from assistant.types.evidence import NearMiss, Source
from store.pattern import pattern
from store.types import Paper

_NEAR_TOP = 0.75
_UNNAMED, _NEAR_FIRST = 3, 0.6
_NEAR_MISSES = 3
_UNKNOWN_TERM = "\x00"
_TITLE = 1.0
_MET = pattern(
    r"\b(?:on|against|than|versus|vs\.?)(?: the)? ([A-Z][\w.+-]*\w|\w[\w.+-]*[A-Z\d][\w.+-]*)"
)
"""What a paper is asked to meet: a data set, a rival."""
_NO_NAME = pattern(r"[\d.,%-]+\w?|[A-Z]PUs?|I|SOTA|DNNs?|CNNs?|GANs?|LLMs?|AI|ML", re.IGNORECASE)
"""What is written as a name and asks about none: numbers, hardware, kinds of networks."""


@dataclass(frozen=True)
class Given:
    """Where a detail that a question asks for is given.

    `sources` are those that the question is about, best first; `places` tells for each
    source number the sentences that give a detail of that kind.
    """

    detail: Detail
    sources: tuple[Source, ...]
    places: Mapping[int, tuple[int, ...]]

    @property
    def found(self) -> bool:
        """True when any source that the question is about gives the detail."""
        return any(self.places.values())


def given(question: str, sources: Sequence[Source], statistics: Statistics) -> Given | None:
    """Where the detail asked for is given; None for a question that asks for none."""
    detail = detail_of(question)
    if detail is None:
        return None
    about = asked_about(question, detail, sources, statistics)
    places = {
        source.number: tuple(
            sentence.index for sentence in source.sentences if detail.holds(sentence.text)
        )
        for source in about
    }
    if detail.perhaps is not None:
        for source in about:
            if places[source.number]:
                places[source.number] = tuple(
                    one.index
                    for one in source.sentences
                    if one.index in places[source.number] or detail.perhaps(one.text)
                )
    return Given(detail, about, places)


def asked_about(
    question: str, detail: Detail, sources: Sequence[Source], statistics: Statistics
) -> tuple[Source, ...]:
    """The sources that a question is about: those that hold its names, else the first ones.

    Nothing when it names something that no source holds.
    """
    names = _names(question, detail)
    if not names:
        least = _NEAR_FIRST * max((one.score for one in sources), default=0.0)
        return tuple(one for one in sources[:_UNNAMED] if one.score >= least)
    weighted = {term: statistics.idf(term) for term in names}
    scores = {source.number: _held(weighted, source) for source in sources}
    top = max(scores.values(), default=0.0)
    if not top:
        return ()
    kept = [source for source in sources if scores[source.number] >= _NEAR_TOP * top]
    return tuple(sorted(kept, key=lambda source: -scores[source.number]))


def missing_details(given: Given, sources: Sequence[Source]) -> tuple[NearMiss, ...]:
    """The sources that come closest when none gives the detail, each with what it lacks."""
    nearest = (given.sources or tuple(sources))[:_NEAR_MISSES]
    return tuple(
        NearMiss(
            id=source.paper.id,
            title=source.paper.title,
            score=round(source.score, 4),
            why=_why(given.detail, source.paper, about=bool(given.sources)),
        )
        for source in nearest
    )


def unknown_names(question: str, statistics: Statistics) -> tuple[str, ...]:
    """The names of a question, when the collection knows none of them; else nothing."""
    named = named_words(question)
    unknown = statistics.idf(_UNKNOWN_TERM)
    lacking: dict[str, bool] = {}
    for word, term in term_words(question):
        if word in named:
            lacking[word] = lacking.get(word, False) or statistics.idf(term) >= unknown
    return tuple(lacking) if lacking and all(lacking.values()) else ()


def absent_names(question: str, sources: Sequence[Source]) -> tuple[NearMiss, ...]:
    """The one paper that a question names, where its abstract lacks what it is asked to meet.

    "What does FoxNet reach on CIFAR-10?", "Is it better than OwlNet?", of an abstract without
    these; nothing else.
    """
    if kind_of(question) == "list":
        return ()
    about = [one for one in sources if is_named(question, one)]
    if len(about) != 1 or about[0] is not sources[0]:
        return ()
    (source,) = about
    held = {term for one in source.sentences for term in terms(one.text)}
    # What stands in another's title is the name of that paper.
    held |= {term for one in sources for term in terms(one.paper.title)}
    paper = source.paper
    held |= {term for one in (*paper.authors, paper.venue or "") for term in terms(one)}
    asking = set(terms(detail.asking)) if (detail := detail_of(question)) else set()
    for word in dict.fromkeys(match[1] for match in _MET.finditer(question)):
        own = set(terms(word)) - asking
        if own and not _NO_NAME.fullmatch(word) and not held & own:
            miss = misses_of_names((word,), about)[0]
            return (miss.model_copy(update={"why": f"the abstract does not speak of “{word}”"}),)
    return ()


def misses_of_names(names: Sequence[str], sources: Sequence[Source]) -> tuple[NearMiss, ...]:
    """The first sources, for a question about names that no paper has."""
    named = " and ".join(f"“{one}”" for one in names[:2])
    return tuple(
        NearMiss(
            id=source.paper.id,
            title=source.paper.title,
            score=round(source.score, 4),
            why=f"does not speak of {named}; no paper of the collection does",
        )
        for source in sources[:_NEAR_MISSES]
    )


def _names(question: str, detail: Detail) -> tuple[str, ...]:
    """The terms of the names in a question, those that ask left out."""
    asking = set(terms(detail.asking)) | asking_terms()
    named = named_words(question)
    found = (
        term
        for word, term in term_words(question)
        if word in named and term not in asking and not is_figure(term)
    )
    return tuple(dict.fromkeys(found))


def _held(weighted: Mapping[str, float], source: Source) -> float:
    """How much of the weight of some terms a source holds; its title counts on top."""
    title = frozenset(terms(source.sentences[0].text if source.sentences else ""))
    body = frozenset(term for one in source.sentences for term in terms(one.text))
    return sum(
        weight * ((term in body) + _TITLE * (term in title)) for term, weight in weighted.items()
    )


def _why(detail: Detail, paper: Paper, *, about: bool) -> str:
    if not about:
        return f"does not speak of what is named, nor give {detail.what}"
    why = f"the abstract does not give {detail.what}"
    if detail.recorded == "authors" and paper.authors:
        more = " and others" if len(paper.authors) > 3 else ""
        return f"{why}; its record names {', '.join(paper.authors[:3])}{more}"
    date = paper.date or paper.year
    return f"{why}; its record says {date}" if detail.recorded == "date" and date else why
