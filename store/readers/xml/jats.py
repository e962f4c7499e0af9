"""JATS, the XML of articles: one article, PubMed Central's sets, books' parts, pandoc's.

Only what stands before the text of an article is read. Its replies and translations are no
papers of their own; a graphical abstract, a teaser or highlights are not its abstract.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from store.readers.xml.elements import first, markup_of, text_of, texts
from store.readers.xml.parser import Shape

SHAPE = Shape(
    records=frozenset(("article", "book-part-wrapper")),
    skipped=frozenset(("body", "back", "sub-article", "response", "floats-group")),
)
# Notes, references and objects within a title or an abstract.
_DROPPED = frozenset(
    ("fn", "xref", "object-id", "label", "graphic", "inline-graphic", "supplementary-material")
)
_FORMULAS = ("mml:math", "tex-math")
_HEADINGS = frozenset(("abstract", "summary", "zusammenfassung", "résumé", "resumen", "resumo"))
_MAIN_KINDS = (None, "", "abstract", "structured", "section", "author", "research", "web-only")
_DATE_KINDS = ("pub", "epub", "epub-ppub", "ppub", "epreprint", "preprint", "collection")


def values_of(article: Element) -> dict[str, object]:
    """What the front of an article says, under the names of fields."""
    meta = next(
        (
            one
            for path in ("front/article-meta", "book-part/book-part-meta", "front-stub")
            if (one := article.find(path)) is not None
        ),
        article,
    )
    ids = {
        one.get("pub-id-type", ""): text_of(one).strip()
        for path in ("article-id", "book-part-id")
        for one in meta.iterfind(path)
    }
    abstract, language = _abstract(meta)
    return {
        "id": next((f"{kind}:{ids[kind]}" for kind in ("pmid", "doi") if kind in ids), None)
        or next(iter(ids.values()), None),
        "title": _title(meta),
        "abstract": abstract,
        "authors": list(_authors(meta)),
        "date": _date(meta),
        "venue": first(
            article,
            "front/journal-meta/journal-title-group/journal-title",
            "front/journal-meta/journal-title",
            "book-meta/book-title-group/book-title",
            "front/journal-meta/journal-id",
        ),
        "type": _kind(article) or ("chapter" if meta.tag == "book-part-meta" else ""),
        "doi": ids.get("doi"),
        "pmid": ids.get("pmid"),
        "pmcid": ids.get("pmcid") or ids.get("pmc"),
        "arxiv_id": ids.get("arxiv"),
        "url": [one for one in _links(meta) if one.startswith("http")],
        "keywords": texts(meta, "kwd-group/kwd") + texts(meta, "kwd-group/compound-kwd"),
        "language": language or article.get("xml:lang"),
        **_place(article, meta),
        "retracted": any(_says_retracted(one) for one in meta.iterfind("related-article")),
    }


def _place(article: Element, meta: Element) -> dict[str, object]:
    """Where in its journal or book it stands; an article without pages has a number."""
    issn, isbn = texts(article, "front/journal-meta/issn"), texts(article, "book-meta/isbn")
    return {
        **{name: first(meta, name) for name in ("volume", "issue")},
        "first_page": first(meta, "fpage"),
        "last_page": first(meta, "lpage"),
        "pages": "" if meta.find("fpage") is not None else first(meta, "page-range"),
        "article_number": first(meta, "elocation-id"),
        "publisher": first(
            article,
            "front/journal-meta/publisher/publisher-name",
            "book-meta/publisher/publisher-name",
        ),
        "issn": [*issn, *texts(article, "front/journal-meta/issn-l")],
        "isbn": isbn,
    }


def _kind(article: Element) -> str:
    kind = article.get("article-type", "")
    return "" if kind == "other" else kind


def _links(meta: Element) -> list[str]:
    return [one.get("href", "") for one in meta.iterfind("self-uri")]


def _says_retracted(related: Element) -> bool:
    # A notice points back with "retracted-article"; the paper itself forward.
    return related.get("related-article-type") in ("retraction-forward", "retraction")


def _title(meta: Element) -> str:
    group = meta.find("title-group")
    parent = meta if group is None else group
    title = _inline(
        next(
            (one for name in ("article-title", "title") if (one := parent.find(name)) is not None),
            None,
        )
    )
    if not title:
        return _inline(parent.find("trans-title-group/trans-title"))
    subtitles = filter(None, (_inline(one) for one in parent.iterfind("subtitle")))
    return ": ".join([title, *subtitles])


def _abstract(meta: Element) -> tuple[str, str]:
    """The main abstract and its language; one in another language stands in for none."""
    for path in ("abstract", "trans-abstract"):
        for one in meta.iterfind(path):
            if one.get("abstract-type") in _MAIN_KINDS and (text := paragraphs(one)):
                return text, one.get("xml:lang", "")
    return "", ""


def paragraphs(abstract: Element) -> str:
    """Its paragraphs; the title of a section stands before the first of them, as a label."""
    return "\n\n".join(_sections(abstract, ""))


def _sections(parent: Element, label: str) -> Iterator[str]:
    if (parent.text or "").strip():
        yield (parent.text or "").strip()
    for one in parent:
        if one.tag == "title":
            text = _inline(one).rstrip(":. ")
            label = "" if text.casefold() in _HEADINGS else text
        elif one.tag == "sec":
            yield from _sections(one, label)
            label = ""
        elif one.tag == "list":
            yield from (_inline(item) for item in one.iterfind("list-item"))
        elif one.tag not in _DROPPED and (text := _inline(one)):
            yield f"{label}: {text}" if label else text
            label = ""
        if (one.tail or "").strip():
            yield (one.tail or "").strip()


def _inline(element: Element | None) -> str:
    """The text with its inline tags, without notes, and with one form of each formula."""
    if element is None:
        return ""
    _drop(element)
    return markup_of(element).strip()


def _drop(element: Element) -> None:
    for child in list(element):
        _drop(child)
        if child.tag == "alternatives":
            forms = [one for name in _FORMULAS for one in child if one.tag == name] or list(child)
            for other in list(child):
                if other is not forms[0]:
                    child.remove(other)
        if child.tag in _DROPPED:
            _remove(element, child)


def _remove(parent: Element, child: Element) -> None:
    """Take a child out, and keep the text behind it."""
    at = list(parent).index(child)
    if at:
        parent[at - 1].tail = (parent[at - 1].tail or "") + (child.tail or "")
    else:
        parent.text = (parent.text or "") + (child.tail or "")
    parent.remove(child)


def _authors(meta: Element) -> Iterator[dict[str, str]]:
    for group in meta.iterfind("contrib-group"):
        for one in group:
            if one.tag != "contrib":
                continue
            kind = one.get("contrib-type") or group.get("content-type") or "author"
            if "author" in kind or kind in ("collab", "group"):
                yield from _names(one)


def _names(contributor: Element) -> Iterator[dict[str, str]]:
    holder = contributor.find("name-alternatives")
    parent = contributor if holder is None else holder
    for name in (*parent.iterfind("name"), *parent.iterfind("string-name")):
        if family := first(name, "surname"):
            yield {
                "family": family,
                "given": first(name, "given-names"),
                "prefix": first(name, "prefix"),
                "suffix": first(name, "suffix"),
            }
        else:
            yield {"literal": " ".join(text_of(name).split())}
        if holder is not None:
            return  # the first of several scripts
    for name in (*parent.iterfind("collab"), *parent.iterfind("collab-alternatives/collab")):
        # The members of a group stand within its name.
        own = [name.text or ""]
        for inner in name:
            if inner.tag != "contrib-group":
                own.append(text_of(inner))
            own.append(inner.tail or "")
        yield {"literal": " ".join("".join(own).split()).strip(" ,;")}
    if contributor.find("anonymous") is not None:
        yield {"literal": "Anonymous"}


def _date(meta: Element) -> dict[str, str] | str:
    """The day of the first publication, as exact as it is given."""
    dates = {
        one.get("date-type") or one.get("pub-type") or "pub": one
        for one in meta.iterfind("pub-date")
    }
    ordered = [dates[kind] for kind in _DATE_KINDS if kind in dates] or list(dates.values())
    found = max(
        ordered, key=lambda one: len(one.findall("month")) + len(one.findall("day")), default=None
    )
    if found is None:
        return ""
    if found.find("year") is None:
        return found.get("iso-8601-date") or text_of(found)
    return {
        "year": first(found, "year"),
        "month": first(found, "month", "season"),
        "day": first(found, "day"),
    }
