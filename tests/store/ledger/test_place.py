"""What stands in the ledger's place: nothing, nothing any more, or somebody's file."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_fixture import Quire
from tampering import tamper

from store.errors import LibraryDamaged, LibraryMissing
from store.ledger.database import APPLICATION_ID, Ledger


def remove(ledger: Path) -> None:
    ledger.unlink()


def empty(ledger: Path) -> None:
    ledger.write_bytes(b"")


def zero(ledger: Path) -> None:
    ledger.write_bytes(bytes(ledger.stat().st_size))


def cut(ledger: Path) -> None:
    ledger.write_bytes(ledger.read_bytes()[:5000])


def cut_short(ledger: Path) -> None:
    ledger.write_bytes(ledger.read_bytes()[:50])


def swap_chroma(ledger: Path) -> None:
    shutil.copyfile(next(ledger.parent.glob("chroma/*/chroma.sqlite3")), ledger)


def swap_answer_cache(ledger: Path) -> None:
    from store.ledger.answer_cache import AnswerCache

    AnswerCache(ledger.parent).put("answers", {"a": "b"}, most=10)
    shutil.copyfile(ledger.parent / "kept.sqlite3", ledger)


def swap_words(ledger: Path) -> None:
    shutil.copyfile(next(ledger.parent.glob("lexical/*/meta.json")), ledger)


def become_folder(ledger: Path) -> None:
    ledger.unlink()
    ledger.mkdir()


def without_tables(ledger: Path) -> None:
    ledger.unlink()
    database = sqlite3.connect(ledger)
    database.execute("VACUUM")
    database.close()


@pytest.mark.parametrize(
    "damage",
    [
        remove,
        empty,
        zero,
        cut,
        cut_short,
        swap_chroma,
        swap_answer_cache,
        swap_words,
        become_folder,
        without_tables,
    ],
)
def test_no_new_library_takes_the_place_of_a_damaged_one(
    quire: Quire, stocked: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    ledger = stocked / "ledger.sqlite3"
    damage(ledger)
    before = ledger.read_bytes() if ledger.is_file() else None
    for arguments in (
        ["add", str(tmp_path / "papers.jsonl")],
        ["search", "audio codec"],
        ["list"],
        ["status"],
        ["doctor"],
    ):
        ran = quire(*arguments)
        assert ran.code == 3, (arguments, ran.err)
        assert str(ledger) in ran.err
        assert "doctor --salvage" in ran.err
        assert ran.out == ""
    if damage is not without_tables:  # that is nobody's: its header may say WAL now
        assert (ledger.read_bytes() if ledger.is_file() else None) == before


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
        ledger = Ledger.open(tmp_path, create=True)
        assert ledger.value("PRAGMA application_id") == APPLICATION_ID
        assert ledger.value("SELECT count(*) FROM papers") == 0
        ledger.close()


def test_somebodys_database_gets_no_tables_and_no_log(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE accounts(name)")
    database.commit()
    database.close()
    before = path.read_bytes()
    with pytest.raises(LibraryDamaged, match="no ledger of quire"):
        Ledger.open(tmp_path, create=True)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["ledger.sqlite3"]


UNREADABLE = {
    "a text that is no UTF-8": "UPDATE papers SET title = CAST(x'41ff42' AS TEXT)",
    "authors that are no JSON": "UPDATE papers SET authors = '[\"A'",
    "authors that are no list": "UPDATE papers SET authors = '7'",
    "a status that there is not": "UPDATE papers SET status = 'reed'",
    "an author that is no text": "UPDATE papers SET authors = '[7]'",
    "a count that is no number": "UPDATE meta SET value = '4x' WHERE name = 'seq'",
    "no place of an index": "DELETE FROM projections",
    "a table that is gone": "ALTER TABLE outbox RENAME TO other",
}


@pytest.mark.parametrize("statement", UNREADABLE.values(), ids=UNREADABLE)
def test_a_value_that_cannot_be_read_is_damage(
    quire: Quire, stocked: Path, tmp_path: Path, statement: str
) -> None:
    """No command breaks inside quire, and none says nothing."""
    tamper(stocked, statement)
    codes = set()
    for arguments in (
        ["search", "audio codec"],
        ["ask", "Which audio codec is it?"],
        ["list"],
        ["show", "Bees and their dances"],
        ["status"],
        ["add", str(tmp_path / "papers.jsonl")],
        ["rm", "--yes", "Bees and their dances"],
    ):
        ran = quire(*arguments)
        assert ran.code in (0, 2, 3), (arguments, ran.err)
        if ran.code == 3:
            assert "damaged" in ran.err
            assert "doctor --salvage" in ran.err
        codes.add(ran.code)
    assert 3 in codes


def test_a_turn_that_is_no_answer_is_damage(quire: Quire, stocked: Path) -> None:
    assert quire("ask", "Which codec needs a single quantizer?").code in (0, 1)
    tamper(stocked, "UPDATE turns SET answer = substr(answer, 1, 20)")
    ran = quire("ask", "-c", "--json", "And how many tokens a second?")
    assert ran.code == 3, ran.err
    assert json.loads(ran.out)["error"]["code"] == "library_damaged"
    assert quire("doctor").code == 3
