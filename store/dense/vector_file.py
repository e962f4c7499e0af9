"""All vectors of one embedder in a file that is mapped into memory.

The ledger is where vectors are kept; the file is a copy for the exact scan, which reads the
rows it needs and nothing else. A description beside the data says up to which change of the
ledger it goes, and carries a token that the ledger knows too: after a restored backup, or a
process that ended between the two, they differ and the file is written anew. It also has the
CRC-32 of the data: numpy maps whatever bytes it finds.
"""

from __future__ import annotations

import mmap
import os
import secrets
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from dataclasses import replace
from pathlib import Path

from store.dense.coarse import BLOCK, FROM, Coarse, Scale, words_of
from store.dense.description import ENDS, ID_BYTES, TABLE, Description, stamp_of
from store.dense.mapped import Mapped
from store.dense.table_file import appended, write_table
from store.errors import ProjectionFailed, StoreError
from store.files import FILE_MODE, make_folder, try_lock
from store.integrity.foreign import Foreign
from store.integrity.seal import checksum
from store.ledger.database import Ledger
from store.ledger.outbox import last_seq
from store.ledger.vectors import changed_since, current_ids, vector_slices, vectors_by_key
from store.types import Narrate

FOLDER = "vectors"
"""The folder of the files in a library."""
SET_ASIDE = "set-aside"
"""The folder in it for files that were found damaged."""
_LOCK = "vectors.lock"
_PARTS = 3
"""Rows, their keys, and the ids of these."""


class VectorFile:
    """The file of one embedder, by the number under which the ledger keeps its vectors."""

    def __init__(
        self,
        ledger: Ledger,
        library: Path,
        embedder: int,
        dimension: int,
        narrate: Narrate = lambda line: None,
    ) -> None:
        self._ledger = ledger
        self._narrate = narrate
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
            with _FOREIGN:
                with (self._folder / f"{about.data}.f32").open("rb") as file:
                    pages = mmap.mmap(file.fileno(), about.lengths[0], access=mmap.ACCESS_READ)
                path = self._folder / f"{about.data}.keys"
                keys = np.memmap(path, np.int64, "r", shape=shape[:1])
                path = self._folder / f"{about.data}.ids"
                ids = np.memmap(path, f"S{ID_BYTES}", "r", shape=shape[:1])
                matrix = np.frombuffer(pages, dtype=np.float32).reshape(shape)
                coarse = self._coarse(about) if about.blocks else None
        except ProjectionFailed:
            return None
        mapped = Mapped(keys, matrix, about.seq, ids, pages, coarse)
        if coarse is not None and mapped.is_large and hasattr(mmap, "MADV_RANDOM"):
            pages.madvise(mmap.MADV_RANDOM)  # few rows are read, and none beside them
        return mapped

    def _coarse(self, about: Description) -> Coarse:
        import numpy as np

        path = self._path(about.data, TABLE)
        with path.open("rb") as file:
            scale = Scale.read(file.read(8 * about.dimension), about.dimension)
        shape = (about.blocks, 2, words_of(about.dimension), BLOCK)
        return Coarse(scale, np.memmap(path, np.uint64, "r", 8 * about.dimension, shape))

    def is_true(self, sample: int = 64) -> bool:
        """True when the file is what was written, and vectors spread over it are the ledger's."""
        about = self._described()
        if about is None:
            path = self._folder / f"{self._embedder}.json"
            return not path.exists() or self._is_older()
        if not self._is_whole(about, deep=True):
            return False
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

    def set_aside(self) -> None:
        """Put the file aside, unchanged; it is written anew when it is needed."""
        about = self._described()
        aside = self._folder / SET_ASIDE
        with suppress(StoreError, OSError):
            make_folder(aside)
            names = [path.name for path in self._paths(about)] if about else []
            for name in (*names, f"{self._embedder}.json"):
                with suppress(FileNotFoundError):
                    (self._folder / name).replace(aside / name)

    def bring_up(self, before: Mapped | None, *, appending: bool) -> Mapped | None:
        """Write what the ledger holds by now; None when it cannot be done now.

        With `appending` only papers newer than the last one of the file are added to it. A
        file that a neighbour has written since `before` is returned as it is.
        """
        try:
            with self._writing() as mine:
                if not mine:
                    return None
                about = self._described()
                if about is not None and not self._is_whole(about):
                    self._narrate(f"the file of vectors was damaged: {_ANEW}")
                    self.set_aside()
                    about = None
                if about is None or (before is not None and about.seq == before.seq):
                    self._write(about if appending else None, last_seq(self._ledger))
        except OSError:
            return None  # a full or read-only disk: the scan goes without
        return self.open()

    def _write(self, about: Description | None, seq: int) -> None:
        make_folder(self._folder)
        name = about.data if about else f"{self._embedder}-{secrets.token_hex(6)}"
        crcs = [one.crc or 0 for one in about.stamps[:_PARTS]] if about else [0] * _PARTS
        begun = about.lengths if about else (0,) * _PARTS
        paths = [self._path(name, end) for end in ENDS]
        with ExitStack() as opened:
            files = [
                opened.enter_context(appended(path, begin))
                for path, begin in zip(paths[:_PARTS], begun[:_PARTS], strict=True)
            ]
            rows = about.rows if about else 0
            for more, parts in self._parts(self._last_key(about)):
                for at, part in enumerate(parts):
                    files[at].write(part)
                    crcs[at] = zlib.crc32(part, crcs[at])
                rows += more
        blocks = rows // BLOCK if rows >= FROM else 0
        if blocks:
            crcs.append(write_table(paths[0], paths[-1], self._dimension, rows, about))
        stamps = tuple(stamp_of(path, crc) for path, crc in zip(paths, crcs, strict=False))
        token = secrets.token_hex(8)
        self._describe(Description(name, rows, self._dimension, seq, token, stamps, blocks))
        with self._ledger.write():
            self._ledger.set_meta(self._token_name, token)
        self._remove_others(name)

    def _parts(self, after: int) -> Iterator[tuple[int, tuple[bytes, bytes, bytes]]]:
        """What is to be added to rows, keys and ids, a slice of so many rows at a time."""
        import numpy as np

        for keys, vectors in vector_slices(self._ledger, self._embedder, self._dimension, after):
            named = current_ids(self._ledger, self._embedder, keys.tolist())
            ids = [named.get(key, "").encode() for key in keys.tolist()]
            fitting = [one if len(one) <= ID_BYTES else b"" for one in ids]
            as_bytes = np.array(fitting, f"S{ID_BYTES}").tobytes()
            yield len(keys), (vectors.tobytes(), keys.tobytes(), as_bytes)

    def _describe(self, about: Description) -> None:
        partial = self._folder / f"{self._embedder}.part"
        with partial.open("wb") as file:
            os.chmod(partial, FILE_MODE)
            file.write(about.signed())
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._folder / f"{self._embedder}.json")

    def _last_key(self, about: Description | None) -> int:
        mapped = self.open() if about else None
        return -1 if mapped is None else int(mapped.keys[-1])

    def _description(self) -> Description | None:
        """What describes the data, when the ledger knows it and the data is what it says."""
        about = self._described()
        if about is None or self._is_fresh(about):
            return about
        if not self._is_whole(about):
            return None
        self._stamp_anew(about)
        return about

    def _described(self) -> Description | None:
        about = self._read()
        if about is None or about.is_older:
            return None
        known = self._ledger.meta(self._token_name)
        return about if about.token == known and about.dimension == self._dimension else None

    def _is_older(self) -> bool:
        about = self._read()
        return about is not None and about.is_older

    def _read(self) -> Description | None:
        try:
            return Description.of((self._folder / f"{self._embedder}.json").read_bytes())
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def _is_whole(self, about: Description, *, deep: bool = False) -> bool:
        """True when the data is what was written: by size and times, else by its CRC-32."""
        if not deep and self._is_fresh(about):
            return True
        try:
            return all(
                path.stat().st_size >= length and checksum(path, length) == stamp.crc
                for path, stamp, length in zip(
                    self._paths(about), about.stamps, about.lengths, strict=True
                )
            )
        except OSError:
            return False

    def _is_fresh(self, about: Description) -> bool:
        """True when the sizes and times of the data are as they were written."""
        try:
            pairs = zip(self._paths(about), about.stamps, strict=True)
            return all(stamp.is_of(path.stat()) for path, stamp in pairs)
        except OSError:
            return False

    def _paths(self, about: Description) -> list[Path]:
        return [self._path(about.data, end) for end in ENDS[: len(about.lengths)]]

    def _path(self, name: str, end: str) -> Path:
        return self._folder / f"{name}{end}"

    def _stamp_anew(self, about: Description) -> None:
        """Note sizes and times of data that was found whole: the library is a copy."""
        with suppress(OSError), self._writing() as mine:
            if mine and self._described() == about:
                pairs = zip(self._paths(about), about.stamps, strict=True)
                stamps = tuple(stamp_of(path, stamp.crc or 0) for path, stamp in pairs)
                self._describe(replace(about, stamps=stamps))

    @property
    def _token_name(self) -> str:
        return f"vector_file:{self._embedder}"

    def _remove_others(self, name: str) -> None:
        """Take away older files; whoever has one mapped keeps what it sees."""
        for path in self._folder.iterdir():
            if path.suffix in ENDS and path.stem != name:
                path.unlink(missing_ok=True)

    def _writing(self) -> AbstractContextManager[bool]:
        """The right to write to the folder, as long as the context lasts; False: not now."""
        return nullcontext(False) if self._ledger.read_only else try_lock(self._library / _LOCK)


_ANEW = "written anew from the ledger"
_FOREIGN = Foreign(
    lambda failure: ProjectionFailed(f"the file of vectors cannot be used: {failure}", _ANEW)
)
