"""Putting a backup in the place of a library; what stood there is kept beside it.

A library that is whole gets the contents of the backup in one transaction of its ledger: whoever
has it open reads them from then on, and whatever ends this before leaves it as it was. What was
in it is backed up first, under the lock of that transaction, so that what others commit is in one
of the two. One that cannot be opened is moved aside as it is.

Work of many transactions, such as taking papers in, would go on in what was restored: there is no
restoring while it goes on, and it waits for one that is at work.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from store.errors import (
    InputError,
    LibraryBusy,
    LibraryDamaged,
    LibraryMissing,
    LibraryNewer,
    LibraryReadOnly,
    StoreError,
)
from store.files import explain, if_alone_in, make_folder
from store.ledger import outbox
from store.ledger.database import FILE_NAME, Ledger
from store.ledger.points import reach
from store.ledger.snapshot import overwrite
from store.library.backup import Progress, back_up
from store.library.backup_file import BackupFile
from store.types import Narrate
from store.value import Value

_INDEXES: tuple[outbox.ProjectionName, ...] = ("lexical", "chroma")


class RestoreReport(Value):
    """What was restored, and where what stood there is: a backup, or a folder; empty for none."""

    library: str
    papers: int
    conversations: int
    made: str
    set_aside: str


class Former(Value):
    """What stands where a library is to be restored: how much of it, None where none can tell."""

    papers: int | None = None
    conversations: int | None = None
    is_usable: bool = False

    @property
    def is_empty(self) -> bool:
        """True where nothing is to be kept."""
        return self.is_usable and not self.papers and not self.conversations


def former(folder: Path) -> Former | None:
    """What stands in a folder, None for no library; raises LibraryReadOnly, LibraryBusy."""
    try:
        with closing(Ledger.open(folder)) as ledger:
            if ledger.read_only:
                raise LibraryReadOnly(
                    f"the library at {folder} cannot be written",
                    "change its permissions, or choose another with --library",
                )
            papers = int(ledger.value("SELECT count(*) FROM papers"))
            conversations = int(ledger.value("SELECT count(*) FROM sessions"))
    except LibraryMissing:
        return None
    except (LibraryDamaged, LibraryNewer):
        return Former()
    return Former(papers=papers, conversations=conversations, is_usable=True)


def restore(
    backup: BackupFile,
    folder: Path,
    narrate: Narrate = lambda line: None,
    progress: Progress = lambda step, done, total: None,
) -> RestoreReport:
    """Put a backup where the library is, or is to be; its indexes are left to be built.

    Raises InputError for a ledger that quire did not write, LibraryReadOnly, LibraryBusy,
    NoSpace; nothing is changed then.
    """
    folder = Path(os.path.realpath(folder))
    before = former(folder)
    make_folder(folder.parent)
    try:
        with (
            if_alone_in(folder) as is_alone,
            tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as name,
        ):
            if not is_alone:
                raise LibraryBusy(
                    f"papers are being added to the library at {folder}, vectors made for them,"
                    " or some removed for good",
                    "wait until that is done, or stop it; nothing was changed",
                )
            work = Path(name, "library")
            make_folder(work)
            backup.extract(
                work / FILE_NAME,
                lambda done, total: progress("MB read", done // 1_000_000, total // 1_000_000),
            )
            _check(work, narrate)
            reach("restore.staged")
            aside = _put(work, folder, before, progress)
    except OSError as failure:
        raise explain(failure, folder) from failure
    manifest = backup.manifest
    return RestoreReport(
        library=str(folder),
        papers=manifest.papers,
        conversations=manifest.conversations,
        made=manifest.made,
        set_aside=aside,
    )


def _check(work: Path, narrate: Narrate) -> None:
    """Refuse a ledger that is none of ours: its triggers would run with each change."""
    try:
        with (
            closing(Ledger.open(work, narrate=narrate)) as ledger,
            closing(Ledger.in_memory()) as fresh,
        ):
            known, there = _programs(fresh), _programs(ledger)
            sound = ledger.value("PRAGMA quick_check(1)") == "ok"
    except StoreError as failure:
        raise InputError(
            "the backup holds a ledger that cannot be opened", "nothing was changed"
        ) from failure
    if not there <= known or not sound:
        raise InputError(
            "the backup holds a ledger that quire did not write", "nothing was changed"
        )


def _programs(ledger: Ledger) -> set[tuple[object, ...]]:
    rows = ledger.rows("SELECT type, name, sql FROM sqlite_master WHERE type IN ('trigger','view')")
    return set(rows)


def _begin_indexes_anew(work: Path, folder: Path, *, is_usable: bool) -> None:
    """Number changes and indexes above all that were in the folder.

    Whoever has the library open knows what he read by these numbers, and reads anew.
    """
    seq, generations = 0, dict.fromkeys(_INDEXES, 0)
    if is_usable:
        with closing(Ledger.open(folder)) as ledger:
            seq = outbox.last_seq(ledger)
            generations = {name: outbox.mark(ledger, name).generation for name in _INDEXES}
    with closing(Ledger.open(work)) as ledger:
        with ledger.write():
            ledger.set_meta("seq", str(max(seq, outbox.last_seq(ledger)) + 1))
            ledger.run(
                "DELETE FROM meta WHERE name GLOB 'vector_file:*' OR name GLOB 'vectors_whole:*'"
                " OR name IN ('chroma_wanted', 'lost_changes')"
            )
            outbox.end_generation(ledger)
            ledger.run("DELETE FROM outbox WHERE deleted = 1")
            for name in _INDEXES:
                outbox.begin_anew(ledger, name, above=(folder, generations[name]))
        ledger.rows("PRAGMA wal_checkpoint(TRUNCATE)")


def _put(work: Path, folder: Path, before: Former | None, progress: Progress) -> str:
    """Put a ledger in its place; where what stood there is kept, empty for nothing."""
    if before is not None and before.is_usable:
        return _put_in(work, folder, progress)
    _begin_indexes_anew(work, folder, is_usable=False)
    if before is None:
        make_folder(folder)
        (work / FILE_NAME).rename(folder / FILE_NAME)
        return ""
    aside = _free(folder, "")
    folder.rename(aside)
    try:
        work.rename(folder)
    except OSError:
        aside.rename(folder)
        raise
    return str(aside)


def _put_in(work: Path, folder: Path, progress: Progress) -> str:
    """Put a ledger in the place of one that is whole; where a backup of that is."""
    kept = ""

    def keep() -> None:
        """Nobody else writes now: what is kept, and numbered, is what is replaced."""
        nonlocal kept
        reach("restore.locked")
        there = former(folder)
        if there is not None and not there.is_empty:
            kept = back_up(folder, str(_free(folder, ".zip")), progress).file
        _begin_indexes_anew(work, folder, is_usable=True)
        reach("restore.kept")

    overwrite(folder / FILE_NAME, work / FILE_NAME, _told(progress), keep)
    reach("restore.written")
    return kept


def _told(progress: Progress) -> Callable[[int, int], None]:
    return lambda done, total: progress("pages restored", done, total)


def _free(folder: Path, suffix: str) -> Path:
    """A name beside a library that nothing has yet, by the time."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    path = folder.with_name(f"{folder.name}-before-{stamp}{suffix}")
    number = 1
    while path.exists():
        number += 1
        path = folder.with_name(f"{folder.name}-before-{stamp}-{number}{suffix}")
    return path
