"""Indexes whose files are not those that were written: noticed, set aside, rebuilt."""

from __future__ import annotations

import json
import os
import shutil
import zlib
from pathlib import Path

import pytest
from library_fixture import Shelf
from papers import made_up

from store.integrity.seal import (
    Seal,
    break_seal,
    known_changes,
    read_seal,
    seal_files,
    seal_path,
    signed,
    unsigned,
    write_seal,
)
from store.lexical.segment_files import MAGIC, SegmentFiles, has_true_footer
from store.library.doctor import examine, is_whole
from store.library.library import Library
from store.library.upkeep import standing

QUESTIONS = ("glacier melt with beam search", "lowers the energy use")
SEGMENT = (".fast", ".fieldnorm", ".idx", ".pos", ".store", ".term")


def flip(path: Path, at: float = 0.5) -> None:
    data = bytearray(path.read_bytes())
    data[int(at * len(data))] ^= 0x10
    path.write_bytes(data)


def answers(library: Library) -> list[object]:
    found: list[object] = []
    for text in QUESTIONS:
        for ranked in (library.lexical(text, 10), library.dense(text, 10)):
            found.append([(name, round(score, 4)) for name, score in ranked])
        found.append(library.document_frequency("melt"))
    return found


@pytest.fixture(scope="module")
def right(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    with Library.open(shelf.library_of(made_up(40), tmp_path_factory.mktemp("right"))) as library:
        return answers(library)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.stat().st_size
    }


@pytest.mark.parametrize("kind", [*SEGMENT, "chroma.sqlite3", "data_level0.bin", "length.bin"])
def test_a_flipped_byte_is_noticed_and_the_index_rebuilt(
    filled: Path, right: list[object], kind: str
) -> None:
    damaged = next(one for one in filled.rglob("*") if one.name.endswith(kind))
    part = damaged.relative_to(filled).parts[0]
    flip(damaged)
    before = contents(filled / part / "1")
    with Library.open(filled) as library:
        assert standing(part, filled / part / "1") == "damaged"
        assert answers(library) == right
        assert damaged.name in library.trouble()
        library.catch_up()
        assert library.trouble() == ""
        assert answers(library) == right
        assert is_whole(examine(library))
    assert contents(filled / part / "1") == before, "set aside unchanged"
    assert (filled / part / "2").is_dir()


def test_files_that_changed_places_are_noticed_though_each_is_whole(
    filled: Path, right: list[object]
) -> None:
    index = filled / "lexical" / "1"
    one, other = next(index.glob("*.idx")), next(index.glob("*.pos"))
    one.rename(index / "between")
    other.rename(one)
    (index / "between").rename(other)
    assert has_true_footer(one)
    assert has_true_footer(other)
    with Library.open(filled) as library:
        assert answers(library) == right
        assert "is gone or not what was written" in library.trouble()


def test_doctor_reads_files_whose_times_say_that_nothing_was_written(filled: Path) -> None:
    """As a failing disk would have it; the time of the entry cannot be set, so it is sealed."""
    index = filled / "lexical" / "1"
    path = next(index.glob("*.pos"))
    seal = read_seal(index)
    assert seal is not None
    flip(path)
    state = path.stat()
    stamp = seal.files[path.name]
    fresh = type(stamp)(state.st_size, state.st_mtime_ns, state.st_ctime_ns, stamp.crc)
    write_seal(index, Seal(seal.seq, {**seal.files, path.name: fresh}))
    with Library.open(filled) as library:
        library.lexical("glacier melt", 3)
        assert library.trouble() == ""
        words = next(one for one in examine(library) if one.part == "word index")
        assert words.state == "mended"
        assert path.name in words.message


def sealed_as_they_are(index: Path) -> bool:
    seal = read_seal(index)
    assert seal is not None
    return all(one.is_of((index / name).stat()) for name, one in seal.files.items())


def test_a_copied_library_is_read_once_and_sealed_anew(filled: Path, right: list[object]) -> None:
    index = filled / "lexical" / "1"
    assert not sealed_as_they_are(index), "a copy has times of its own"
    with Library.open(filled) as library:
        assert answers(library) == right
        assert library.trouble() == ""
    assert sealed_as_they_are(index)


def test_a_library_without_seals_is_held_against_tantivys_checksums(
    filled: Path, right: list[object]
) -> None:
    for part in ("lexical", "chroma"):
        break_seal(filled / part / "1")
    with Library.open(filled) as library:
        assert answers(library) == right
        assert library.trouble() == ""
    assert read_seal(filled / "lexical" / "1") is not None
    assert read_seal(filled / "chroma" / "1") is not None
    break_seal(filled / "lexical" / "1")
    flip(next((filled / "lexical" / "1").glob("*.fieldnorm")))
    with Library.open(filled) as library:
        assert answers(library) == right
        assert ".fieldnorm" in library.trouble()


def test_a_panic_is_met_and_the_index_rebuilt(filled: Path, right: list[object]) -> None:
    """Bytes that tantivy 0.27 panics over, with a true checksum, so that it opens them."""
    index = filled / "lexical" / "1"
    break_seal(index)
    path = next(index.glob("*.fast"))
    data = path.read_bytes()
    length = int.from_bytes(data[-8:-4], "little")
    body, footer = bytearray(data[: -8 - length]), json.loads(data[-8 - length : -8])
    body[-4] ^= 0xFF
    footer["crc"] = zlib.crc32(body)
    text = json.dumps(footer, separators=(",", ":")).encode("ascii")
    end = len(text).to_bytes(4, "little") + MAGIC.to_bytes(4, "little")
    path.write_bytes(bytes(body) + text + end)
    with Library.open(filled) as library:
        assert answers(library) == right
        assert "cannot be used" in library.trouble()
        library.catch_up()
        assert library.trouble() == ""
        assert answers(library) == right


def test_a_failed_index_is_rebuilt_by_doctor_too(filled: Path) -> None:
    flip(next((filled / "lexical" / "1").glob("*.fast")))
    with Library.open(filled) as library:
        found = {one.part: one for one in examine(library)}
        assert found["word index"].state == "mended"
        assert library.trouble() == ""


def test_what_was_added_is_sealed_up_to_its_change(filled: Path) -> None:
    with Library.open(filled) as library:
        library.ingest().run(made_up(60))
        library.catch_up()
        seq = int(library.ledger.meta("seq") or 0)
    known = known_changes([filled / "lexical", filled / "chroma"])
    assert known == {"lexical": seq, "chroma": seq}
    assert SegmentFiles(filled / "lexical" / "1").fault(deep=True) == ""
    with Library.open(filled) as library:
        library.lexical("glacier", 3)
        chroma = library.chroma
        assert chroma is not None
        assert chroma.look() is not None
        assert not (seal_path(filled / "chroma" / "1")).exists(), "open: its files change"


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"crc": 1, "of": {}}', b"\xff\xfe", b"null"])
def test_a_spoiled_seal_is_none(tmp_path: Path, data: bytes) -> None:
    seal_path(tmp_path / "1").write_bytes(data)
    assert read_seal(tmp_path / "1") is None


def test_a_seal_with_a_flipped_byte_is_none(filled: Path) -> None:
    index = filled / "lexical" / "1"
    whole = seal_path(index).read_bytes()
    for at in range(0, len(whole), 7):
        seal_path(index).write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert read_seal(index) is None


def test_what_is_signed_comes_back() -> None:
    value = {"seq": 3, "files": {"é": [1, 2, None]}}
    assert unsigned(signed(value)) == value


def test_a_large_file_is_known_by_its_times_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import store.integrity.seal

    index = tmp_path / "1"
    index.mkdir()
    (index / "large").write_bytes(b"x" * 100)
    made = store.integrity.seal.stamp(index / "large", largest=10)
    seal = Seal(1, {"large": made})
    assert made.crc is None
    assert seal.holds(index, "large") is True
    os.utime(index / "large", (1, 1))
    assert seal.holds(index, "large") is None
    assert seal.spoiled(index) == []
    assert not seal.is_known(index)
    (index / "large").write_bytes(b"x" * 99)
    assert seal.spoiled(index) == ["large"]


def test_a_file_that_vanishes_makes_no_seal(tmp_path: Path) -> None:
    assert seal_files(tmp_path, ["gone"], 1) is None


@pytest.fixture
def cut_short(tmp_path: Path) -> Path:
    """A library whose write-ahead log, and with it the last twenty papers, is gone."""
    whole, folder = tmp_path / "whole", tmp_path / "library"
    with Library.open(whole, create=True) as library:
        library.ingest().run(made_up(40))
        library.catch_up()
    with Library.open(whole) as library:
        library.ingest().run(made_up(60)[40:])
        library.catch_up()
        shutil.copytree(whole, folder)
    assert (folder / "ledger.sqlite3-wal").stat().st_size
    for name in ("ledger.sqlite3-wal", "ledger.sqlite3-shm"):
        (folder / name).unlink()
    return folder


def test_changes_that_the_ledger_has_lost_are_said_until_the_loss_is_accepted(
    cut_short: Path,
) -> None:
    for _ in range(2):
        lines: list[str] = []
        with Library.open(cut_short, narrate=lines.append) as library:
            assert library.count() == 40
            found = library.lexical("glacier melt", 10)
            assert all(library.papers_by_id([name]) for name, _ in found)
        assert "the last 20 changes of the library are gone from the ledger" in lines[0]
        assert "the word index" in lines[0]
    with Library.open(cut_short) as library:
        findings = {one.part: one for one in examine(library)}
        assert findings["ledger"].state == "broken"
        assert not is_whole(tuple(findings.values()))
        library.ingest().run(made_up(60)[40:])
        library.catch_up()
        assert library.count() == 60
        assert len(library.lexical("study", 60)) == 60
        assert len(library.dense("study", 60)) == 60
        assert is_whole(examine(library, fix=True))
    lines = []
    with Library.open(cut_short, narrate=lines.append) as library:
        assert is_whole(examine(library))
    assert lines == []
