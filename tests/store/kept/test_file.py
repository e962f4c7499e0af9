"""The file in which readings are kept: whatever happens to it, nothing is raised."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from damages import DAMAGES, damage, execute

from assistant.text.reading import TextReader
from store.kept.file import KeptFile, forget
from store.sentences.rows import SENTENCES, Row, rows_of

HASHES = {key: key.to_bytes(16, "big") for key in range(1, 301)}
ROWS: list[Row] = rows_of(
    TextReader(None).read([(f"p{key}", f"Title {key}", "It is so. It was.") for key in HASHES]),
    list(HASHES.items()),
)


def put(file: KeptFile, rows: list[Row] = ROWS, seq: int | None = 300) -> bool:
    return file.put(rows, lambda: {row[:2] for row in rows}, seq)


def opened(library: Path, version: str = "1", *, read_only: bool = False) -> KeptFile:
    return KeptFile(library, SENTENCES, version, read_only=read_only)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A folder with a file of readings in it, closed."""
    file = opened(tmp_path)
    assert not file.look()
    assert file.begin()
    assert put(file)
    file.close()
    return tmp_path


@pytest.fixture
def file(library: Path) -> Iterator[KeptFile]:
    """The file, opened once more."""
    file = opened(library)
    assert file.look()
    yield file
    file.close()


def path_of(library: Path) -> Path:
    (found,) = (library / SENTENCES.folder).glob("*.sqlite3")
    return found


def test_rows_are_found_by_key_and_text(file: KeptFile) -> None:
    assert file.seq == 300
    assert list(file.rows(HASHES).values()) == ROWS
    assert file.rows({1: HASHES[2], 999: HASHES[1]}) == {}
    assert file.lacking({1: HASHES[1], 2: HASHES[1], 999: HASHES[1]}) == [2, 999]
    assert [row for rows in file.all_rows() for row in rows] == ROWS
    file.remove([1, 2, 999])
    assert file.lacking(HASHES) == [1, 2]


def test_rows_that_do_not_stand_any_more_are_not_kept(file: KeptFile) -> None:
    assert file.put(ROWS[:3], lambda: {ROWS[0][:2]}, None)
    file.remove([1, 2, 3])
    assert file.put(ROWS[:3], lambda: {ROWS[0][:2]}, None)
    assert file.lacking(HASHES) == [2, 3]
    assert file.seq == 300


def test_another_version_keeps_its_own(library: Path) -> None:
    newer = opened(library, "2")
    assert not newer.look()
    assert newer.lacking(HASHES) == list(HASHES)
    assert not put(newer)
    older = opened(library)
    assert older.look()
    assert newer.begin()
    assert newer.seq == 0
    assert put(newer, ROWS[:1])
    assert len(list((library / SENTENCES.folder).glob("*.sqlite3"))) == 1
    assert not older.look()
    assert older.rows(HASHES) == {}
    # What it held open goes without what stands now.
    older.close()
    newer.close()
    assert newer.look()
    assert len(newer.rows(HASHES)) == 1
    newer.close()


@pytest.mark.parametrize("how", [*DAMAGES, "removed", "foreign", "without tables", "a folder"])
def test_a_damaged_file_is_begun_anew(library: Path, how: str) -> None:
    path = path_of(library)
    if how == "foreign":
        path.unlink()
        execute(path, "CREATE TABLE cake(slices)")
    elif how == "without tables":
        execute(path, "DROP TABLE papers")
    elif how == "a folder":
        path.unlink()
        path.mkdir()
    else:
        damage(path, how)
    file = opened(library)
    if file.look():
        found = file.rows(HASHES)
        assert all(row == ROWS[key - 1] for key, row in found.items())
    assert isinstance(file.seq, int)
    list(file.all_rows())
    put(file)
    if not file.look():
        assert file.begin()
    put(file)
    assert file.lacking(HASHES) == [] or how in ("zeroed", "cut", "overwritten")
    assert file.begin()
    assert put(file)
    assert list(file.rows(HASHES).values()) == ROWS
    file.close()


def test_a_flipped_byte_loses_no_more_than_its_row(library: Path) -> None:
    path = path_of(library)
    data = bytearray(path.read_bytes())
    at = data.index(ROWS[7][4])
    data[at + 2] ^= 1
    path.write_bytes(data)
    file = opened(library)
    assert file.look()
    assert set(HASHES) - set(file.rows(HASHES)) == {8}
    file.close()


def test_all_of_it_is_for_its_owner_alone(file: KeptFile, library: Path) -> None:
    put(file)
    for one in (library / SENTENCES.folder, *(library / SENTENCES.folder).iterdir()):
        mode = stat.S_IMODE(one.stat().st_mode)
        assert mode == (0o700 if one.is_dir() else 0o600), one


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_what_cannot_be_written_is_read_by_modes(library: Path) -> None:
    for one in (path_of(library), library / SENTENCES.folder):
        one.chmod(0o500)
    check_read_only(library)


def test_what_must_not_be_written_is_read(library: Path) -> None:
    check_read_only(library)
    assert len(list((library / SENTENCES.folder).glob("*.sqlite3"))) == 1


def check_read_only(library: Path) -> None:
    before = path_of(library).read_bytes()
    file = opened(library, read_only=True)
    assert file.look()
    assert list(file.rows(HASHES).values()) == ROWS
    assert not put(file)
    assert not file.begin()
    file.remove([1])
    file.close()
    assert path_of(library).read_bytes() == before


def test_nothing_can_be_kept_where_no_folder_can_be(tmp_path: Path) -> None:
    (tmp_path / SENTENCES.folder).write_text("a note of the reader's")
    file = opened(tmp_path)
    assert not file.look()
    assert not file.begin()
    assert file.lacking(HASHES) == list(HASHES)
    assert (tmp_path / SENTENCES.folder).read_text() == "a note of the reader's"


def test_two_of_one_library_keep_beside_each_other(file: KeptFile, library: Path) -> None:
    other = opened(library)
    assert other.look()
    file.remove(list(HASHES))
    assert put(other, ROWS[:100], 100)
    assert put(file, ROWS[50:200], 200)
    assert other.seq == 200
    assert len(other.rows(HASHES)) == 200
    forget(library, SENTENCES)
    assert not other.look()
    assert not put(file)
    assert file.begin()
    assert other.look()
    assert other.rows(HASHES) == {}
    other.close()


def test_a_file_that_cannot_grow_keeps_what_it_has(file: KeptFile) -> None:
    assert file._connection is not None
    (pages,) = file._connection.execute("PRAGMA page_count").fetchone()
    file._connection.execute(f"PRAGMA max_page_count={pages}")  # as a full disk says it
    more = [(key + 1000, *row[1:]) for key, row in enumerate(ROWS * 3)]
    assert not put(file, more)
    assert list(file.rows(HASHES).values()) == ROWS
    assert put(file, ROWS[:5])
