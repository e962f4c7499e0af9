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
from store.library.near_pairs import near_pairs
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


def test_a_crowd_is_compared_in_few_pairs() -> None:
    """2000 papers that are nearly one among 2000 that are not, two of which are nearly one."""
    chance = np.random.default_rng(5)
    rows = chance.standard_normal((4000, 64))
    rows[2001] = rows[2000]
    rows[:2000] = rows[0] + 0.02 * chance.standard_normal((2000, 64))
    matrix = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    first, second = near_pairs(matrix, lambda rows: rows)
    assert (first < second).all()
    assert len(first) < 10 * len(matrix)
    assert (2000, 2001) in set(zip(first.tolist(), second.tolist(), strict=True))
    assert set(range(2000)) <= {*first.tolist(), *second.tolist()}


def test_papers_that_say_the_same_are_one_group_with_what_speaks_against_it() -> None:
    with closing(Ledger.in_memory()) as ledger, ledger.write():
        rows = [{**TEXT, "doi": f"10.1000/{at}", "year": 2000 + at % 3} for at in range(60)]
        made = [write_apart(ledger, Record.model_validate(row)) for row in rows]
        other = {**TEXT, "abstract": "Of no owl we know how it sleeps.", "doi": "10.1000/other"}
        write_apart(ledger, Record.model_validate(other))
        parted = [made[0][0], made[1][0]]
        set_apart(ledger, parted)
        (found,) = likely_duplicates(ledger, "test")
    assert found.papers == tuple(name for name, _ in sorted(made, key=lambda one: one[1]))
    assert found.why == ("the same title", "other years", "other DOIs")
