"""EndNote's XML, as EndNote, Zotero, Mendeley and JabRef write it.

Every text may be cut into pieces with styles; superscripts and subscripts are kept as such.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from store.readers.xml.elements import first, markup_of, text_of, texts
from store.readers.xml.parser import Shape

SHAPE = Shape(records=frozenset(("record",)), skipped=frozenset(("foreign-keys", "database")))
_FACES = {"superscript": "sup", "subscript": "sub"}
_PUBMED = ("medline", "pubmed", "nlm")


def values_of(record: Element) -> dict[str, object]:
    """What a reference says, under the names of fields."""
    for style in record.iter("style"):
        faces = (style.get("face") or "").split()
        style.tag = next((_FACES[face] for face in faces if face in _FACES), "span")
        style.attrib.clear()
    kind = record.find("ref-type")
    accession = first(record, "accession-num").strip()
    provider = first(record, "remote-database-name", "remote-database-provider").casefold()
    of_pubmed = any(name in provider for name in _PUBMED)
    return {
        "id": accession or first(record, "rec-number", "label"),
        "pmid": accession if of_pubmed and accession.isdigit() else None,
        "pmcid": next((one for one in texts(record, "custom2") if one.startswith("PMC")), None),
        "title": _written(record.find("titles/title")),
        "abstract": _written(record.find("abstract")),
        "authors": texts(record, "contributors/authors/author"),
        "year": first(record, "dates/year"),
        "date": _date(record),
        "venue": first(
            record, "periodical/full-title", "titles/secondary-title", "titles/alt-title"
        ),
        "type": "" if kind is None else kind.get("name") or text_of(kind),
        "doi": first(record, "electronic-resource-num"),
        "url": [
            one
            for path in ("related-urls", "web-urls")
            for one in texts(record, f"urls/{path}/url")
        ],
        "keywords": texts(record, "keywords/keyword"),
        "language": first(record, "language"),
        "volume": first(record, "volume"),
        "issue": first(record, "number", "issue"),
        "pages": first(record, "pages"),
        "article_number": first(record, "custom7"),
        "publisher": first(record, "publisher"),
        **dict.fromkeys(("issn", "isbn"), texts(record, "isbn") + texts(record, "issn")),
        "notes": [*texts(record, "notes"), *texts(record, "research-notes")],
    }


def _written(element: Element | None) -> str:
    return markup_of(element).replace("<span>", "").replace("</span>", "").replace("\r", "\n")


def _date(record: Element) -> str:
    """The day of the issue behind its year, for EndNote keeps both apart."""
    year, day = first(record, "dates/year").strip(), first(record, "dates/pub-dates/date").strip()
    return day if not year or not day or year in day else f"{year} {day}"
