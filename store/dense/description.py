"""What is in the file of one embedder's vectors: its parts, their lengths, and their stamps."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from pathlib import Path

from store.dense.coarse import block_bytes
from store.integrity.seal import Stamp, signed, unsigned

TABLE = ".bits"
"""How the name of a file ends that holds a coarse table."""
ENDS = (".f32", ".keys", ".ids", TABLE)
"""How the names of the files end: rows, keys and ids of them, and the table of very many rows."""
ID_BYTES = 16
"""Bytes of an id; zeros where a paper has a longer one, or another text than its vector."""


@dataclass(frozen=True)
class Description:
    """What is in the data files; `stamps` are theirs, with the CRC-32 of so many rows alone.

    Without `blocks` of the coarse table there is no file of it.
    """

    data: str
    rows: int
    dimension: int
    seq: int
    token: str
    stamps: tuple[Stamp, ...]
    blocks: int = 0

    @property
    def lengths(self) -> tuple[int, ...]:
        """The bytes of the files, in the order of `ENDS`."""
        rows = 4 * self.rows * self.dimension, 8 * self.rows, ID_BYTES * self.rows
        table = 8 * self.dimension + self.blocks * block_bytes(self.dimension)
        return (*rows, table) if self.blocks else rows

    @property
    def is_older(self) -> bool:
        """True for files from before ids stood beside the keys."""
        return len(self.stamps) < len(self.lengths)

    def signed(self) -> bytes:
        """What `of` reads, with a checksum."""
        return signed({**self.__dict__, "stamps": [list(astuple(one)) for one in self.stamps]})

    @classmethod
    def of(cls, data: bytes) -> Description:
        """What `signed` wrote; raises ValueError, TypeError, KeyError when it is none."""
        value = unsigned(data)
        return cls(**{**value, "stamps": tuple(Stamp(*one) for one in value["stamps"])})


def stamp_of(path: Path, crc: int) -> Stamp:
    """The stamp of a file as it stands, with the CRC-32 of what was written to it."""
    state = path.stat()
    return Stamp(state.st_size, state.st_mtime_ns, state.st_ctime_ns, crc)
