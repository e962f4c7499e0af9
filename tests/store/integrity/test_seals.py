"""Indexes whose files are not those that were written, and what a foreign library raises."""

from __future__ import annotations

import json
import os
import shutil
import threading
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from damages import contents, damage
from library_fixture import Answers, answers, chroma_of
from papers import made_up

from store.errors import LibraryBusy, ProjectionFailed
from store.integrity import seal as seals
from store.integrity.foreign import Foreign
from store.lexical.segment_files import MAGIC, SegmentFiles, has_true_footer
from store.library.doctor import examine, is_whole
from store.library.library import READ_LIMIT, Library
from store.library.upkeep import standing

pytestmark = pytest.mark.usefixtures("chroma_asked")

SEGMENT = (".fast", ".fieldnorm", ".idx", ".pos", ".store", ".term")


@pytest.fixture
def index(filled: Path) -> Path:
    """The folder of the word index of a library of forty papers."""
    return filled / "lexical" / "1"


def flip(folder: Path, kind: str) -> Path:
    """Flip a byte of the file whose name ends so."""
    path = next(one for one in folder.rglob("*") if one.name.endswith(kind))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("kind", [*SEGMENT, "chroma.sqlite3", "data_level0.bin", "length.bin"])
def test_a_flipped_byte_is_noticed(filled: Path, kind: str) -> None:
    part = flip(filled, kind).relative_to(filled).parts[0]
    assert standing(part, filled / part / "1") == "damaged"


def change_places(index: Path) -> None:
    """Each of the files is whole."""
    one, other = next(index.glob("*.idx")), next(index.glob("*.pos"))
    one.rename(index / "between")
    other.rename(one)
    (index / "between").rename(other)
    assert has_true_footer(one)
    assert has_true_footer(other)


def flip_unsealed(index: Path) -> None:
    """Only tantivy's own checksums tell."""
    seals.break_seal(index)
    flip(index, ".fieldnorm")


def make_tantivy_panic(index: Path) -> None:
    """Bytes that tantivy 0.27 panics over, with a true checksum, so that it opens them."""
    seals.break_seal(index)
    path = next(index.glob("*.fast"))
    data = path.read_bytes()
    length = int.from_bytes(data[-8:-4], "little")
    body, footer = bytearray(data[: -8 - length]), json.loads(data[-8 - length : -8])
    body[-4] ^= 0xFF
    footer["crc"] = zlib.crc32(body)
    text = json.dumps(footer, separators=(",", ":")).encode("ascii")
    end = len(text).to_bytes(4, "little") + MAGIC.to_bytes(4, "little")
    path.write_bytes(bytes(body) + text + end)


BOTH = ("chroma", "lexical")
HARM: dict[str, tuple[tuple[str, ...], Callable[[Path], object], str]] = {
    "removed": (BOTH, lambda index: damage(index, "removed"), "meta.json"),
    "emptied": (BOTH, lambda index: damage(index, "emptied"), "meta.json"),
    "overwritten": (BOTH, lambda index: damage(index, "overwritten"), "meta.json"),
    "cut": (BOTH, lambda index: damage(index, "cut"), "meta.json"),
    "no graph": (BOTH[:1], lambda index: damage(next(index.glob("*-*")), "removed"), ".bin"),
    "fast field": (BOTH[1:], lambda index: flip(index, ".fast"), ".fast"),
    "records": (BOTH[:1], lambda index: flip(index, "chroma.sqlite3"), "chroma.sqlite3"),
    "places": (BOTH[1:], change_places, "is gone or not what was written"),
    "unsealed": (BOTH[1:], flip_unsealed, ".fieldnorm"),
    "panic": (BOTH[1:], make_tantivy_panic, "cannot be used"),
}
"""Which indexes are harmed, how, and what is then said."""


@pytest.mark.parametrize("how", HARM)
def test_papers_are_found_as_before_and_the_damaged_index_is_set_aside_and_rebuilt(
    filled: Path, right_answers: Answers, how: str
) -> None:
    parts, harm, said = HARM[how]
    indexes = [filled / part / "1" for part in parts]
    for one in indexes:
        harm(one)
    before = [contents(one) for one in indexes]
    told: list[str] = []
    with Library.open(filled, narrate=told.append) as library:
        library.catch_up(READ_LIMIT)
        assert answers(library) == right_answers
        trouble = {"chroma": chroma_of(library).trouble, "lexical": library.words.trouble}
        assert tuple(part for part in BOTH if trouble[part]) == parts
        assert all(one in library.trouble() for one in trouble.values())
        assert said in library.trouble()
        assert library.count() == 40
        library.catch_up()
        assert sum("rebuilding" in line for line in told) == len(parts)
        assert answers(library) == right_answers
        assert library.trouble() == ""
        assert (library.status().chroma, library.status().lexical) == ("ready", "ready")
        assert is_whole(examine(library))
    assert [contents(one) for one in indexes] == before, "set aside unchanged"
    assert [(filled / part / "2").is_dir() for part in parts] == [True] * len(parts)


def test_doctor_reads_files_whose_times_are_unchanged(filled: Path, index: Path) -> None:
    """As a failing disk would have it; the time of the entry cannot be set, so it is sealed."""
    seal = seals.read_seal(index)
    assert seal is not None
    path = flip(index, ".pos")
    fresh = replace(seals.stamp(path), crc=seal.files[path.name].crc)
    seals.write_seal(index, seals.Seal(seal.seq, {**seal.files, path.name: fresh}))
    with Library.open(filled) as library:
        library.lexical("glacier melt", 3)
        assert library.trouble() == ""
        words = next(one for one in examine(library) if one.part == "word index")
        assert words.state == "mended"
        assert path.name in words.message
        assert library.trouble() == ""


def sealed_as_they_are(index: Path) -> bool:
    seal = seals.read_seal(index)
    return seal is not None and all(
        one.is_of((index / name).stat()) for name, one in seal.files.items()
    )


def test_a_copy_is_read_and_sealed_anew(filled: Path, index: Path, right_answers: Answers) -> None:
    assert not sealed_as_they_are(index), "a copy has times of its own"
    with Library.open(filled) as library:
        assert answers(library) == right_answers
        assert library.trouble() == ""
    assert sealed_as_they_are(index)


def test_an_unsealed_library_is_sealed(filled: Path, index: Path, right_answers: Answers) -> None:
    chroma = filled / "chroma" / "1"
    for folder in (index, chroma):
        seals.break_seal(folder)
    with Library.open(filled) as library:
        assert answers(library) == right_answers
        assert library.trouble() == ""
        library.ingest().run(made_up(60))
        library.catch_up()
        assert not seals.seal_path(chroma).exists(), "open: its files change"
        seq = int(library.ledger.meta("seq") or 0)
    assert seals.known_changes([filled / "lexical", filled / "chroma"]) == {
        "lexical": seq,
        "chroma": seq,
    }
    assert SegmentFiles(index).fault(deep=True) == ""


def test_a_spoiled_seal_is_none(index: Path) -> None:
    whole = seals.seal_path(index).read_bytes()
    assert seals.read_seal(index) is not None
    flips = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(0, 600, 7)]
    for data in (b"", b"{", b"[]", b'{"crc": 1, "of": {}}', b"\xff\xfe", b"null", *flips):
        seals.seal_path(index).write_bytes(data)
        assert seals.read_seal(index) is None, data


def test_a_large_file_is_known_by_its_times_alone(tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(b"x" * 100)
    seal = seals.Seal(1, {"large": seals.stamp(large, largest=10)})
    assert seal.files["large"].crc is None
    assert seal.holds(tmp_path, "large") is True
    os.utime(large, (1, 1))
    assert seal.holds(tmp_path, "large") is None
    assert seal.spoiled(tmp_path) == []
    assert not seal.is_known(tmp_path)
    large.write_bytes(b"x" * 99)
    assert seal.spoiled(tmp_path) == ["large"]
    assert seals.seal_files(tmp_path, ["large", "gone"], 1) is None


def test_lost_changes_are_said_until_the_loss_is_accepted(filled: Path, tmp_path: Path) -> None:
    """Its write-ahead log, and with it the last twenty of sixty papers, is gone."""
    cut_short = tmp_path / "cut short"
    with Library.open(filled) as library:
        library.ingest().run(made_up(60)[40:])
        library.catch_up()
        shutil.copytree(filled, cut_short)
    for name in ("ledger.sqlite3-wal", "ledger.sqlite3-shm"):
        (cut_short / name).unlink()
    for _ in range(2):
        lines: list[str] = []
        with Library.open(cut_short, narrate=lines.append) as library:
            assert library.count() == 40
            assert all(library.papers_by_id([name]) for name, _ in library.lexical("melt", 10))
        assert "the last 20 changes of the library are gone from the ledger" in lines[0]
        assert "the word index" in lines[0]
    with Library.open(cut_short) as library:
        findings = examine(library)
        assert {one.part: one.state for one in findings}["ledger"] == "broken"
        assert not is_whole(findings)
        library.ingest().run(made_up(60)[40:])
        library.catch_up()
        assert library.count() == 60
        assert len(library.lexical("study", 60)) == len(library.dense("study", 60)) == 60
        assert is_whole(examine(library, fix=True))
    lines = []
    with Library.open(cut_short, narrate=lines.append) as library:
        assert is_whole(examine(library))
    assert lines == []


class Panic(BaseException):
    """Stands for pyo3's PanicException, which is no Exception either."""


GUARD = Foreign(lambda failure: ProjectionFailed(f"the index failed: {failure}", "mend it"))


def met(raised: BaseException) -> BaseException:
    """What comes out of the guard when this is raised within."""
    with pytest.raises(BaseException) as caught, GUARD:  # noqa: PT011
        raise raised
    return caught.value


def test_what_a_library_raises_becomes_our_error_and_keeps_its_cause() -> None:
    panic = Panic("byte index 7 is out of range")
    several = BaseExceptionGroup("several", [Panic("one")])
    for raised in (panic, ValueError("not an index"), MemoryError(), several):
        came = met(raised)
        assert isinstance(came, ProjectionFailed), raised
        assert came.__cause__ is raised
        assert (came.message, came.hint) == (f"the index failed: {raised}", "mend it")
    busy = LibraryBusy("held", "wait")
    for raised in (KeyboardInterrupt(), SystemExit(3), GeneratorExit(), busy):
        assert met(raised) is raised
        assert raised.__cause__ is None


def test_one_guard_serves_nested_blocks_and_threads_and_lets_a_block_be_left() -> None:
    for _ in range(2):
        with GUARD:
            continue
    with pytest.raises(ProjectionFailed) as caught, GUARD, GUARD:
        raise Panic("inner")
    assert isinstance(caught.value.__cause__, Panic)

    inside = threading.Barrier(4)

    def fail(number: int) -> None:
        with GUARD:
            inside.wait(10)
            raise Panic(str(number))

    with ThreadPoolExecutor(4) as threads:
        failed = [threads.submit(fail, number).exception for number in range(4)]
        said = [f"the index failed: {at}. mend it" for at in range(4)]
        assert [str(one()) for one in failed] == said
