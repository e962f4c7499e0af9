"""What is kept beside the ledger: bounded, private, and never in the way."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from damages import execute, spoil
from tables import Row, compare, for_each, table

from store.ledger.answer_cache import FILE_NAME, AnswerCache
from store.ledger.database import FILE_NAME as LEDGER
from store.ledger.database import Ledger


@pytest.fixture
def kept(tmp_path: Path) -> AnswerCache:
    """An empty one."""
    return AnswerCache(tmp_path)


def test_texts_are_found_again_by_another_process_and_those_long_unused_go_first(
    tmp_path: Path, kept: AnswerCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = iter(range(10_000))
    monkeypatch.setattr("store.ledger.answer_cache.time.time", lambda: float(next(ticks)))
    assert kept.get("answer", "a") is None
    assert not (tmp_path / FILE_NAME).exists(), "reading makes no file"

    def came(row: Row) -> object:
        space = row.get("space", "answer")
        if "put" in row:
            kept.put(space, row["put"], most=row["most"], characters=row.get("characters"))
        return AnswerCache(tmp_path).get_many(space, row["ask"])

    compare(table(__file__, "kept.jsonl"), came)
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600
    texts = {f"k{at}": str(at) for at in range(1300)}
    kept.put("many", texts, most=5000)
    assert kept.get_many("many", list(texts)) == texts


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


def filled(folder: Path) -> Path:
    """The file of a cache that holds these values."""
    folder.mkdir(exist_ok=True)
    AnswerCache(folder).put("answer", VALUES, most=100)
    return folder / FILE_NAME


def check_works(folder: Path) -> None:
    """Whatever stands there now, what is kept from now on is found."""
    new = {"new": "one", "k7": "asked again"}
    kept = AnswerCache(folder)
    for _ in range(2):  # the first may find the damage
        kept.put("answer", new, most=100)
    assert kept.get_many("answer", list(new)) == new


def test_what_was_spoiled_is_not_replayed_and_takes_no_other_along(tmp_path: Path) -> None:
    def check(row: Row) -> None:
        folder = tmp_path / f"line {row['line']}"
        spoil(filled(folder), row)
        lost = VALUES if row["lost"] == "all" else row["lost"]
        whole = {key: value for key, value in VALUES.items() if key not in lost}
        assert AnswerCache(folder).get_many("answer", list(VALUES)) == whole
        check_works(folder)

    for_each(table(__file__, "spoiled_cache.jsonl"), check)


def test_any_flipped_byte_gives_the_value_or_none(tmp_path: Path) -> None:
    whole = filled(tmp_path / "whole").read_bytes()
    chance = random.Random(3)
    for at in range(60):
        data = bytearray(whole)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        folder = tmp_path / str(at)
        folder.mkdir()
        (folder / FILE_NAME).write_bytes(data)
        found = AnswerCache(folder).get_many("answer", list(VALUES))
        assert found.items() <= VALUES.items()
        check_works(folder)


def test_a_ledger_in_its_place_is_set_aside_as_it_is(tmp_path: Path, kept: AnswerCache) -> None:
    Ledger.open(tmp_path, create=True).close()
    path, ledger = filled(tmp_path), (tmp_path / LEDGER).read_bytes()
    path.write_bytes(ledger)
    before = {one.name for one in tmp_path.iterdir()}
    assert kept.get("answer", "k1") is None
    assert path.read_bytes() == ledger
    assert {one.name for one in tmp_path.iterdir()} == before, "looking writes nothing beside it"
    check_works(tmp_path)
    assert (tmp_path / f"{FILE_NAME}.aside-1").read_bytes() == ledger


def test_what_is_set_aside_takes_what_belongs_to_it_along(tmp_path: Path) -> None:
    (tmp_path / f"{FILE_NAME}.aside-1-wal").write_bytes(b"of an earlier one")
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as other:
        other.executescript("PRAGMA journal_mode=WAL; CREATE TABLE papers AS SELECT 'a' AS id")
        log = (tmp_path / f"{FILE_NAME}-wal").read_bytes()
        check_works(tmp_path)
        assert (tmp_path / f"{FILE_NAME}.aside-2-wal").read_bytes() == log
    with closing(sqlite3.connect(tmp_path / f"{FILE_NAME}.aside-2")) as again:
        assert again.execute("SELECT id FROM papers").fetchall() == [("a",)]
    assert AnswerCache(tmp_path).get("answer", "new") == "one"


def test_a_folder_or_a_dead_link_in_its_place(tmp_path: Path, kept: AnswerCache) -> None:
    path = tmp_path / FILE_NAME
    path.mkdir()
    (path / "mine.txt").write_text("not ours")
    assert kept.get("answer", "a") is None
    check_works(tmp_path)
    assert (tmp_path / f"{FILE_NAME}.aside-1" / "mine.txt").read_text() == "not ours"
    path.unlink()
    path.symlink_to(tmp_path / "nowhere" / "at all")
    check_works(tmp_path)


def test_a_cache_without_digests_keeps_what_it_holds(tmp_path: Path, kept: AnswerCache) -> None:
    statements = Path(__file__).with_name("cache_without_digests.sql").read_text()
    execute(tmp_path / FILE_NAME, statements)
    assert kept.get("answer", "a") == "paid for"
    kept.put("answer", {"b": "two"}, most=10)
    assert kept.get_many("answer", ["a", "b"]) == {"a": "paid for", "b": "two"}
    assert [one.name for one in tmp_path.iterdir()] == [FILE_NAME]
