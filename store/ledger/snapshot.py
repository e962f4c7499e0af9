"""Copies of whole ledgers, made and put in place while others read and write.

SQLite's backup copies pages. Within a transaction that reads, they are those of one instant,
whoever writes meanwhile; what is copied into a ledger is one transaction there, which all of its
other connections see at once (https://www.sqlite.org/backup.html).
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from store.errors import LibraryBusy
from store.ledger.failures import explained

Pages = Callable[[int, int], None]
"""Told how many pages of how many are copied."""

_PAGES = 2_000
"""Pages copied in a step: some milliseconds, after which an interrupt is heard."""
_PATIENCE_S = 30.0


def snapshot(path: Path, target: Path, advance: Pages = lambda done, total: None) -> None:
    """Copy what is committed in a ledger into a file that needs no neighbours, on the disk.

    Raises StoreError and what is below it, OSError.
    """
    with (
        explained(path),
        closing(_reading(path)) as source,
        explained(target),
        closing(sqlite3.connect(target)) as copy,
    ):
        # Nobody else has the copy, and one that is not ended is none.
        copy.execute("PRAGMA journal_mode=OFF").fetchone()
        copy.execute("PRAGMA synchronous=OFF")
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        _copy(source, copy, target, advance)
        copy.execute("PRAGMA journal_mode=DELETE").fetchone()
    with target.open("rb+") as file:
        os.fsync(file.fileno())


def overwrite(
    path: Path,
    copy: Path,
    advance: Pages = lambda done, total: None,
    locked: Callable[[], None] = lambda: None,
) -> None:
    """Put what a closed copy holds in place of all that a ledger holds, in one transaction.

    `locked` is called when nobody else can write to the ledger any more, and nothing is put yet
    that anybody sees: it may read the ledger, and change the copy. Raises LibraryBusy where
    another process writes for too long, StoreError; the ledger is as it was then.
    """
    with (
        explained(path),
        closing(sqlite3.connect(copy.resolve().as_uri() + "?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(path, timeout=_PATIENCE_S)) as ledger,
    ):
        ledger.execute("PRAGMA synchronous=FULL")
        # Pages of what is copied are of no use to who copies: they go to the log.
        _copy(source, ledger, path, advance, locked)
        ledger.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()


def _reading(path: Path) -> sqlite3.Connection:
    """A connection that only reads, also where nothing can be written beside the file."""
    uri = path.resolve().as_uri()
    connection = sqlite3.connect(f"{uri}?mode=ro", uri=True, isolation_level=None)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        connection.close()
        return sqlite3.connect(f"{uri}?immutable=1", uri=True, isolation_level=None)
    return connection


def _copy(
    source: sqlite3.Connection,
    copy: sqlite3.Connection,
    target: Path,
    advance: Pages,
    locked: Callable[[], None] = lambda: None,
) -> None:
    last, since, is_locked = -1, time.monotonic(), False

    def progress(status: int, left: int, total: int) -> None:
        nonlocal last, since, is_locked
        if status == sqlite3.SQLITE_OK and not is_locked:
            is_locked = True
            locked()
            last = -1
        if left != last:
            last, since = left, time.monotonic()
        elif time.monotonic() - since > _PATIENCE_S:
            raise LibraryBusy(
                f"another process is writing to {target}", "wait until it is done and try again"
            )
        advance(total - left, total)

    # The first step takes the lock, the last one commits: there are two at least. Where the source
    # is changed between them, SQLite begins anew.
    pages = int(source.execute("PRAGMA page_count").fetchone()[0])
    source.backup(copy, pages=max(1, min(_PAGES, pages // 2)), progress=progress)
