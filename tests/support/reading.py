"""Reading what a test wrote, and short ways to tell what came of it."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from tables import Row

from store.errors import UnusableSource
from store.readers.options import ReadOptions
from store.readers.registry import read_source
from store.readers.source import Source
from store.types import Notice, ReadItem, Record, Rejection

T = TypeVar("T")


def read(data: str | bytes, format: str | None = None, **asked: Any) -> list[ReadItem]:
    """All that is read of these bytes as standard input; a text is given in UTF-8."""
    given = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    return list(
        read_source(Source("-", None, io.BytesIO(given)), ReadOptions(format=format, **asked))
    )


def read_file(path: Path, data: bytes) -> list[ReadItem]:
    """All that is read of a file with these bytes."""
    path.write_bytes(data)
    return list(read_source(Source(str(path), path)))


def refusal(data: bytes, path: Path | None = None) -> UnusableSource | None:
    """Why these bytes are refused, as standard input or as a file; None where they are read."""
    try:
        read(data) if path is None else read_file(path, data)
    except UnusableSource as failure:
        return failure
    return None


class _Pieces(io.RawIOBase):
    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces
        self._held = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._held:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._held = piece
        size = min(len(buffer), len(self._held))
        buffer[:size] = self._held[:size]
        self._held = self._held[size:]
        return size


def stream(pieces: Iterator[bytes]) -> Iterator[ReadItem]:
    """Read a standard input whose bytes are made while it is read."""
    return read_source(Source("-", None, io.BufferedReader(_Pieces(pieces))))


def with_peak(act: Callable[[], T]) -> tuple[T, int]:
    """What an act gives, and the most bytes that Python held meanwhile."""
    tracemalloc.start()
    try:
        return act(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def papers_of(items: list[ReadItem]) -> list[tuple[str, str]]:
    """Titles and abstracts of the records."""
    return [(item.title, item.abstract) for item in items if isinstance(item, Record)]


def as_rows(items: list[ReadItem]) -> list[Row]:
    """The records as JSON; what they do not have is "None", which TOML cannot say."""
    found = [one.model_dump_json() for one in items if isinstance(one, Record)]
    return [json.loads(one, object_hook=_with_nothing_named) for one in found]


def _with_nothing_named(row: Row) -> Row:
    return {key: "None" if one is None else one for key, one in row.items()}


def as_it_came(items: list[ReadItem]) -> list[tuple[str, str]]:
    """The same with their markup."""
    records = (item for item in items if isinstance(item, Record))
    return [(one.raw_title or one.title, one.raw_abstract or one.abstract) for one in records]


def refused(items: list[ReadItem]) -> list[tuple[int | None, str]]:
    """Lines and reasons of the rejections."""
    return [(item.line, item.reason) for item in items if isinstance(item, Rejection)]


def notices(items: list[ReadItem]) -> list[Notice]:
    """The notices among what was read."""
    return [item for item in items if isinstance(item, Notice)]


def spelled(text: str | list[str | list[str | int]]) -> str:
    """A text of a table: a string, or pieces of which [piece, times] stands so many times."""
    if isinstance(text, str):
        return text
    pieces = (one if isinstance(one, str) else str(one[0]) * int(one[1]) for one in text)
    return "".join(pieces)


def encoded(row: Row) -> bytes:
    """The bytes of a row: its column "text" in the encoding "in", UTF-8 where it is not said.

    Half a pair of UTF-16 is written as such; "end" cuts the bytes.
    """
    return spelled(row["text"]).encode(row.get("in", "utf-8"), "surrogatepass")[: row.get("end")]
