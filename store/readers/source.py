"""One place that records are read from: a regular file or the standard input."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from store.errors import UnusableSource
from store.readers.archives import GZIP_MAGIC, GZIP_SUFFIX, Member, expanded, run_through

STANDARD_INPUT = "-"
"""What the standard input is called, as an argument and as a source."""


@dataclass(frozen=True)
class Source:
    """A regular file, a member of an archive, or the standard input, to read records from.

    `name` is the absolute path as text that can be printed and stored, or `-`; that of a member
    is behind the archive's and a slash. `stream` is set for the standard input alone. `on_open`
    is handed the file when it is opened, to see how far it was read.
    """

    name: str
    path: Path | None
    stream: BinaryIO | None = field(default=None, compare=False, repr=False)
    on_open: Callable[[BinaryIO], None] | None = field(default=None, compare=False, repr=False)
    member: Member | None = field(default=None, compare=False, repr=False)

    @property
    def suffix(self) -> str:
        """The end of the file name from its last dot, in lower case, or nothing.

        Of "refs.bib.gz" it is that of what is inside.
        """
        if self.member is not None:
            return self.member.suffix
        if self.path is None:
            return ""
        whole = self.path.suffix.lower()
        return Path(self.path.stem).suffix.lower() or whole if whole == GZIP_SUFFIX else whole

    @property
    def size(self) -> int:
        """Bytes to read, as they are on the disk; 0 where nobody knows."""
        if self.member is not None:
            return self.member.size
        try:
            return self.path.stat().st_size if self.path else 0
        except OSError:
            return 0

    @property
    def growth(self) -> float:
        """How many bytes the stream that `on_open` gets tells of for each on the disk."""
        return 1.0 if self.member is None else self.member.growth or 1.0

    def open(self) -> BinaryIO:
        """Open for reading, never waiting for a writer; the caller closes what has a path.

        Raises UnusableSource when it is gone, may not be read, or is no regular file by now.
        """
        if self.member is not None:
            inside = self.member.open()
            if self.on_open:
                self.on_open(inside)
            return inside
        if self.path is None:
            if self.stream is None:
                raise UnusableSource("there is no standard input", "name a file")
            return self.stream
        opened = self._file(self.path)
        packed = opened.peek(len(GZIP_MAGIC)).startswith(GZIP_MAGIC)
        if packed:
            self._check(opened)
            opened = self._file(self.path)
        elif self.path.suffix.lower() == GZIP_SUFFIX and opened.peek(1):
            opened.close()
            raise UnusableSource("named as a compressed file, which it is not")
        if self.on_open:
            self.on_open(opened)
        return expanded(b"", opened, closes=True) if packed else opened

    def _check(self, opened: BinaryIO) -> None:
        with opened:
            try:
                run_through(expanded(b"", opened))
            except OSError as failure:
                raise UnusableSource(f"cannot be read: {why(failure)}") from failure

    def _file(self, path: Path) -> BufferedReader:
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        try:
            number = os.open(path, flags)
        except OSError as failure:
            raise UnusableSource(f"cannot be read: {why(failure)}") from failure
        opened = os.fdopen(number, "rb")
        if not stat.S_ISREG(os.fstat(number).st_mode):
            opened.close()
            raise UnusableSource("not a regular file")
        return opened


def why(failure: OSError) -> str:
    """What the system says of a failure, without number and path."""
    return (failure.strerror or type(failure).__name__).lower()
