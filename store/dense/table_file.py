"""Writing the file of a coarse table from the file of vectors that it is made of."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from store.dense.coarse import BLOCK, Scale, encoded
from store.dense.description import Description
from store.files import FILE_MODE

if TYPE_CHECKING:
    from store.ledger.vectors import Vectors

_RUN, _RUNS = 32, 256


def write_table(
    data: Path, path: Path, dimension: int, rows: int, about: Description | None
) -> int:
    """Add the blocks that the table at `path` lacks; returns the CRC-32 of all of it.

    `data` holds so many rows of vectors; `about` describes what stands there already.
    """
    import numpy as np

    done, shape = about.blocks if about else 0, (BLOCK, dimension)
    if about is not None and done:
        crc, begin = about.stamps[-1].crc or 0, about.lengths[-1]
        with path.open("rb") as file:
            scale = Scale.read(file.read(8 * dimension), dimension)
    else:
        crc, begin = 0, 0
        scale = Scale.of(_sampled(data, rows, dimension))
    with appended(path, begin) as table, data.open("rb") as file:
        file.seek(4 * dimension * done * BLOCK)
        parts = (
            encoded(np.fromfile(file, np.float32, BLOCK * dimension).reshape(shape), scale)
            for _ in range(done, rows // BLOCK)
        )
        for part in chain([] if done else [scale.written()], parts):
            table.write(part)
            crc = zlib.crc32(part, crc)
    return crc


@contextmanager
def appended(path: Path, begin: int) -> Iterator[BinaryIO]:
    """A file to write to from a place on, on the disk when the context ends."""
    number = os.open(path, os.O_CREAT | os.O_RDWR | getattr(os, "O_BINARY", 0), FILE_MODE)
    with os.fdopen(number, "r+b") as file:
        file.seek(begin)
        yield file
        file.flush()
        os.fsync(file.fileno())


def _sampled(path: Path, rows: int, dimension: int) -> Vectors:
    """Rows from places spread over a file of vectors, read and not mapped: few stay in memory."""
    import numpy as np

    step = max(_RUN, rows // _RUNS)
    with path.open("rb") as file:
        runs = []
        for first in range(0, rows - _RUN, step):
            file.seek(4 * first * dimension)
            runs.append(np.fromfile(file, np.float32, _RUN * dimension))
    return (
        np.concatenate(runs).reshape(-1, dimension)
        if runs
        else np.fromfile(path, np.float32, rows * dimension).reshape(rows, dimension)
    )
