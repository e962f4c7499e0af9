"""What Crossref answers in XML (unixref, unixsd), and the list of DBLP, which has no abstracts."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from store.readers.xml.elements import first, markup_of, text_of, texts
from store.readers.xml.jats import paragraphs
from store.readers.xml.parser import Shape

UNIXREF = Shape(
    records=frozenset(("crossref",)), skipped=frozenset(("citation_list", "component_list"))
)
DBLP = Shape(
    records=frozenset(
        (
            *("article", "inproceedings", "proceedings", "book", "incollection"),
            *("phdthesis", "mastersthesis", "data"),
        )
    )
)
_WORKS = (
    *("journal/journal_article", "conference/conference_paper", "book/content_item"),
    *("posted_content", "dissertation", "report-paper/report-paper_metadata", "book/book_metadata"),
)


def values_of(record: Element) -> dict[str, object]:
    """What Crossref says of a work, under the names of fields."""
    work = next((one for path in _WORKS if (one := record.find(path)) is not None), record)
    retracted = any("retract" in (one.get("type") or "") for one in work.iter("updated_by"))
    return {
        "id": (doi := first(work, "doi_data/doi")),
        "title": ": ".join(
            filter(
                None,
                (markup_of(work.find(f"titles/{name}")).strip() for name in ("title", "subtitle")),
            )
        ),
        "abstract": next(
            (text for one in work.iterfind("abstract") if (text := paragraphs(one))), ""
        ),
        "authors": list(_authors(work)),
        "date": _date(work),
        "venue": first(
            record,
            "journal/journal_metadata/full_title",
            "conference/proceedings_metadata/proceedings_title",
            "book/book_metadata/titles/title",
        ),
        "type": work.tag.replace("_", "-"),
        "doi": doi,
        "url": first(work, "doi_data/resource"),
        "language": work.get("language"),
        "retracted": retracted,
    }


def listed(record: Element) -> dict[str, object]:
    """What DBLP lists of a work, under the names of fields."""
    return {
        "id": f"dblp:{record.get('key', '')}",
        "title": markup_of(record.find("title")),
        "authors": texts(record, "author"),
        "year": first(record, "year"),
        "venue": first(record, "journal", "booktitle"),
        "type": record.tag,
        "url": texts(record, "ee"),
    }


def _authors(work: Element) -> Iterator[dict[str, str]]:
    for one in work.findall("contributors/*"):
        if one.get("contributor_role") not in (None, "author"):
            continue
        if one.tag == "person_name":
            yield {
                "family": first(one, "surname"),
                "given": first(one, "given_name"),
                "suffix": first(one, "suffix"),
            }
        elif one.tag == "organization":
            yield {"literal": text_of(one)}


def _date(work: Element) -> dict[str, str]:
    dates = [*work.iterfind("publication_date"), *work.iterfind("posted_date")]
    found = max(dates, key=len, default=None)
    if found is None:
        return {}
    return {name: first(found, name) for name in ("year", "month", "day")}
