"""What doctor says of a ledger and mends of it; digests of its rows, by which damage is counted."""

from __future__ import annotations

import random
import shutil
from contextlib import closing, suppress
from pathlib import Path

import pytest
from cli_fixture import Quire
from damages import contents, execute, tamper
from library_fixture import Shelf
from papers import made_up
from tables import Row, compare, for_each, table

from store.errors import LibraryDamaged, LibraryReadOnly
from store.ledger.check import check_ledger
from store.ledger.citation_keys import keep
from store.ledger.database import Ledger, now
from store.ledger.digests import KINDS
from store.ledger.images import remove_paper
from store.ledger.lost_changes import lost_changes
from store.ledger.outbox import Mark, mark
from store.ledger.parting import set_apart
from store.ledger.row_check import Difference, differences, one_state, structure
from store.ledger.sessions import StoredTurn, delete_sessions, save_turn, update_turn
from store.ledger.vectors import put_vectors, register_embedder
from store.ledger.write import write_record
from store.library.citation_keys import citation_keys
from store.library.doctor import examine
from store.library.library import Library
from store.types import Record


def test_a_library_that_cannot_be_written_is_examined_as_far_as_it_is_used(stocked: Path) -> None:
    """A header says that only a newer SQLite may write it: so for a user whom no mode stops."""
    ledger = stocked / "ledger.sqlite3"
    data = bytearray(ledger.read_bytes())
    data[18], data[19] = 3, 1
    ledger.write_bytes(data)
    before = contents(stocked)
    with Library.open(stocked) as library:
        found = {one.part: one.state for one in examine(library)}
        with pytest.raises(LibraryReadOnly):
            examine(library, fix=True)
    assert (found["ledger"], found["vectors"]) == ("ok", "ok")
    assert (found["word index"], found["Chroma"]) == ("left", "left")
    after = contents(stocked)
    assert {name: data for name, data in after.items() if name in before} == before
    data[data.index(b"glacier")] ^= 1
    ledger.write_bytes(data)
    with Library.open(stocked) as library, pytest.raises(LibraryDamaged):
        examine(library)


def test_marks_that_are_lost_or_altered_name_their_papers(stocked: Path) -> None:
    with Library.open(stocked) as library:
        ids = [one.id for one in library.papers()]
    tamper(
        stocked,
        "DELETE FROM tags WHERE paper = 1",
        "UPDATE papers SET status = 'read' WHERE key = 2",
        "DELETE FROM papers WHERE key = 3",
    )
    with Library.open(stocked) as library, pytest.raises(LibraryDamaged) as caught:
        examine(library)
    assert f"1 paper lost; 1 paper altered ({ids[1]}, {ids[2]})" in caught.value.message
    assert f"1 tag lost ({ids[0]})" in caught.value.message


def test_damaged_vectors_are_made_anew(stocked: Path) -> None:
    with Library.open(stocked) as library:
        library.prefer_scan()
        before = library.dense("audio codec", 4)
    tamper(
        stocked,
        "UPDATE vectors SET vector = zeroblob(length(vector)) WHERE slot & 1048575 = 1",
        "UPDATE vectors SET vector = x'00' WHERE slot & 1048575 = 2",
        "DELETE FROM vectors WHERE slot & 1048575 = 3",
    )
    with Library.open(stocked) as library:
        found = {one.part: one for one in examine(library)}
        assert (found["ledger"].state, found["vectors"].state) == ("mended", "mended")
        assert "3 vectors not as written" in found["ledger"].message
        assert {one.state for one in examine(library)} == {"ok"}
        assert [name for name, _ in library.dense("audio codec", 4)] == [name for name, _ in before]


def test_an_index_of_sqlite_that_disagrees_is_made_anew(stocked: Path) -> None:
    """The text stands in the table and in an index: the table's digest says which is right."""
    ledger = stocked / "ledger.sqlite3"
    with one_state(ledger) as connection:
        (root,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'provenance_source'"
        ).fetchone()
    data = bytearray(ledger.read_bytes())
    data[data.index(b"papers.jsonl", (root - 1) * 4096)] ^= 1
    ledger.write_bytes(data)
    with one_state(ledger) as connection:
        assert structure(connection)
    with closing(Ledger.open(stocked)) as opened:
        said = "4 papers; an index of SQLite disagreed with its table: made anew"
        assert check_ledger(opened) == ("mended", said)
        assert check_ledger(opened) == ("ok", "4 papers, no damage")


def test_what_follows_from_the_rest_is_set_right(stocked: Path, tmp_path: Path) -> None:
    def check(row: Row) -> None:
        folder = shutil.copytree(stocked, tmp_path / f"line {row['line']}")
        execute(folder / "ledger.sqlite3", row["statement"])
        with closing(Ledger.open(folder)) as ledger:
            assert check_ledger(ledger) == ("mended", f"4 papers; {row['said']}")
            assert check_ledger(ledger) == ("ok", "4 papers, no damage")
            assert ledger.meta("seq") == "4"
            assert mark(ledger, "lexical") == Mark(*row["lexical"], dirty=False)
            assert mark(ledger, "chroma") == Mark(*row["chroma"], dirty=False)

    for_each(table(__file__, "mended.jsonl"), check)


def test_doctor_mends_what_follows_from_the_rest(quire: Quire, stocked: Path) -> None:
    hits = quire("search", "audio codec", "--json").json["hits"]
    execute(stocked / "ledger.sqlite3", "DELETE FROM meta WHERE name = 'seq'")
    execute(stocked / "ledger.sqlite3", "DELETE FROM projections")
    for said in ("mended  ledger: 4 papers; ", "ok      ledger: 4 papers, no damage"):
        ran = quire("doctor")
        assert (ran.code, ran.out[: len(said)]) == (0, said), ran.err + ran.out
    assert quire("search", "audio codec", "--json").json["hits"] == hits


def test_a_ledger_is_examined_in_one_state(stocked: Path) -> None:
    """A neighbour that commits between two looks makes no false alarm."""
    with closing(Ledger.open(stocked)) as neighbour, one_state(neighbour.path) as connection:
        with neighbour.write():
            neighbour.run("DELETE FROM papers WHERE key = 1")
        for rows in ("papers", "digests WHERE kind = 'papers'"):
            assert connection.execute(f"SELECT count(*) FROM {rows}").fetchone() == (4,)


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
    papers = made_up(30)
    with ledger.write():
        embedder = register_embedder(ledger, "made-up/4", 4)

    def record() -> Record:
        changes = {
            "source": chance.choice("xyz"),
            "doi": f"10.1000/{chance.randrange(8)}",
            "arxiv_id": f"2401.0000{chance.randrange(8)}",
            "raw_title": "<i>Title</i>",
            "abstract": f"We say more of it: {chance.random()}.",
        }
        changed = dict(chance.sample(sorted(changes.items()), 3))
        return chance.choice(papers).model_copy(update=changed)

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
                    set_apart(ledger, ("pa", "pb"))
                    ledger.run("INSERT INTO notes VALUES (NULL, ?, 'x', 'y')", (key,))
                    ledger.run("UPDATE notes SET text = text || '+' WHERE paper = ?", (key,))
                case _:
                    write_record(ledger, record(), (chance.choice("ab"),))
            if chance.random() < 0.1:
                raise ZeroDivisionError
    sessions = [save_turn(ledger, None, StoredTurn(now(), "q", "{}")) for _ in range(2)]
    save_turn(ledger, sessions[0], StoredTurn(now(), "r", "{}"))
    update_turn(ledger, sessions[0], "q", '{"a": 1}')
    delete_sessions(ledger, [sessions[1]])
    citation_keys(ledger, [row[0] for row in ledger.rows("SELECT id FROM papers")], "{title}")
    with ledger.write():
        keep(ledger, [(name, "a", True) for name in ("one", "other")])
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
        folder = shutil.copytree(filled, tmp_path / f"line {row['line']}")
        tamper(folder, row["statement"])
        (one,) = found(folder)
        return [one.table, one.lost, one.altered, owners.get(one.owner, one.owner)]

    compare(table(__file__, "tampering.jsonl"), came)
    # Damage stays noticed after a later change.
    tamper(filled, "UPDATE papers SET abstract = 'Another one.' WHERE key = 3")
    with closing(Ledger.open(filled)) as ledger, ledger.write():
        ledger.run("UPDATE papers SET status = 'kept' WHERE key = 3")
    (one,) = found(filled)
    assert (one.table, one.key, one.altered) == ("papers", 3, 1)


def test_lost_changes_are_told_in_one_line() -> None:
    compare(table(__file__, "lost_changes.jsonl"), lambda row: lost_changes(7, row["known"]))
