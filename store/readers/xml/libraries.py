"""The XML of libraries and repositories: OAI-PMH, Dublin Core, arXiv's own, MODS, Zotero's RDF.

In a repository's harvest the metadata of a record may be in any of these, or in JATS.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from store.pattern import pattern
from store.readers.xml import jats
from store.readers.xml.elements import first, markup_of, text_of, texts
from store.readers.xml.parser import Shape

OAI = Shape(records=frozenset(("record",)), skipped=frozenset(("about", "body", "back")))
DUBLIN_CORE = Shape(records=frozenset(("dc",)))
ARXIV = Shape(records=frozenset(("arXiv", "arXivRaw")))
MODS = Shape(records=frozenset(("mods",)))
ZOTERO = Shape(
    records=frozenset(
        (
            *("Article", "Book", "BookSection", "Thesis", "Report", "Document", "Manuscript"),
            *("ConferenceProceedings", "Description", "Data", "Letter", "Patent"),
        )
    )
)
_REMARK = pattern(r"\s*(?:comments?|journal|notes?)\s*:", re.IGNORECASE)
_ISSN_ALONE = pattern(r"\s*(?:urn:)?(?:[ep]?issn[:\s]*)?\d{4}-\d{3}[\dx]\s*", re.IGNORECASE)
_ISBN_NAMED = pattern(r"\s*(?:urn:)?isbn\b|\s*97[89][\d-]{10,14}\s*\Z", re.IGNORECASE)
_DOI = pattern(r"\bdoi\b|\b10\.\d{4,9}/", re.IGNORECASE)


def values_of(record: Element) -> dict[str, object]:
    """What a record says in whichever of these it is, under the names of fields."""
    metadata = record.find("metadata")
    inside = record if metadata is None else next(iter(metadata), record)
    if metadata is None:
        values = _BY_NAME[record.tag](record) if record.tag in _BY_NAME else _zotero(record)
    else:
        values = _BY_NAME.get(inside.tag, _dublin_core)(inside)
    identifier = first(record, "header/identifier")
    return {**values, "id": values.get("id") or identifier} if identifier else values


def refused(record: Element) -> str | None:
    """Why a record is no paper: a repository took it back, or it is an attachment or a note."""
    header = record.find("header")
    if header is not None and header.get("status") == "deleted":
        return "deleted by the repository"
    if first(record, "itemType") in ("attachment", "note"):
        return "an attachment or a note, no paper"
    return None


def _dublin_core(record: Element) -> dict[str, object]:
    descriptions = [markup_of(one) for one in record.iterfind("description")]
    identifiers = texts(record, "identifier") + texts(record, "relation")
    return {
        "id": first(record, "identifier"),
        "title": markup_of(record.find("title")),
        # A repository adds remarks as further descriptions.
        "abstract": next(
            (
                one
                for one in [*map(markup_of, record.iterfind("abstract")), *descriptions]
                if one.strip() and not _REMARK.match(one)
            ),
            "",
        ),
        "authors": [{"authors": one} for one in texts(record, "creator")],
        "date": first(record, "issued", "date", "created"),
        "venue": first(record, "source", "isPartOf"),
        # "Text" is the kind of anything written (DCMI Type Vocabulary).
        "type": [one for one in texts(record, "type") if one.strip().casefold() != "text"],
        "doi": next((one for one in identifiers if _DOI.search(one)), None),
        "url": [one.strip() for one in identifiers if one.strip().startswith("http")],
        "keywords": texts(record, "subject"),
        "language": first(record, "language"),
        "publisher": first(record, "publisher"),
        # A harvest of OJS has the ISSN of a journal as a further source.
        "issn": [
            one
            for one in (*identifiers, *texts(record, "source"), *texts(record, "isPartOf"))
            if _ISSN_ALONE.fullmatch(one)
        ],
        "isbn": [one for one in identifiers if _ISBN_NAMED.match(one)],
    }


def _arxiv(record: Element) -> dict[str, object]:
    names = [
        {
            "family": first(one, "keyname"),
            "given": first(one, "forenames"),
            "suffix": first(one, "suffix"),
        }
        for one in record.iterfind("authors/author")
    ]
    versions = [one.get("version", "") for one in record.iterfind("version")]
    identifier = first(record, "id").strip()
    return {
        "id": f"arXiv:{identifier}",
        "arxiv_id": identifier + (versions[-1] if versions else ""),
        "title": markup_of(record.find("title")),
        "abstract": markup_of(record.find("abstract")),
        "authors": names or first(record, "authors"),
        "date": first(record, "created", "version/date"),
        "venue": first(record, "journal-ref"),
        "type": "preprint",
        "doi": first(record, "doi"),
        "keywords": first(record, "categories").split(),
    }


def _mods(record: Element) -> dict[str, object]:
    host = next(
        (one for one in record.iterfind("relatedItem") if one.get("type") in ("host", "series")),
        record,
    )
    dates = [
        date
        for parent in (record, host)
        for path in ("originInfo/dateIssued", "part/date", "originInfo/dateCreated")
        if (date := first(parent, path))
    ]
    return {
        "id": first(record, "recordInfo/recordIdentifier") or record.get("ID"),
        "title": _mods_title(record),
        "abstract": next(
            (text for one in record.iterfind("abstract") if (text := markup_of(one))), ""
        ),
        "authors": list(_mods_authors(record)),
        "date": dates[0] if dates else "",
        "venue": "" if host is record else _mods_title(host),
        "type": texts(record, "genre") or texts(host, "genre"),
        "keywords": [text for one in record.iterfind("subject") for text in texts(one, "topic")],
        "language": first(record, "language/languageTerm", "language"),
        "url": texts(record, "location/url"),
        **_mods_place(record, host),
        **{
            name: next(
                (text_of(one) for one in record.iterfind("identifier") if one.get("type") == kind),
                None,
            )
            for name, kind in (
                ("doi", "doi"),
                ("pmid", "pubmed"),
                ("pmcid", "pmc"),
                ("arxiv_id", "arXiv"),
            )
        },
    }


def _mods_place(record: Element, host: Element) -> dict[str, object]:
    """Where in its host a work stands: the details and the extent of the part that it is."""
    parts = [part for one in (host, record) for part in one.iterfind("part")]
    details = {
        one.get("type", ""): first(one, "number", "caption")
        for part in reversed(parts)
        for one in part.iterfind("detail")
    }
    extents = [
        one
        for part in parts
        for one in part.iterfind("extent")
        if one.get("unit") in (None, "page", "pages")
    ]
    numbers = [
        (one.get("type"), text_of(one))
        for parent in (record, host)
        for one in parent.iterfind("identifier")
    ]
    extent = extents[0] if extents else host
    return {
        "volume": details.get("volume"),
        "issue": details.get("issue") or details.get("number"),
        "pages": first(extent, "list") if extents else None,
        "first_page": first(extent, "start") if extents else None,
        "last_page": first(extent, "end") if extents else None,
        "article_number": details.get("article number") or details.get("article"),
        "publisher": first(record, "originInfo/publisher") or first(host, "originInfo/publisher"),
        **{name: [text for kind, text in numbers if kind == name] for name in ("issn", "isbn")},
    }


def _mods_title(record: Element) -> str:
    info = next((one for one in record.iterfind("titleInfo") if one.get("type") is None), None)
    if info is None:
        info = record.find("titleInfo")
    if info is None:
        return ""
    title = f"{markup_of(info.find('nonSort'))} {markup_of(info.find('title'))}".strip()
    subtitle = markup_of(info.find("subTitle")).strip()
    return f"{title}: {subtitle}" if subtitle else title


def _mods_authors(record: Element) -> Iterator[dict[str, str]]:
    for name in record.iterfind("name"):
        roles = [role.casefold() for role in texts(name, "role/roleTerm")]
        if roles and not {"author", "aut", "creator", "cre"} & set(roles):
            continue
        parts: dict[str, list[str]] = {}
        for part in name.iterfind("namePart"):
            parts.setdefault(part.get("type", ""), []).append(text_of(part))
        if parts.get("family"):
            yield {
                "family": " ".join(parts["family"]),
                "given": " ".join(parts.get("given", ())),
                "suffix": " ".join(parts.get("suffix", parts.get("termsOfAddress", ()))),
            }
        else:
            yield {"literal": " ".join(parts.get("", ())) or first(name, "displayForm")}


def _zotero(record: Element) -> dict[str, object]:
    people = [
        {"family": first(one, "surname"), "given": first(one, "givenName", "givenname")}
        for one in record.iterfind("authors/Seq/li/Person")
    ]
    identifiers = [
        text_of(one).strip() for one in record.iter("identifier") if text_of(one).strip()
    ]
    return {
        "id": record.get("about"),
        "title": markup_of(record.find("title")),
        "abstract": markup_of(record.find("abstract")),
        "authors": people,
        "date": first(record, "date"),
        "venue": first(record, "isPartOf/Journal/title", "isPartOf/Book/title"),
        "type": first(record, "itemType"),
        "doi": next((one for one in identifiers if _DOI.search(one)), None),
        "url": [one for one in identifiers if one.startswith("http")],
        "keywords": [
            *texts(record, "subject/AutomaticTag/value"),
            *(text for one in record.iterfind("subject") if (text := (one.text or "").strip())),
        ],
        "language": first(record, "language"),
        "volume": first(record, "isPartOf/Journal/volume", "isPartOf/Book/volume", "volume"),
        "issue": first(record, "isPartOf/Journal/number", "number"),
        "pages": first(record, "pages"),
        "publisher": first(record, "publisher/Organization/name"),
        **{
            name: [one for one in identifiers if one.casefold().startswith(name)]
            for name in ("issn", "isbn")
        },
    }


_BY_NAME = {
    "dc": _dublin_core,
    "qualifieddc": _dublin_core,
    "arXiv": _arxiv,
    "arXivRaw": _arxiv,
    "mods": _mods,
    "article": jats.values_of,
}
