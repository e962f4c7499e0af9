"""PubMed's XML: records of E-utilities and of the yearly files, articles and books.

Own code, for the parsers of this format lose authors that are groups, second affiliations and
text behind an inline tag, or take identifiers out of the list of references. An abstract in
another language stands in for one that is missing, and is never added to one.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from store.readers.values.dates import MONTHS
from store.readers.xml.elements import first, markup_of, text_of, texts
from store.readers.xml.parser import Shape

SHAPE = Shape(
    records=frozenset(
        (
            "PubmedArticle",
            "PubmedBookArticle",
            "MedlineCitation",
            "DeleteCitation",
            "DeleteDocument",
        )
    ),
    skipped=frozenset(
        (
            "ReferenceList",
            "History",
            "ChemicalList",
            "GrantList",
            "DataBankList",
            "InvestigatorList",
        )
    ),
)
_UNNAMED = frozenset(("UNLABELLED", "UNASSIGNED", ""))
_NOT_AVAILABLE = "[Not Available]"
_MONTHS = {name: f"{number:02}" for number, name in enumerate(MONTHS, 1)}
_NAMES = frozenset(("CollectiveName", "LastName", "ForeName", "FirstName", "Initials", "Suffix"))
_RETRACTED = "Retracted Publication"


def values_of(record: Element) -> dict[str, object]:
    """What PubMed says of an article or a book, under the names of fields."""
    citation = _either(record, "MedlineCitation", "BookDocument")
    article = _either(citation, "Article")
    abstract, language = _abstract(citation, article)
    ids = _ids(record, citation, article)
    pmid = ids.get("pubmed") or first(citation, "PMID")
    kinds = texts(article, "PublicationTypeList/PublicationType") + texts(
        article, "PublicationType"
    )
    return {
        "id": f"pmid:{pmid.strip()}" if pmid else None,
        "pmid": pmid,
        "title": _title(article),
        "abstract": abstract,
        "authors": list(_authors(article)),
        "date": _date(article),
        "venue": _venue(citation, article),
        "type": kinds or _book_type(article),
        "doi": ids.get("doi"),
        "pmcid": ids.get("pmc"),
        "arxiv_id": ids.get("arxiv"),
        "keywords": texts(citation, "KeywordList/Keyword")
        + texts(citation, "MeshHeadingList/MeshHeading/DescriptorName"),
        "language": language or texts(article, "Language"),
        **_place(citation, article),
        "retracted": _RETRACTED in kinds
        or citation.find("CommentsCorrectionsList/CommentsCorrections[@RefType='RetractionIn']")
        is not None,
    }


def deleted(record: Element) -> str | None:
    """What to say of a list of records that PubMed took back, or None for another element."""
    if not record.tag.startswith("Delete"):
        return None
    count = len(record.findall("PMID"))
    return f"PubMed took back {count} records, listed here; none was removed"


def _either(parent: Element, *names: str) -> Element:
    return next((one for name in names if (one := parent.find(name)) is not None), parent)


def _title(article: Element) -> str:
    book = article.find("Book/BookTitle")
    title = article.find("ArticleTitle")
    shown = markup_of(book if title is None else title).strip()
    vernacular = markup_of(article.find("VernacularTitle")).strip()
    if vernacular and (not shown or shown.startswith(_NOT_AVAILABLE)):
        return vernacular
    # Brackets stay: they say that the title is a translation.
    return shown


def _venue(citation: Element, article: Element) -> str:
    is_chapter = article.find("ArticleTitle") is not None
    paths = ("Journal/Title", "Journal/ISOAbbreviation", *(("Book/BookTitle",) * is_chapter))
    return first(article, *paths) or first(citation, "MedlineJournalInfo/MedlineTA")


def _place(citation: Element, article: Element) -> dict[str, object]:
    """Where in its journal or book it stands; NLM cuts the last page short ("117-25")."""
    found: dict[str, object] = {}
    journal = article.find("Journal")
    if journal is not None:
        issue = journal.find("JournalIssue")
        if issue is not None:
            found["volume"], found["issue"] = issue.findtext("Volume"), issue.findtext("Issue")
        found["issn"] = journal.findtext("ISSN") or first(
            citation, "MedlineJournalInfo/ISSNLinking"
        )
    pages = article.find("Pagination")
    if pages is not None:
        found["pages"] = pages.findtext("MedlinePgn")
        found["first_page"] = pages.findtext("StartPage")
        found["last_page"] = pages.findtext("EndPage")
    book = article.find("Book")
    if book is not None:
        found["volume"] = book.findtext("Volume")
        found["publisher"] = first(book, "Publisher/PublisherName")
        found["isbn"] = texts(book, "Isbn")
    return found


def _book_type(article: Element) -> str:
    if article.find("Book") is None:
        return ""
    return "book" if article.find("ArticleTitle") is None else "chapter"


def _abstract(citation: Element, article: Element) -> tuple[str, str]:
    own = article.find("Abstract")
    if own is not None and (text := _labelled(own)):
        # Language is that of the article; NLM holds its main abstracts in English.
        return text, "eng"
    for other in citation.iterfind("OtherAbstract"):
        if text := _labelled(other):
            return text, other.get("Language", "")
    return "", ""


def _labelled(abstract: Element) -> str:
    """The parts of an abstract in lines, each behind its label, once."""
    parts = []
    for one in abstract.iterfind("AbstractText"):
        text = markup_of(one).strip()
        label = (one.get("Label") or one.get("NlmCategory") or "").strip().rstrip(":")
        if not text:
            continue
        if label.upper() not in _UNNAMED and not text.casefold().startswith(label.casefold() + ":"):
            text = f"{label}: {text}"
        parts.append(text)
    return "\n".join(parts)


def _authors(article: Element) -> Iterator[str]:
    """Names as they are spoken, groups in their places."""
    for group in article.iterfind("AuthorList"):
        if group.get("Type", "authors").casefold() == "editors":
            continue
        for author in group:
            parts = {one.tag: text_of(one).strip() for one in author if one.tag in _NAMES}
            given = parts.get("ForeName") or parts.get("FirstName") or parts.get("Initials")
            name = (given, parts.get("LastName"), parts.get("Suffix"))
            yield parts.get("CollectiveName") or " ".join(filter(None, name))


def _date(article: Element) -> str | None:
    """The day of the issue in its parts or as it is worded ("2019 Nov-Dec"), else of the page."""
    for path in ("Journal/JournalIssue/PubDate", "ArticleDate", "Book/PubDate", "ContributionDate"):
        found = article.find(path)
        if found is None:
            continue
        if text := first(found, "MedlineDate"):
            return text
        parts = {one.tag: text_of(one).strip() for one in found}
        if parts.get("Year"):
            month = parts.get("Month") or parts.get("Season") or ""
            month = _MONTHS.get(month[:3].lower(), month)
            joint = "-" if month.isdigit() else " "
            return joint.join(filter(None, (parts["Year"], month, parts.get("Day", ""))))
    return None


def _ids(record: Element, citation: Element, article: Element) -> dict[str, str]:
    """Its own identifiers by their kinds; those of the cited works stand deeper."""
    found: dict[str, str] = {}
    for path, parent in (
        ("PubmedData/ArticleIdList/ArticleId", record),
        ("PubmedBookData/ArticleIdList/ArticleId", record),
        ("ArticleIdList/ArticleId", citation),
    ):
        for one in parent.iterfind(path):
            found.setdefault(one.get("IdType", ""), text_of(one).strip())
    for one in article.iterfind("ELocationID"):
        text = text_of(one).strip()
        if one.get("EIdType") == "doi" and one.get("ValidYN") != "N":
            found.setdefault("doi", text)
        if text.casefold().startswith("arxiv:"):
            found.setdefault("arxiv", text)
    for one in citation.iterfind("OtherID"):
        if text_of(one).startswith("PMC"):
            found.setdefault("pmc", text_of(one).split(" ")[0])
    return found
