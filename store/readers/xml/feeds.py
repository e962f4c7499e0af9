"""Feeds: arXiv's answers and announcements, and those of journals, in Atom, RSS 2 and RSS 1.

Own code, for feedparser keeps only the last author and the last affiliation of an entry. What a
journal writes around an abstract (the address, the date, the authors once more) is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from store.pattern import pattern
from store.readers.xml.elements import first, markup_of, text_of, texts
from store.readers.xml.parser import Shape

SHAPE = Shape(records=frozenset(("entry", "item")), skipped=frozenset(("media:group",)))

_ERROR_ID = pattern(r"https?://(?:export\.)?arxiv\.org/api/errors\b")
_ANNOUNCED = pattern(
    r"\s*arXiv:(\S+)\s+Announce\s+Type:\s*(\S+)\s+(?:Abstract:\s*)?", re.IGNORECASE
)
_OLD_TITLE = pattern(
    r"(?<!\s)\s*\((arXiv:\S{1,60})\s{1,40}\[[\w.-]{1,40}\](?:\s{1,40}UPDATED)?\)\s*\Z"
)
_OAI_ARXIV = pattern(r"oai:arxiv\.org:(\S+)", re.IGNORECASE)
_ARXIV = pattern(r"arxiv\.org|arXiv:", re.IGNORECASE)
_DOI = pattern(r"\b10\.\d{4,9}/[^\s?#<>\"]+")
_TAG = pattern(r"<[^<>]{0,1000}>")
_PARAGRAPH = pattern(r"</?(?:p|div|br)\b[^<>]{0,200}>", re.IGNORECASE)
# Nature's, ScienceDirect's and Wiley's words about an item, each a paragraph of its own.
_ABOUT = pattern(
    r"(?:[^.:]{0,100}, )?published online:.*"
    r"|(?:publication date|source|author\(s\)|authors?|available online):.*"
    r"|available online \d.*"
    r"|[^.]{3,150}, (?:volume [\w-]+,|early ?view|accepted article|ahead of print|in press)"
    r"[^.]{0,150}\.?",
    re.IGNORECASE | re.DOTALL,
)
_OF_JOURNALS = (
    *("publicationName", "journal_ref", "journal_reference", "abstract", "primary_category"),
    *("volume", "startingPage", "issn"),
)
_SCHOLARLY = pattern(
    r"\b10\.\d{4,9}/|\b(?:pmid|issn)\b|(?:publication date|author\(s\)):"
    r"|pubmed\.ncbi|sciencedirect\.com|huggingface\.co/papers/|openreview\.net|biorxiv|medrxiv",
    re.IGNORECASE,
)
_HEADING = pattern(r"(?:abstract|summary)\s*:?", re.IGNORECASE)
_NAME_AND_ADDRESS = pattern(r"[^\s@]{1,200}@[^\s@]{1,200}\s{1,40}\((.+)\)\s*\Z")


def refused(record: Element) -> str | None:
    """Why an entry is no paper: arXiv's answer to a wrong question, or a piece of news."""
    if _ERROR_ID.match(first(record, "id").strip()):
        return f"an error that arXiv answered: {' '.join(first(record, 'summary').split())}"
    if not _is_of_a_paper(record):
        return "no paper: neither a DOI, an arXiv id nor a journal is named"
    return None


def _is_of_a_paper(record: Element) -> bool:
    """True for an entry with a sign of a paper: its id, its journal, its abstract, its publisher.

    News, releases and broadcasts come in the same feeds, with authors too.
    """
    if _doi(record) or _arxiv_id(record):
        return True
    if any(record.find(name) is not None for name in _OF_JOURNALS):
        return True
    said = " ".join((*texts(record, "description"), *texts(record, "summary"), _link(record)))
    return _SCHOLARLY.search(said) is not None


def values_of(record: Element) -> dict[str, object]:
    """What an entry or an item says, under the names of fields."""
    title, in_title = _title(record)
    abstract, announced = _abstract(record)
    arxiv_id = announced or in_title or _arxiv_id(record)
    return {
        "id": first(record, "id", "guid").strip() or record.get("about") or _link(record),
        "title": title,
        "abstract": abstract,
        "authors": list(_authors(record)),
        "date": first(
            record, "published", "publicationDate", "date", "pubDate", "issued", "updated"
        ),
        "venue": first(
            record, "journal_ref", "journal_reference", "publicationName", "source/title"
        ),
        "type": "preprint" if arxiv_id else "",
        "doi": _doi(record),
        "arxiv_id": arxiv_id,
        "url": _link(record),
        "keywords": list(dict.fromkeys(_keywords(record))),
        "language": first(record, "language"),
        "volume": first(record, "volume"),
        "issue": first(record, "number", "issueIdentifier"),
        "pages": first(record, "pageRange"),
        "first_page": first(record, "startingPage"),
        "last_page": first(record, "endingPage"),
        "publisher": first(record, "publisher"),
        "issn": texts(record, "issn") + texts(record, "eIssn"),
        "isbn": texts(record, "isbn"),
    }


def _title(record: Element) -> tuple[str, str]:
    """The title, and the arXiv id that old announcements have in it."""
    element = next((one for one in record.iterfind("title") if text_of(one).strip()), None)
    text = _content(element)
    if found := _OLD_TITLE.search(text):
        return text[: found.start()].rstrip().removesuffix("."), found[1]
    return text, ""


def _abstract(record: Element) -> tuple[str, str]:
    """The abstract without what is said about the item, and the arXiv id of an announcement."""
    for name in ("abstract", "encoded", "summary", "description", "content"):
        for element in record.iterfind(name):
            text = _content(element)
            announced = _ANNOUNCED.match(text)
            if announced:
                return text[announced.end() :], announced[1]
            if text := _without_words_about(text):
                return text, ""
    return "", ""


def _without_words_about(text: str) -> str:
    parts = [one.strip() for one in _PARAGRAPH.split(text)]
    kept = [
        one
        for one in parts
        if one and not _ABOUT.fullmatch(bare := _TAG.sub("", one)) and not _HEADING.fullmatch(bare)
    ]
    if not any(_TAG.sub("", one).strip() for one in kept):
        return ""
    return text if len(kept) == len([one for one in parts if one]) else "\n\n".join(kept)


def _content(element: Element | None) -> str:
    """The text as it is written; that of RSS, and of Atom where it says so, is HTML itself."""
    if element is None:
        return ""
    if len(element):
        return markup_of(element)
    is_html = element.get("type") in (None, "html", "text/html") and "<" in (element.text or "")
    return (element.text or "") if is_html else markup_of(element)


def _authors(record: Element) -> Iterator[object]:
    for one in record.iterfind("author"):
        name = first(one, "name") or (one.text or "")
        if found := _NAME_AND_ADDRESS.match(name.strip()):
            name = found[1]
        if name.strip():
            yield {"authors": name}
    creators = [text for text in texts(record, "creator") if text.strip()]
    # An old announcement has all names in one element, each a link.
    yield from ({"authors": _TAG.sub("", text)} for text in creators)


def _link(record: Element) -> str:
    """The address of the page of the paper."""
    links = [
        (one.get("rel") or "alternate", one.get("href") or text_of(one))
        for one in record.iterfind("link")
    ]
    return next((href.strip() for rel, href in links if rel == "alternate"), "") or first(
        record, "url"
    )


def _doi(record: Element) -> str:
    for text in (*texts(record, "doi"), *texts(record, "DOI"), *texts(record, "identifier")):
        if found := _DOI.search(text):
            return found[0]
    return found[0] if (found := _DOI.search(_link(record))) and "doi.org" in _link(record) else ""


def _arxiv_id(record: Element) -> str:
    for text in (
        first(record, "id"),
        first(record, "guid"),
        _link(record),
        record.get("about", ""),
    ):
        if found := _OAI_ARXIV.search(text):
            return found[1]
        if _ARXIV.search(text):
            return text.strip()
    return ""


def _keywords(record: Element) -> Iterator[str]:
    for one in (*record.iterfind("primary_category"), *record.iterfind("category")):
        yield one.get("label") or one.get("term") or text_of(one)
    yield from texts(record, "subject")
