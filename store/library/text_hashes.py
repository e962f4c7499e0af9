"""The hashes of texts by which what is kept beside the ledger tells that it still counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from store.ledger.database import Ledger


def text_hashes(ledger: Ledger, keys: Iterable[int]) -> dict[int, bytes]:
    """The hashes of texts as the ledger has them, by the keys of papers."""
    sql = "SELECT key, text_hash FROM papers WHERE key IN ({})"
    return {key: digest(hashed) for key, hashed in ledger.rows_in(sql, list(keys))}


def digest(hashed: object) -> bytes:
    """A hash of a text as it is kept; empty for what is none, so that nothing is kept by it."""
    try:
        return bytes.fromhex(str(hashed))
    except ValueError:
        return b""


def all_keys(ledger: Ledger, size: int) -> Iterator[list[int]]:
    """The keys of all papers, ascending, so many at once."""
    after = -1
    sql = "SELECT key FROM papers WHERE key > ? ORDER BY key LIMIT ?"
    while keys := [int(key) for (key,) in ledger.rows(sql, (after, size))]:
        yield keys
        after = keys[-1]
