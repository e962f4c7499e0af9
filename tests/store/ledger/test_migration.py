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
from papers import made_up

from store.embedders.base import paper_text
from store.errors import LibraryDamaged
from store.ledger.check import check_ledger
from store.ledger.database import APPLICATION_ID, Ledger
from store.ledger.row_check import differences, one_state, structure
from store.library.doctor import examine
from store.library.library import Library

NUMBER = 20
TOLD = "bringing the library up to date"

_FIELDS = ("title", "abstract", "authors", "year", "date", "venue", "doi", "arxiv_id", "url")
VERSION_1 = Path(__file__).with_name("version_1.sql").read_text("utf-8")


@pytest.fixture
def version_1(tmp_path: Path) -> Path:
    """A library as the first quire made them: papers, marks, vectors and a conversation."""
    from store.embedders.wordllama import WordLlama
    from store.ledger.identity import content_hash, normal_title, paper_id, text_hash

    folder = tmp_path / "quire-home"
    folder.mkdir(mode=0o700)
    embedder = WordLlama.find()
    at = "2026-01-02T03:04:05.000006+00:00"
    with closing(sqlite3.connect(folder / "ledger.sqlite3")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.executescript(VERSION_1)
        run = database.execute
        run("INSERT INTO meta VALUES ('seq', ?)", (str(NUMBER),))
        if embedder is not None:
            run("INSERT INTO meta VALUES ('embedder', ?)", (embedder.fingerprint,))
            run(
                "INSERT INTO embedders VALUES (1, ?, ?)", (embedder.fingerprint, embedder.dimension)
            )
        for key, one in enumerate(made_up(NUMBER), 1):
            name = paper_id(f"title:{normal_title(one.title)}")
            fields = one.model_dump(include={*_FIELDS})
            hashed = text_hash(one.title, one.abstract)
            run(
                "INSERT INTO papers(key, id, title, abstract, authors, content_hash, text_hash,"
                " status, added_at) VALUES (?, ?, ?, ?, '[]', ?, ?, ?, ?)",
                (key, name, one.title, one.abstract, content_hash(fields), hashed, "read", at),
            )
            run("INSERT INTO aliases VALUES ('title', ?, ?)", (normal_title(one.title), key))
            run(
                "INSERT INTO provenance VALUES (?, ?, ?, 'jsonl', NULL, NULL, ?, ?)",
                (key, one.source, one.record, content_hash(fields), at),
            )
            run("INSERT INTO tags VALUES (?, 'old'), (?, 'first')", (key, key))
            run("INSERT INTO notes(paper, text, written_at) VALUES (?, 'n', ?)", (key, at))
            run("INSERT INTO outbox VALUES (?, ?, 0)", (name, key))
            if embedder is not None:
                vector = embedder.embed([paper_text(one.title, one.abstract)])[0].tobytes()
                run("INSERT INTO vectors VALUES (?, ?, ?)", ((1 << 40) | key, hashed, vector))
        run("INSERT INTO sessions VALUES ('s1', 'q', ?, ?)", (at, at))
        run("INSERT INTO turns VALUES ('s1', 1, ?, 'q', '{}')", (at,))
        database.commit()
    return folder


def check_migrated(folder: Path) -> None:
    with one_state(folder / "ledger.sqlite3") as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert structure(connection) == ""
        assert differences(connection) == ()
        (kept,) = connection.execute("SELECT sum(rows) FROM digests").fetchone()
        assert kept > 5 * NUMBER


def check_backup(folder: Path) -> None:
    """The ledger as it was, a file alone for its owner alone."""
    backup = folder / "ledger-version-1.sqlite3"
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with closing(sqlite3.connect(backup)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (1,)
        assert database.execute("SELECT count(*) FROM papers").fetchone() == (NUMBER,)
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        names = {row[0] for row in database.execute("SELECT name FROM sqlite_master")}
    assert "digests" not in names
    assert [one.name for one in folder.glob("ledger-version-1*")] == [backup.name]


def test_an_old_library_is_opened_searched_and_added_to(
    quire: Quire, version_1: Path, tmp_path: Path
) -> None:
    first = quire("search", "glacier melt", "--json")
    assert first.code == 0, first.err
    assert first.err.count(TOLD) == 1
    assert "ledger-version-1.sqlite3" in first.err
    assert first.json["hits"]
    check_migrated(version_1)
    check_backup(version_1)
    again = quire("search", "glacier melt", "--json")
    assert TOLD not in again.err
    assert again.json["hits"] == first.json["hits"]
    (tmp_path / "new.jsonl").write_text(
        '{"title": "Zebrafish stripes", "abstract": "They form by a Turing mechanism."}\n'
    )
    assert quire("add", str(tmp_path / "new.jsonl")).code == 0
    ran = quire("list", "--tag", "old", "--json")
    assert ran.json["total"] == NUMBER
    assert all(one["status"] == "read" for one in ran.json["papers"])
    assert quire("list", "--json").json["total"] == NUMBER + 1
    assert quire("doctor").code == 0
    check_migrated(version_1)
    with Library.open(version_1) as library:
        assert [one.turns for one in library.sessions()] == [1]
        assert library.papers()[0].notes == ("n",)


def test_it_is_said_before_anything_changes(version_1: Path) -> None:
    class Stop(Exception):
        pass

    def narrate(line: str) -> None:
        if TOLD in line:
            raise Stop

    before = sorted(one.name for one in version_1.iterdir() if "-" not in one.name)
    with pytest.raises(Stop):
        Library.open(version_1, narrate=narrate)
    assert sorted(one.name for one in version_1.iterdir() if "-" not in one.name) == before
    with closing(sqlite3.connect(version_1 / "ledger.sqlite3")) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (1,)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_an_old_library_that_cannot_be_written_is_read(version_1: Path) -> None:
    os.chmod(version_1 / "ledger.sqlite3", 0o400)
    os.chmod(version_1, 0o500)
    read_as_it_is(version_1)


def test_an_old_library_that_sqlite_may_not_write_is_read(version_1: Path) -> None:
    """The header says that only a newer SQLite may write it: so for a user whom no mode stops."""
    ledger = version_1 / "ledger.sqlite3"
    data = bytearray(ledger.read_bytes())
    data[18] = 3
    ledger.write_bytes(data)
    read_as_it_is(version_1)


def read_as_it_is(folder: Path) -> None:
    with Library.open(folder) as library:
        assert library.count() == NUMBER
        assert library.lexical("glacier melt", 5)
        assert check_ledger(library.ledger) == (
            "ok",
            f"{NUMBER} papers, no damage (no digests yet)",
        )
    with closing(sqlite3.connect(f"file:{folder}/ledger.sqlite3?mode=ro", uri=True)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (1,)
    assert not list(folder.glob("ledger-version-1*"))


_OPEN = (
    "import os, signal, sys\n"
    "from pathlib import Path\n"
    "import store.ledger.schema as schema\n"
    "from store.ledger.database import Ledger\n"
    "calls = 0\n"
    "def trace(frame, event, argument):\n"
    "    global calls\n"
    "    if event == 'call' and frame.f_code.co_name == 'run':\n"
    "        calls += 1\n"
    "        if calls == int(sys.argv[2]):\n"
    "            os.kill(os.getpid(), signal.SIGKILL)\n"
    "sys.setprofile(trace)\n"
    "Ledger.open(Path(sys.argv[1])).close()\n"
)


@pytest.mark.parametrize("statement", [1, 2, 20, 29, 37, 38, 39])
def test_a_kill_leaves_the_old_library_or_the_new(version_1: Path, statement: int) -> None:
    """Killed before a statement of the migration; the next process does it."""
    ran = subprocess.run(
        [sys.executable, "-c", _OPEN, str(version_1), str(statement)], timeout=60, check=False
    )
    assert ran.returncode == -signal.SIGKILL
    with closing(sqlite3.connect(version_1 / "ledger.sqlite3")) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (1,)
        names = {row[0] for row in database.execute("SELECT name FROM sqlite_master")}
        assert "digests" not in names
    Ledger.open(version_1).close()
    check_migrated(version_1)
    check_backup(version_1)


def test_two_processes_at_once(version_1: Path) -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", _OPEN, str(version_1), "0"], stderr=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for process in running:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    check_migrated(version_1)
    check_backup(version_1)


def test_a_neighbour_that_writes_is_waited_for_no_longer_than_usual(
    version_1: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library is used as it is, and its neighbours' writes are those of the old version."""
    monkeypatch.setattr("store.ledger.database.BUSY_SECONDS", 0.2)
    lines: list[str] = []
    with closing(sqlite3.connect(version_1 / "ledger.sqlite3")) as neighbour:
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
    with closing(sqlite3.connect(version_1 / "ledger.sqlite3")) as database:
        name, abstract = database.execute("SELECT id, abstract FROM papers LIMIT 1").fetchone()
        database.execute("UPDATE papers SET abstract = ? WHERE id = ?", (f"{abstract}!", name))
        database.commit()
    with Library.open(version_1) as library, pytest.raises(LibraryDamaged) as caught:
        examine(library)
    assert f"1 paper altered ({name})" in caught.value.message
