"""Libraries of an older quire: brought up to date when they can be written, else read."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from cli_fixture import Quire
from damages import execute
from library_fixture import Shelf
from papers import made_up

from store.embedders.base import paper_text
from store.embedders.wordllama import built_in_embedder
from store.errors import LibraryDamaged
from store.ledger.check import check_ledger
from store.ledger.database import APPLICATION_ID, Ledger
from store.ledger.likeness import abstract_digest
from store.ledger.naming import ids_by_alias
from store.ledger.row_check import differences, one_state, structure
from store.ledger.write import write_record
from store.library.doctor import examine
from store.library.library import Library
from store.types import Filter

LEDGER = "ledger.sqlite3"
NUMBER = 6
TOLD = "bringing the library up to date"


def _build(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    embedder = built_in_embedder()
    with closing(sqlite3.connect(folder / LEDGER)) as database, database:
        database.execute("PRAGMA journal_mode=WAL")
        database.executescript(Path(__file__).with_name("version_1.sql").read_text("utf-8"))
        if embedder is None:
            return
        run, made = database.execute, (embedder.fingerprint, embedder.dimension)
        run("INSERT INTO meta VALUES ('embedder', ?)", made[:1])
        run("INSERT INTO embedders VALUES (1, ?, ?)", made)
        for key, title, abstract, hashed in run(
            "SELECT key, title, abstract, text_hash FROM papers"
        ).fetchall():
            vector = embedder.embed([paper_text(title, abstract)])[0].tobytes()
            run("INSERT INTO vectors VALUES (?, ?, ?)", ((1 << 40) | key, hashed, vector))


@pytest.fixture
def version_1(shelf: Shelf, tmp_path: Path) -> Path:
    """A library as the first quire made them: papers, marks, vectors and a conversation."""
    return shelf.copy("a ledger of version 1", _build, tmp_path / "quire-home")


def look(ledger: Path, question: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as database:
        return database.execute(question).fetchall()


def check_migrated(folder: Path) -> None:
    """The ledger has a digest for each row, and as it was it stands beside it, private."""
    ledger, backup = folder / LEDGER, folder / "ledger-version-1.sqlite3"
    with one_state(ledger) as connection:
        assert (structure(connection), differences(connection)) == ("", ())
    assert look(ledger, "PRAGMA user_version") == [(3,)]
    assert look(ledger, "PRAGMA application_id") == [(APPLICATION_ID,)]
    assert look(ledger, f"SELECT sum(rows) > {6 * NUMBER} FROM digests") == [(True,)]
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert look(backup, "SELECT count(*) FROM papers") == [(NUMBER,)]
    assert look(backup, "PRAGMA integrity_check") == [("ok",)]
    check_as_it_was(backup)
    assert [one.name for one in folder.glob("ledger-version-1*")] == [backup.name]


def check_as_it_was(ledger: Path) -> None:
    assert look(ledger, "PRAGMA user_version") == [(1,)]
    assert look(ledger, "SELECT name FROM sqlite_master WHERE name = 'digests'") == []


def test_an_old_library_is_opened_searched_and_added_to(quire: Quire, version_1: Path) -> None:
    first = quire("search", "protein folding", "--json")
    assert (first.code, first.err.count(TOLD)) == (0, 1), first.err
    assert "ledger-version-1.sqlite3" in first.err
    assert first.json["hits"]
    check_migrated(version_1)
    again = quire("search", "protein folding", "--json")
    assert TOLD not in again.err
    assert again.json["hits"] == first.json["hits"]
    new = '{"title": "Zebrafish stripes", "abstract": "They form by a Turing mechanism."}\n'
    assert quire("add", "-", stdin=new).code == 0
    assert quire("doctor").code == 0
    check_migrated(version_1)
    with Library.open(version_1) as library:
        assert library.count() == NUMBER + 1
        old = library.papers(Filter(tags=("old",)))
        assert [(one.status, one.notes) for one in old] == [("read", ("n",))] * NUMBER
        assert [one.turns for one in library.sessions()] == [1]


def test_papers_of_an_old_library_are_known_again(version_1: Path) -> None:
    """By a title in another spelling, and by the abstract."""
    ((title, abstract),) = look(
        version_1 / LEDGER, "SELECT title, abstract FROM papers WHERE key = 1"
    )
    with closing(Ledger.open(version_1)) as ledger, ledger.write():
        other = made_up(1)[0].model_copy(
            {"title": f"{{{title.upper()}}}!", "abstract": f"{abstract} © 2020 A Press."}
        )
        assert write_record(ledger, other, ()).key == 1
        assert ids_by_alias(ledger, "abstract", abstract_digest(abstract))


def test_it_is_said_before_anything_changes(version_1: Path) -> None:
    def stop(line: str) -> None:
        raise InterruptedError(line)

    with pytest.raises(InterruptedError, match=TOLD):
        Library.open(version_1, narrate=stop)
    check_as_it_was(version_1 / LEDGER)
    assert not list(version_1.glob("ledger-version-1*"))


@pytest.mark.parametrize("by", ["its modes", "its header"])
def test_an_old_library_that_cannot_be_written_is_read(version_1: Path, by: str) -> None:
    """A header says that only a newer SQLite may write it: so for a user whom no mode stops."""
    ledger = version_1 / LEDGER
    if by == "its header":
        data = bytearray(ledger.read_bytes())
        data[18] = 3
        ledger.write_bytes(data)
    elif os.geteuid() == 0:
        pytest.skip("root may write everything")
    else:
        ledger.chmod(0o400)
        version_1.chmod(0o500)
    with Library.open(version_1) as library:
        assert library.count() == NUMBER
        assert library.lexical("protein folding", 5)
        said = f"{NUMBER} papers, no damage (no digests yet)"
        assert check_ledger(library.ledger) == ("ok", said)
    check_as_it_was(ledger)
    assert not list(version_1.glob("ledger-version-1*"))


_OPEN = """
import os, signal, sys
from pathlib import Path
import store.ledger.schema
from store.ledger.database import Ledger

calls = 0

def trace(frame, event, argument):
    global calls
    if event == "call" and frame.f_code.co_name == "run":
        calls += 1
        if calls == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)

sys.setprofile(trace)
Ledger.open(Path(sys.argv[1])).close()
"""


def opening(folder: Path, killed_at: int = 0) -> subprocess.Popen[bytes]:
    """A process that opens the library, and is killed before one of its statements."""
    return subprocess.Popen([sys.executable, "-c", _OPEN, str(folder), str(killed_at)])


@pytest.mark.slow
@pytest.mark.parametrize("statement", [1, 20, 84])
def test_a_kill_leaves_the_old_library(version_1: Path, statement: int) -> None:
    """Killed before the first, one, or the last statement of the migration; the next does it."""
    assert opening(version_1, statement).wait(60) == -signal.SIGKILL
    check_as_it_was(version_1 / LEDGER)
    Ledger.open(version_1).close()
    check_migrated(version_1)


def test_two_processes_at_once(version_1: Path) -> None:
    running = [opening(version_1) for _ in range(2)]
    assert [process.wait(60) for process in running] == [0, 0]
    check_migrated(version_1)


def test_a_writing_neighbour_stops_nobody(version_1: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library is used as it is, and its neighbours' writes are those of the old version."""
    monkeypatch.setattr("store.ledger.database.BUSY_SECONDS", 0.2)
    lines: list[str] = []
    with closing(sqlite3.connect(version_1 / LEDGER)) as neighbour:
        neighbour.execute("BEGIN IMMEDIATE")
        with Library.open(version_1, narrate=lines.append) as library:
            assert library.count() == NUMBER
            neighbour.execute("ROLLBACK")
            assert any("stays as it is for now" in line for line in lines)
            # Migrated by another while this one has it open: what it writes has digests too.
            Ledger.open(version_1).close()
            library.ingest().run(made_up(NUMBER + 5))
            assert library.count() == NUMBER + 5
    check_migrated(version_1)


def test_damage_from_before_digests_is_told_by_the_hash_of_a_text(version_1: Path) -> None:
    execute(version_1 / LEDGER, "UPDATE papers SET abstract = abstract || '!' WHERE key = 1")
    ((name,),) = look(version_1 / LEDGER, "SELECT id FROM papers WHERE key = 1")
    with Library.open(version_1) as library, pytest.raises(LibraryDamaged) as caught:
        examine(library)
    assert f"1 paper altered ({name})" in caught.value.message
