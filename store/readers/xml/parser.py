"""The one XML parser: expat, hardened, building the elements of records alone.

Python's own expat loads nothing from outside and knows the line and the byte of everything. With
the builder of `xml.etree` it is as fast as lxml, as long as no Python runs for every tag: so the
bytes are searched for the tags that matter, and only around those the parser is asked what it
saw. What a tag is, only the parser says; the search finds those in comments too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from html.entities import html5
from typing import NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from store.clean import shorten
from store.errors import UnusableSource

RECORD_LIMIT = 16 * 2**20
"""Longest record, in bytes of what is kept of it."""
TAG_LIMIT = 400_000
"""Most tags in one record: an element takes far more memory than its text."""
DEPTH_LIMIT = 500
"""Deepest nesting outside of a record."""
DECLARES_ENTITIES = "an XML file that declares entities, which is not read"

_LONGEST_TAG = 4096
_UNCLOSED = "the record is not closed"

Around = list[tuple[str, dict[str, str]]]
"""The elements that are open outside of a record: names and attributes."""

_DECLARATION = re.compile(rb"<\?xml\b[^>]*\?>")
_DOCTYPE = re.compile(rb"(?:\s+|<!--(?:[^-]|-[^-])*-->|<\?(?:[^?]|\?[^>])*\?>)*<!DOCTYPE\b")
# A document type that is not read: entities which it may declare are told instead of refused,
# and feeds are full of "&nbsp;" that nobody declared.
_NOT_BLANK = re.compile(rb"[^\n]")
_SOME_DOCTYPE = b'<!DOCTYPE x SYSTEM "">'


class GivenUp(Exception):
    """What is open cannot be used, as the message says; what follows `position` may be."""

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(reason)
        self.position = position


@dataclass(frozen=True)
class Shape:
    """What is read of a format: local names of records, and of parts of them that are left out."""

    records: frozenset[str]
    skipped: frozenset[str] = frozenset()

    @cached_property
    def start(self) -> bytes:
        """A pattern of the beginning of a record's tag."""
        names = "|".join(sorted(map(re.escape, self.records)))
        return rf"<(?:[\w.-]+:)?(?:{names})(?=[\s/>])".encode()

    @cached_property
    def starts(self) -> re.Pattern[bytes]:
        """The tags that begin records."""
        return re.compile(self.start)

    def watched(self, prefix: str) -> re.Pattern[bytes]:
        """The tags at which records and parts left out begin or end, with the prefix of these."""
        names = "|".join(sorted(map(re.escape, self.records | self.skipped)))
        return re.compile(rf"</?{re.escape(prefix)}(?:{names})(?=[\s/>])".encode())


@dataclass(frozen=True, slots=True)
class Found:
    """A whole record: its element, its line from 1, and the elements in which it stands."""

    element: Element
    line: int
    around: Around = field(default_factory=list)


def local(tag: str) -> str:
    """A name without its prefix."""
    return tag[tag.rfind(":") + 1 :]


class Parser:
    """Parses one stretch of a document; whole records are appended to `found`.

    `around` are the open elements outside of records, `record_line` is where the open record
    begins, `used` counts the bytes that its owner has let go.
    """

    def __init__(self, shape: Shape, line: int, around: Around, head: bytes) -> None:
        self.found: list[Found] = []
        self.around: Around = []
        self.record_line: int | None = None
        self.used = 0
        self.is_at_end = False
        self._shape = shape
        self._line = line
        self._expat = parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.buffer_size = 2**16
        parser.EntityDeclHandler = _refuse_entities
        self._tail = b""
        self._seen = True
        self._doctype: str | None = None
        self._look: Callable[[], None] | None = None
        self._kept = self._tags = 0
        self._is_kept = False
        self._outside()
        declared = None if around else _DECLARATION.match(head)
        self._blank = declared.end() if declared else 0
        start = "".join(map(_start_tag, around)).encode()
        if around or not _DOCTYPE.match(head, self._blank):
            start = _SOME_DOCTYPE + start
        self._shift = len(start)
        if start:
            parser.Parse(start)
        parser.StartDoctypeDeclHandler = self._start_doctype

    @property
    def position(self) -> int:
        """How many bytes were understood."""
        return max(0, self._expat.CurrentByteIndex - self._shift)

    @property
    def position_of_error(self) -> int:
        """How many bytes were understood before a fault."""
        return self._expat.ErrorByteIndex - self._shift

    @property
    def line(self) -> int:
        """The line that has been reached."""
        return self._line + self._expat.CurrentLineNumber - 1

    @property
    def line_of_error(self) -> int:
        """The line of a fault."""
        return self._line + self._expat.ErrorLineNumber - 1

    def parse(self, piece: bytes, *, final: bool) -> None:
        """Parse on. Raises ExpatError, GivenUp; UnusableSource where entities are."""
        if self._blank:
            # Its encoding has been dealt with, and "standalone" would make entities faults.
            declared, self._blank = piece[: self._blank], 0
            piece = _NOT_BLANK.sub(b" ", declared) + piece[len(declared) :]
        data = self._tail + piece
        # A tag that is cut waits for its end, lest it is not found.
        last = data.rfind(b"<", -_LONGEST_TAG)
        cut = last if not final and last >= 0 and data.find(b">", last) < 0 else len(data)
        self._tail = data[cut:]
        at = self._until_seen(data, 0, cut)
        while self._seen and (found := self._watched.search(data, at, cut)):
            self._feed(data[at : found.start()])
            if self._look:
                self._look()
            self._seen = False
            at = self._until_seen(data, found.start(), cut)
        self._feed(data[at:cut])
        if final:
            self.is_at_end = True
            self._expat.Parse(b"", True)

    def _until_seen(self, data: bytes, at: int, cut: int) -> int:
        """Parse to the end of the next tag that the parser sees; it may be in a comment."""
        while not self._seen and (close := data.find(b">", at, cut)) >= 0:
            self._feed(data[at : close + 1])
            at = close + 1
        return at

    def _feed(self, data: bytes) -> None:
        if self._is_kept:
            self._kept += len(data)
            self._tags += data.count(b"<")
            if self._kept > RECORD_LIMIT:
                reason = f"a record of more than {RECORD_LIMIT // 2**20} MiB"
                raise GivenUp(reason, self.position)
            if self._tags > TAG_LIMIT:
                raise GivenUp(f"a record of more than {TAG_LIMIT} tags", self.position)
        if data:
            self._expat.Parse(data)

    def _outside(self) -> None:
        """Look for the beginning of a record."""
        parser = self._expat
        self.record_line, self._look, self._is_kept = None, None, False
        self._watched = self._shape.starts
        parser.StartElementHandler = self._start_outside
        parser.EndElementHandler = self._end_outside
        parser.CharacterDataHandler = None
        parser.SkippedEntityHandler = None

    def _start_doctype(self, name: str, *_: object) -> None:
        self._doctype = name

    def _start_outside(self, tag: str, given: dict[str, str]) -> None:
        self._seen = True
        if self._doctype not in (None, tag):
            raise UnusableSource(
                f"an XML file whose document type is of <{shorten(self._doctype or '', 60)}>, "
                f"and its root element <{shorten(tag, 60)}>"
            )
        self._doctype = None
        if local(tag) in self._shape.records:
            self._inside(tag, given)
        elif len(self.around) >= DEPTH_LIMIT:
            raise GivenUp(f"nested deeper than {DEPTH_LIMIT} elements", self.position + 1)
        else:
            self.around.append((tag, given))

    def _end_outside(self, tag: str) -> None:
        self._seen = True
        self.around.pop()

    def _inside(self, record_tag: str, given: dict[str, str]) -> None:
        """Build a record until its end; what is left out of it is not even looked at."""
        parser, skipped = self._expat, self._shape.skipped
        builder = TreeBuilder()
        record = builder.start(record_tag, given)
        self.record_line = line = self.line
        self._watched = self._shape.watched(record_tag[: -len(local(record_tag))])
        self._kept = self._tags = 0
        skipped_tag, depth = "", 0

        def build() -> None:
            self._look, self._is_kept = look, True
            parser.StartElementHandler, parser.EndElementHandler = builder.start, builder.end
            parser.CharacterDataHandler, parser.SkippedEntityHandler = builder.data, named

        def look() -> None:
            parser.StartElementHandler, parser.EndElementHandler = start, end

        def start(tag: str, given: dict[str, str]) -> None:
            nonlocal skipped_tag, depth
            self._seen = True
            if tag == record_tag:
                raise GivenUp(_UNCLOSED, self.position)
            if local(tag) in skipped:
                skipped_tag, depth = tag, 1
                self._look, self._is_kept = look_in_skipped, False
                parser.CharacterDataHandler = parser.SkippedEntityHandler = None
                look_in_skipped()  # its end may stand in the same tag
            else:
                builder.start(tag, given)
                build()

        def end(tag: str) -> None:
            self._seen = True
            if builder.end(tag) is record:
                self.found.append(Found(record, line, list(self.around)))
                self._outside()
            else:
                build()

        def skip() -> None:
            parser.StartElementHandler = parser.EndElementHandler = None

        def look_in_skipped() -> None:
            parser.StartElementHandler, parser.EndElementHandler = start_skipped, end_skipped

        def start_skipped(tag: str, _: dict[str, str]) -> None:
            nonlocal depth
            self._seen = True
            if tag == record_tag:
                raise GivenUp(_UNCLOSED, self.position)
            depth += tag == skipped_tag
            skip()

        def end_skipped(tag: str) -> None:
            nonlocal depth
            self._seen = True
            depth -= tag == skipped_tag
            if depth:
                skip()
            else:
                build()

        def named(name: str, is_parameter: bool) -> None:
            if not is_parameter:
                builder.data(html5.get(f"{name};", f"&{name};"))

        build()
        look()  # its end may stand in the same tag


def _refuse_entities(*_: object) -> NoReturn:
    raise UnusableSource(DECLARES_ENTITIES, "save it without its entity declarations")


def _start_tag(one: tuple[str, dict[str, str]]) -> str:
    tag, given = one
    return f"<{tag}{''.join(f' {name}={_quoted(value)}' for name, value in given.items())}>"


def _quoted(value: str) -> str:
    # As the standard library's quoteattr does, whose module loads an HTTP client.
    text = escape(value).replace("\n", "&#10;").replace("\r", "&#13;").replace("\t", "&#9;")
    return f'"{text}"'
