"""Indexes whose files are not those that were written: noticed, set aside, rebuilt."""

from __future__ import annotations

import json
import os
import shutil
import zlib
from dataclasses import replace
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
    stamp,
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


def words(library: Library) -> list[object]:
    """What the word index finds."""
    ranked = [
        [(name, round(score, 4)) for name, score in library.lexical(text, 10)] for text in QUESTIONS
    ]
    return [*ranked, library.document_frequency("melt")]


def near(library: Library) -> list[object]:
    """What Chroma finds."""
    return [
        [(name, round(score, 4)) for name, score in library.dense(text, 10)] for text in QUESTIONS
    ]


@pytest.fixture(scope="module")
def right(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    """What both find where nothing is damaged."""
    with Library.open(shelf.library_of(made_up(40), tmp_path_factory.mktemp("right"))) as library:
        return [words(library), near(library)]


@pytest.fixture
def index(filled: Path) -> Path:
    """The folder of the word index of a library of forty papers."""
    return filled / "lexical" / "1"


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def flipped(folder: Path, kind: str) -> Path:
    """Flip a byte of the file of a kind; returns it."""
    damaged = next(one for one in folder.rglob("*") if one.name.endswith(kind))
    flip(damaged)
    return damaged


@pytest.mark.parametrize("kind", [*SEGMENT, "chroma.sqlite3", "data_level0.bin", "length.bin"])
def test_a_flipped_byte_is_noticed(filled: Path, kind: str) -> None:
    part = flipped(filled, kind).relative_to(filled).parts[0]
    assert standing(part, filled / part / "1") == "damaged"


@pytest.mark.parametrize("kind", [".fast", "chroma.sqlite3"])
def test_a_damaged_index_is_set_aside_and_rebuilt(
    filled: Path, right: list[object], kind: str
) -> None:
    damaged = flipped(filled, kind)
    part = damaged.relative_to(filled).parts[0]
    before = contents(filled / part / "1")
    with Library.open(filled) as library:
        assert [words(library), near(library)] == right
        assert damaged.name in library.trouble()
        library.catch_up()
        assert library.trouble() == ""
        assert [words(library), near(library)] == right
        assert is_whole(examine(library))
    assert contents(filled / part / "1") == before, "set aside unchanged"
    assert (filled / part / "2").is_dir()


def test_files_that_changed_places_are_noticed_though_each_is_whole(
    filled: Path, index: Path, right: list[object]
) -> None:
    one, other = next(index.glob("*.idx")), next(index.glob("*.pos"))
    one.rename(index / "between")
    other.rename(one)
    (index / "between").rename(other)
    assert has_true_footer(one)
    assert has_true_footer(other)
    with Library.open(filled) as library:
        assert words(library) == right[0]
        assert "is gone or not what was written" in library.trouble()


def test_doctor_reads_files_whose_times_say_that_nothing_was_written(
    filled: Path, index: Path
) -> None:
    """As a failing disk would have it; the time of the entry cannot be set, so it is sealed."""
    path = next(index.glob("*.pos"))
    seal = read_seal(index)
    assert seal is not None
    flip(path)
    fresh = replace(stamp(path), crc=seal.files[path.name].crc)
    write_seal(index, Seal(seal.seq, {**seal.files, path.name: fresh}))
    with Library.open(filled) as library:
        library.lexical("glacier melt", 3)
        assert library.trouble() == ""
        found = next(one for one in examine(library) if one.part == "word index")
        assert found.state == "mended"
        assert path.name in found.message
        assert library.trouble() == ""


def sealed_as_they_are(index: Path) -> bool:
    seal = read_seal(index)
    assert seal is not None
    return all(one.is_of((index / name).stat()) for name, one in seal.files.items())


def test_a_copied_library_is_read_once_and_sealed_anew(
    filled: Path, index: Path, right: list[object]
) -> None:
    assert not sealed_as_they_are(index), "a copy has times of its own"
    with Library.open(filled) as library:
        assert words(library) == right[0]
        assert library.trouble() == ""
    assert sealed_as_they_are(index)


def test_a_library_without_seals_is_held_against_tantivys_checksums(
    filled: Path, index: Path, right: list[object]
) -> None:
    chroma = filled / "chroma" / "1"
    for folder in (index, chroma):
        break_seal(folder)
    with Library.open(filled) as library:
        assert [words(library), near(library)] == right
        assert library.trouble() == ""
        assert not seal_path(chroma).exists(), "open: its files change"
    assert read_seal(index) is not None
    assert read_seal(chroma) is not None
    break_seal(index)
    flip(next(index.glob("*.fieldnorm")))
    with Library.open(filled) as library:
        assert words(library) == right[0]
        assert ".fieldnorm" in library.trouble()


def test_a_panic_is_met_and_the_index_rebuilt(
    filled: Path, index: Path, right: list[object]
) -> None:
    """Bytes that tantivy 0.27 panics over, with a true checksum, so that it opens them."""
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
        assert words(library) == right[0]
        assert "cannot be used" in library.trouble()
        library.catch_up()
        assert library.trouble() == ""
        assert words(library) == right[0]


def test_what_was_added_is_sealed_up_to_its_change(filled: Path, index: Path) -> None:
    with Library.open(filled) as library:
        library.ingest().run(made_up(60))
        library.catch_up()
        seq = int(library.ledger.meta("seq") or 0)
    known = known_changes([filled / "lexical", filled / "chroma"])
    assert known == {"lexical": seq, "chroma": seq}
    assert SegmentFiles(index).fault(deep=True) == ""


def test_a_spoiled_seal_is_none(index: Path) -> None:
    seal = seal_path(index)
    whole = seal.read_bytes()
    assert read_seal(index) is not None
    flips = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(0, 600, 7)]
    for data in (b"", b"{", b"[]", b'{"crc": 1, "of": {}}', b"\xff\xfe", b"null", *flips):
        seal.write_bytes(data)
        assert read_seal(index) is None, data


def test_a_large_file_is_known_by_its_times_alone(tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(b"x" * 100)
    seal = Seal(1, {"large": stamp(large, largest=10)})
    assert seal.files["large"].crc is None
    assert seal.holds(tmp_path, "large") is True
    os.utime(large, (1, 1))
    assert seal.holds(tmp_path, "large") is None
    assert seal.spoiled(tmp_path) == []
    assert not seal.is_known(tmp_path)
    large.write_bytes(b"x" * 99)
    assert seal.spoiled(tmp_path) == ["large"]


def test_a_file_that_vanishes_makes_no_seal(tmp_path: Path) -> None:
    assert seal_files(tmp_path, ["gone"], 1) is None


@pytest.fixture
def cut_short(filled: Path, tmp_path: Path) -> Path:
    """A library whose write-ahead log, and with it the last twenty of sixty papers, is gone."""
    folder = tmp_path / "cut short"
    with Library.open(filled) as library:
        library.ingest().run(made_up(60)[40:])
        library.catch_up()
        shutil.copytree(filled, folder)
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
