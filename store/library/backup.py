"""Backups: all of a library in one file, while it is open and others write to it.

A backup holds the ledger: papers with their vectors, marks, notes, conversations, and the changes
that can be taken back. The indexes follow from it and are built again when it is restored; the
answers that were kept for being asked again are left out.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib.metadata import version
from pathlib import Path

from store.embedders.active import META
from store.embedders.base import embedder_name
from store.errors import InputError, NoSpace, StoreError, UnwritableTarget
from store.files import FILE_MODE, is_no_space, written_whole
from store.ledger.database import FILE_NAME, SCHEMA_VERSION, Ledger, now
from store.ledger.points import reach
from store.ledger.snapshot import snapshot
from store.library.backup_file import Manifest, digest_of, is_backup, write_backup
from store.value import Value

STANDARD_OUTPUT = "-"
"""In place of a file: the backup is written to stdout."""
Progress = Callable[[str, int, int], None]
"""Told a step in words, and how much of how much of it is done."""


class BackupReport(Value):
    """What was backed up: the library, and how long the file is, in bytes."""

    file: str
    library: str
    papers: int
    conversations: int
    bytes: int


def back_up(
    folder: Path, file: str, progress: Progress = lambda step, done, total: None
) -> BackupReport:
    """Write a backup of the library in a folder; a backup that is there already is replaced.

    The file takes its place when it is whole. Raises InputError for a file that is something
    else, StoreError and what is below it.
    """
    target = None if file == STANDARD_OUTPUT else _target(file)
    with _workplace(target) as work:
        copy = work / FILE_NAME
        snapshot(folder / FILE_NAME, copy, lambda *done: progress("pages copied", *done))
        manifest = _manifest(copy)
        reach("backup.copied")

        def packed(done: int, total: int) -> None:
            progress("MB packed", done // 1_000_000, total // 1_000_000)

        if target is None:
            length = write_backup(sys.stdout.buffer, copy, manifest, packed)
        else:
            with written_whole(target, mode=FILE_MODE) as stream:
                length = write_backup(stream, copy, manifest, packed)
                reach("backup.packed")
    return BackupReport(
        file=file if target is None else str(target),
        library=str(folder),
        papers=manifest.papers,
        conversations=manifest.conversations,
        bytes=length,
    )


def _target(file: str) -> Path:
    """Where the file stands in the end; raises InputError for what is not to be replaced."""
    path = Path(os.path.realpath(os.path.expanduser(file)))
    try:
        if path.is_dir():
            raise InputError(f"{file} is a folder", "name a file, such as quire.zip in it")
        if path.is_file() and path.stat().st_size and not is_backup(path):
            raise InputError(
                f"{file} is there and is no backup of quire", "name another file, or remove it"
            )
    except OSError as failure:
        raise _unwritable(failure, path) from failure
    return path


@contextmanager
def _workplace(target: Path | None) -> Iterator[Path]:
    """A folder for what is not whole yet, on the disk of the file; it is gone afterwards."""
    place = None if target is None else target.parent
    try:
        with tempfile.TemporaryDirectory(prefix=".quire-backup-", dir=place) as work:
            yield Path(work)
    except BrokenPipeError:
        raise
    except NoSpace as failure:  # what is copied there has a name that nobody knows
        raise NoSpace(
            f"no space left beside {target or tempfile.gettempdir()}",
            "free some space, or name another place: a backup takes that of the ledger twice",
        ) from failure
    except OSError as failure:
        stdout = Path(f"stdout (a copy is made in {tempfile.gettempdir()})")
        raise _unwritable(failure, target or stdout) from failure


def _manifest(copy: Path) -> Manifest:
    """What is to be said of a ledger that nobody else has."""
    with closing(Ledger.open(copy.parent)) as ledger:
        if ledger.version_of_tables != SCHEMA_VERSION:
            raise StoreError(
                "the library is of an older quire and could not be brought up to date",
                "see what was said when it was opened, and try again",
            )
        counted = [ledger.value(f"SELECT count(*) FROM {name}") for name in ("papers", "sessions")]
        embedder = embedder_name(ledger.meta(META) or "none")
        ledger.rows("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    return Manifest(
        quire=version("quire"),
        schema=SCHEMA_VERSION,
        made=now(),
        papers=counted[0],
        conversations=counted[1],
        embedder=embedder,
        ledger_bytes=copy.stat().st_size,
        ledger_sha256=digest_of(copy),
    )


def _unwritable(failure: OSError, path: Path) -> StoreError:
    if is_no_space(failure):
        return NoSpace(f"no space left for {path}", "free some space, or name another place")
    reason = failure.strerror or str(failure)
    return UnwritableTarget(f"{path} cannot be written: {reason}", "name another place")
