"""The seam of the readers: what each of them is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from store.readers.text import SourceText
    from store.types import ReadItem


class Reader(Protocol):
    """Reads one format: text in; records, rejections and notices out."""

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

    def sniff(self, head: str, suffix: str) -> bool:
        """True when it reads a text that begins with `head`, in a file with this suffix.

        `head` is the first 64 KiB, decoded; `suffix` is in lower case with the dot, or empty.
        """
        ...

    def read(self, text: SourceText) -> Iterator[ReadItem]:
        """Yield what the text holds, in its order, each record at its line and number from 1.

        Raises UnusableSource when the text as a whole is not what it reads.
        """
        ...
