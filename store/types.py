"""The values of the store: papers, where they came from, and what an ingest did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from store.value import Value

Status = Literal["unread", "read", "later", "kept", "skipped"]
"""The reader's own mark on a paper."""

Narrate = Callable[[str], None]
"""Receives one line for the reader, without a line end."""


class Provenance(Value):
    """One place a paper was read from.

    `source` is an absolute path or `-`, `line` and `record` count from 1,
    `page_date` is the date printed on a saved page ("Mar 11"), never a year,
    `added_at` is ISO 8601 in UTC.
    """

    source: str
    reader: str
    page_date: str | None = None
    line: int | None = None
    record: int | None = None
    added_at: str


class Details(Value):
    """What a source says of a paper beside what every citation has.

    `type` is a CSL type ("article-journal", "chapter"), `language` an ISO 639 code in lower case,
    `arxiv_version` counts from 1; `pmid` is digits, `pmcid` begins with PMC, `openalex_id` with W,
    `s2_id` is the 40 hex digits of Semantic Scholar. `volume`, `issue`, `pages` ("117-125"),
    `publisher`, `issn` and `isbn` (digits with their hyphens, the first one named) are those of
    the journal or book that it stands in.
    """

    type: str | None = None
    language: str | None = None
    keywords: tuple[str, ...] = ()
    arxiv_version: int | None = None
    pmid: str | None = None
    pmcid: str | None = None
    openalex_id: str | None = None
    s2_id: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    publisher: str | None = None
    issn: str | None = None
    isbn: str | None = None
    retracted: bool = False


class Record(Value):
    """One paper as a reader of sources found it, cleaned, before it is known or new.

    `source_id` is the id that the source itself used; it becomes an alias. `raw_title` and
    `raw_abstract` are as the source has them, None where cleaning changed nothing. `abstract` is
    empty where the reader asked for papers by their titles alone. `notes` and `status` are what
    the reader of the papers wrote and decided in another program.
    """

    title: str
    abstract: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    date: str | None = None
    venue: str | None = None
    doi: str | None = None
    arxiv_id: str | None = None
    url: str | None = None
    tags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    status: Status | None = None
    details: Details = Details()
    source_id: str | None = None
    raw_title: str | None = None
    raw_abstract: str | None = None
    source: str
    reader: str
    page_date: str | None = None
    line: int | None = None
    record: int | None = None


class Rejection(Value):
    """One record, or one whole source, that was not taken, and why.

    `title` and `ids` are those of the record, as far as they could be read.
    """

    source: str
    line: int | None = None
    record: int | None = None
    reason: str
    title: str | None = None
    ids: tuple[str, ...] = ()


class Notice(Value):
    """Something the reader should know about a record that was taken.

    `partial` marks what makes the run one that was done in part (exit code 1),
    such as an abstract that seems cut.
    """

    source: str
    line: int | None = None
    record: int | None = None
    message: str
    partial: bool = False


ReadItem = Record | Rejection | Notice
"""What a reader of sources yields."""


class Paper(Value):
    """A paper at rest.

    `id` starts with a letter and never changes; `content_hash` covers what a source
    says of the paper (title, abstract, authors, year, ...), not the reader's marks. A paper
    without an abstract is found by its title, and is never evidence.
    """

    id: str
    title: str
    abstract: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    date: str | None = None
    venue: str | None = None
    doi: str | None = None
    arxiv_id: str | None = None
    url: str | None = None
    details: Details = Details()
    tags: tuple[str, ...] = ()
    status: Status = "unread"
    notes: tuple[str, ...] = ()
    provenance: tuple[Provenance, ...] = ()
    content_hash: str
    added_at: str

    @property
    def is_retracted(self) -> bool:
        """True where a source says that the paper was retracted."""
        return self.details.retracted


class PaperText(NamedTuple):
    """What of a paper is searched and cited, of many papers read in a fifth of the time."""

    title: str
    abstract: str


class Ranks(Value):
    """The rank of a paper in each list, from 1; None where the list does not hold it."""

    lexical: int | None = None
    dense: int | None = None


class Words(Value):
    """Words that stand together in a paper's title, abstract or authors, or in its title.

    Several words are a phrase; they are compared by their stems.
    """

    text: str
    in_title: bool = False


class TermMatch(Value):
    """A word of a query in a paper: how often each field has it, and how rare it is.

    `idf` is that of BM25 in Lucene, ln(1 + (N - n + .5) / (n + .5)).
    """

    word: str
    idf: float
    title: int = 0
    abstract: int = 0
    authors: int = 0


PaperField = Literal["year", "date", "venue", "authors", "doi", "arxiv_id", "abstract"]
"""What the record of a paper may have or not."""


class Filter(Value):
    """Which papers a question is about; every field that is set must hold.

    Years are inclusive bounds. `undated` keeps papers that have no year when a year
    is asked for. `tags`, `authors`, `venues` and `sources` hold when any of their
    entries does; authors, venues and sources match parts, without case, and authors and
    venues without accents too.
    `added_since` is an ISO 8601 date or instant in UTC. `papers` are ids, and so is
    `without`: papers that are left out. Of `lacks` a paper has no field, of `has` every one.
    """

    year_from: int | None = None
    year_to: int | None = None
    undated: bool = False
    tags: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = ()
    sources: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    lacks: tuple[PaperField, ...] = ()
    has: tuple[PaperField, ...] = ()
    added_since: str | None = None

    @property
    def is_empty(self) -> bool:
        """True when nothing is asked for but fields that papers have."""
        return self == Filter(undated=self.undated, has=self.has)

    @property
    def leaves_all(self) -> bool:
        """True when it leaves every paper."""
        return self.is_empty and not self.has


class IngestReport(Value):
    """What an ingest did with every record: read = new + same + changed + refused.

    `rejections` and `notices` hold the first ones, `more_rejections` and `more_notices` say
    how many came after them. `partial` is True when anything was refused or taken in part.
    `papers` holds the distinct ids of all records taken, in the order read.
    """

    read: int = 0
    new: int = 0
    same: int = 0
    changed: int = 0
    refused: int = 0
    rejections: tuple[Rejection, ...] = ()
    notices: tuple[Notice, ...] = ()
    more_rejections: int = 0
    more_notices: int = 0
    partial: bool = False
    papers: tuple[str, ...] = ()
    dry_run: bool = False


class LibraryStatus(Value):
    """How a library stands.

    `indexed` counts papers that both projections hold, `pending` those that one of
    them still lacks; `chroma` and `lexical` are "ready", "behind", "missing" or "damaged";
    `disk_bytes` counts all files of the library.
    """

    library: str
    papers: int
    indexed: int
    pending: int
    embedder: str
    chroma: str
    lexical: str
    disk_bytes: int
