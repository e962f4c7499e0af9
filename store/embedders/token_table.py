"""A table of token vectors: mapped from its file, and what is summed up of its rows."""

from __future__ import annotations

import json
import mmap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.ledger.vectors import Vectors

TOKEN_BYTES = 2
"""Bytes of a token's number: uint16."""
_HEAD_BYTES = 8
_NO_LENGTH = 1e-9


def rows_of_tokens(table: Vectors, tokens: bytes) -> Vectors:
    """The rows of tokens, float32, shape (tokens, d)."""
    import numpy as np

    ids = np.frombuffer(tokens, dtype=np.uint16)
    return table.take(ids, axis=0, mode="clip").astype(np.float32, copy=False)


def of_length_one(sums: Sequence[Vectors], width: int) -> Vectors:
    """Sums of rows as vectors of length 1, shape (n, width); raises ValueError for no number.

    That of no row has all entries equal, for a zero has no direction.
    """
    import numpy as np

    vectors = np.array(sums, dtype=np.float32).reshape(len(sums), width)
    lengths = np.linalg.norm(vectors, axis=1)
    if not np.isfinite(lengths).all():
        raise ValueError("its weights hold what is no number")
    known = lengths > _NO_LENGTH
    if not known.all():
        vectors[~known] = width**-0.5
        lengths[~known] = 1
    vectors /= lengths[:, None]
    return vectors


def mapped(file: Path, name: str) -> Vectors:
    """A tensor of a safetensors file, mapped: only the rows that are used are read.

    The format, by the README of safetensors: a length of eight bytes, so many bytes of JSON,
    then the numbers. Raises OSError, ValueError, TypeError, KeyError.
    """
    import numpy as np

    with file.open("rb") as opened:
        pages = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    length = int.from_bytes(pages[:_HEAD_BYTES], "little")
    about = json.loads(pages[_HEAD_BYTES : _HEAD_BYTES + length])[name]
    kind = {"F16": np.float16, "F32": np.float32}[about["dtype"]]
    begin, end = about["data_offsets"]
    numbers = np.frombuffer(
        pages, kind, (end - begin) // np.dtype(kind).itemsize, _HEAD_BYTES + length + begin
    )
    table: Vectors = numbers.reshape(about["shape"])
    return table
