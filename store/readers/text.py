"""The text of one source as its reader gets it: decoded lines, or pieces of any length."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO, NamedTuple

from store.errors import UnusableSource
from store.readers.encoding import (
    Encoding,
    as_utf8,
    decode_guessing,
    detect,
    ends_inside_character,
    not_utf8,
    recoded,
)
from store.readers.lines import LINE_LIMIT, RawLine, chunks, split_lines
from store.readers.options import NO_OPTIONS, ReadOptions
from store.readers.records import Place
from store.types import Notice

HEAD = 64 * 1024
"""How many bytes at the beginning decide what a source is."""
DOCUMENT_LIMIT = 64 * 2**20
"""Most bytes of a source that has to be read as a whole."""

_MEBI = 2**20
_GAP = bytes(64)
"""What a disk leaves of a block that was never written."""
# XML has no control characters but tab and line ends.
_NO_CONTROLS = bytes(0x20 if n < 0x20 and n not in b"\t\n\r" else n for n in range(256))


class Line(NamedTuple):
    """One decoded line; `problem` says why it cannot be used, and then `text` is empty."""

    number: int
    text: str
    problem: str | None = None


class SourceText:
    """The text of a source, to be read once, by `lines`, `pieces`, `data` or `document`.

    `is_open_ended` tells after all lines whether the last one lacks its line end.
    What its reader should be told of the encoding is collected until `take_notices`.
    Raises UnusableSource when the beginning is no text that is known.
    """

    def __init__(
        self,
        source: str,
        head: bytes,
        stream: BinaryIO,
        options: ReadOptions = NO_OPTIONS,
    ) -> None:
        self.source = source
        self.options = options
        self.is_open_ended = False
        self._whole = len(head) < HEAD
        self._encoding = detect(head, whole=self._whole)
        self._bytes = self._without_nul(self._utf8(chunks(head[self._encoding.mark :], stream)))
        self._notices: list[Notice] = []
        self._told_guess = self._told_replaced = self._told_nul = self._told_gap = False
        self.head = _decode_head(head, self._encoding)

    def place(self, reader: str, line: int, record: int, page_date: str | None = None) -> Place:
        """Where a record stands in this source."""
        return Place(self.source, reader, line, record, page_date, self.options.titles)

    @property
    def is_blank(self) -> bool:
        """True when there is nothing but white space."""
        return self._whole and not self.head.strip()

    def take_notices(self) -> Iterator[Notice]:
        """Hand over what was noticed since the last call."""
        while self._notices:
            yield self._notices.pop(0)

    def lines(self, *, guess: bool) -> Iterator[Line]:
        """Decoded lines, each at most LINE_LIMIT bytes.

        With `guess` a line that is not UTF-8 is read as Windows-1252 where that is plausible.
        """
        for raw in split_lines(self._bytes):
            self.is_open_ended = not raw.ended
            yield self._decode(raw, guess=guess)

    def data(self, *, guess: bool) -> Iterator[bytes]:
        """The text as UTF-8 in bounded pieces, for parsers that read bytes.

        With `guess` bytes that are not UTF-8 are read as Windows-1252, else they come as they
        are. Control characters become spaces.
        """
        held, at = b"", self._encoding.mark
        for piece in chain(self._bytes, (b"",)):
            whole = held + piece
            cut = _unfinished(whole) if piece else 0
            held = whole[len(whole) - cut :]
            good = whole[: len(whole) - cut]
            if guess:
                good, bad = as_utf8(good)
                if bad is not None and not self._told_guess:
                    self._told_guess = True
                    self._tell(None, f"{not_utf8(at + bad)}; read as Windows-1252")
            at += len(whole) - cut
            if good:
                yield good.translate(_NO_CONTROLS)

    def document(self, hint: str = "write one object a line (JSON Lines)") -> str:
        """The whole text. Raises UnusableSource above DOCUMENT_LIMIT or when it is not UTF-8.

        The hint is what helps with one that is longer.
        """
        data = bytearray()
        for piece in self._bytes:
            data += piece
            if len(data) > DOCUMENT_LIMIT:
                raise UnusableSource(
                    f"longer than {DOCUMENT_LIMIT // _MEBI} MiB, the limit for one document",
                    hint,
                )
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as failure:
            at = self._encoding.mark + failure.start
            raise UnusableSource(not_utf8(at), "save it as UTF-8") from failure

    def pieces(self) -> Iterator[str]:
        """The text in pieces; a byte that is not UTF-8 is U+DC00 and the byte (PEP 383)."""
        decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        for piece in self._bytes:
            if text := decoder.decode(piece):
                yield text
        if text := decoder.decode(b"", final=True):
            yield text

    def _utf8(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        if self._encoding.codec == "utf-8":
            return pieces
        return recoded(pieces, self._encoding.codec)

    def _without_nul(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            if b"\x00" not in piece:
                yield piece
                continue
            if not self._told_nul:
                self._told_nul = True
                self._tell(None, "it holds NUL bytes, which are left out")
            if not self._told_gap and _GAP in piece:
                self._told_gap = True
                self._tell(None, "NUL bytes stand in place of a part of it", partial=True)
            yield piece.replace(b"\x00", b"")

    def _decode(self, raw: RawLine, *, guess: bool) -> Line:
        if raw.size > LINE_LIMIT:
            return Line(
                raw.number,
                "",
                f"a line of {raw.size} bytes; the limit is {LINE_LIMIT // _MEBI} MiB",
            )
        try:
            text = raw.data.decode("utf-8")
        except UnicodeDecodeError as failure:
            at = raw.offset + self._encoding.mark + failure.start
            return self._decode_other(raw, at) if guess else Line(raw.number, "", not_utf8(at))
        if self._encoding.codec != "utf-8" and "\ufffd" in text and not self._told_replaced:
            self._told_replaced = True
            self._tell(raw.number, "some characters could not be decoded and show as \ufffd")
        return Line(raw.number, text)

    def _decode_other(self, raw: RawLine, at: int) -> Line:
        cut = 0 if raw.ended or self._told_guess else ends_inside_character(raw.data)
        if cut:
            self._tell(raw.number, "the file ends inside a character; it seems cut", partial=True)
            return Line(raw.number, raw.data[:-cut].decode("utf-8"))
        decoded = decode_guessing(raw.data)
        if decoded is None:
            return Line(raw.number, "", not_utf8(at))
        if not self._told_guess:
            self._told_guess = True
            self._tell(
                raw.number,
                f"{not_utf8(at)}; read as {decoded.assumed}",
            )
        return Line(raw.number, decoded.text)

    def _tell(self, line: int | None, message: str, *, partial: bool = False) -> None:
        self._notices.append(
            Notice(source=self.source, line=line, message=message, partial=partial)
        )


def _unfinished(data: bytes) -> int:
    """How many bytes at the end are the beginning of a UTF-8 character."""
    for count, byte in enumerate(reversed(data[-3:]), start=1):
        if byte >= 0xC0:
            return count if count < 2 + (byte >= 0xE0) + (byte >= 0xF0) else 0
        if byte < 0x80:
            break
    return 0


def _decode_head(head: bytes, encoding: Encoding) -> str:
    body = head[encoding.mark :]
    return body.decode(encoding.codec, "replace").replace("\x00", "")
