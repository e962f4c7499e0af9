"""What stands in the ledger's place, perhaps somebody's file, and what SQLite raises over it."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from cli_fixture import PAPERS, Quire
from damages import execute, spoil, tamper
from tables import Row, compare, for_each, table

from store.errors import LibraryDamaged, LibraryMissing, StoreError
from store.ledger.database import APPLICATION_ID, Ledger
from store.ledger.failures import explained, give_function
from store.ledger.images import remove_paper
from store.ledger.write import write_record
from store.library.library import Library
from store.types import Record

BEES = json.loads(PAPERS.splitlines()[-1])


def test_no_new_library_takes_the_place_of_a_damaged_one(stocked: Path, tmp_path: Path) -> None:
    def check(row: Row) -> None:
        folder = shutil.copytree(stocked, tmp_path / f"line {row['line']}")
        ledger = folder / "ledger.sqlite3"
        spoil(ledger, row)
        before = ledger.read_bytes() if ledger.is_file() else None
        for create in (True, False):
            with pytest.raises(LibraryDamaged) as caught:
                Library.open(folder, create=create)
            assert str(ledger) in caught.value.message
            assert "doctor --salvage" in caught.value.hint
        after = ledger.read_bytes() if ledger.is_file() else None
        assert after == before or row.get("nobodys")

    for_each(table(__file__, "spoiled.jsonl"), check)


def test_a_log_beside_an_empty_ledger_is_not_deleted(tmp_path: Path) -> None:
    """SQLite deletes it when it opens the file, and with it all that could be saved."""
    (tmp_path / "ledger.sqlite3").write_bytes(b"")
    (tmp_path / "ledger.sqlite3-wal").write_bytes(b"papers, perhaps")
    for create in (True, False):
        with pytest.raises(LibraryDamaged, match="empty, though beside it"):
            Ledger.open(tmp_path, create=create)
    assert (tmp_path / "ledger.sqlite3-wal").read_bytes() == b"papers, perhaps"


def test_an_empty_folder_and_an_empty_ledger_alone_become_a_library(tmp_path: Path) -> None:
    """The second is what a process leaves that was killed while it made a library."""
    with pytest.raises(LibraryMissing):
        Ledger.open(tmp_path)
    (tmp_path / "ledger.sqlite3").write_bytes(b"")
    with pytest.raises(LibraryDamaged, match="empty"):
        Ledger.open(tmp_path)
    for _ in range(2):
        with closing(Ledger.open(tmp_path, create=True)) as ledger:
            assert ledger.value("PRAGMA application_id") == APPLICATION_ID
            assert ledger.value("SELECT count(*) FROM papers") == 0


def test_somebodys_database_gets_no_tables_and_no_log(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    execute(path, "CREATE TABLE accounts(name)")
    before = path.read_bytes()
    with pytest.raises(LibraryDamaged, match="no ledger of quire"):
        Ledger.open(tmp_path, create=True)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["ledger.sqlite3"]


def add_bees(library: Library) -> None:
    with library.ledger.write():
        write_record(library.ledger, Record(**BEES, source="b", reader="jsonl"), ())


def add_bees_again(library: Library) -> None:
    """As they stand in the file that they were read from, where they are the last."""
    ((source, last),) = library.ledger.rows("SELECT source, max(record) FROM provenance")
    with library.ledger.write():
        record = Record(**BEES, source=source, reader="jsonl", record=last)
        assert write_record(library.ledger, record, ()).change == "same"


def remove_first(library: Library) -> None:
    with library.ledger.write():
        remove_paper(library.ledger, library.ledger.value("SELECT id FROM papers"))


USES: dict[str, Callable[[Library], object]] = {
    "open": lambda library: library,
    "search": lambda library: library.lexical("audio codec", 4),
    "dense search": lambda library: library.dense("audio codec", 4),
    "list": lambda library: library.papers(),
    "show": lambda library: library.paper(BEES["title"]),
    "status": lambda library: library.status(),
    "add": add_bees,
    "add again": add_bees_again,
    "remove": remove_first,
}


def test_an_unreadable_value_is_damage_to_what_needs_it(stocked: Path, tmp_path: Path) -> None:
    def came(row: Row) -> object:
        folder = shutil.copytree(stocked, tmp_path / f"line {row['line']}")
        tamper(folder, row["statement"])
        met = list(USES)
        for name, use in USES.items():
            with suppress(LibraryDamaged), Library.open(folder) as library:
                library.prefer_scan()
                use(library)
                met.remove(name)
        return met

    compare(table(__file__, "unreadable.jsonl"), came)


@pytest.mark.parametrize("cut_off", [True, False])
def test_commands_say_that_it_is_damaged(
    quire: Quire, stocked: Path, tmp_path: Path, cut_off: bool
) -> None:
    """Where quire would break, as over an author that is a number, it looks at the ledger."""
    read_before = quire("show", BEES["title"], "--json").json[0]["provenance"][0]["source"]
    commands = [
        ["add", str(tmp_path / "papers.jsonl")],
        ["add", read_before],
        ["search", "audio codec"],
        ["ask", "Which audio codec is it?"],
        ["list"],
        ["show", BEES["title"]],
        ["doctor"],
    ]
    if cut_off:
        spoil(stocked / "ledger.sqlite3", {"size": 5000})
        commands.append(["status"])
    else:
        tamper(stocked, "UPDATE papers SET authors = '[7]'")
    for arguments in commands:
        ran = quire(*arguments)
        assert (ran.code, ran.out) == (3, ""), (arguments, ran.err)
        assert "damaged" in ran.err
        assert str(stocked / "ledger.sqlite3") in ran.err
        assert "doctor --salvage" in ran.err


def test_a_turn_that_is_no_answer_is_damage(quire: Quire, stocked: Path) -> None:
    assert quire("ask", "Which codec needs a single quantizer?").code in (0, 1)
    tamper(stocked, "UPDATE turns SET answer = substr(answer, 1, 20)")
    ran = quire("ask", "-c", "--json", "And how many tokens a second?")
    assert ran.code == 3, ran.err
    assert ran.json["error"]["code"] == "library_damaged"
    assert quire("doctor").code == 3


# Python delivers a signal as a function begins, before it can catch anything: the second.
@pytest.mark.parametrize("give", [give_function, sqlite3.Connection.create_function])
def test_an_interrupt_within_a_function_of_sql_stays_one(give: Callable[..., None]) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # also in the background
    try:
        with closing(sqlite3.connect(":memory:")) as connection:
            give(connection, "stop", 0, lambda: signal.raise_signal(signal.SIGINT))
            with pytest.raises(KeyboardInterrupt), explained(Path("ledger.sqlite3")):
                connection.execute("SELECT stop()").fetchall()
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_function_of_ours_that_fails_is_null_and_one_that_is_none_is_an_error() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        give_function(connection, "half", 1, lambda value: value / 2)
        with explained(Path("ledger.sqlite3")):
            rows = connection.execute("SELECT half(4), half('four'), half(NULL)").fetchall()
        assert rows == [(2.0, None, None)]
        with pytest.raises(StoreError, match="no such function"), explained(Path("a")):
            connection.execute("SELECT stop()")
