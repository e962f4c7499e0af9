"""One place that records are read from: a regular file or the standard input."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from store.errors import UnusableSource

STANDARD_INPUT = "-"
"""What the standard input is called, as an argument and as a source."""


@dataclass(frozen=True)
class Source:
    """A regular file, or the standard input, to read records from.

    `name` is the absolute path as text that can be printed and stored, or `-`; `stream` is set
    for the standard input alone. `on_open` is handed the file when it is opened, to see how
    far it was read.
    """

    name: str
    path: Path | None
    stream: BinaryIO | None = field(default=None, compare=False, repr=False)
    on_open: Callable[[BinaryIO], None] | None = field(default=None, compare=False, repr=False)

    @property
    def suffix(self) -> str:
        """The end of the file name from its last dot, in lower case, or nothing."""
        return self.path.suffix.lower() if self.path else ""

    def open(self) -> BinaryIO:
        """Open for reading, never waiting for a writer; the caller closes what has a path.

        Raises UnusableSource when it is gone, may not be read, or is no regular file by now.
        """
        if self.path is None:
            if self.stream is None:
                raise UnusableSource("there is no standard input", "name a file")
            return self.stream
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        try:
            number = os.open(self.path, flags)
        except OSError as failure:
            raise UnusableSource(f"cannot be read: {why(failure)}") from failure
        opened = os.fdopen(number, "rb")
        if not stat.S_ISREG(os.fstat(number).st_mode):
            opened.close()
            raise UnusableSource("not a regular file")
        if self.on_open:
            self.on_open(opened)
        return opened


def printable_path(path: str) -> str:
    """A path as text: bytes that are not UTF-8 and characters that do not print are escaped."""
    return "".join(one if one.isprintable() else _escaped(one) for one in path)


def _escaped(character: str) -> str:
    # Python shows a byte of a file name that is not UTF-8 as U+DC00 and the byte (PEP 383).
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")


def why(failure: OSError) -> str:
    """What the system says of a failure, without number and path."""
    return (failure.strerror or type(failure).__name__).lower()
