"""What the page of one paper says of it: Highwire's and Dublin Core's tags, schema.org's JSON-LD.

Highwire's tags are those that Google Scholar asks for ("Inclusion Guidelines for Webmasters");
nearly all publishers, arXiv and PubMed write them. Few write the abstract there: it is then taken
from the element that is called so.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from store.pattern import pattern
from store.readers.html.tags import Tag, inside
from store.readers.records import seems_whole

_ARTICLES = frozenset(
    ("scholarlyarticle", "medicalscholarlyarticle", "thesis", "report", "chapter")
)
# The names, classes and roles of elements that hold an abstract: the closest first.
_ABSTRACT_IDS = ("eng-abstract", "abs1-content", "abstract-content", "abstract", "abs1")
_ABSTRACT_CLASSES = ("abstract-content", "abstract-text", "abstractsection", "abstract")
_HEADING = pattern(r"\s*<(h[1-6])\b[^>]*>[^<]{0,60}(?:<[^<>]*>){0,3}\s*</\1>", re.IGNORECASE)
_LABEL = pattern(
    r"\s*(?:<[^<>]*>\s*)*(?:abstract|summary)\s*[:.]?\s*(?=<|\n)(?:</[^<>]*>)?", re.IGNORECASE
)
_SHORTEST = 250
_DEPTH = 8
_HOLDERS = 4

Named = Mapping[str, list[str]]
"""The contents of the tags `meta` of a page, by their names in lower case."""


def named_contents(tags: list[Tag]) -> Named:
    """The contents of all tags `meta`."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for tag in tags:
        if tag.name == "meta":
            name = tag.attributes.get("name") or tag.attributes.get("property") or ""
            content = tag.attributes.get("content", "").strip()
            if name and content:
                found[name.lower().replace("dcterms.", "dc.")].append(content)
    return found


def values_of(page: str, tags: list[Tag]) -> dict[str, object] | None:
    """What a page says of its paper, under the names of fields; None where it names none."""
    named = named_contents(tags)
    linked = next(_linked(page, tags), {})
    values = _of_names(named) if _first(named, "citation_title", "dc.title") else _of_linked(linked)
    if not values.get("title"):
        return None
    if not values.get("abstract"):
        values["abstract"] = (
            _of_linked(linked).get("abstract") or _of_element(page, tags) or _described(named)
        )
    return values


def _of_names(named: Named) -> dict[str, object]:
    canonical = _first(named, "citation_abstract_html_url", "citation_public_url", "og:url")
    authors = (
        named.get("citation_author") or named.get("citation_authors") or named.get("dc.creator")
    )
    return {
        "title": _first(named, "citation_title", "dc.title"),
        "abstract": _first(named, "citation_abstract", "dc.abstract"),
        "authors": authors,
        "date": _first(
            named,
            *("citation_publication_date", "citation_date", "citation_online_date"),
            *("citation_year", "dc.date", "dc.date.issued", "dc.issued", "article:published_time"),
        ),
        "venue": _first(
            named,
            *("citation_journal_title", "citation_conference_title", "citation_conference"),
            *("citation_inbook_title", "citation_book_title", "citation_dissertation_institution"),
            *("dc.source", "prism.publicationname"),
        ),
        "doi": _first(named, "citation_doi", "prism.doi")
        or next((one for one in named.get("dc.identifier", ()) if "10." in one), None),
        "arxiv_id": _first(named, "citation_arxiv_id"),
        "pmid": _first(named, "citation_pmid"),
        "url": canonical,
        "keywords": named.get("citation_keywords") or named.get("citation_keyword"),
        "language": _first(named, "citation_language", "dc.language"),
        "type": _first(named, "dc.type", "citation_article_type"),
        "volume": _first(named, "citation_volume", "prism.volume"),
        "issue": _first(named, "citation_issue", "prism.number"),
        "first_page": _first(named, "citation_firstpage", "prism.startingpage"),
        "last_page": _first(named, "citation_lastpage", "prism.endingpage"),
        "article_number": _first(named, "citation_article_number"),
        "publisher": _first(
            named,
            *("citation_publisher", "dc.publisher", "citation_dissertation_institution"),
            "citation_technical_report_institution",
        ),
        "issn": [*named.get("citation_issn", ()), *named.get("prism.issn", ())],
        "isbn": list(named.get("citation_isbn", ())),
    }


def _of_linked(linked: Mapping[str, object]) -> dict[str, object]:
    if not linked:
        return {}
    part = linked.get("isPartOf")
    return {
        "title": linked.get("headline") or linked.get("name"),
        "abstract": linked.get("abstract") or _long(linked.get("description")),
        "authors": linked.get("author") or linked.get("creator"),
        "date": linked.get("datePublished") or linked.get("dateCreated"),
        "venue": part.get("name") if isinstance(part, dict) else None,
        "doi": linked.get("doi"),
        "id": linked.get("@id") or linked.get("sameAs"),
        "url": linked.get("url"),
        "keywords": linked.get("keywords"),
        "language": linked.get("inLanguage"),
        **_place(linked),
    }


def _place(linked: Mapping[str, object]) -> dict[str, object]:
    """Where it stands: schema.org has the volume within the issue, and the journal within that."""
    whole: dict[str, object] = {}
    part: object = linked
    for _ in range(_HOLDERS):
        if not isinstance(part, dict):
            break
        whole = {**part, **whole}
        part = part.get("isPartOf")
    return {
        "volume": whole.get("volumeNumber"),
        "issue": whole.get("issueNumber"),
        "pages": linked.get("pagination"),
        "first_page": linked.get("pageStart"),
        "last_page": linked.get("pageEnd"),
        "publisher": whole.get("publisher"),
        "issn": whole.get("issn"),
        "isbn": whole.get("isbn"),
    }


def _linked(page: str, tags: list[Tag]) -> Iterator[dict[str, object]]:
    """The objects of JSON-LD that are papers."""
    for tag in tags:
        if tag.name == "script" and "ld+json" in tag.attributes.get("type", "") and not tag.is_end:
            try:
                yield from _articles(json.loads(inside(page, tag)), _DEPTH)
            except (ValueError, RecursionError):
                continue


def _articles(value: object, depth: int) -> Iterator[dict[str, object]]:
    if isinstance(value, list) and depth:
        for one in value:
            yield from _articles(one, depth - 1)
    elif isinstance(value, dict):
        kinds = value.get("@type")
        names = kinds if isinstance(kinds, list) else [kinds]
        if any(str(name).lower() in _ARTICLES for name in names):
            yield value
        elif depth:
            for key in ("@graph", "mainEntity", "mainEntityOfPage"):
                yield from _articles(value.get(key), depth - 1)


def _of_element(page: str, tags: list[Tag]) -> str:
    """The inside of the element that is called an abstract, without its heading."""
    named = {
        tag.attributes["id"].lower(): tag for tag in reversed(tags) if tag.attributes.get("id")
    }
    classed = {one.lower(): tag for tag in reversed(tags) for one in tag.classes()}
    roles = [tag for tag in tags if tag.attributes.get("role") == "doc-abstract"]
    for tag in (
        *(named[one] for one in _ABSTRACT_IDS if one in named),
        *(classed[one] for one in _ABSTRACT_CLASSES if one in classed),
        *roles,
    ):
        text = inside(page, tag)
        text = text[heading.end() :] if (heading := _HEADING.match(text)) else text
        text = text[label.end() :] if (label := _LABEL.match(text)) else text
        if len(text.strip()) > _SHORTEST:
            return text
    return ""


def _described(named: Named) -> str:
    """A description that is whole and long enough for an abstract; most are cut."""
    for name in ("dc.description", "description", "og:description"):
        for one in named.get(name, ()):
            if text := _long(one):
                return text
    return ""


def _long(text: object) -> str:
    if not isinstance(text, str) or len(text) < _SHORTEST or text.endswith(("…", "...")):
        return ""
    return text if seems_whole(text) else ""


def _first(named: Named, *names: str) -> str:
    return next((named[name][0] for name in names if name in named), "")
