"""The readers of XML: which root element is whose, and from the elements of a record to items."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from store.errors import UnusableSource
from store.readers.fields import items_of
from store.readers.records import Place
from store.readers.text import SourceText
from store.readers.xml import crossref, endnote, feeds, jats, libraries, pubmed
from store.readers.xml.elements import plain_names
from store.readers.xml.parser import Found, Shape, local
from store.readers.xml.root import root_of
from store.readers.xml.stream import Fault, read_records
from store.types import Notice, ReadItem

Values = Callable[[Element], dict[str, object]]
"""From the element of a record to named values."""
Refuses = Callable[[Element], str | None]
"""Why an element is no paper, or None."""


@dataclass(frozen=True)
class XmlReader:
    """Reads the documents in XML whose root has one of these names.

    `says` looks into the beginning where the name alone does not tell; `refuses` names elements
    that are no papers, `remarks` those that are only told. `has_prefixes` is False for a format
    without namespaces, whose names need not be looked up.
    """

    name: str
    reads: str
    roots: frozenset[str]
    shape: Shape
    values_of: Values
    says: Callable[[str], bool] = field(default=lambda head: True)
    refuses: Refuses = field(default=lambda record: None)
    remarks: Refuses = field(default=lambda record: None)
    has_prefixes: bool = True
    suffixes: tuple[str, ...] = ()

    def sniff(self, head: str, suffix: str) -> bool:
        """True for a text with a root element that is read here."""
        root = root_of(head)
        return root is not None and local(root) in self.roots and self.says(head)

    def read(self, text: SourceText) -> Iterator[ReadItem]:
        """Yield a record for each element that is one, and what is broken."""
        number = 0
        between: list[Fault] = []
        for found in read_records(text.data(guess=False), self.shape):
            if isinstance(found, Fault) and not found.in_record:
                between.append(found)
                continue
            number += 1
            yield from (_notice(text, fault) for fault in between)
            between.clear()
            place = text.place(self.name, found.line, number)
            if isinstance(found, Fault):
                yield place.rejection(found.reason)
                continue
            try:
                yield from self._items(place, found)
            except RecursionError:
                yield place.rejection("nested too deeply")
        if between and not number:
            raise UnusableSource(f"{between[0].reason} (line {between[0].line})")
        yield from (_notice(text, fault) for fault in between)

    def _items(self, place: Place, found: Found) -> Iterator[ReadItem]:
        element = plain_names(found.element, found.around) if self.has_prefixes else found.element
        if remark := self.remarks(element):
            yield place.notice(remark)
        elif reason := self.refuses(element):
            yield place.rejection(reason)
        else:
            yield from items_of(place, self.values_of(element))


def _notice(text: SourceText, fault: Fault) -> Notice:
    return Notice(source=text.source, line=fault.line, message=fault.reason, partial=True)


def _names(*names: str) -> frozenset[str]:
    return frozenset(names)


def _is_zotero(head: str) -> bool:
    return "http://www.zotero.org/namespaces/export#" in head


XML_READERS = (
    XmlReader(
        name="pubmed-xml",
        reads="PubMed XML",
        roots=_names(
            *("PubmedArticleSet", "PubmedArticle", "PubmedBookArticle", "PubmedBookArticleSet"),
            *("MedlineCitationSet", "MedlineCitation"),
        ),
        shape=pubmed.SHAPE,
        values_of=pubmed.values_of,
        remarks=pubmed.deleted,
        has_prefixes=False,
    ),
    XmlReader(
        name="feed",
        reads="Atom and RSS feeds of arXiv and journals",
        roots=_names("feed", "entry", "rss", "RDF"),
        shape=feeds.SHAPE,
        values_of=feeds.values_of,
        says=lambda head: not _is_zotero(head),
        refuses=feeds.refused,
    ),
    XmlReader(
        name="endnote-xml",
        reads="EndNote XML",
        roots=_names("xml", "records"),
        shape=endnote.SHAPE,
        values_of=endnote.values_of,
        says=lambda head: "<ref-type" in head,
        has_prefixes=False,
    ),
    XmlReader(
        name="jats",
        reads="JATS XML",
        roots=_names("article", "articles", "pmc-articleset", "book-part-wrapper"),
        shape=jats.SHAPE,
        values_of=jats.values_of,
    ),
    XmlReader(
        name="oai",
        reads="OAI-PMH",
        roots=_names("OAI-PMH", "ListRecords", "GetRecord", "record"),
        shape=libraries.OAI,
        values_of=libraries.values_of,
        says=lambda head: "metadata" in head,
        refuses=libraries.refused,
    ),
    XmlReader(
        name="arxiv-xml",
        reads="arXiv's metadata in XML",
        roots=_names("arXiv", "arXivRaw"),
        shape=libraries.ARXIV,
        values_of=libraries.values_of,
    ),
    XmlReader(
        name="dublin-core",
        reads="Dublin Core",
        roots=_names("dc", "dcCollection"),
        shape=libraries.DUBLIN_CORE,
        values_of=libraries.values_of,
    ),
    XmlReader(
        name="mods",
        reads="MODS",
        roots=_names("mods", "modsCollection"),
        shape=libraries.MODS,
        values_of=libraries.values_of,
    ),
    XmlReader(
        name="zotero-rdf",
        reads="Zotero's RDF",
        roots=_names("RDF"),
        shape=libraries.ZOTERO,
        values_of=libraries.values_of,
        says=_is_zotero,
        refuses=libraries.refused,
    ),
    XmlReader(
        name="crossref-xml",
        reads="Crossref's XML",
        roots=_names("crossref_result", "doi_records", "doi_record", "crossref"),
        shape=crossref.UNIXREF,
        values_of=crossref.values_of,
    ),
    XmlReader(
        name="dblp-xml",
        reads="DBLP's XML",
        roots=_names("dblp", "dblpperson"),
        shape=crossref.DBLP,
        values_of=crossref.listed,
    ),
)
"""The readers of XML, each for its own root elements."""
