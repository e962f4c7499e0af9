"""All readers, and the choice among them: by what a source holds first, by its suffix second."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from types import MappingProxyType
from typing import BinaryIO

from store.errors import UnusableSource
from store.readers.base import Reader
from store.readers.jsonl import JsonLinesReader
from store.readers.kinds import COMPRESSED, FOREIGN_SUFFIXES, binary_kind, foreign_text
from store.readers.options import NO_OPTIONS, ReadOptions
from store.readers.pages import PageReader
from store.readers.plaintext import PlainTextReader
from store.readers.source import STANDARD_INPUT, Source, why
from store.readers.text import HEAD, SourceText
from store.types import Notice, ReadItem, Rejection

_ALL: tuple[Reader, ...] = (
    PageReader(),
    JsonLinesReader(),
    PlainTextReader(),
)
READERS: Mapping[str, Reader] = MappingProxyType({reader.name: reader for reader in _ALL})
"""All readers by name, in the order in which they are asked; the last takes any text."""


def supported_kinds() -> str:
    """What can be read, for a message."""
    *others, last = (reader.reads for reader in _ALL)
    return f"{', '.join(others)} and {last}"


def read_source(source: Source, options: ReadOptions = NO_OPTIONS) -> Iterator[ReadItem]:
    """Read everything that a source holds, as the options say.

    Raises UnusableSource when it is nothing that can be read, or holds no record.
    """
    name = options.format
    if name is not None and name not in READERS:
        raise UnusableSource(f"unknown format “{name}”", f"known formats: {', '.join(READERS)}")
    return _read(source, None if name is None else READERS[name], options)


def is_recognised(source: Source) -> bool:
    """True when a source holds a page or JSON by its content alone, whatever its name."""
    try:
        with source.open() as stream:
            head = stream.read(HEAD)
            if not head or binary_kind(head):
                return False
            text = SourceText(source.name, head, stream)
    except (UnusableSource, OSError):
        return False
    return not foreign_text(text.head) and any(
        reader.sniff(text.head, "") for reader in READERS.values() if reader.name != "text"
    )


def _read(source: Source, reader: Reader | None, options: ReadOptions) -> Iterator[ReadItem]:
    with ExitStack() as stack:
        stream = source.open()
        if source.path is not None:
            stack.enter_context(stream)
        before = _state(source, stream)
        found = False
        try:
            head = stream.read(HEAD)
            text = _text(source, head, stream, options)
            reader = reader or _choose(text.head, source.suffix)
            for item in reader.read(text):
                yield from text.take_notices()
                found = True
                yield item
            yield from text.take_notices()
        except OSError as failure:
            if not found:
                raise UnusableSource(f"cannot be read: {why(failure)}") from failure
            yield Rejection(source=source.name, reason=f"not read to its end: {why(failure)}")
        if not found:
            raise _no_record(source)
        if _state(source, stream) != before:
            yield Notice(
                source=source.name,
                message="the file changed while it was read; add it again",
                partial=True,
            )


def _text(source: Source, head: bytes, stream: BinaryIO, options: ReadOptions) -> SourceText:
    if not head:
        raise _no_record(source)
    if kind := binary_kind(head):
        raise _unusable(kind)
    if source.suffix in COMPRESSED:
        raise _unusable(FOREIGN_SUFFIXES[source.suffix], named=True)
    text = SourceText(source.name, head, stream, options)
    if text.is_blank:
        raise _no_record(source)
    return text


def _choose(head: str, suffix: str) -> Reader:
    if kind := foreign_text(head):
        raise _unusable(kind)
    for reader in READERS.values():
        if reader.sniff(head, suffix):
            return reader
    raise _unusable(FOREIGN_SUFFIXES[suffix], named=True)


def _no_record(source: Source) -> UnusableSource:
    name = "the standard input" if source.name == STANDARD_INPUT else source.name
    return UnusableSource(f"no record in {name}", f"quire reads {supported_kinds()}")


def _unusable(kind: str, *, named: bool = False) -> UnusableSource:
    what = f"named as {kind}" if named else f"this is {kind}"
    hint = "save it as text" if "HTML" in kind else f"quire reads {supported_kinds()}"
    return UnusableSource(f"{what}, which is not supported", hint)


def _state(source: Source, stream: BinaryIO) -> tuple[int, int]:
    """Size and time of the last change of a file; of the standard input nothing."""
    if source.path is None:
        return 0, 0
    state = os.fstat(stream.fileno())
    return state.st_size, state.st_mtime_ns
