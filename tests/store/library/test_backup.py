"""Backups: one instant of a library that others write to, and putting it back whole."""

from __future__ import annotations

import hashlib
import io
import json
import resource
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest
from library_fixture import answers
from papers import made_up
from tables import Row, for_each, table

from store.errors import InputError, LibraryBusy, NoSpace, StoreError
from store.ledger.check import check_ledger
from store.library.backup import back_up
from store.library.backup_file import LEDGER, MANIFEST, BackupFile
from store.library.erase import erase
from store.library.library import Library
from store.library.restore import RestoreReport, restore
from store.library.upkeep import FEW
from store.types import Filter, ReadItem

_SEAL = b"quire backup, sha256 of all before: "


def put_back(file: Path, folder: Path) -> RestoreReport:
    with BackupFile(file) as backup:
        return restore(backup, folder)


def test_a_backup_is_one_instant_while_others_write(filled: Path, tmp_path: Path) -> None:
    ended = threading.Event()

    def write() -> None:
        with Library.open(filled) as neighbour:
            for size in range(41, 400, 40):
                neighbour.ingest().run(made_up(size))
        ended.set()

    thread = threading.Thread(target=write)
    thread.start()
    number = 0
    while not ended.is_set() or number == 0:
        number += 1
        report = back_up(filled, str(tmp_path / "backup.zip"))
        shutil.rmtree(tmp_path / "copy", ignore_errors=True)
        put_back(tmp_path / "backup.zip", tmp_path / "copy")
        with Library.open(tmp_path / "copy") as copy:
            assert (copy.count(), check_ledger(copy.ledger)[0]) == (report.papers, "ok")
    thread.join()
    assert (tmp_path / "backup.zip").stat().st_mode & 0o777 == 0o600
    assert sorted(one.name for one in tmp_path.iterdir()) == ["backup.zip", "copy", "library"]


def test_who_has_the_library_open_sees_what_was_restored(filled: Path, tmp_path: Path) -> None:
    """And may go on with it; what was there is kept, and comes back the same way."""
    file = tmp_path / "backup.zip"
    with Library.open(filled) as library:
        first, before = library.papers(), answers(library)
        back_up(filled, str(file))
        library.ingest(tags=["later"]).run(made_up(90))
        library.catch_up()
        assert answers(library) != before
        library.changed()
        kept = put_back(file, filled).set_aside
        assert library.changed()
        assert library.papers() == first
        assert {name for ranked in answers(library) for name, _ in ranked} <= {
            one.id for one in first
        }
        library.catch_up()
        assert answers(library) == before
        assert library.status().pending == 0
        library.ingest().run(made_up(50))
        library.catch_up()
        assert library.count() == 50
        put_back(Path(kept), filled)
        assert library.count() == 90
        library.catch_up()
        assert (library.status().chroma, library.trouble()) == ("ready", "")


_MARKS = """
import sys
from pathlib import Path
from store.library.library import Library
from store.types import Filter
with Library.open(Path(sys.argv[1])) as library:
    print("open", flush=True)
    library.change_tags(Filter(), add=[sys.argv[2]])
"""


def marking(folder: Path, tag: str) -> subprocess.Popen[str]:
    """A process that has the library open, and gives every paper a tag."""
    job = [sys.executable, "-c", _MARKS, str(folder), tag]
    neighbour = subprocess.Popen(job, stdout=subprocess.PIPE, text=True)
    assert neighbour.stdout is not None
    assert neighbour.stdout.readline() == "open\n"
    return neighbour


def tags(folder: Path) -> list[str]:
    with Library.open(folder) as library:
        return [name for name, _ in library.tags_counted(Filter())]


def test_no_change_is_lost_between_what_is_kept_and_what_takes_its_place(
    filled: Path, tmp_path: Path
) -> None:
    """What another process writes is in what is kept, or in what was restored."""
    back_up(filled, str(tmp_path / "backup.zip"))
    writers: dict[str, subprocess.Popen[str]] = {}

    def write(step: str, done: int, total: int) -> None:
        if step == "MB read" and "before" not in writers:
            writers["before"] = marking(filled, "before")
            assert writers["before"].wait(60) == 0
        if step == "pages copied" and "between" not in writers:
            writers["between"] = marking(filled, "between")
            with pytest.raises(subprocess.TimeoutExpired):
                writers["between"].wait(0.3)
            with Library.open(filled) as reader:  # who reads is not kept waiting
                assert reader.count() == 40

    with BackupFile(tmp_path / "backup.zip") as backup:
        kept = restore(backup, filled, progress=write).set_aside
    assert writers["between"].wait(60) == 0
    assert tags(filled) == ["between"]
    put_back(Path(kept), tmp_path / "kept")
    assert tags(tmp_path / "kept") == ["before"]
    for one in writers.values():
        assert one.stdout is not None
        one.stdout.close()


def test_nothing_is_restored_under_an_adding_and_an_adding_waits_for_it(
    filled: Path, tmp_path: Path
) -> None:
    file = tmp_path / "backup.zip"
    back_up(filled, str(file))
    adding: list[threading.Thread] = []
    with Library.open(filled) as library, Library.open(filled) as neighbour:

        def records() -> Iterator[ReadItem]:
            with pytest.raises(LibraryBusy, match="being added"):
                put_back(file, filled)
            yield from made_up(60)

        def add(step: str, done: int, total: int) -> None:
            if not adding:
                adding.append(threading.Thread(target=neighbour.ingest().run, args=[made_up(70)]))
                adding[0].start()

        library.ingest().run(records())
        assert library.count() == 60
        with BackupFile(file) as backup:
            report = restore(backup, filled, progress=add)
        adding[0].join()
        assert library.count() == 70
    put_back(Path(report.set_aside), tmp_path / "kept")
    with Library.open(tmp_path / "kept") as kept:
        assert kept.count() == 60


def test_nothing_is_restored_under_a_removal_for_good(filled: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    back_up(filled, str(file))

    def scrub(*_: object) -> NoReturn:
        put_back(file, filled)
        pytest.fail("a backup was put back in the middle")

    with Library.open(filled) as library:
        gone = next(iter(library.papers())).id
        with pytest.raises(LibraryBusy, match="removed for good"):
            erase(library, [gone], scrub)
        assert library.paper(gone)


@pytest.fixture
def backup(filled: Path, tmp_path: Path) -> bytes:
    """The bytes of a backup."""
    back_up(filled, str(tmp_path / "backup.zip"))
    return (tmp_path / "backup.zip").read_bytes()


def refused(data: bytes, folder: Path) -> StoreError:
    """Why a backup is refused; what stands in the folder is as it was."""
    file, before = folder.with_name("bad.zip"), (folder / LEDGER).read_bytes()
    file.write_bytes(data)
    with pytest.raises(StoreError) as caught:
        put_back(file, folder)
    assert (folder / LEDGER).read_bytes() == before
    assert not list(folder.parent.glob(".library-*"))
    return caught.value


def test_any_byte_that_is_altered_and_any_cut_is_told(backup: bytes, filled: Path) -> None:
    length = len(backup)
    for at in [*range(0, length, length // 40), *range(length - 130, length)]:
        altered = backup[:at] + bytes([backup[at] ^ 1]) + backup[at + 1 :]
        assert isinstance(refused(altered, filled), InputError), at
    for end in [0, 1, 40, *range(100, length, length // 10), length - 1]:
        assert isinstance(refused(backup[:end], filled), InputError), end
    assert isinstance(refused(backup + b"\n", filled), InputError)


def forged(backup: bytes, row: Row) -> bytes:
    """A sealed zip with the members of a row, by default those of the backup."""
    with zipfile.ZipFile(io.BytesIO(backup)) as whole:
        members: dict[str, Any] = {name: whole.read(name) for name in (MANIFEST, LEDGER)}
    manifest = {**json.loads(members[MANIFEST]), **row.get("manifest", {})}
    if "ledger" in row:
        text = row["ledger"].encode() * row.get("times", 1)
        digest = hashlib.sha256(text).hexdigest()
        members[LEDGER] = text
        manifest |= {"ledger_bytes": len(text), "ledger_sha256": digest}
    members[MANIFEST] = json.dumps(manifest)
    members |= row.get("members", {})
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
        archive.comment = _SEAL + b"0" * 64
    data = made.getvalue()[:-64]
    return data + hashlib.sha256(data).hexdigest().encode()


def test_what_quire_did_not_make_is_not_restored(backup: bytes, filled: Path) -> None:
    def check(row: Row) -> None:
        failure = refused(forged(backup, row), filled)
        assert (type(failure).__name__, row["why"] in failure.message) == (
            row.get("raises", "InputError"),
            True,
        ), failure.message

    for_each(table(__file__, "forged.jsonl"), check)
    with pytest.raises(InputError, match="is no backup"):
        put_back(filled / LEDGER, filled)


@contextmanager
def longest_file(size: int) -> Iterator[None]:
    """No file may grow longer, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [1_000, 20_000, 100_000])
def test_a_full_disk_leaves_everything_as_it_was(filled: Path, tmp_path: Path, size: int) -> None:
    file = tmp_path / "backup.zip"
    back_up(filled, str(file))
    before = file.read_bytes()
    with Library.open(filled) as library:
        library.ingest().run(made_up(60))
    with longest_file(size), pytest.raises(NoSpace):
        back_up(filled, str(file))
    assert file.read_bytes() == before
    with longest_file(size), pytest.raises(NoSpace):
        put_back(file, filled)
    with Library.open(filled) as library:
        assert library.count() == 60
    assert sorted(one.name for one in tmp_path.iterdir()) == ["backup.zip", "library"]


def test_what_was_restored_is_of_use_before_chroma_follows(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library", create=True) as library:
        library.ingest().run(made_up(FEW + 10))
        back_up(library.folder, str(tmp_path / "backup.zip"))
    put_back(tmp_path / "backup.zip", tmp_path / "copy")
    last = made_up(FEW + 10)[-1]
    with Library.open(tmp_path / "copy") as copy:
        assert not copy.be_of_use()
        assert not list((tmp_path / "copy" / "chroma").glob("*/*"))
        paper = copy.paper(last.title).id
        assert copy.status().lexical == "ready"
        assert copy.status().chroma == "behind"
        assert copy.lexical(last.title, 3)[0][0] == paper
        assert copy.dense(f"{last.title}. {last.abstract}", 1)[0][0] == paper
        copy.catch_up()
        assert (copy.status().chroma, copy.status().pending) == ("ready", 0)
        assert copy.be_of_use()


def test_a_library_that_cannot_be_opened_is_moved_aside(filled: Path, tmp_path: Path) -> None:
    back_up(filled, str(tmp_path / "backup.zip"))
    (filled / LEDGER).write_bytes(b"not a ledger" * 1000)
    aside = Path(put_back(tmp_path / "backup.zip", filled).set_aside)
    assert (aside / LEDGER).read_bytes().startswith(b"not a ledger")
    with Library.open(filled) as library:
        library.catch_up()
        assert (library.count(), library.status().pending) == (40, 0)


def test_a_file_that_is_no_backup_is_not_replaced(filled: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    for name in ("notes.txt", ".", "nowhere/x.zip"):
        with pytest.raises(InputError):
            back_up(filled, str(tmp_path / name))
    assert (tmp_path / "notes.txt").read_text() == "mine"
