"""Readers that other installed packages bring, by the entry point `quire.readers`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO, TypeVar

from store.errors import StoreError, UnusableSource
from store.packages import Brought, Origin, brought, what_failed
from store.readers.base import BinaryReader, Reader
from store.readers.records import Place
from store.readers.text import SourceText
from store.types import ReadItem

GROUP = "quire.readers"
"""The entry point that names a reader, or a class whose instances are readers."""
_T = TypeVar("_T")


class InstalledReader:
    """A reader of text from another package; what goes wrong in it is told under its name."""

    def __init__(self, reader: Reader, origin: Origin) -> None:
        self._reader = reader
        self.origin = origin
        self.name = reader.name
        self.reads = reader.reads
        self.suffixes = tuple(reader.suffixes)
        self.takes_mapping = bool(getattr(reader, "takes_mapping", False))

    def sniff(self, head: str, suffix: str) -> bool:
        """Ask the reader."""
        return bool(_guarded(self, lambda: self._reader.sniff(head, suffix)))

    def read(self, text: SourceText) -> Iterator[ReadItem]:
        """Yield what the reader reads."""
        yield from _each(self, lambda: self._reader.read(text))


class InstalledBinaryReader:
    """A reader of what is no text from another package."""

    def __init__(self, reader: BinaryReader, origin: Origin) -> None:
        self._reader = reader
        self.origin = origin
        self.name = reader.name
        self.reads = reader.reads
        self.suffixes = tuple(reader.suffixes)

    def sniff_bytes(self, head: bytes) -> bool:
        """Ask the reader."""
        return bool(_guarded(self, lambda: self._reader.sniff_bytes(head)))

    def read_bytes(
        self, head: bytes, stream: BinaryIO, place: Callable[[int, int], Place]
    ) -> Iterator[ReadItem]:
        """Yield what the reader reads."""
        yield from _each(self, lambda: self._reader.read_bytes(head, stream, place))


Installed = InstalledReader | InstalledBinaryReader


def installed_readers(taken: frozenset[str]) -> tuple[tuple[Installed, ...], tuple[str, ...]]:
    """The readers of other packages, and in a line each what stands in the way of the others.

    A name that is `taken` belongs to the reader that has it.
    """
    found, problems = brought(GROUP, "reader", _usable, taken)
    return tuple(_named(one) for one in found), problems


def _usable(given: object) -> Reader | BinaryReader:
    if isinstance(given, Reader | BinaryReader):
        return given
    raise TypeError("it is no reader (see store/readers/base.py)")


def _named(one: Brought[Reader | BinaryReader]) -> Installed:
    if isinstance(one.it, Reader):
        return InstalledReader(one.it, one.origin)
    return InstalledBinaryReader(one.it, one.origin)


def _each(reader: Installed, read: Callable[[], Iterator[ReadItem]]) -> Iterator[ReadItem]:
    items = iter(_guarded(reader, read))
    while (item := _guarded(reader, lambda: next(items, None))) is not None:
        yield item


def _guarded(reader: Installed, act: Callable[[], _T]) -> _T:
    try:
        return act()
    except (StoreError, OSError):
        raise
    except Exception as failure:
        raise UnusableSource(
            f"the reader “{reader.name}” of {reader.origin} failed: {what_failed(failure)}",
            "tell its makers; --format names another reader",
        ) from failure
