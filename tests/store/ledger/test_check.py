"""What doctor says of a ledger, and what of it it mends."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from cli_fixture import Quire
from tables import Row, for_each, table
from tampering import tamper

from store.errors import LibraryDamaged
from store.ledger.check import check_ledger
from store.ledger.database import Ledger
from store.ledger.outbox import Mark, mark
from store.ledger.row_check import one_state, structure
from store.library.doctor import examine
from store.library.library import Library


def run(folder: Path, statements: str) -> None:
    with closing(sqlite3.connect(folder / "ledger.sqlite3")) as database:
        database.executescript(statements)


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
        folder = tmp_path / f"line {row['line']}"
        shutil.copytree(stocked, folder)
        run(folder, row["statement"])
        with closing(Ledger.open(folder)) as ledger:
            assert check_ledger(ledger) == ("mended", f"4 papers; {row['said']}")
            assert check_ledger(ledger) == ("ok", "4 papers, no damage")
            assert ledger.meta("seq") == "4"
            assert mark(ledger, "lexical") == Mark(*row["lexical"], dirty=False)
            assert mark(ledger, "chroma") == Mark(*row["chroma"], dirty=False)

    for_each(table(__file__, "mended.jsonl"), check)


def test_doctor_mends_what_follows_from_the_rest(quire: Quire, stocked: Path) -> None:
    hits = quire("search", "audio codec", "--json").json["hits"]
    run(stocked, "DELETE FROM meta WHERE name = 'seq'; DELETE FROM projections")
    ran = quire("doctor")
    assert ran.code == 0, ran.err + ran.out
    assert re.search("^mended  ledger: 4 papers; ", ran.out)
    assert quire("doctor").out.startswith("ok      ledger: 4 papers, no damage")
    assert quire("search", "audio codec", "--json").json["hits"] == hits


def test_a_ledger_is_examined_in_one_state(stocked: Path) -> None:
    """A neighbour that commits between two looks makes no false alarm."""
    with closing(Ledger.open(stocked)) as neighbour, one_state(neighbour.path) as connection:
        with neighbour.write():
            neighbour.run("DELETE FROM papers WHERE key = 1")
        for rows in ("papers", "digests WHERE kind = 'papers'"):
            assert connection.execute(f"SELECT count(*) FROM {rows}").fetchone() == (4,)
