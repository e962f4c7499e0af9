"""Readings as rows, one a paper, in the form in which they are kept.

Numbers are little-endian. Of each sentence a row has its borders (two uint16, or uint32 where one
needs it), its codes (half a byte each) and its scale (float16); of each pair of a term and a
sentence that holds it, by ascending term, the number of the sentence, whose highest bit says that
the term is the next one (uint8, or uint16 where there are more than 128 sentences). The terms
stand as in `Readings`, without the closing newline. A row ends with the CRC-32 of all of it.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from store.kept.file import Kind
from store.sentences.codes import packed, unpacked
from store.sentences.readings import Readings

if TYPE_CHECKING:
    from store.ledger.vectors import Keys

Row = tuple[int, bytes, int, bytes, bytes, bytes, bytes, bytes, int]
"""Key of the paper, hash of its text, form, borders, terms, pairs, codes, scales, CRC-32."""

_WIDE_BORDERS, _WIDE_PAIRS = 1, 2
_NARROW_SENTENCES = 128
_NEXT, _WIDE_NEXT = 0x80, 0x8000


def rows_of(readings: Readings, papers: Sequence[tuple[int, bytes] | None]) -> list[Row]:
    """The rows of papers whose keys and hashes of texts are given in the order of the readings.

    None is given for a paper that gets no row.
    """
    import numpy as np

    first, terms_first = readings.first, readings.terms_first
    borders = np.stack([readings.starts, readings.ends], axis=1)
    own = np.repeat(first[:-1], np.diff(first))
    numbers = readings.holding - own[readings.holding]
    is_next = np.diff(readings.held, prepend=-1) > 0
    pairs_first = np.searchsorted(readings.held, terms_first)
    lines = np.flatnonzero(np.frombuffer(readings.terms, dtype=np.uint8) == ord("\n"))
    codes = packed(readings.codes)
    scales = readings.scales.astype("<f2")
    rows = []
    for at, paper in enumerate(papers):
        if paper is None:
            continue
        key, hashed = paper
        some = slice(first[at], first[at + 1])
        pairs = slice(pairs_first[at], pairs_first[at + 1])
        words = b""
        if terms_first[at] < terms_first[at + 1]:
            words = readings.terms[lines[terms_first[at]] : lines[terms_first[at + 1]]]
        form = 0
        if borders[some].max() > 0xFFFF:
            form |= _WIDE_BORDERS
        narrow = first[at + 1] - first[at] <= _NARROW_SENTENCES
        if not narrow:
            form |= _WIDE_PAIRS
        flags = is_next[pairs] * (_NEXT if narrow else _WIDE_NEXT)
        parts = (
            borders[some].astype("<u4" if form & _WIDE_BORDERS else "<u2").tobytes(),
            words,
            (numbers[pairs] | flags).astype(np.uint8 if narrow else "<u2").tobytes(),
            codes[some].tobytes(),
            scales[some].tobytes(),
        )
        rows.append((key, hashed, form, *parts, _crc(key, hashed, form, *parts)))
    return rows


def is_whole(row: Sequence[object]) -> bool:
    """True for a row as it was written; any value of SQLite may stand in another."""
    *values, crc = row
    try:
        return crc == _crc(*values)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return False


SENTENCES = Kind(
    "sentences",
    {
        "form": "INTEGER",
        "borders": "BLOB",
        "terms": "BLOB",
        "pairs": "BLOB",
        "codes": "BLOB",
        "scales": "BLOB",
        "crc": "INTEGER",
    },
    is_whole,
)
"""How readings are kept in a library."""


def readings_of(ids: Sequence[str], rows: Sequence[Row]) -> Readings:
    """The readings in whole rows of papers, in their order; raises ValueError for other rows."""
    import numpy as np

    _, _, forms, borders, terms, pairs, codes, scales, _ = (
        zip(*rows, strict=True) if rows else ((),) * 9
    )
    counts = np.array([len(one) // 2 for one in scales], dtype=np.int64)
    first = np.concatenate([[0], np.cumsum(counts)])
    spans = _joined(borders, [form & _WIDE_BORDERS for form in forms]).reshape(-1, 2)
    wide = [form & _WIDE_PAIRS for form in forms]
    sizes = [
        len(one) // 2 if is_wide else len(one) for one, is_wide in zip(pairs, wide, strict=True)
    ]
    numbers, is_next = _numbered(pairs, wide)
    held = np.cumsum(is_next, dtype=np.int64)
    ends = np.cumsum(sizes, dtype=np.int64)
    terms_first = np.concatenate([[0], np.concatenate([[0], held])[ends]])
    holding = numbers + np.repeat(first[:-1], sizes)
    words = b"".join(terms)
    levels = unpacked(np.frombuffer(b"".join(codes), dtype=np.uint8))
    total = int(first[-1])
    width = len(levels) // total if total else 0
    is_even = all(4 * len(one) == width * len(own) for one, own in zip(codes, scales, strict=True))
    if len(spans) != total or not is_even or words.count(b"\n") != terms_first[-1]:
        raise ValueError("rows that do not fit together")
    return Readings(
        ids=tuple(ids),
        first=first,
        starts=np.ascontiguousarray(spans[:, 0]),
        ends=np.ascontiguousarray(spans[:, 1]),
        terms=words + b"\n" if words else b"",
        terms_first=terms_first,
        held=held - 1,
        holding=holding,
        codes=levels.reshape(total, width),
        scales=np.frombuffer(b"".join(scales), dtype="<f2").astype(np.float32),
    )


def _joined(parts: Sequence[bytes], wide: Sequence[int]) -> Keys:
    """Numbers that are two bytes wide, or four in some parts, as int64."""
    import numpy as np

    if not any(wide):
        return np.frombuffer(b"".join(parts), dtype="<u2").astype(np.int64)
    each = [
        np.frombuffer(part, dtype="<u4" if is_wide else "<u2").astype(np.int64)
        for part, is_wide in zip(parts, wide, strict=True)
    ]
    return np.concatenate(each)


def _numbered(parts: Sequence[bytes], wide: Sequence[int]) -> tuple[Keys, Keys]:
    """The numbers of sentences in pairs, and 1 where the next term begins."""
    import numpy as np

    if not any(wide):
        narrow = np.frombuffer(b"".join(parts), dtype=np.uint8)
        return (narrow & (_NEXT - 1)).astype(np.int64), narrow >> 7
    each = []
    for part, is_wide in zip(parts, wide, strict=True):
        numbers = np.frombuffer(part, dtype="<u2" if is_wide else np.uint8).astype(np.int64)
        each.append(numbers if is_wide else numbers + (numbers & _NEXT) * (_WIDE_NEXT // _NEXT - 1))
    whole = np.concatenate(each)
    return whole & (_WIDE_NEXT - 1), whole >> 15


def _crc(key: int, hashed: bytes, form: int, *parts: bytes) -> int:
    lengths = [len(one) for one in parts]
    return zlib.crc32(b"".join((repr((key, form, lengths)).encode(), hashed, *parts)))
