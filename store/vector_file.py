"""All vectors of one embedder in a file that is mapped into memory.

The ledger is where vectors are kept; the file is a copy for the exact scan, which reads the
rows it needs and nothing else. A description beside the data says up to which change of the
ledger it goes, and carries a token that the ledger knows too: after a restored backup, or a
process that ended between the two, they differ and the file is written anew.
"""

from __future__ import annotations

import json
import mmap
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from store.files import FILE_MODE, make_folder
from store.ledger import Ledger
from store.outbox import last_seq
from store.vectors import changed_since, vector_slices, vectors_by_key

if TYPE_CHECKING:
    from store.vectors import Keys, Vectors

FOLDER = "vectors"
_LOCK = "vectors.lock"
_LARGE = 256_000_000


@dataclass(frozen=True)
class Mapped:
    """Vectors by ascending paper key: `keys` of shape (n,), `matrix` of shape (n, d).

    Changes of the ledger after `seq` are not in it.
    """

    keys: Keys
    matrix: Vectors
    seq: int
    pages: mmap.mmap | None = None

    def let_go(self) -> None:
        """Give pages back that a scan of a large file has read; they are read again when needed.

        They would count as this process's memory, a gigabyte for 1 000 000 papers, though the
        system keeps them for whoever asks next.
        """
        if (
            self.pages is not None
            and self.matrix.nbytes >= _LARGE
            and hasattr(mmap, "MADV_DONTNEED")
        ):
            self.pages.madvise(mmap.MADV_DONTNEED)


@dataclass(frozen=True)
class _Description:
    data: str
    rows: int
    dimension: int
    seq: int
    token: str


class VectorFile:
    """The file of one embedder, by the number under which the ledger keeps its vectors."""

    def __init__(self, ledger: Ledger, library: Path, embedder: int, dimension: int) -> None:
        self._ledger = ledger
        self._library = library
        self._folder = library / FOLDER
        self._embedder = embedder
        self._dimension = dimension

    def open(self) -> Mapped | None:
        """The file as it stands; None when there is none that this ledger knows."""
        import numpy as np

        about = self._description()
        if about is None or not about.rows:
            return None
        shape = (about.rows, about.dimension)
        try:
            with (self._folder / f"{about.data}.f32").open("rb") as file:
                pages = mmap.mmap(
                    file.fileno(), 4 * about.rows * about.dimension, access=mmap.ACCESS_READ
                )
            keys = np.memmap(self._folder / f"{about.data}.keys", np.int64, "r", shape=shape[:1])
        except (OSError, ValueError):
            return None
        matrix = np.frombuffer(pages, dtype=np.float32).reshape(shape)
        return Mapped(keys, matrix, about.seq, pages)

    def is_true(self, sample: int = 64) -> bool:
        """True when vectors spread over the file are those of the ledger."""
        mapped = self.open()
        if mapped is None:
            return True
        step = max(1, len(mapped.keys) // sample)
        rows = range(0, len(mapped.keys), step)
        keys = [int(mapped.keys[row]) for row in rows]
        kept = vectors_by_key(self._ledger, self._embedder, keys)
        changed = changed_since(self._ledger, mapped.seq, keys)
        return all(
            mapped.matrix[row].tobytes() == kept[key]
            for row, key in zip(rows, keys, strict=True)
            if key in kept and key not in changed
        )

    def remove(self) -> None:
        """Take the file away; it is written anew when it is needed."""
        with suppress(OSError):
            (self._folder / f"{self._embedder}.json").unlink(missing_ok=True)

    def bring_up(self, before: Mapped | None, *, appending: bool) -> Mapped | None:
        """Write what the ledger holds by now; None when it cannot be done now.

        With `appending` only papers newer than the last one of the file are added to it. A
        file that a neighbour has written since `before` is returned as it is.
        """
        try:
            with self._writing() as mine:
                if not mine:
                    return None
                about = self._description()
                if about is None or (before is not None and about.seq == before.seq):
                    self._write(about if appending else None, last_seq(self._ledger))
        except OSError:
            return None  # a full or read-only disk: the scan goes without
        return self.open()

    def _write(self, about: _Description | None, seq: int) -> None:
        make_folder(self._folder)
        name = about.data if about else f"{self._embedder}-{secrets.token_hex(6)}"
        with (
            _appended(self._folder / f"{name}.f32", 4 * self._dimension, about) as data,
            _appended(self._folder / f"{name}.keys", 8, about) as keys,
        ):
            last = self._last_key(about)
            rows = about.rows if about else 0
            for some, vectors in vector_slices(self._ledger, self._embedder, self._dimension, last):
                keys.write(some.tobytes())
                data.write(vectors.tobytes())
                rows += len(some)
        fresh = _Description(name, rows, self._dimension, seq, secrets.token_hex(8))
        partial = self._folder / f"{self._embedder}.part"
        with partial.open("w", encoding="ascii") as file:
            os.chmod(partial, FILE_MODE)
            json.dump(fresh.__dict__, file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._folder / f"{self._embedder}.json")
        with self._ledger.write():
            self._ledger.set_meta(self._token_name, fresh.token)
        self._remove_others(name)

    def _last_key(self, about: _Description | None) -> int:
        mapped = self.open() if about else None
        return -1 if mapped is None else int(mapped.keys[-1])

    def _description(self) -> _Description | None:
        try:
            text = (self._folder / f"{self._embedder}.json").read_text("ascii")
            about = _Description(**json.loads(text))
            sizes = [(self._folder / f"{about.data}{end}").stat().st_size for end in _ENDS]
        except (OSError, ValueError, TypeError):
            return None
        known = self._ledger.meta(self._token_name)
        whole = sizes[0] >= 4 * about.rows * about.dimension and sizes[1] >= 8 * about.rows
        if about.token != known or about.dimension != self._dimension or not whole:
            return None
        return about

    @property
    def _token_name(self) -> str:
        return f"vector_file:{self._embedder}"

    def _remove_others(self, name: str) -> None:
        """Take away older files; whoever has one mapped keeps what it sees."""
        for path in self._folder.iterdir():
            if path.suffix in _ENDS and path.stem != name:
                path.unlink(missing_ok=True)

    @contextmanager
    def _writing(self) -> Iterator[bool]:
        from filelock import FileLock, Timeout

        if self._ledger.read_only:
            yield False
            return
        lock = FileLock(self._library / _LOCK, mode=FILE_MODE)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()


_ENDS = (".f32", ".keys")


@contextmanager
def _appended(path: Path, row_bytes: int, about: _Description | None) -> Iterator[BinaryIO]:
    """A file to add rows to, on the disk when the context ends."""
    number = os.open(path, os.O_CREAT | os.O_RDWR | getattr(os, "O_BINARY", 0), FILE_MODE)
    with os.fdopen(number, "r+b") as file:
        file.seek(row_bytes * about.rows if about else 0)
        yield file
        file.flush()
        os.fsync(file.fileno())
