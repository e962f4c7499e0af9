"""Reading vectors out of an endpoint's answer; everything a server may get wrong is checked."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

MAX_DIMENSION = 16_384


class UnusableVectors(ValueError):
    """The answer is a list of vectors that cannot be used; says what the server gave."""


def vectors_of_reply(body: bytes, count: int, dimension: int | None) -> Vectors | None:
    """The vectors of an answer in the order of the texts, shape (count, d), of length 1.

    None when the answer is no list of vectors at all. Raises UnusableVectors: too few or too
    many, a place given twice or not at all, vectors of different sizes or of another size
    than `dimension`, numbers that are not finite, a vector of zeros.
    """
    import numpy as np

    entries = _entries(body)
    if entries is None:
        return None
    if len(entries) != count:
        raise UnusableVectors(f"gave {len(entries)} vectors for {count} texts")
    rows: dict[int, NDArray[np.float64]] = {}
    for entry in entries:
        place = entry.get("index") if isinstance(entry, dict) else None
        if not isinstance(place, int) or isinstance(place, bool) or not 0 <= place < count:
            raise UnusableVectors("gave a vector without the number of its text")
        if place in rows:
            raise UnusableVectors(f"gave two vectors for text {place}")
        rows[place] = _row(entry.get("embedding"))
    sizes = {len(row) for row in rows.values()}
    if len(sizes) > 1:
        raise UnusableVectors(f"gave vectors of different sizes ({_listed(sizes)})")
    size = sizes.pop() if sizes else 0
    if dimension is not None and size != dimension:
        raise UnusableVectors(f"gave vectors of size {size}, those so far have {dimension}")
    if not 0 < size <= MAX_DIMENSION:
        raise UnusableVectors(f"gave vectors of size {size}")
    table = np.stack([rows[place] for place in range(count)])
    if not np.isfinite(table).all():
        raise UnusableVectors("gave a vector with a number that is not finite")
    largest = np.abs(table).max(axis=1, keepdims=True)
    if (largest == 0).any():
        raise UnusableVectors("gave a vector of zeros, which has no direction")
    table /= largest  # the square of a large number may not be finite, that of 1 is
    unit: Vectors = (table / np.linalg.norm(table, axis=1, keepdims=True)).astype(np.float32)
    return unit


def _entries(body: bytes) -> list[Any] | None:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    entries = document.get("data") if isinstance(document, dict) else None
    return entries if isinstance(entries, list) else None


def _row(value: object) -> NDArray[np.float64]:
    """One vector: a list of numbers, or the base64 of little-endian float32."""
    import numpy as np

    if isinstance(value, str):
        try:
            data = base64.b64decode(value, validate=True)
            return np.frombuffer(data, dtype="<f4").astype(np.float64)
        except (binascii.Error, ValueError):
            raise UnusableVectors("gave a vector that cannot be read") from None
    if not isinstance(value, list) or not all(
        isinstance(one, int | float) and not isinstance(one, bool) for one in value
    ):
        raise UnusableVectors("gave a vector that is no list of numbers")
    try:
        return np.array(value, dtype=np.float64)
    except OverflowError:
        raise UnusableVectors("gave a vector with a number that is not finite") from None


def _listed(sizes: set[int]) -> str:
    return ", ".join(map(str, sorted(sizes)))
