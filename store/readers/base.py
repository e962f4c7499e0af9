"""The seam of the readers: what each of them is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO, Protocol, runtime_checkable

if TYPE_CHECKING:
    from store.readers.records import Place
    from store.readers.text import SourceText
    from store.types import ReadItem


class Named(Protocol):
    """What every reader says of itself."""

    @property
    def name(self) -> str:
        """What `--format` calls it, and what stands in a paper's provenance."""
        ...

    @property
    def reads(self) -> str:
        """What it reads, in words for a message: "plain text (.txt)"."""
        ...

    @property
    def suffixes(self) -> tuple[str, ...]:
        """The suffixes of its files, in lower case with the dot."""
        ...


@runtime_checkable
class Reader(Named, Protocol):
    """Reads one format of text: text in; records, rejections and notices out.

    One that serves `--map` has the attribute `takes_mapping`, True; a method
    `has_columns(head, mapping)` lets it have what no reader knows by its content.
    """

    def sniff(self, head: str, suffix: str) -> bool:
        """True when what a text holds shows that this reader reads it.

        `head` is the first 64 KiB, decoded; `suffix`, in lower case with the dot or empty, may
        settle a doubt: a file that no reader knows by its content goes to the one of its suffix.
        """
        ...

    def read(self, text: SourceText) -> Iterator[ReadItem]:
        """Yield what the text holds, in its order, each record at its line and number from 1.

        Raises UnusableSource when the text as a whole is not what it reads.
        """
        ...


@runtime_checkable
class BinaryReader(Named, Protocol):
    """Reads one format that is no text: bytes in; records, rejections and notices out."""

    def sniff_bytes(self, head: bytes) -> bool:
        """True when this reader reads what begins with `head`, the first 64 KiB."""
        ...

    def read_bytes(
        self, head: bytes, stream: BinaryIO, place: Callable[[int, int], Place]
    ) -> Iterator[ReadItem]:
        """Yield what the source holds; `stream` goes on where `head` ends.

        `place` makes the place of a record from a line, or page, and its number, both from 1.
        Raises UnusableSource when the source as a whole is not what it reads.
        """
        ...
