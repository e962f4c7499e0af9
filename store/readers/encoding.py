"""Which encoding a text is in, and turning its bytes into cleanly decoded lines.

UTF-8 is taken with and without a byte order mark, UTF-16 with one. Single lines that are not
UTF-8 are read as Windows-1252 where that plausibly is what they are, and the reader of the
text is told; everything else is refused by name.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from store.errors import UnusableSource
from store.pattern import pattern

_BOM = codecs.BOM_UTF8
_HIGH = pattern(rb"([\x80-\xff]+)")
_LETTERS = pattern(rb"[A-Za-z]")
_CONTROLS = pattern(rb"[\x01-\x06\x0e-\x1a\x1c-\x1f\x7f]")
# Longest run of letters beyond ASCII, and their largest share, in a western European text.
_LONGEST_RUN = 3
_LARGEST_SHARE = 0.5
# Signs that stand in no prose but turn up when other encodings are read as Windows-1252.
_IMPLAUSIBLE = frozenset("¤¦¨¬¯¸ƒˆ˜")
_MOST_CONTROLS = 0.02
_SAVE_AS_UTF8 = "save it as UTF-8"


class Encoding(NamedTuple):
    """A codec that decodes in pieces, and how many bytes its byte order mark has."""

    codec: str
    mark: int


@dataclass(frozen=True, slots=True)
class Decoded:
    """A decoded line; `assumed` names the encoding guessed for what is not UTF-8."""

    text: str
    assumed: str | None = None


def detect(head: bytes, *, whole: bool) -> Encoding:
    """Find the encoding from the first bytes of a file; `whole` when there are no more.

    Raises UnusableSource for UTF-32, UTF-16 without a mark, and bytes that are no text.
    """
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise UnusableSource("not UTF-8 text: it is UTF-32", _SAVE_AS_UTF8)
    if head.startswith(_BOM):
        return Encoding("utf-8", len(_BOM))
    if head.startswith(codecs.BOM_UTF16_LE):
        return Encoding("utf-16-le", 2)
    if head.startswith(codecs.BOM_UTF16_BE):
        return Encoding("utf-16-be", 2)
    if b"\x00" in head:
        _refuse_nul(head)
    if len(_CONTROLS.findall(head)) > _MOST_CONTROLS * len(head):
        raise UnusableSource("not UTF-8 text: it looks like binary data")
    _refuse_unknown(head, whole=whole)
    return Encoding("utf-8", 0)


def decode_guessing(data: bytes) -> Decoded | None:
    """Decode a line, reading bytes that are not UTF-8 as Windows-1252; None if implausible."""
    try:
        return Decoded(data.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    pieces = _HIGH.split(data)
    texts: list[str] = []
    bad = bytearray()
    for index, piece in enumerate(pieces):
        text = _utf8(piece) if index % 2 else piece.decode("ascii")
        if text is None:
            text = _western(piece)
            bad += piece
        if text is None:
            return None
        texts.append(text)
    if len(bad) > _LARGEST_SHARE * (len(_LETTERS.findall(data)) + len(bad)):
        return None
    name = "Windows-1252" if any(0x80 <= byte < 0xA0 for byte in bad) else "Latin-1"
    return Decoded("".join(texts), name)


def ends_inside_character(data: bytes) -> int:
    """How many bytes at the end begin a UTF-8 character that is not finished."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as failure:
        if failure.reason == "unexpected end of data":
            return len(data) - failure.start
    return 0


def utf16_to_utf8(pieces: Iterator[bytes], codec: str) -> Iterator[bytes]:
    """Recode UTF-16 piece by piece; what cannot be decoded becomes U+FFFD."""
    decoder = codecs.getincrementaldecoder(codec)("replace")
    for piece in pieces:
        if text := decoder.decode(piece):
            yield text.encode("utf-8")
    if text := decoder.decode(b"", final=True):
        yield text.encode("utf-8")


def _utf8(run: bytes) -> str | None:
    try:
        return run.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _western(run: bytes) -> str | None:
    if len(run) > _LONGEST_RUN:
        return None
    try:
        text = run.decode("cp1252")
    except UnicodeDecodeError:
        return None
    return None if _IMPLAUSIBLE.intersection(text) else text


def _refuse_nul(head: bytes) -> None:
    pairs = len(head) // 2
    for start, order in ((0, "big"), (1, "little")):
        if head[start::2].count(0) > 0.3 * pairs and head[1 - start :: 2].count(0) < 0.1 * pairs:
            raise UnusableSource(
                f"not UTF-8 text: it looks like UTF-16 ({order}-endian) without a byte order mark",
                _SAVE_AS_UTF8,
            )
    # One raw NUL in JSON spoils its own line; anywhere else the file is not text.
    if head.count(0) > 16 or not head.lstrip().startswith((b"{", b"[")):
        raise UnusableSource("not text: it holds NUL bytes")


def _refuse_unknown(head: bytes, *, whole: bool) -> None:
    """Refuse a head that holds lines in no encoding we know; JSON answers line by line."""
    if head.lstrip().startswith((b"{", b"[")):
        return
    lines = head.splitlines()
    if not whole and lines:
        lines.pop()
    at = 0
    for number, line in enumerate(lines, start=1):
        if whole and number == len(lines) and ends_inside_character(line):
            return
        if decode_guessing(line) is None:
            raise UnusableSource(
                f"{not_utf8(at + _first_bad(line))}, and in no encoding that is known",
                _SAVE_AS_UTF8,
            )
        at += len(line) + 1


def not_utf8(at: int) -> str:
    """What to say of bytes that are not UTF-8, the first of them at this offset from 0."""
    return f"not UTF-8 text (first bad byte at offset {at})"


def _first_bad(line: bytes) -> int:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError as failure:
        return failure.start
    return 0
