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
        **_place(record, work),
    }


def _place(record: Element, work: Element) -> dict[str, object]:
    """Where in its journal, its proceedings or its book a work stands."""
    holders = [
        one
        for path in (
            *("journal/journal_metadata", "conference/proceedings_metadata"),
            *("conference/proceedings_series_metadata", "book/book_metadata"),
            *("book/book_series_metadata", "book/book_set_metadata"),
            *("dissertation", "report-paper/report-paper_metadata"),
        )
        if (one := record.find(path)) is not None
    ]
    return {
        "volume": first(record, "journal/journal_issue/journal_volume/volume"),
        "issue": first(record, "journal/journal_issue/issue"),
        "first_page": first(work, "pages/first_page"),
        "last_page": first(work, "pages/last_page"),
        "article_number": next(
            (
                text_of(one)
                for one in work.iterfind("publisher_item/item_number")
                if one.get("item_number_type") == "article_number"
            ),
            "",
        ),
        "publisher": next(
            (
                text
                for one in holders
                if (text := first(one, "publisher/publisher_name", "institution/institution_name"))
            ),
            "",
        ),
        "issn": [text for one in holders for text in texts(one, "issn")],
        "isbn": [text for one in holders for text in texts(one, "isbn")],
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
        **{name: first(record, name) for name in ("volume", "number", "pages", "isbn")},
        "publisher": first(record, "publisher", "school"),
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
