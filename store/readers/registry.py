"""All readers, and the choice among them: by what a source holds first, by its suffix second."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from typing import BinaryIO

from store.errors import NoRecord, UnusableSource
from store.nearest import format_hint
from store.readers.archives import GZIP_MAGIC, expanded
from store.readers.arxiv_list import ArxivListReader
from store.readers.base import BinaryReader, Reader
from store.readers.bibtex.reader import BibtexReader
from store.readers.html.reader import HtmlReader
from store.readers.installed import Installed, InstalledReader, installed_readers
from store.readers.json.reader import JsonReader
from store.readers.kinds import COMPRESSED, FOREIGN_SUFFIXES, binary_kind, foreign_text
from store.readers.labelled import LabelledReader
from store.readers.markdown.reader import MarkdownReader
from store.readers.options import NO_OPTIONS, ReadOptions
from store.readers.pages import PageReader
from store.readers.pdf.reader import PdfReader
from store.readers.plaintext import PlainTextReader
from store.readers.pubmed_text.reader import PubmedTextReader
from store.readers.records import Place
from store.readers.source import STANDARD_INPUT, Source, why
from store.readers.table.reader import TableReader
from store.readers.tagged.reader import TAGGED
from store.readers.text import HEAD, SourceText
from store.readers.xml.reader import XML_READERS
from store.types import Notice, ReadItem, Rejection

BUILT_IN: tuple[Reader, ...] = (
    PageReader(),
    *XML_READERS,
    HtmlReader(),
    ArxivListReader(),
    PubmedTextReader(),
    *TAGGED,
    MarkdownReader(),
    JsonReader(),
    BibtexReader(),
    LabelledReader(),
    TableReader(),
)
"""The readers of text in the order in which they are asked, the strictest first."""
BUILT_IN_BINARY: tuple[BinaryReader, ...] = (PdfReader(),)
"""The readers of what is no text."""
_PLAIN = PlainTextReader()
"""Asked last, for what no other reader takes."""


@dataclass(frozen=True)
class Readers:
    """Everything that can be read here; `installed` come from other packages, and are asked first.

    `problems` says in a line each which of those cannot be used.
    """

    text: tuple[Reader, ...]
    binary: tuple[BinaryReader, ...]
    installed: tuple[Installed, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def every(self) -> tuple[Reader | BinaryReader, ...]:
        """All of them, the one that takes any text last."""
        return (*self.text, *self.binary, _PLAIN)

    @property
    def names(self) -> tuple[str, ...]:
        """What `--format` takes."""
        return tuple(one.name for one in self.every)

    def named(self, name: str) -> Reader | BinaryReader:
        """The reader with this name, or with this suffix alone; raises UnusableSource."""
        for one in self.every:
            if one.name == name:
                return one
        if len(found := [one for one in self.every if f".{name}" in one.suffixes]) == 1:
            return found[0]
        raise UnusableSource(f"unknown format “{name}”", format_hint(name, self.names))

    def kinds(self) -> str:
        """What can be read, for a message: the best known, and how many more."""
        return (
            f"BibTeX, RIS, CSV, JSON, XML, PDF, saved pages, plain text ({len(self.names)} formats:"
            " quire status names them)"
        )

    def suffixes(self) -> frozenset[str]:
        """The suffixes of all files that are read."""
        return frozenset(suffix for one in self.every for suffix in one.suffixes)

    def by_content(self, head: str, suffix: str = "") -> Reader | None:
        """The reader that knows a text by its beginning, or None."""
        return next((one for one in self.text if one.sniff(head, suffix)), None)

    def by_bytes(self, head: bytes) -> BinaryReader | None:
        """The reader that knows what is no text by its beginning, or None."""
        return next((one for one in self.binary if one.sniff_bytes(head)), None)


@cache
def readers() -> Readers:
    """The readers built in, and those of other packages that are installed."""
    taken = frozenset(one.name for one in (*BUILT_IN, *BUILT_IN_BINARY, _PLAIN))
    installed, problems = installed_readers(taken)
    text = tuple(one for one in installed if isinstance(one, InstalledReader))
    binary = tuple(one for one in installed if not isinstance(one, InstalledReader))
    return Readers((*text, *BUILT_IN), (*binary, *BUILT_IN_BINARY), installed, problems)


def read_source(source: Source, options: ReadOptions = NO_OPTIONS) -> Iterator[ReadItem]:
    """Read everything that a source holds, as the options say.

    Raises UnusableSource when it is nothing that can be read, or holds no record.
    """
    reader = None if options.format is None else readers().named(options.format)
    with ExitStack() as stack:
        stream = source.open()
        if source.path is not None:
            stack.enter_context(stream)
        yield from _told(source, _read(source, stream, reader, options))


def is_recognised(source: Source) -> bool:
    """True when a reader knows a source by its content alone, whatever its name."""
    try:
        with source.open() as stream:
            head, stream = _beginning(source, stream)
            if readers().by_bytes(head):
                return True
            if not head or binary_kind(head):
                return False
            text = SourceText(source.name, head, stream)
            return readers().by_content(text.head) is not None
    except (UnusableSource, OSError):
        return False


def _told(source: Source, items: Iterator[ReadItem]) -> Iterator[ReadItem]:
    """What is read of a source, and what must be said of how it was read."""
    before = _state(source)
    found = False
    try:
        for item in items:
            found = True
            yield item
    except OSError as failure:
        if not found:
            raise UnusableSource(f"cannot be read: {why(failure)}") from failure
        yield Rejection(source=source.name, reason=f"not read to its end: {why(failure)}")
    if not found:
        raise _no_record(source)
    if _state(source) != before:
        yield Notice(
            source=source.name,
            message="the file changed while it was read; add it again",
            partial=True,
        )


def _read(
    source: Source, stream: BinaryIO, reader: Reader | BinaryReader | None, options: ReadOptions
) -> Iterator[ReadItem]:
    head, stream = _beginning(source, stream)
    if not head:
        raise _no_record(source)
    reader = reader or readers().by_bytes(head)
    if isinstance(reader, BinaryReader):
        name = reader.name

        def place(line: int, record: int) -> Place:
            return Place(source.name, name, line, record, titles=options.titles)

        yield from reader.read_bytes(head, stream, place)
        return
    text = _text(source, head, stream, options)
    reader = reader or _choose(text.head, source.suffix, options)
    if options.mapping and not getattr(reader, "takes_mapping", False):
        yield Notice(source=source.name, message=f"--map says nothing about {reader.reads}")
    found = False
    for item in reader.read(text):
        yield from text.take_notices()
        found = True
        yield item
    yield from text.take_notices()
    if not found and options.format and (other := readers().by_content(text.head, source.suffix)):
        raise UnusableSource(
            f"no record as {reader.reads}; it looks like {other.reads}", "leave out --format"
        )


def _beginning(source: Source, stream: BinaryIO) -> tuple[bytes, BinaryIO]:
    """The first bytes of a source, and the stream after them; files are expanded already."""
    head = _filled(stream)
    if source.path is None and head.startswith(GZIP_MAGIC):
        stream = expanded(head, stream)
        head = _filled(stream)
    if head.startswith(GZIP_MAGIC):
        raise UnusableSource("a compressed file within another, which is not opened")
    return head, stream


def _filled(stream: BinaryIO) -> bytes:
    """As many bytes as decide what a source is, or all there are."""
    head = io.BytesIO()
    while head.tell() < HEAD and (piece := stream.read(HEAD - head.tell())):
        head.write(piece)
    return head.getvalue()


def _text(source: Source, head: bytes, stream: BinaryIO, options: ReadOptions) -> SourceText:
    if kind := binary_kind(head):
        raise _unusable(kind)
    if source.suffix in COMPRESSED and source.path is not None:
        raise _unusable(FOREIGN_SUFFIXES[source.suffix], named=True)
    text = SourceText(source.name, head, stream, options)
    if text.is_blank:
        raise _no_record(source)
    return text


def _choose(head: str, suffix: str, options: ReadOptions) -> Reader:
    if reader := readers().by_content(head, suffix):
        return reader
    if reader := _mapped(head, options):
        return reader
    if kind := foreign_text(head):
        raise _unusable(kind)
    for one in readers().text:
        if suffix in one.suffixes:
            return one
    if suffix in FOREIGN_SUFFIXES:
        raise _unusable(FOREIGN_SUFFIXES[suffix], named=True)
    return _PLAIN


def _mapped(head: str, options: ReadOptions) -> Reader | None:
    """The reader that finds in a text all columns that --map names, or None."""
    if not options.mapping:
        return None
    ways = ((one, getattr(one, "has_columns", None)) for one in readers().text)
    return next((one for one, has in ways if has and has(head, options.mapping)), None)


def _no_record(source: Source) -> NoRecord:
    name = "the standard input" if source.name == STANDARD_INPUT else source.name
    return NoRecord(f"no record in {name}", f"quire reads {readers().kinds()}")


def _unusable(kind: str, *, named: bool = False) -> UnusableSource:
    what = f"named as {kind}" if named else f"this is {kind}"
    hint = "save it as text" if "HTML" in kind else f"quire reads {readers().kinds()}"
    return UnusableSource(f"{what}, which is not supported", hint)


def _state(source: Source) -> tuple[int, int]:
    """Size and time of the last change of a file; of the standard input nothing."""
    if source.path is None:
        return 0, 0
    try:
        state = source.path.stat()
    except OSError:
        return 0, 0
    return state.st_size, state.st_mtime_ns
