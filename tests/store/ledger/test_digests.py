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
from store.types import Record


def found(folder: Path) -> tuple[Difference, ...]:
    with one_state(folder / "ledger.sqlite3") as connection:
        return differences(connection)


def _build(folder: Path) -> None:
    folder.mkdir()
    with closing(Ledger.open(folder, create=True)) as ledger:
        with ledger.write():
            embedder = register_embedder(ledger, "made-up/4", 4)
            written = [write_record(ledger, one, ("All", "b")) for one in made_up(12)]
            put_vectors(ledger, embedder, [(one.key, one.text_hash, bytes(16)) for one in written])
            ledger.run("INSERT INTO notes SELECT NULL, key, 'a note', 'now' FROM papers")
            ledger.run("UPDATE papers SET status = 'read' WHERE key % 2")
        session = None
        for at in range(3):
            session = save_turn(ledger, session, StoredTurn(now(), f"question {at}", "{}"))


@pytest.fixture
def filled(shelf: Shelf, tmp_path: Path) -> Path:
    """Twelve papers with tags, notes, vectors and a conversation of three turns."""
    return shelf.copy("rows of every kind", _build, tmp_path / "library")


@pytest.mark.parametrize("seed", range(2))
def test_every_way_to_write_keeps_the_digests(tmp_path: Path, seed: int) -> None:
    """Adding, changing, merging, removing, marks, REPLACE, OR IGNORE and upserts, mixed."""
    chance = random.Random(seed)
    ledger = Ledger.open(tmp_path, create=True)
    with ledger.write():
        embedder = register_embedder(ledger, "made-up/4", 4)

    def record() -> Record:
        one = chance.choice(made_up(30))
        changes: dict[str, object] = {
            "source": chance.choice("xyz"),
            "doi": f"10.1000/{chance.randrange(8)}",
            "arxiv_id": f"2401.0000{chance.randrange(8)}",
            "abstract": f"{one.abstract} More of it: {chance.random()}.",
        }
        return one.model_copy(update=dict(chance.sample(sorted(changes.items()), 2)))

    for _ in range(120):
        rows = ledger.rows("SELECT id, key FROM papers") or [("none", 1)]
        name, key = chance.choice(rows)
        with suppress(ZeroDivisionError), ledger.write():
            match chance.randrange(8):
                case 0:
                    remove_paper(ledger, name)
                case 1 | 2:
                    blob = chance.randbytes(16)
                    put_vectors(ledger, embedder, [(key, "hash", blob), (key, "other", blob)])
                case 3:
                    ledger.run("UPDATE papers SET status = 'later', year = 1 WHERE key = ?", (key,))
                    ledger.run("INSERT OR IGNORE INTO tags VALUES (?, 'tag')", (key,))
                    ledger.run("INSERT INTO notes VALUES (NULL, ?, 'x', 'y')", (key,))
                    ledger.run("UPDATE notes SET text = text || '+' WHERE paper = ?", (key,))
                case _:
                    write_record(ledger, record(), (chance.choice("ab"),))
            if chance.random() < 0.1:
                raise ZeroDivisionError
    sessions = [save_turn(ledger, None, StoredTurn(now(), "q", "{}")) for _ in range(2)]
    save_turn(ledger, sessions[0], StoredTurn(now(), "r", "{}"))
    update_turn(ledger, sessions[0], "q", '{"a": 1}')
    delete_session(ledger, sessions[1])
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
    with closing(Ledger.open(filled)) as ledger, ledger.write():
        ledger.run("UPDATE papers SET status = 'kept' WHERE key = 3")
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
