"""Making a record, or the reason why there is none, from what a source says of a paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from store.boilerplate import without_boilerplate
from store.clean import clean_text
from store.pattern import pattern
from store.readers.markup.readable import readable
from store.readers.values.absence import says_no_abstract
from store.text_links import ends_in_link
from store.types import Details, Notice, Record, Rejection, Status

TITLE_LIMIT = 2_000
"""Longest title taken, in characters after cleaning."""
ABSTRACT_LIMIT = 250_000
"""Longest abstract taken, in characters after cleaning."""
NO_TITLE = "no title"
NO_ABSTRACT = "no abstract"
"""Reasons for refusing a record."""
OTHER_ABSTRACT = "another abstract of this paper left out, a translation or a summary"
"""What is said of a record with several abstracts."""

_PARAGRAPHS = pattern(r"\n[^\S\n]*\n\s*")
_CLOSING = "\"'”’»]}*_ "
_FULL_STOPS = (".", "!", "?", ")", "。", "！", "？", "）", "।", "؟")
_UNFINISHED = pattern(r"(?:^|[\s(\[])(?:e\.g|i\.e|cf|vs|resp|Fig|Eq|Sec|Tab|approx)\.\Z")
_LAST_WORDS = 40
_SIGNS = "$\\<&{"


class RecordFields(TypedDict, total=False):
    """What a source may say of a paper besides title and abstract, cleaned."""

    authors: tuple[str, ...]
    year: int | None
    date: str | None
    venue: str | None
    doi: str | None
    arxiv_id: str | None
    url: str | None
    tags: tuple[str, ...]
    notes: tuple[str, ...]
    status: Status | None
    details: Details
    source_id: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a source a record stands; `line` and `record` count from 1.

    `titles` says that the reader takes records without an abstract too.
    """

    source: str
    reader: str
    line: int
    record: int
    page_date: str | None = None
    titles: bool = False

    def rejection(self, reason: str) -> Rejection:
        """The record at this place was not taken."""
        return Rejection(source=self.source, line=self.line, record=self.record, reason=reason)

    def notice(self, message: str, *, partial: bool = False) -> Notice:
        """Something about the record at this place."""
        return Notice(
            source=self.source,
            line=self.line,
            record=self.record,
            message=message,
            partial=partial,
        )


def make_record(
    place: Place, title: str, abstract: str, fields: RecordFields | None = None
) -> Record | Rejection:
    """Clean title and abstract and make a record, or say why it is none.

    Both lose their markup, and the abstract its heading and copyright; how they came, made safe,
    stays beside them where that changed more than white space.
    """
    raw_title, raw_abstract = clean_text(title).strip(), clean_text(abstract).strip()
    clean_title, clean_abstract = _cleaned(raw_title, title=True), _cleaned(raw_abstract)
    clean_abstract = without_boilerplate(clean_abstract, clean_title)
    title, abstract = _in_one_line(clean_title), _folded(clean_abstract)
    if says_no_abstract(abstract):
        abstract = ""
    if not abstract and not place.titles:
        return place.rejection(NO_ABSTRACT)
    if not title:
        return place.rejection(NO_TITLE)
    if len(title) > TITLE_LIMIT:
        return place.rejection(too_long("title", len(title), TITLE_LIMIT))
    if len(abstract) > ABSTRACT_LIMIT:
        return place.rejection(too_long("abstract", len(abstract), ABSTRACT_LIMIT))
    return Record(
        title=title,
        abstract=abstract,
        raw_title=_if_changed(raw_title, clean_title),
        raw_abstract=_if_changed(raw_abstract, clean_abstract) if abstract else None,
        source=place.source,
        reader=place.reader,
        page_date=place.page_date,
        line=place.line,
        record=place.record,
        **(fields or {}),
    )


def _cleaned(raw: str, *, title: bool = False) -> str:
    """A safe text without its markup; what that brought to light is made safe as well."""
    text = readable(raw, title=title)
    if text is raw or ("&" not in raw and text.isascii()):
        return text
    return clean_text(text)


def _in_one_line(title: str) -> str:
    is_one = title.isascii() and "  " not in title and "\n" not in title and "\t" not in title
    return title.strip() if is_one else " ".join(title.split())


def _if_changed(raw: str, text: str) -> str | None:
    """A text as it came, or None where cleaning changed no more of it than white space."""
    if text is raw:
        return None
    # Most markup takes its signs along, and a look for a sign costs less than all the words.
    for sign in _SIGNS:
        if sign in raw and sign not in text:
            return raw
    return raw if raw.split() != text.split() else None


def clean_abstract(text: str) -> str:
    """Clean and trim an abstract: line breaks fold to a space, paragraphs stay apart by two."""
    return _folded(clean_text(text))


def _folded(text: str) -> str:
    text = text.strip()
    if "\n" not in text:
        return text
    lines = [line.strip() for line in text.split("\n")]
    if "" not in lines:
        return " ".join(lines)
    paragraphs = _PARAGRAPHS.split(text)
    return "\n\n".join(" ".join(map(str.strip, one.split("\n"))).strip() for one in paragraphs)


def too_long(what: str, length: int, limit: int) -> str:
    """The reason for refusing a title or abstract of so many characters."""
    return f"the {what} has {length} characters; the limit is {limit}"


def cut_notice(place: Place, abstract: str) -> Notice | None:
    """What to say of the last abstract of a source when it seems cut, or None."""
    if seems_whole(abstract):
        return None
    end = abstract.replace("\n", " ")
    if len(end) > _LAST_WORDS:
        end = end[-_LAST_WORDS:].split(" ", 1)[-1]
    return place.notice(f"the last abstract may be cut: it ends in “…{end}”", partial=True)


def seems_whole(abstract: str) -> bool:
    """True when an abstract ends as a sentence or in an address."""
    end = abstract.rstrip(_CLOSING)
    if _UNFINISHED.search(end[-16:]):
        return False
    return end.endswith(_FULL_STOPS) or ends_in_link(abstract)
