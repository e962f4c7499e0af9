"""Reads server-sent events out of bytes, within a bound, however the bytes were cut.

The format: HTML Living Standard, section "Server-sent events", as chat endpoints use it:
only `data` counts, an event's name where it is `error`, and the `error` field and bare JSON
lines that some servers write.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from store.pattern import pattern

_LINE_END = pattern(rb"\r\n|\r|\n")
_BOM = b"\xef\xbb\xbf"
_TORN = pattern("[\udc80-\udcff]+")
_FIELDS = (b"data:", b":", b"event:", b"id:", b"retry:", b"error:")
_DOCUMENTS = (b"{", b"[", b"<")
_ENOUGH_TO_TELL = 12
_MAX_BLANK = 4096
_MAX_DOCUMENT = 1_000_000


class TooLong(ValueError):
    """A line or an event is longer than its bound."""


@dataclass(frozen=True)
class Event:
    """One event.

    `kind` is "data", "error" for llama.cpp's `error:` line and an event of that name, "bare" for
    a line of JSON that belongs to no field. `whole` is False for one that the end of the stream
    cut, `torn` True for data that is no UTF-8: its bytes stand in the text as lone surrogates
    (PEP 383).
    """

    kind: Literal["data", "error", "bare"]
    text: str
    whole: bool = True
    torn: bool = False


class EventReader:
    """Turns the bytes of a stream into events."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._tail = bytearray()
        self._after_return = False
        self._first_line = True
        self._data: list[bytes] = []
        self._is_error = False
        self._held = 0

    def feed(self, chunk: bytes) -> list[Event]:
        """Take a chunk, return the events that it completed.

        Raises TooLong.
        """
        if self._after_return and chunk.startswith(b"\n"):
            chunk = chunk[1:]
            self._after_return = False
        if not chunk:
            return []
        self._after_return = chunk.endswith(b"\r")
        first, *others = _LINE_END.split(chunk)
        self._bound(len(first))
        self._tail += first
        if not others:
            return []
        lines = [bytes(self._tail), *others[:-1]]
        self._tail = bytearray()
        events: list[Event] = []
        for line in lines:
            events.extend(self._line(line))
        self._bound(len(others[-1]))
        self._tail += others[-1]
        return events

    def finish(self) -> list[Event]:
        """Return what the end of the stream left unfinished."""
        events = self._line(bytes(self._tail)) if self._tail else []
        self._tail = bytearray()
        if self._data:
            events.append(self._joined(whole=False))
        return events

    def _bound(self, more: int) -> None:
        if len(self._tail) + self._held + more > self._max_bytes:
            raise TooLong

    def _line(self, line: bytes) -> list[Event]:
        if self._first_line:
            self._first_line = False
            line = line.removeprefix(_BOM)
        if not line:
            events = [self._joined(whole=True)] if self._data else []
            self._is_error = False
            return events
        name, colon, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data" and colon:
            self._bound(len(value))
            self._held += len(value)
            self._data.append(value)
        elif name == b"event" and colon:
            self._is_error = value.strip() == b"error"
        elif name == b"error" and colon:
            return [Event("error", value.decode("utf-8", "replace"))]
        elif line.startswith(b"{"):
            return [Event("bare", line.decode("utf-8", "replace"))]
        return []

    def _joined(self, *, whole: bool) -> Event:
        data = b"\n".join(self._data)
        self._data = []
        self._held = 0
        kind: Literal["data", "error"] = "error" if self._is_error else "data"
        try:
            return Event(kind, data.decode("utf-8"), whole)
        except UnicodeDecodeError:
            return Event(kind, data.decode("utf-8", "surrogateescape"), whole, torn=True)


def mended(text: str) -> tuple[str, int]:
    """A text with U+FFFD in place of the bytes that are no UTF-8, and how many there are now."""
    count = 0

    def replaced(found: re.Match[str]) -> str:
        nonlocal count
        data = found.group().encode("utf-8", "surrogateescape")
        shown = data.decode("utf-8", "replace")
        count += len(shown)
        return shown

    return _TORN.sub(replaced, text), count


class Body:
    """The body of an answer that should be a stream, and may be one document instead.

    `document` holds the bytes of a body that is no stream, cut at a million, None as long
    as it is one or nothing came. `declared` says that the server called it a stream.
    """

    def __init__(self, max_line_bytes: int, *, declared: bool) -> None:
        self._reader = EventReader(max_line_bytes)
        self._declared = declared
        self._is_stream = False
        self._start = bytearray()
        self.document: bytearray | None = None

    def feed(self, chunk: bytes) -> list[Event]:
        """Take a chunk, return the events that it completed.

        Raises TooLong.
        """
        if self._is_stream:
            return self._reader.feed(chunk)
        if self.document is not None:
            self.document += chunk[: max(0, _MAX_DOCUMENT - len(self.document))]
            return []
        self._start += chunk
        enough = 1 if self._declared else _ENOUGH_TO_TELL
        if len(self._start) < _MAX_BLANK and len(self._start.lstrip()) < enough:
            return []
        return self._tell()

    def finish(self) -> list[Event]:
        """Return what the end of the stream left unfinished."""
        events = self._tell() if self._start else []
        return [*events, *self._reader.finish()]

    def _tell(self) -> list[Event]:
        start, self._start = bytes(self._start), bytearray()
        seen = start.removeprefix(_BOM).lstrip()
        self._is_stream = (
            not seen.startswith(_DOCUMENTS) if self._declared else seen.startswith(_FIELDS)
        )
        if self._is_stream:
            return self._reader.feed(start)
        self.document = bytearray(start[:_MAX_DOCUMENT])
        return []
