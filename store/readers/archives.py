"""Opening what is compressed: gzip files, and the members of zip archives.

Nothing is unpacked to a disk. What is inside is read as a stream whose growth is bounded, so
that a file which expands without end is refused by name; names that lead out of the archive,
links, members with a password and archives within archives are refused as well.
"""

from __future__ import annotations

import gzip
import io
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Protocol

from store.errors import UnusableSource
from store.readers.lines import CHUNK
from store.readers.paths import printable_path

GZIP_SUFFIX = ".gz"
GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGIC = b"PK\x03\x04"
MOST_GROWTH = 200
"""How many times larger than its compressed form a file may be: texts shrink to a tenth or so."""
FREE_GROWTH = 16 * 2**20
"""Bytes that come out before growth is looked at: a short file may be one line repeated."""
MOST_MEMBERS = 100_000
"""Most members of an archive."""
_OFFICE = {"[Content_Types].xml": "an Office document", "META-INF/container.xml": "an e-book"}


class Counted:
    """A stream whose first bytes were read already, which counts what is read of it."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head = head
        self._stream = stream
        self.count = 0

    def read(self, size: int = -1) -> bytes:
        """Read at most so many bytes."""
        size = size if size >= 0 else CHUNK
        piece, self._head = self._head[:size], self._head[size:]
        piece = piece or self._stream.read(size)
        self.count += len(piece)
        return piece


class Expanded(io.RawIOBase):
    """What comes out of a compressed stream, in bounded memory.

    `took` tells how many compressed bytes went in so far. Raises OSError with the reason where
    the data is broken, or grows beyond `MOST_GROWTH`.
    """

    def __init__(
        self, inner: _Readable, took: Callable[[], int], beneath: BinaryIO | None = None
    ) -> None:
        super().__init__()
        self._beneath = beneath
        self._inner = inner
        self._took = took
        self._out = 0

    def readable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """How many bytes have come out."""
        return self._out

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer; returns how many bytes."""
        try:
            piece = self._inner.read(min(len(buffer), CHUNK))
        except EOFError as failure:
            raise OSError(0, "the compressed data ends early") from failure
        except (zlib.error, zipfile.BadZipFile, gzip.BadGzipFile) as failure:
            raise OSError(0, "the compressed data is damaged") from failure
        except (NotImplementedError, RuntimeError) as failure:
            raise OSError(0, "compressed in a way that is not supported") from failure
        self._out += len(piece)
        if self._out > FREE_GROWTH and self._out > MOST_GROWTH * self._took():
            raise OSError(0, f"it grows to more than {MOST_GROWTH} times its size: not read on")
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        """Close what is read."""
        if not self.closed:
            self._inner.close()
            if self._beneath is not None:
                self._beneath.close()
        super().close()


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...

    def close(self) -> None: ...


def expanded(head: bytes, stream: BinaryIO, *, closes: bool = False) -> BinaryIO:
    """What a gzip stream that began with `head` holds; it `closes` the stream with itself."""
    counted = Counted(head, stream)
    inner = gzip.GzipFile(fileobj=counted, mode="rb")  # type: ignore[call-overload]
    took = Expanded(inner, lambda: counted.count, stream if closes else None)
    return io.BufferedReader(took, CHUNK)


def run_through(stream: BinaryIO) -> None:
    """Expand a stream to its end and close it, so that nothing of a broken one is taken.

    It takes a twentieth of the time of reading records. Raises OSError with the reason.
    """
    with stream:
        while stream.read(CHUNK):
            pass


class Member:
    """A file in a zip archive: its name, compressed size, growth, and why it is not read, or ""."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        self._archive = archive
        self._info = info
        self.name = info.filename
        self.size = info.compress_size
        self.growth = info.file_size / max(info.compress_size, 1)
        self.problem = _problem(info)
        self.is_hidden = any(part.startswith((".", "__MACOSX")) for part in _parts(info))

    @property
    def suffix(self) -> str:
        """The end of its name from the last dot, in lower case, or nothing."""
        return PurePosixPath(self.name).suffix.lower()

    def open(self) -> BinaryIO:
        """Open for reading, once it is known to be whole; raises UnusableSource."""
        try:
            run_through(self._opened())
        except OSError as failure:
            raise UnusableSource(f"cannot be read: {failure.strerror}") from failure
        return self._opened()

    def _opened(self) -> BinaryIO:
        try:
            inner = self._archive.open(self._info)
        except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError) as failure:
            raise UnusableSource("a damaged zip archive") from failure
        except (NotImplementedError, RuntimeError) as failure:
            raise UnusableSource("compressed in a way that is not supported") from failure
        return io.BufferedReader(Expanded(inner, lambda: self.size), CHUNK)


def zip_members(path: Path) -> Iterator[Member]:
    """The files in a zip archive, in sorted order; raises UnusableSource, OSError.

    The archive stays open as long as one of them is held.
    """
    try:
        archive = zipfile.ZipFile(path)
        infos = archive.infolist()
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError) as failure:
        raise UnusableSource("a damaged zip archive") from failure
    except NotImplementedError as failure:
        raise UnusableSource("a zip archive of a kind that is not supported") from failure
    if len(infos) > MOST_MEMBERS:
        raise UnusableSource(f"a zip archive of more than {MOST_MEMBERS} files")
    names = {info.filename for info in infos}
    for name, kind in _OFFICE.items():
        if name in names:
            raise UnusableSource(f"this is {kind}, which is not supported", "save it as text")
    if leading := next((info for info in infos if _leads_out(info)), None):
        raise UnusableSource(
            f"a zip archive with a name that leads out of it: {printable_path(leading.filename)}"
        )
    seen: set[str] = set()
    for info in sorted(infos, key=lambda one: one.filename):
        if not info.is_dir() and info.filename not in seen:
            seen.add(info.filename)
            yield Member(archive, info)


def _problem(info: zipfile.ZipInfo) -> str:
    if stat.S_ISLNK(info.external_attr >> 16):
        return "a symbolic link"
    return "it needs a password" if info.flag_bits & 1 else ""


def _leads_out(info: zipfile.ZipInfo) -> bool:
    parts = _parts(info)
    return ".." in parts or parts[0].startswith("/") or parts[0].endswith(":")


def _parts(info: zipfile.ZipInfo) -> tuple[str, ...]:
    # Some programs of Windows write their own separator.
    return PurePosixPath(info.filename.replace("\\", "/")).parts or ("",)
