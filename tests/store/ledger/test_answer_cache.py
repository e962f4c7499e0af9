"""What is kept beside the ledger: bounded, private, and never in the way."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from store.ledger.answer_cache import FILE_NAME, AnswerCache
from store.ledger.database import FILE_NAME as LEDGER
from store.ledger.database import Ledger


@pytest.fixture
def kept(tmp_path: Path) -> AnswerCache:
    """An empty one."""
    return AnswerCache(tmp_path)


def test_texts_are_found_again_by_another_process(tmp_path: Path, kept: AnswerCache) -> None:
    assert kept.get("answer", "a") is None
    assert not (tmp_path / FILE_NAME).exists(), "reading makes no file"
    kept.put("answer", {"a": "one", "b": "two"}, most=10)
    again = AnswerCache(tmp_path)
    assert again.get("answer", "a") == "one"
    assert again.get_many("answer", ["b", "c"]) == {"b": "two"}
    assert again.get("ratio", "a") is None, "a space of its own"
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_what_was_used_longest_ago_goes_first(
    kept: AnswerCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = iter(range(1000))
    monkeypatch.setattr("store.ledger.answer_cache.time.time", lambda: float(next(ticks)))
    for name in "abc":
        kept.put("answer", {name: name}, most=3)
    assert kept.get("answer", "a") == "a"
    kept.put("other", {"x": "x" * 100}, most=3)
    kept.put("answer", {"d": "d"}, most=3)
    assert set(kept.get_many("answer", list("abcd"))) == {"a", "c", "d"}
    assert kept.get("other", "x"), "each space is bounded by itself"
    kept.put("answer", {"e": "x" * 98}, most=100, characters=100)
    assert len(kept.get_many("answer", list("abcde"))) == 3, "and by its characters"


def test_many_texts_at_once(kept: AnswerCache) -> None:
    texts = {f"k{at}": str(at) for at in range(1300)}
    kept.put("verdict", texts, most=5000)
    assert kept.get_many("verdict", list(texts)) == texts


def test_a_locked_or_missing_place_keeps_nothing_and_raises_nothing(
    tmp_path: Path, kept: AnswerCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.ledger.answer_cache._BUSY_SECONDS", 0.05)
    kept.put("answer", {"a": "one"}, most=3)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as other:
        other.execute("BEGIN EXCLUSIVE")
        kept.put("answer", {"b": "two"}, most=3)
        assert kept.get("answer", "a") is None
    assert kept.get("answer", "a") == "one"
    assert kept.get("answer", "b") is None
    AnswerCache(tmp_path / "nowhere" / "at all").put("answer", {"a": "one"}, most=3)


VALUES = {f"k{at}": f"an answer, number {at}, that was paid for: é" for at in range(40)}


def _filled(folder: Path) -> Path:
    AnswerCache(folder).put("answer", VALUES, most=100)
    return folder / FILE_NAME


def _works(folder: Path) -> None:
    """Whatever stands there now, what is kept from now on is found."""
    kept = AnswerCache(folder)
    for _ in range(2):  # the first may find the damage
        kept.put("answer", {"new": "one"}, most=100)
    assert kept.get("answer", "new") == "one"


@pytest.mark.parametrize("byte", [b"9", b"\xff"], ids=["another digit", "no UTF-8"])
def test_a_value_that_was_altered_is_not_replayed_and_takes_no_other_along(
    tmp_path: Path, kept: AnswerCache, byte: bytes
) -> None:
    path = _filled(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"number 7,", b"number " + byte + b","))
    assert kept.get("answer", "k7") is None
    others = {key: value for key, value in VALUES.items() if key != "k7"}
    assert kept.get_many("answer", list(VALUES)) == others
    kept.put("answer", {"k7": "asked again"}, most=100)
    assert kept.get("answer", "k7") == "asked again"


def test_a_value_under_the_key_of_another_is_not_there(tmp_path: Path, kept: AnswerCache) -> None:
    path = _filled(tmp_path)
    _run(path, "DELETE FROM answers WHERE key = 'k2'")
    _run(path, "UPDATE answers SET key = 'k2' WHERE key = 'k1'")
    assert kept.get("answer", "k2") is None


def test_any_flipped_byte_gives_the_value_or_none(tmp_path: Path) -> None:
    path = _filled(tmp_path)
    whole = path.read_bytes()
    chance = random.Random(3)
    for _ in range(60):
        data = bytearray(whole)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        path.write_bytes(bytes(data))
        found = AnswerCache(tmp_path).get_many("answer", list(VALUES))
        assert found.items() <= VALUES.items()
        _works(tmp_path)
        for one in tmp_path.iterdir():
            one.unlink()


def _cut(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:size])


def _run(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


SPOILED: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: _cut(path, 0),
    "a beginning": lambda path: _cut(path, 60),
    "half of it": lambda path: _cut(path, path.stat().st_size // 2),
    "all zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "no database": lambda path: path.write_bytes(b"no database at all" * 100),
    "no table": lambda path: _run(path, "DROP TABLE answers"),
    "other columns": lambda path: _run(path, "ALTER TABLE answers RENAME COLUMN value TO valve"),
    "a table that takes no row": lambda path: _run(
        path, "CREATE TRIGGER no BEFORE INSERT ON answers BEGIN SELECT * FROM gone; END"
    ),
}


@pytest.mark.parametrize("name", SPOILED)
def test_a_file_that_was_spoiled_is_begun_anew(tmp_path: Path, name: str) -> None:
    SPOILED[name](_filled(tmp_path))
    assert AnswerCache(tmp_path).get_many("answer", list(VALUES)).items() <= VALUES.items()
    _works(tmp_path)


def test_a_ledger_in_its_place_is_set_aside_as_it_is(tmp_path: Path, kept: AnswerCache) -> None:
    Ledger.open(tmp_path, create=True).close()
    path, ledger = _filled(tmp_path), (tmp_path / LEDGER).read_bytes()
    path.write_bytes(ledger)
    before = {one.name for one in tmp_path.iterdir()}
    assert kept.get("answer", "k1") is None
    assert path.read_bytes() == ledger
    assert {one.name for one in tmp_path.iterdir()} == before, "looking writes nothing beside it"
    _works(tmp_path)
    assert (tmp_path / f"{FILE_NAME}.aside-1").read_bytes() == ledger


def test_what_is_set_aside_takes_what_belongs_to_it_along(tmp_path: Path) -> None:
    (tmp_path / f"{FILE_NAME}.aside-1-wal").write_bytes(b"of an earlier one")
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as other:
        other.executescript("PRAGMA journal_mode=WAL; CREATE TABLE papers AS SELECT 'a' AS id")
        log = (tmp_path / f"{FILE_NAME}-wal").read_bytes()
        _works(tmp_path)
        assert (tmp_path / f"{FILE_NAME}.aside-2-wal").read_bytes() == log
    with closing(sqlite3.connect(tmp_path / f"{FILE_NAME}.aside-2")) as again:
        assert again.execute("SELECT id FROM papers").fetchall() == [("a",)]
    assert AnswerCache(tmp_path).get("answer", "new") == "one"


def test_a_folder_or_a_dead_link_in_its_place(tmp_path: Path, kept: AnswerCache) -> None:
    path = tmp_path / FILE_NAME
    path.mkdir()
    (path / "mine.txt").write_text("not ours")
    assert kept.get("answer", "a") is None
    _works(tmp_path)
    assert (tmp_path / f"{FILE_NAME}.aside-1" / "mine.txt").read_text() == "not ours"
    path.unlink()
    path.symlink_to(tmp_path / "nowhere" / "at all")
    _works(tmp_path)


def test_a_cache_without_digests_keeps_what_it_holds(tmp_path: Path, kept: AnswerCache) -> None:
    _run(
        tmp_path / FILE_NAME,
        "CREATE TABLE kept(space TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
        " used REAL NOT NULL, PRIMARY KEY (space, key)) STRICT, WITHOUT ROWID",
    )
    _run(tmp_path / FILE_NAME, "INSERT INTO kept VALUES ('answer', 'a', 'paid for', 1.0)")
    assert kept.get("answer", "a") == "paid for"
    kept.put("answer", {"b": "two"}, most=10)
    assert kept.get_many("answer", ["a", "b"]) == {"a": "paid for", "b": "two"}
    assert [one.name for one in tmp_path.iterdir()] == [FILE_NAME]


def test_text_that_no_file_takes_is_not_kept(kept: AnswerCache) -> None:
    kept.put("answer", {"a": "half a pair: \ud800"}, most=10)
    assert kept.get("answer", "a") is None
    assert kept.get("answer", "\ud800") is None
    kept.put("answer", {"b": "two"}, most=10)
    assert kept.get("answer", "b") == "two"
