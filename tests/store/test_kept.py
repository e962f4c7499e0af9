"""What is kept beside the ledger: bounded, private, and never in the way."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from store.kept import FILE_NAME, Kept


def test_texts_are_found_again_by_another_process(tmp_path: Path) -> None:
    Kept(tmp_path).put("answer", {"a": "one", "b": "two"}, most=10)
    again = Kept(tmp_path)
    assert again.get("answer", "a") == "one"
    assert again.get_many("answer", ["b", "c"]) == {"b": "two"}
    assert again.get("ratio", "a") is None, "a space of its own"
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_reading_makes_no_file(tmp_path: Path) -> None:
    assert Kept(tmp_path).get("answer", "a") is None
    assert not (tmp_path / FILE_NAME).exists()


def test_what_was_used_longest_ago_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = iter(range(1000))
    monkeypatch.setattr("store.kept.time.time", lambda: float(next(ticks)))
    kept = Kept(tmp_path)
    for name in "abc":
        kept.put("answer", {name: name}, most=3)
    assert kept.get("answer", "a") == "a"
    kept.put("other", {"x": "x" * 100}, most=3)
    kept.put("answer", {"d": "d"}, most=3)
    assert set(kept.get_many("answer", list("abcd"))) == {"a", "c", "d"}
    assert kept.get("other", "x"), "each space is bounded by itself"


def test_a_space_is_bounded_by_characters(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    for name in "abcdef":
        kept.put("answer", {name: "x" * 40}, most=100, characters=100)
    assert set(kept.get_many("answer", list("abcdef"))) == {"e", "f"}


def test_many_texts_at_once(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    texts = {f"k{at}": str(at) for at in range(1300)}
    kept.put("verdict", texts, most=5000)
    assert kept.get_many("verdict", list(texts)) == texts


def test_a_damaged_file_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(b"no database at all" * 100)
    kept = Kept(tmp_path)
    assert kept.get("answer", "a") is None
    kept.put("answer", {"a": "one"}, most=3)
    assert kept.get("answer", "a") == "one"


def test_a_locked_or_missing_place_keeps_nothing_and_raises_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.kept._BUSY_SECONDS", 0.05)
    kept = Kept(tmp_path)
    kept.put("answer", {"a": "one"}, most=3)
    other = sqlite3.connect(tmp_path / FILE_NAME)
    other.execute("BEGIN EXCLUSIVE")
    kept.put("answer", {"b": "two"}, most=3)
    assert kept.get("answer", "a") is None
    other.execute("ROLLBACK")
    other.close()
    assert kept.get("answer", "a") == "one"
    assert kept.get("answer", "b") is None
    Kept(tmp_path / "nowhere" / "at all").put("answer", {"a": "one"}, most=3)
