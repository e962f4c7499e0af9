"""Cutting a stream of bytes into lines with flat memory, whatever the stream holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple

CHUNK = 64 * 1024
"""Most bytes read at a time."""
LINE_LIMIT = 16 * 2**20
"""Longest line read, in bytes; a longer one is passed over and named."""
RECORD_LIMIT = 1_000_000
"""Longest record of several lines, in characters: ten times the longest abstract."""
RECORD_TOO_LONG = f"a record of more than {RECORD_LIMIT} characters"
_LONG_RUN = " " * 40


class RawLine(NamedTuple):
    """One line without its end: `size` counts its bytes, `data` is empty above the limit.

    `number` counts from 1, `offset` from 0 in bytes; `ended` is False for a last line without
    a line end.
    """

    number: int
    offset: int
    data: bytes
    size: int
    ended: bool


def chunks(head: bytes, stream: BinaryIO) -> Iterator[bytes]:
    """The bytes read already, then the rest of a stream in bounded pieces."""
    if head:
        yield head
    while piece := stream.read(CHUNK):
        yield piece


def split_lines(pieces: Iterable[bytes], limit: int = LINE_LIMIT) -> Iterator[RawLine]:
    """Cut at LF, CR and CRLF alone: U+2028 and its like are part of a line."""
    held: list[bytes] = []
    size = offset = 0
    number = 1
    after_cr = False
    for piece in pieces:
        if after_cr and piece.startswith(b"\n"):
            piece = piece[1:]
            offset += 1
        after_cr = piece.endswith(b"\r") if piece else False
        for part in piece.splitlines(keepends=True):
            body = part.rstrip(b"\r\n")
            size += len(body)
            if size <= limit:
                held.append(body)
            else:
                held.clear()
            if len(body) < len(part):
                yield RawLine(number, offset, b"".join(held), size, ended=True)
                offset += size + len(part) - len(body)
                held.clear()
                size = 0
                number += 1
    if size:
        yield RawLine(number, offset, b"".join(held), size, ended=False)


def with_newlines(text: str) -> str:
    """A text whose lines all end in LF, for patterns that look for lines."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def without_long_runs(text: str) -> str:
    """A line without long runs of blanks, which cost some patterns time."""
    return " ".join(text.split()) if _LONG_RUN in text else text
