"""Digests of the ledger's rows: kept by every way to write, and every damage counted."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import pytest
from papers import made_up
from tampering import tamper

from store.ledger.database import Ledger, now
from store.ledger.identity import row_digest
from store.ledger.lost_changes import lost_changes
from store.ledger.row_check import Difference, differences, one_state
from store.ledger.sessions import StoredTurn, delete_session, save_turn, update_turn
from store.ledger.vectors import put_vectors, register_embedder
from store.ledger.write import remove_paper, write_record


def found(folder: Path) -> tuple[Difference, ...]:
    with one_state(folder / "ledger.sqlite3") as connection:
        return differences(connection)


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """Twelve papers with tags, notes, vectors and a conversation of three turns."""
    folder = tmp_path / "library"
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
    return folder


def test_no_two_rows_have_one_text() -> None:
    rows: list[tuple[bytes | int | None, ...]] = [
        (b"ab", b"c"),
        (b"a", b"bc"),
        (b"abc", None),
        (None, b"abc"),
        (b"1", None),
        (1, None),
        (b"", None),
        (None, None),
        (None,),
        (),
        (b"b1:c",),
        (b"b", b"c"),
        (11, 1),
        (1, 11),
        (-1,),
        (b"n",),
    ]
    digests = {row_digest(*row) for row in rows}
    assert len(digests) == len(rows)
    assert all(0 <= one < 2**63 for one in digests)


def test_a_digest_is_the_same_in_every_python() -> None:
    """Libraries outlive interpreters: another number would call every row altered."""
    assert row_digest(b"abc", None, 7, 2**40, -1, b"") == 2241319859428237482


@pytest.mark.parametrize("seed", range(4))
def test_every_way_to_write_keeps_the_digests(tmp_path: Path, seed: int) -> None:
    """Adding, changing, merging, removing, marks, REPLACE, OR IGNORE and upserts, mixed."""
    chance = random.Random(seed)
    ledger = Ledger.open(tmp_path, create=True)
    records = made_up(40, seed)
    sessions: list[str] = []
    with ledger.write():
        embedder = register_embedder(ledger, "made-up/4", 4)
    for _ in range(250):
        ids = [row[0] for row in ledger.rows("SELECT id FROM papers")]
        keys = [row[0] for row in ledger.rows("SELECT key FROM papers")] or [1]
        key = chance.choice(keys)
        match chance.randrange(11):
            case 0 | 1 | 2:
                record = chance.choice(records)
                change: dict[str, object] = {"source": chance.choice("xyz")}
                if chance.random() < 0.3:
                    change["doi"] = f"10.1000/{chance.randrange(8)}"
                if chance.random() < 0.3:
                    change["arxiv_id"] = f"2401.0000{chance.randrange(8)}"
                if chance.random() < 0.3:
                    change["abstract"] = f"{record.abstract} More of it: {chance.random()}."
                with ledger.write():
                    write_record(ledger, record.model_copy(update=change), (chance.choice("ab"),))
            case 3 if ids:
                with ledger.write():
                    remove_paper(ledger, chance.choice(ids))
            case 4 | 5:
                blob = chance.randbytes(16)
                with ledger.write():
                    put_vectors(ledger, embedder, [(key, "hash", blob), (key, "other", blob)])
            case 6:
                with ledger.write():
                    ledger.run("INSERT OR IGNORE INTO tags VALUES (?, ?)", (key, "tag"))
                    ledger.run("INSERT OR IGNORE INTO tags VALUES (?, ?)", (key, "tag"))
            case 7:
                with ledger.write():
                    ledger.run(
                        "UPDATE papers SET status = 'later', year = NULL WHERE key = ?", (key,)
                    )
                    ledger.run(
                        "INSERT INTO notes(paper, text, written_at) VALUES (?, 'x', 'y')", (key,)
                    )
                    ledger.run("UPDATE notes SET text = text || '+' WHERE paper = ?", (key,))
            case 8:
                name = save_turn(
                    ledger, chance.choice([None, *sessions]), StoredTurn(now(), "q", "{}")
                )
                sessions.append(name)
                update_turn(ledger, name, "q", '{"a": 1}')
            case 9 if sessions:
                delete_session(ledger, sessions.pop(chance.randrange(len(sessions))))
            case 10:
                with suppress(ZeroDivisionError), ledger.write():
                    write_record(ledger, chance.choice(records), ("undone",))
                    raise ZeroDivisionError
    assert found(tmp_path) == ()
    kinds = {row[0] for row in ledger.rows("SELECT kind FROM digests")}
    assert kinds >= {"papers", "aliases", "provenance", "tags", "notes", "vectors"}
    assert ledger.value("SELECT count(*) FROM digests WHERE rows <= 0") == 0
    ledger.close()


@pytest.mark.parametrize(
    ("statement", "table", "lost", "altered"),
    [
        ("UPDATE papers SET abstract = abstract || ' ' WHERE key = 3", "papers", 0, 1),
        ("UPDATE papers SET status = 'skipped' WHERE key = 3", "papers", 0, 1),
        ("DELETE FROM papers WHERE key = 3", "papers", 1, 0),
        ("UPDATE tags SET tag = 'c' WHERE paper = 3 AND tag = 'b'", "tags", 0, 1),
        ("DELETE FROM tags WHERE paper = 3", "tags", 2, 0),
        ("INSERT INTO tags VALUES (3, 'zzz')", "tags", 0, 1),
        ("UPDATE notes SET text = 'forged' WHERE paper = 3", "notes", 0, 1),
        ("DELETE FROM notes WHERE paper = 3", "notes", 1, 0),
        ("UPDATE vectors SET vector = zeroblob(12) WHERE slot & 1048575 = 3", "vectors", 0, 1),
        ("UPDATE provenance SET line = 77 WHERE paper = 3", "provenance", 0, 1),
        ("DELETE FROM aliases WHERE paper = 3", "aliases", 1, 0),
        ("UPDATE turns SET answer = '{\"a\": 2}' WHERE number = 2", "turns", 0, 1),
        ("DELETE FROM turns WHERE number = 1", "turns", 1, 0),
        ("UPDATE sessions SET title = 'other'", "sessions", 0, 1),
        ("UPDATE papers SET title = CAST(x'ff41' AS TEXT) WHERE key = 3", "papers", 0, 1),
    ],
)
def test_a_row_that_was_not_written_so_is_counted(
    filled: Path, statement: str, table: str, lost: int, altered: int
) -> None:
    assert found(filled) == ()
    with one_state(filled / "ledger.sqlite3") as connection:
        (paper,) = connection.execute("SELECT id FROM papers WHERE key = 3").fetchone()
    tamper(filled, statement)
    (one,) = found(filled)
    assert (one.table, one.lost, one.altered) == (table, lost, altered)
    if table not in ("sessions", "turns") and not statement.startswith("DELETE FROM papers"):
        assert one.owner in (paper, ""), "the paper is named, unless what names it is gone"
    if table in ("tags", "aliases", "provenance", "vectors"):
        assert one.owner == paper


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
