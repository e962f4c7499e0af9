"""Vectors at rest in the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from store.ledger.database import Ledger

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]
    """Shape (n, d), rows of length 1."""
    Keys = NDArray[np.int64]
    """Ledger keys of papers, ascending, none twice."""

_SLOT_BITS = 40
_SLICE = 4096


def embedder_key(ledger: Ledger, fingerprint: str) -> int | None:
    """The number under which an embedder's vectors are kept, or None when it has none."""
    value = ledger.value("SELECT key FROM embedders WHERE fingerprint = ?", (fingerprint,))
    return None if value is None else int(value)


def embedder_dimension(ledger: Ledger, fingerprint: str) -> int | None:
    """The length of an embedder's vectors, or None when it has none yet."""
    value = ledger.value("SELECT dimension FROM embedders WHERE fingerprint = ?", (fingerprint,))
    return None if value is None else int(value)


def register_embedder(ledger: Ledger, fingerprint: str, dimension: int) -> int:
    """Make an embedder known whose vectors have length d = `dimension`, and return its number.

    To be called inside a write.
    """
    ledger.run(
        "INSERT OR IGNORE INTO embedders(fingerprint, dimension) VALUES (?, ?)",
        (fingerprint, dimension),
    )
    key = embedder_key(ledger, fingerprint)
    if key is None:
        raise AssertionError("an embedder just registered is there")
    return key


def put_vectors(
    ledger: Ledger, embedder: int, rows: Sequence[tuple[int, str, Sequence[float] | bytes]]
) -> None:
    """Keep vectors (paper key, text hash, float32 bytes), inside a write."""
    ledger.run_many(
        "INSERT OR REPLACE INTO vectors(slot, text_hash, vector) VALUES (?, ?, ?)",
        [(_slot(embedder, paper), text_hash, vector) for paper, text_hash, vector in rows],
    )


def drop_vectors(ledger: Ledger, paper: int) -> None:
    """Forget all vectors of a paper, inside a write."""
    for (embedder,) in ledger.rows("SELECT key FROM embedders"):
        ledger.run("DELETE FROM vectors WHERE slot = ?", (_slot(embedder, paper),))


def get_vectors(ledger: Ledger, embedder: int, ids: Sequence[str]) -> dict[str, bytes]:
    """The current float32 bytes of the papers with these ids; those without are left out.

    A vector of another length than its embedder's is none.
    """
    rows = ledger.rows_in(
        "SELECT papers.id, vectors.vector FROM papers"
        f" JOIN vectors ON vectors.slot = papers.key + {embedder << _SLOT_BITS}"
        " AND vectors.text_hash = papers.text_hash"
        f" AND length(vector) = 4 * (SELECT dimension FROM embedders WHERE key = {embedder})"
        " WHERE papers.id IN ({})",
        list(ids),
    )
    return dict(rows)


def vectors_by_key(ledger: Ledger, embedder: int, papers: Sequence[int]) -> dict[int, bytes]:
    """The float32 bytes of papers by ledger key, whatever text they are of."""
    slots = [_slot(embedder, paper) for paper in papers]
    rows = ledger.rows_in("SELECT slot, vector FROM vectors WHERE slot IN ({})", slots)
    return {slot - (embedder << _SLOT_BITS): vector for slot, vector in rows}


def changed_since(ledger: Ledger, seq: int, papers: Sequence[int]) -> set[int]:
    """Those of some papers, by ledger key, that changed after a change."""
    rows = ledger.rows_in(
        "SELECT papers.key, outbox.seq FROM papers JOIN outbox ON outbox.id = papers.id"
        " WHERE papers.key IN ({})",
        list(papers),
    )
    return {key for key, changed in rows if changed > seq}


def vectors_at(ledger: Ledger, embedder: int, papers: Sequence[int]) -> dict[int, str]:
    """Of which text (its hash) each of these papers, by ledger key, has a vector."""
    slots = [_slot(embedder, paper) for paper in papers]
    rows = ledger.rows_in("SELECT slot, text_hash FROM vectors WHERE slot IN ({})", slots)
    return {slot - (embedder << _SLOT_BITS): text_hash for slot, text_hash in rows}


def vectors_of(
    ledger: Ledger, embedder: int, ids: Sequence[str]
) -> tuple[list[str], Vectors] | None:
    """The ids that have a vector and the matrix of them, shape (n, d); None without any."""
    found = get_vectors(ledger, embedder, ids)
    names = [name for name in ids if name in found]
    if not names:
        return None
    return names, matrix_of([found[name] for name in names], len(found[names[0]]) // 4)


def sample_vectors(ledger: Ledger, embedder: int, number: int, dimension: int) -> Vectors:
    """Vectors of papers spread evenly over the ledger, at most `number`; shape (n, d)."""
    last = int(ledger.value("SELECT max(key) FROM papers") or 0)
    keys = range(1, last + 1, max(1, -(-last // number)))
    rows = ledger.rows_in(
        "SELECT vector FROM vectors WHERE slot IN ({})", [_slot(embedder, key) for key in keys]
    )
    return matrix_of([row[0] for row in rows if len(row[0]) == 4 * dimension], dimension)


def lacking_vectors(
    ledger: Ledger, embedder: int, limit: int, after: int = 0
) -> list[tuple[int, str, str, str]]:
    """Papers (key, title, abstract, text hash) that have no current vector of an embedder.

    At most `limit` of them, in the order of their keys, with keys above `after`.
    """
    return [
        (int(key), str(title), str(abstract), str(text_hash))
        for key, title, abstract, text_hash in ledger.rows(
            "SELECT papers.key, title, abstract, papers.text_hash FROM papers"
            f" LEFT JOIN vectors ON vectors.slot = papers.key + {embedder << _SLOT_BITS}"
            " AND vectors.text_hash = papers.text_hash"
            " WHERE vectors.slot IS NULL AND papers.key > ? ORDER BY papers.key LIMIT ?",
            (after, limit),
        )
    ]


def lacks_since(ledger: Ledger, embedder: int, seq: int) -> bool:
    """True when a paper that changed after a change has no current vector of an embedder."""
    found = ledger.value(
        "SELECT 1 FROM outbox CROSS JOIN papers ON papers.id = outbox.id"
        f" LEFT JOIN vectors ON vectors.slot = papers.key + {embedder << _SLOT_BITS}"
        " AND vectors.text_hash = papers.text_hash"
        " WHERE outbox.seq > ? AND outbox.deleted = 0 AND vectors.slot IS NULL LIMIT 1",
        (seq,),
    )
    return found is not None


def count_lacking(ledger: Ledger, embedder: int) -> int:
    """How many papers have no current vector of an embedder."""
    return int(
        ledger.value(
            "SELECT count(*) FROM papers"
            f" LEFT JOIN vectors ON vectors.slot = papers.key + {embedder << _SLOT_BITS}"
            " AND vectors.text_hash = papers.text_hash WHERE vectors.slot IS NULL"
        )
    )


def vector_slices(
    ledger: Ledger, embedder: int, dimension: int, after: int = -1
) -> Iterator[tuple[Keys, Vectors]]:
    """All vectors by ascending paper key after one, a slice at a time: keys (n,), rows (n, d)."""
    import numpy as np

    low, high = embedder << _SLOT_BITS, (embedder + 1) << _SLOT_BITS
    at = low + after
    while rows := ledger.rows(
        "SELECT slot, vector FROM vectors WHERE slot > ? AND slot < ? ORDER BY slot LIMIT ?",
        (at, high, _SLICE),
    ):
        at = rows[-1][0]
        whole = [row for row in rows if len(row[1]) == 4 * dimension]
        keys = np.array([row[0] for row in whole], dtype=np.int64) - low
        yield keys, matrix_of([row[1] for row in whole], dimension)


def current_ids(ledger: Ledger, embedder: int, papers: Sequence[int]) -> dict[int, str]:
    """The ids of papers by ledger key, of those whose vector is that of their text."""
    rows = ledger.rows_in(
        "SELECT papers.key, papers.id FROM papers"
        f" JOIN vectors ON vectors.slot = papers.key + {embedder << _SLOT_BITS}"
        " AND vectors.text_hash = papers.text_hash WHERE papers.key IN ({})",
        list(papers),
    )
    return dict(rows)


def matrix_of(blobs: Sequence[bytes], dimension: int) -> Vectors:
    """Vectors, shape (n, d), from their float32 bytes."""
    import numpy as np

    return np.frombuffer(b"".join(blobs), dtype=np.float32).reshape(len(blobs), dimension)


def _slot(embedder: int, paper: int) -> int:
    return (embedder << _SLOT_BITS) | paper
