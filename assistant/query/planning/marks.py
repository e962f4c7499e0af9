"""Identifiers, the reader's marks and typed filters in a question."""

from __future__ import annotations

import re
from typing import get_args

from assistant.errors import QuerySyntaxError
from assistant.query.planning.asked import PAPER_NOUNS, Asked, Span
from assistant.query.planning.filter_words import lacking_words
from assistant.query.planning.held import NO_PAPER
from assistant.query.planning.years import year_typed, year_words
from assistant.query.syntax import Query, parse_query
from store.library.library import Library
from store.pattern import pattern
from store.types import Filter, PaperField, Status

_IDENTIFIER = pattern(
    r"(?i)(?P<url>https?://[^\s<>\"“”]+)|(?:doi:?\s*)?(?P<doi>\b10\.\d{4,9}/[^\s<>\"“”]+)"
    r"|(?P<prefix>arxiv(?:\.org/abs/|[:\s]\s*))?(?P<arxiv>(?<![\d.,])(?:\d{4}\.\d{4,5}"
    r"|[a-z-]{2,12}(?:\.[a-z]{2})?/\d{7})(?:v\d+)?)(?![\d/]|\.\d)"
)
_CLOSING = ".,;:!?)]}'’"
_FIELD = pattern(r"(?i)\b(?:author|year|tag|venue|status|source|title|added)s?:\S")
_GO_ON = ("yet", "already", "so", "about", "on", "by", "from", "since", "before", "in", "and")
_STATUSES = "|".join(get_args(Status))
_STATUS = pattern(
    rf"(?i)\b(?:(?:marked|flagged|labell?ed|status|with status|set)(?: as| to| is)?\s+(?P<marked>"
    rf"{_STATUSES})|(?P<mine>my|the|all|any|which|list|show)\s+(?P<before>unread|skipped|kept)"
    r"|(?:i|we|i've|we've)(?: have| had|)?(?P<turned>n't| not| never)?(?: already| yet)?"
    r"\s+(?P<done>read|kept|skipped)|(?:have|did|haven't|didn't) (?:i|we)(?P<never> not| never)?"
    r"(?: already| yet)?\s+(?P<asked>read|keep|kept|skip|skipped)|(?P<later>(?:for|read) later)"
    r"|(?:papers?|articles?|ones?|that|which) (?:is|are) (?:still )?(?P<be>unread|skipped|kept))\b"
)
_TAG = pattern(
    r"(?i)(?:\b(?:tagged|labell?ed)(?: (?:as|with|by))?|\bwith (?:the |my )?tags?|\btags?)\s+"
    r"[\"'“‘]?(?P<tag>[\w./+-]+(?: [\w./+-]+){0,2})[\"'”’]?|(?:^|\s)#(?P<hash>[\w./+-]+)"
)

_LACKING = pattern(
    r"(?i)\b(?:without|lacks?|lacking|misses|miss|missing"
    r"|(?:with|ha(?:s|ve)|having|states?|gives?) no"
    r"|(?:do|does)(?: not|n['’]t) (?:have|state|give))\s+(?:(?:an?|any|the|their|its|known)\s+)*(?:"
    r"(?:publication |publishing )?(?P<year>years?|dates?)|(?P<venue>venues?|journals?)"
    r"|(?P<authors>authors?)|(?P<doi>dois?)|(?P<arxiv_id>arxiv (?:ids?|numbers?|identifiers?))"
    r"|(?P<abstract>abstracts?))(?=\W*$|[,.;?!]|\s+(?:and|by|from|in|on|about|are|there|known)\b)"
    r"|\b(?P<undated>undated)\b"
)


def typed_filters(question: str, library: Library) -> tuple[str, tuple[Span, ...]]:
    """The question without the filters that are typed into it, and what these ask for.

    The grammar is that of a search. A question that misuses it is plain words.
    """
    if not _FIELD.search(question):
        return question, ()
    try:
        query = parse_query(question)
        wanted = query.narrowed(Filter())
    except QuerySyntaxError:
        return question, ()
    worded = library.worded(wanted, query.required, query.excluded)
    wanted = worded if worded is not None else NO_PAPER
    spans = [Span(0, -1, wanted, ", ".join(_said(query)), " ".join(_typed(query)))]
    for one in query.without:
        words = ", ".join(_said(one))
        spans.append(Span(0, -1, one.narrowed(Filter()), words, is_excluded=True))
    return query.text, tuple(one for one in spans if one.words)


def _said(query: Query) -> list[str]:
    fields = (
        *(f"author {one}" for one in query.authors),
        *(f"venue {one}" for one in query.venues),
        *(f"tag {one}" for one in query.tags),
        *(f"status {one}" for one in query.statuses),
        *(f"source {one}" for one in query.sources),
        *([f"added since {query.added_since[:10]}"] if query.added_since else []),
        *(f"without “{one.text}”" for one in query.excluded),
    )
    return [*fields, *filter(None, [year_words(query.narrowed(Filter()))])]


def _typed(query: Query) -> list[str]:
    def quoted(name: str, value: str) -> str:
        return f'{name}:"{value}"' if " " in value else f"{name}:{value}"

    named = (
        ("author", query.authors),
        ("venue", query.venues),
        ("tag", query.tags),
        ("status", query.statuses),
        ("source", query.sources),
        ("added", (query.added_since[:10],) if query.added_since else ()),
    )
    fields = [quoted(name, value) for name, values in named for value in values]
    return [*fields, *filter(None, [year_typed(query.narrowed(Filter()))])]


def take_identifiers(asked: Asked, library: Library) -> None:
    """Take DOIs, arXiv ids and addresses of papers.

    One that no paper has is taken where nothing else can be meant: a DOI, an address, or what is
    said to be an arXiv id.
    """
    for found in _IDENTIFIER.finditer(asked.text):
        text = (found["url"] or found["doi"] or found["arxiv"]).rstrip(_CLOSING)
        place = asked.at_char(found.start(), found.start(found.lastgroup or 0) + len(text))
        ids = library.ids_identified(text)
        if place is None or not (ids or found["url"] or found["doi"] or found["prefix"]):
            continue
        first = place[0]
        if asked.plain(first - 1) in ("doi", "arxiv"):
            first -= 1
        # What no paper has stands for itself, as an id that leaves nothing.
        named = library.papers_by_id(ids[:1])
        name = next((one.title.partition(": ")[0] for one in named.values()), "")
        asked.take(Span(first, place[1], Filter(papers=ids or (text,)), text, stands_for=name))


def take_marks(asked: Asked, library: Library) -> None:
    """Take the reader's own marks: the status of papers and tags that the library holds."""
    found = _STATUS.search(asked.text)
    place = asked.at_char(*found.span()) if found else None
    if found and place and asked.is_free(*place) and _is_mark(asked, found, place):
        named = (
            found["marked"]
            or found["be"]
            or found["before"]
            or found["done"]
            or found["asked"]
            or ""
        )
        status = _status(named, turned=bool(found["turned"] or found["never"]) or _negated(found))
        asked.take(Span(*place, Filter(statuses=(status,)), f"status {status}", f"status:{status}"))
    held: set[str] | None = None
    for found in _TAG.finditer(asked.text):
        held = set(library.tags()) if held is None else held
        words = (found["hash"] or found["tag"]).lower().split()
        name = next((one for size in (3, 2, 1) if (one := " ".join(words[:size])) in held), None)
        start = found.start("hash") if found["hash"] else found.start("tag")
        at = asked.at_char(found.start(), found.end())
        if not name and at and asked.plain(at[0] - 1) in PAPER_NOUNS:
            name = words[0]
        place = asked.at_char(found.start(), start + len(name)) if name else None
        if name and place and asked.is_free(*place):
            asked.take(Span(*place, Filter(tags=(name,)), f"tag {name}", f"tag:{name}"))


def take_lacking(asked: Asked) -> None:
    """Take what papers are asked for not to have in their records: "papers without a year"."""
    if not any(one.plain in PAPER_NOUNS for one in asked.words):
        return
    for found in _LACKING.finditer(asked.text):
        place = asked.at_char(*found.span())
        named = next(name for name, value in found.groupdict().items() if value)
        fields: tuple[PaperField, ...] = get_args(PaperField)
        field: PaperField = next((one for one in fields if one == named), "year")
        if place and asked.is_free(*place):
            asked.take(Span(*place, Filter(lacks=(field,)), lacking_words((field,))))


def _is_mark(asked: Asked, found: re.Match[str], place: tuple[int, int]) -> bool:
    """True where a status is not a word of the topic: "read" is one that any text has."""
    behind = asked.plain(place[1] + 1)
    if found["marked"] or found["be"]:
        return True
    if found["mine"]:
        return behind in PAPER_NOUNS
    papers = any(one.plain in PAPER_NOUNS for one in asked.words)
    return (papers or asked.plain(0) in ("which", "what")) and (
        not behind or behind in PAPER_NOUNS or behind in _GO_ON
    )


def _negated(found: re.Match[str]) -> bool:
    return found.group().lower().startswith(("haven't", "didn't"))


def _status(named: str, *, turned: bool) -> Status:
    low = {"keep": "kept", "skip": "skipped", "": "later"}.get(named.lower(), named.lower())
    if low == "read" and turned:
        return "unread"
    return next(one for one in get_args(Status) if one == low)
