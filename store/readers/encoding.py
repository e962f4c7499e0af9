"""Which encoding a text is in, and turning its bytes into cleanly decoded lines.

UTF-8 is taken with and without a byte order mark, UTF-16 with one, and in markup (XML, HTML) the
encoding that it declares itself. Single lines that are not UTF-8 are read as Windows-1252 where
that plausibly is what they are, and the reader of the text is told; everything else is refused
by name.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
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
# So many NUL bytes may stand in any text: programs leave the end of a field in C within it.
_STRAY = 16
_GAP = pattern(rb"\x00{64,}")
_SAVE_AS_UTF8 = "save it as UTF-8"
_DECLARED = pattern(
    rb"""<\?xml\b[^<>]{0,200}?\bencoding\s*=\s*["']([\w.:-]+)|<meta\b[^<>]{0,200}?\bcharset\s*=\s*["']?\s*([\w.:-]+)""",
    re.IGNORECASE,
)
_DECLARED_WITHIN = 4096
_UTF16_MARKUP = ((b"<\x00?\x00x\x00", "utf-16-le"), (b"\x00<\x00?\x00x", "utf-16-be"))
_ONE_BYTE = ("cp1252", "ascii")
# Labels under which browsers read a larger encoding (WHATWG, Encoding Standard, 4.2).
_READ_AS: Mapping[str, str] = MappingProxyType(
    {
        "iso8859-1": "cp1252",
        "ascii": "cp1252",
        "gb2312": "gb18030",
        "gbk": "gb18030",
        "shift_jis": "cp932",
        "euc_kr": "cp949",
        "iso8859-9": "cp1254",
        "tis-620": "cp874",
        "iso8859-11": "cp874",
    }
)
_ASCII = bytes(range(0x20, 0x7F))


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
    if declared := _declared(head):
        return Encoding(declared, 0)
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


def recoded(pieces: Iterator[bytes], codec: str) -> Iterator[bytes]:
    """Turn another encoding into UTF-8 piece by piece; what cannot be decoded becomes U+FFFD."""
    decoder = codecs.getincrementaldecoder(codec)("replace")
    for piece in pieces:
        if text := decoder.decode(piece):
            yield text.encode("utf-8")
    if text := decoder.decode(b"", final=True):
        yield text.encode("utf-8")


def as_utf8(data: bytes) -> tuple[bytes, int | None]:
    """These bytes with what is not UTF-8 read as Windows-1252; and where the first such stood."""
    first: int | None = None
    parts: list[bytes] = []
    at = 0
    view = memoryview(data)
    while True:
        try:
            str(view[at:], "utf-8")
        except UnicodeDecodeError as failure:
            start, end = at + failure.start, at + failure.end
            first = start if first is None else first
            western = bytes(view[start:end]).decode("cp1252", "replace").encode("utf-8")
            parts += [bytes(view[at:start]), western]
            at = end
        else:
            return (data if first is None else b"".join([*parts, view[at:]])), first


def _declared(head: bytes) -> str | None:
    """The codec that markup names for itself, None where it is UTF-8 or names none.

    Raises UnusableSource for an encoding that XML declares and nobody knows.
    """
    for start, wide in _UTF16_MARKUP:
        if head.startswith(start):
            return wide
    found = _DECLARED.search(head, 0, _DECLARED_WITHIN)
    if not head.lstrip().startswith(b"<") or not found:
        return None
    name = (found[1] or found[2]).decode("ascii", "replace")
    codec = _codec_named(name)
    if codec is None and found[1]:
        raise UnusableSource(
            f"it declares the encoding “{name}”, which is not known", _SAVE_AS_UTF8
        )
    # Programs that write UTF-8 under the name of another encoding are known; letters beyond ASCII
    # that make UTF-8 by chance are not.
    is_utf8 = codec in (None, "utf-8") or (codec in _ONE_BYTE and _is_utf8(head))
    return None if is_utf8 else codec


def _codec_named(name: str) -> str | None:
    """The codec of an encoding in which ASCII is ASCII, or None; "utf-8" for a wrong "UTF-16"."""
    try:
        codec = codecs.lookup(name).name
        if codec.startswith(("utf-16", "utf-32")):
            return "utf-8"
        if _ASCII.decode(codec) != _ASCII.decode("ascii") or "escape" in codec:
            return None
    except (LookupError, UnicodeError):
        return None
    return _READ_AS.get(codec, codec)


def _is_utf8(head: bytes) -> bool:
    """True for bytes beyond ASCII that are UTF-8, but for a character cut at their end."""
    if head.isascii():
        return False
    return _utf8(head[: len(head) - ends_inside_character(head)]) is not None


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
    # A block of a text that a disk lost is full of them; the rest is judged.
    rest = _GAP.sub(b"", head)
    if 2 * len(rest) < len(head) or rest.count(0) > max(_STRAY, _MOST_CONTROLS * len(rest)):
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
