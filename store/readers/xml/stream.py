"""The records of an XML document one by one, with flat memory, also around what is broken.

After a fault reading goes on at the next tag that begins a record, which is read whole or not at
all: nothing is ever closed or put together that the document does not have so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers.expat import ErrorString, ExpatError, errors

from store.readers.xml.parser import Around, GivenUp, Parser, Shape
from store.readers.xml.parser import Found as Found

TAG_LIMIT = 4 * 2**20
"""Longest tag or comment, in bytes: a parser holds one whole."""
CUT = "the file ends inside this record; it seems cut"
CUT_BETWEEN = "the file ends before its elements are closed; it seems cut"

_JUNK = errors.codes[errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]
_LONGEST_NAME = 256


@dataclass(frozen=True, slots=True)
class Fault:
    """Something broken: at the line of the record that it spoils, or at its own.

    `is_cut` tells that the document ends there without any other fault.
    """

    line: int
    reason: str
    in_record: bool
    is_cut: bool = False


def read_records(pieces: Iterator[bytes], shape: Shape) -> Iterator[Found | Fault]:
    """Yield each record of a document in UTF-8, and what is broken, in order.

    Raises UnusableSource for a document that declares entities.
    """
    stretch = _Stretch(shape)
    for piece in pieces:
        yield from stretch.feed(piece)
    yield from stretch.feed(b"", final=True)


@dataclass(slots=True)
class _Stretch:
    """What has come and is not used: bytes, and the line and the elements in which they begin.

    There is no parser at the beginning and after a fault; with `seeking` it begins at the next
    record.
    """

    shape: Shape
    held: bytes = b""
    line: int = 1
    around: Around = field(default_factory=list)
    parser: Parser | None = None
    seeking: bool = False

    def feed(self, piece: bytes, *, final: bool = False) -> Iterator[Found | Fault]:
        """Yield what these bytes bring; with `final` there are no more."""
        self.held += piece
        while True:
            parser = self.parser or self._begin(final=final)
            if parser is None:
                return
            fault = self._run(parser, piece if self.parser else self.held, final=final)
            self.parser = parser
            while parser.found:
                yield parser.found.pop(0)
            if fault is None:
                return
            self.parser = None
            if fault.reason:
                yield fault

    def _begin(self, *, final: bool) -> Parser | None:
        """A parser for what is held, once there is something to parse."""
        if self.seeking:
            found = re.search(self.shape.start, self.held)
            used = found.start() if found else max(0, len(self.held) - _LONGEST_NAME)
            self._drop(used)
            if not found:
                return None
            self.seeking = False
        else:
            self._drop(len(self.held) - len(self.held.lstrip()))
            if not self.held or (len(self.held) < _LONGEST_NAME and not final):
                return None
        return Parser(self.shape, self.line, self.around, self.held)

    def _drop(self, count: int) -> None:
        self.line += self.held.count(b"\n", 0, count)
        self.held = self.held[count:]

    def _run(self, parser: Parser, piece: bytes, *, final: bool) -> Fault | None:
        """Parse; a fault without a reason is only the beginning of another document."""
        try:
            parser.parse(piece, final=final)
        except ExpatError as failure:
            return self._broken(parser, failure)
        except GivenUp as failure:
            return self._leave(parser, failure.position, str(failure))
        self._used(parser, parser.position)
        if len(self.held) > TAG_LIMIT:
            reason = f"a tag or comment of more than {TAG_LIMIT // 2**20} MiB"
            return self._leave(parser, parser.position + len(self.held), reason)
        return None

    def _broken(self, parser: Parser, failure: ExpatError) -> Fault:
        at = parser.position_of_error
        if failure.code == _JUNK and self.held[at - parser.used :].startswith(b"<"):
            self._used(parser, at)
            self.around = []
            return Fault(self.line, "", in_record=False)
        if parser.is_at_end:
            self.held = b""
            return Fault(
                parser.record_line or parser.line,
                CUT if parser.record_line else CUT_BETWEEN,
                in_record=parser.record_line is not None,
                is_cut=True,
            )
        line = parser.line_of_error
        is_text = self.held[at - parser.used : at - parser.used + 1] < b"\x80"
        why = ErrorString(failure.code) if is_text else "it is not UTF-8"
        reason = f"not well-formed XML in line {line}: {why}"
        return self._leave(parser, at + 1, reason)

    def _leave(self, parser: Parser, at: int, reason: str) -> Fault:
        """Give up the record that is open, and look for the next behind this position."""
        record = parser.record_line
        fault = Fault(record or parser.line, reason, in_record=record is not None)
        self.around = list(parser.around)
        self._used(parser, at)
        self.seeking = True
        return fault

    def _used(self, parser: Parser, at: int) -> None:
        self._drop(at - parser.used)
        parser.used = at
