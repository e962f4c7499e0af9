"""Digests of the ledger's rows: kept by every way to write, and every damage counted."""

from __future__ import annotations

import random
import shutil
from contextlib import closing, suppress
from pathlib import Path

import pytest
from library_fixture import Shelf
from papers import made_up
from tables import Row, compare, table
from tampering import tamper

from store.ledger.database import Ledger, now
from store.ledger.digests import KINDS
from store.ledger.lost_changes import lost_changes
from store.ledger.row_check import Difference, differences, one_state
from store.ledger.sessions import StoredTurn, delete_session, save_turn, update_turn
from store.ledger.vectors import put_vectors, register_embedder
from store.ledger.write import remove_paper, write_record


def found(folder: Path) -> tuple[Difference, ...]:
    with one_state(folder / "ledger.sqlite3") as connection:
        return differences(connection)


def _build(folder: Path) -> None:
    folder.mkdir()
    ledger = Ledger.open(folder, create=True)
    with ledger.write():
        embedder = register_embedder(ledger, "made-up/4", 4)
        written = [write_record(ledger, one, ("All", "b")) for one in made_up(12)]
        put_vectors(ledger, embedder, [(one.key, one.text_hash, bytes(16)) for one in written])
        for one in written[:5]:
            ledger.run(
                "INSERT INTO notes(paper, text, written_at) VALUES (?, ?, ?)",
                (one.key, f"a note on {one.id}", now()),
            )
        ledger.run("UPDATE papers SET status = 'read' WHERE key % 2")
    session = None
    for at in range(3):
        session = save_turn(ledger, session, StoredTurn(now(), f"question {at}", "{}"))
    ledger.close()


@pytest.fixture
def filled(shelf: Shelf, tmp_path: Path) -> Path:
    """Twelve papers with tags, notes, vectors and a conversation of three turns."""
    return shelf.copy("rows of every kind", _build, tmp_path / "library")


@pytest.mark.parametrize("seed", range(2))
def test_every_way_to_write_keeps_the_digests(tmp_path: Path, seed: int) -> None:
    """Adding, changing, merging, removing, marks, REPLACE, OR IGNORE and upserts, mixed."""
    chance = random.Random(seed)
    ledger = Ledger.open(tmp_path, create=True)
    records = made_up(30, seed)
    sessions: list[str] = []
    with ledger.write():
        embedder = register_embedder(ledger, "made-up/4", 4)

    def write_one(ids: list[str], key: int) -> None:
        record = chance.choice(records)
        change: dict[str, object] = {"source": chance.choice("xyz")}
        for name, value in (
            ("doi", f"10.1000/{chance.randrange(8)}"),
            ("arxiv_id", f"2401.0000{chance.randrange(8)}"),
            ("abstract", f"{record.abstract} More of it: {chance.random()}."),
        ):
            if chance.random() < 0.3:
                change[name] = value
        write_record(ledger, record.model_copy(update=change), (chance.choice("ab"),))

    def remove_one(ids: list[str], key: int) -> None:
        remove_paper(ledger, chance.choice(ids))

    def replace_vectors(ids: list[str], key: int) -> None:
        blob = chance.randbytes(16)
        put_vectors(ledger, embedder, [(key, "hash", blob), (key, "other", blob)])

    def mark(ids: list[str], key: int) -> None:
        for _ in range(2):
            ledger.run("INSERT OR IGNORE INTO tags VALUES (?, 'tag')", (key,))
        ledger.run("UPDATE papers SET status = 'later', year = NULL WHERE key = ?", (key,))
        ledger.run("INSERT INTO notes(paper, text, written_at) VALUES (?, 'x', 'y')", (key,))
        ledger.run("UPDATE notes SET text = text || '+' WHERE paper = ?", (key,))

    def undo(ids: list[str], key: int) -> None:
        write_record(ledger, chance.choice(records), ("undone",))
        raise ZeroDivisionError

    ways = (write_one, write_one, write_one, remove_one, replace_vectors, mark, undo)
    for _ in range(120):
        ids, keys = (
            [row[at] for row in ledger.rows("SELECT id, key FROM papers")] for at in (0, 1)
        )
        way = chance.choice(ways)
        with suppress(ZeroDivisionError), ledger.write():
            (way if ids else write_one)(ids, chance.choice(keys or [1]))
        if chance.random() < 0.1:
            session = chance.choice([None, *sessions])
            sessions.append(save_turn(ledger, session, StoredTurn(now(), "q", "{}")))
            update_turn(ledger, sessions[-1], "q", '{"a": 1}')
        elif sessions and chance.random() < 0.1:
            delete_session(ledger, sessions.pop(chance.randrange(len(sessions))))
    assert found(tmp_path) == ()
    kinds = {row[0] for row in ledger.rows("SELECT kind FROM digests")}
    assert kinds == {kind.table for kind in KINDS}
    assert ledger.value("SELECT count(*) FROM digests WHERE rows <= 0") == 0
    ledger.close()


def test_a_row_that_was_not_written_so_is_counted(filled: Path, tmp_path: Path) -> None:
    assert found(filled) == ()
    with closing(Ledger.open(filled)) as ledger:
        owners = {
            ledger.value("SELECT id FROM papers WHERE key = 3"): "the paper",
            ledger.value("SELECT id FROM sessions"): "the session",
        }

    def came(row: Row) -> object:
        folder = tmp_path / f"line {row['line']}"
        shutil.copytree(filled, folder)
        tamper(folder, row["statement"])
        (one,) = found(folder)
        return [one.table, one.lost, one.altered, owners.get(one.owner, one.owner)]

    compare(table(__file__, "tampering.jsonl"), came)


def test_damage_stays_noticed_after_a_later_change(filled: Path) -> None:
    tamper(filled, "UPDATE papers SET abstract = 'Another one.' WHERE key = 3")
    ledger = Ledger.open(filled)
    with ledger.write():
        ledger.run("UPDATE papers SET status = 'kept' WHERE key = 3")
    ledger.close()
    (one,) = found(filled)
    assert (one.table, one.key, one.altered) == ("papers", 3, 1)


def test_lost_changes_are_told_in_one_line() -> None:
    assert lost_changes(7, {"chroma": 7, "the word index": 3}) == ""
    assert lost_changes(7, {"chroma": 8}) == (
        "the last 1 change of the library is gone from the ledger, and chroma still knows of it"
    )
    line = lost_changes(7, {"chroma": 9, "the word index": 12, "vectors": 1})
    assert "last 5 changes of the library are gone" in line
    assert "chroma and the word index still know of them" in line
