"""Papers that may be one: found by their titles, and by vectors that are near."""

from __future__ import annotations

from contextlib import closing

import numpy as np
from tables import Row, compare, table

from store.ledger.database import Ledger
from store.ledger.parting import set_apart
from store.ledger.vectors import put_vectors, register_embedder
from store.ledger.write import write_apart
from store.library.duplicates import Likely, likely_duplicates
from store.types import Record

TEXT = {"title": "Owls", "abstract": "We count owls in woods.", "source": "x", "reader": "jsonl"}


def listed(row: Row) -> tuple[Likely, ...]:
    """What is listed of two papers with one vector."""
    with closing(Ledger.in_memory()) as ledger:
        with ledger.write():
            made = [
                write_apart(ledger, Record.model_validate({**TEXT, **row["both"], **row[which]}))
                for which in ("one", "other")
            ]
            embedder = register_embedder(ledger, "test", 4)
            vector = np.full(4, 0.5, np.float32).tobytes()
            put_vectors(ledger, embedder, [(key, "hash", vector) for _, key in made])
        found = likely_duplicates(ledger, "test")
        with ledger.write():
            set_apart(ledger, [name for name, _ in made])
        assert likely_duplicates(ledger, "test") == (), "what was parted is not asked about again"
    return found


def test_what_is_listed_of_two_papers() -> None:
    def why(row: Row) -> list[str]:
        return [words for one in listed(row) for words in one.why]

    compare(table(__file__, "duplicates.jsonl"), why, "why")


def test_near_vectors_are_found_among_many() -> None:
    """Pairs of cosine .96 among 3000 that are spread around a centre."""
    chance = np.random.default_rng(3)
    rows = chance.standard_normal((3000, 64)) + 0.6
    rows[1::100] = rows[::100] + 0.25 * chance.standard_normal((30, 64))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    with closing(Ledger.in_memory()) as ledger, ledger.write():
        embedder = register_embedder(ledger, "test", 64)
        blobs = [(key, "hash", row.astype(np.float32).tobytes()) for key, row in enumerate(rows, 1)]
        put_vectors(ledger, embedder, blobs)
        for key in range(1, 3001):
            words = f"paper {key // 100 if key % 100 in (1, 2) else key}w is of its own kind"
            record = Record.model_validate({**TEXT, "title": f"T{key}q", "abstract": words})
            write_apart(ledger, record.model_copy(update={"doi": f"10.1000/{key}"}))
        assert len(likely_duplicates(ledger, "test")) >= 28
