"""A file in which something is kept of each paper: SQLite, a row a paper, by its ledger key.

It holds nothing that the ledger does not: it may be deleted at any time, and a row counts only
for the text whose hash it has. A file is named by the moment it was made, the latest is the one
in use, and no name comes twice: SQLite keeps a log beside a file by its name, so that who still
has an older one open takes nothing from the next.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from store.errors import StoreError
from store.files import make_file, make_folder
from store.integrity.sqlite_damage import is_damage

Row = tuple[Any, ...]
"""Key of the paper, hash of its text, what is kept, and last what `Kind.is_whole` tells it by."""
APPLICATION_ID = 0x71727364
"""What SQLite's header says of a file that is ours ("qrsd")."""
_PAGE = 32768
"""Bytes: rows of some 2 500 leave little of a large page unused."""
_LOGGED = 200
"""Pages of the log that are written back: 6 MB."""
_BUSY_SECONDS = 5.0
_SLICE = 500
_NAME = "[0-9]" * 20 + ".sqlite3"
T = TypeVar("T")


@dataclass(frozen=True)
class Kind:
    """What is kept: the folder in a library, the columns behind key and hash, and the check.

    `is_whole` is false for a row that is not as it was written; it must not raise.
    """

    folder: str
    columns: Mapping[str, Literal["BLOB", "INTEGER"]]
    is_whole: Callable[[Row], bool]

    @property
    def names(self) -> str:
        """The columns of a row, in order."""
        return ", ".join(("key", "hash", *self.columns))

    @property
    def tables(self) -> tuple[str, str]:
        """The statements that make the tables of a file."""
        each = "".join(f", {name} {kind} NOT NULL" for name, kind in self.columns.items())
        return (
            f"CREATE TABLE papers(key INTEGER PRIMARY KEY, hash BLOB NOT NULL{each}) STRICT",
            "CREATE TABLE about(version TEXT NOT NULL, seq INTEGER NOT NULL) STRICT",
        )


class KeptFile:
    """The rows of one kind and version that are kept in a library.

    For one thread at a time. It never raises: what cannot be read or is not what was written is
    not there, and what cannot be written is not kept. A damaged file is removed where it may be.
    """

    def __init__(self, library: Path, kind: Kind, version: str, *, read_only: bool) -> None:
        self._folder = library / kind.folder
        self._kind = kind
        self._version = version
        self._read_only = read_only
        self._path: Path | None = None
        self._connection: sqlite3.Connection | None = None
        self._refused: Path | None = None
        self.trouble = ""
        """What was wrong with a file that is gone since, in one line; empty for nothing."""

    def close(self) -> None:
        """Close the file; what comes next opens it again."""
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
        self._connection = self._path = None

    def look(self) -> bool:
        """True when there is a file of this version; the latest is in use then."""
        latest = next(iter(_files(self._folder)), None)
        if latest is None or latest != self._path:
            self.close()
        if latest is None or latest == self._refused:
            return False
        if self._connection is None:
            self._path = latest
            self._connection = self._connected(latest)
        return self._connection is not None

    @property
    def is_missing(self) -> bool:
        """True where there is no file of any version."""
        return not _files(self._folder)

    def begin(self) -> bool:
        """Begin an empty file, and remove those before it; False where that fails."""
        if self._read_only:
            return False
        self.close()
        path = self._folder / f"{time.time_ns():020d}.sqlite3"
        partial = path.with_suffix(".part")
        try:
            make_folder(self._folder)
            make_file(partial)
            with closing(sqlite3.connect(partial, isolation_level=None)) as connection:
                connection.execute(f"PRAGMA page_size={_PAGE}")
                connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
                for statement in self._kind.tables:
                    connection.execute(statement)
                connection.execute("INSERT INTO about VALUES (?, 0)", (self._version,))
                connection.execute("PRAGMA journal_mode=WAL")
            partial.replace(path)
        except (StoreError, OSError, sqlite3.Error):
            with suppress(OSError):
                partial.unlink()
            return False
        for one in _files(self._folder)[1:]:
            _remove(one)
        return self.look()

    @property
    def seq(self) -> int:
        """The change of the ledger up to which papers were read; 0 without a file."""
        found = self._do(lambda connection: connection.execute("SELECT seq FROM about").fetchone())
        return found[0] if found and isinstance(found[0], int) else 0

    def rows(self, hashes: Mapping[int, bytes]) -> dict[int, Row]:
        """The whole rows by key, of papers whose keys and hashes of texts are given."""
        names, keys, is_whole = self._kind.names, list(hashes), self._kind.is_whole
        found = self._do(lambda connection: _selected(connection, names, keys)) or []
        return {row[0]: row for row in found if hashes.get(row[0]) == row[1] and is_whole(row)}

    def lacking(self, hashes: Mapping[int, bytes]) -> list[int]:
        """The keys that have no row for their text."""
        found = self._do(lambda connection: _selected(connection, "key, hash", list(hashes))) or []
        there = {row[0] for row in found if hashes.get(row[0]) == row[1]}
        return [key for key in hashes if key not in there]

    def put(
        self,
        rows: Sequence[Row],
        current: Callable[[], Collection[tuple[int, bytes]]],
        seq: int | None = None,
    ) -> bool:
        """Keep rows, and note the change up to which papers are read; False where that fails.

        `current` is asked within the transaction which of the keys and hashes still stand.
        """

        def write(connection: sqlite3.Connection) -> bool:
            connection.execute("BEGIN IMMEDIATE")
            stands = current() if rows else ()
            marks = ", ".join("?" * (2 + len(self._kind.columns)))
            connection.executemany(
                f"INSERT OR REPLACE INTO papers VALUES ({marks})",
                [row for row in rows if row[:2] in stands],
            )
            if seq is not None:
                connection.execute("UPDATE about SET seq = ?", (seq,))
            connection.execute("COMMIT")
            return True

        return not self._read_only and self.look() and bool(self._do(write))

    def remove(self, keys: Sequence[int]) -> None:
        """Remove the rows of papers."""

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("DELETE FROM papers WHERE key = ?", [(key,) for key in keys])
            connection.execute("COMMIT")

        if keys and not self._read_only:
            self._do(write)

    def write_anew(self) -> bool:
        """Leave no byte of rows that were removed in the file; False where that fails."""

        def write(connection: sqlite3.Connection) -> bool:
            connection.execute("VACUUM")
            log = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return bool(log[0] == 0)

        return not self._read_only and bool(self._do(write))

    def all_rows(self) -> Iterator[list[Row]]:
        """All rows as they stand, by ascending key, in parts; ends early where one fails."""
        names = self._kind.names
        sql = f"SELECT {names} FROM papers WHERE key > ? ORDER BY key LIMIT {_SLICE}"
        after = -(2**63)
        while True:
            some = self._do(lambda connection: connection.execute(sql, (after,)).fetchall())  # noqa: B023
            if not some:
                return
            yield some
            after = some[-1][0]

    def _do(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """What work on the file gives, None where it fails; no file is left that is damaged."""
        connection = self._connection
        if connection is None:
            return None
        try:
            return work(connection)
        except (sqlite3.Error, OverflowError, MemoryError) as failure:
            with suppress(sqlite3.Error):
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            self._give_up(failure)
        except BaseException:
            with suppress(sqlite3.Error):
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            raise
        return None

    def _give_up(self, failure: Exception) -> None:
        if is_damage(failure):
            path = self._path
            self.trouble = f"the file of {self._kind.folder} was damaged: {failure}"
            self.close()
            if path is not None and not self._read_only:
                _remove(path)

    def _connected(self, path: Path) -> sqlite3.Connection | None:
        """The file opened, for reading where it cannot be written; None for another version's."""
        ways = ("?mode=ro", "?immutable=1") if self._read_only else ("?mode=rw",)
        for way in ways:
            try:
                connection = sqlite3.connect(
                    path.absolute().as_uri() + way,
                    uri=True,
                    isolation_level=None,
                    check_same_thread=False,
                    timeout=_BUSY_SECONDS,
                )
            except sqlite3.Error:
                continue
            try:
                connection.execute("PRAGMA synchronous=NORMAL")
                connection.execute(f"PRAGMA wal_autocheckpoint={_LOGGED}")
                (mark,) = connection.execute("PRAGMA application_id").fetchone()
                version = connection.execute("SELECT version FROM about").fetchone()
                if mark == APPLICATION_ID and version == (self._version,):
                    return connection
                connection.close()
                self._refused = path
                return None
            except sqlite3.Error as failure:
                connection.close()
                self._give_up(failure)
        return None


def forget(library: Path, kind: Kind) -> None:
    """Remove all that is kept of a kind; who has it open reads on in what is gone."""
    shutil.rmtree(library / kind.folder, ignore_errors=True)


def _files(folder: Path) -> list[Path]:
    """The files, the latest first."""
    with suppress(OSError):
        return sorted(folder.glob(_NAME), reverse=True)
    return []


def _remove(path: Path) -> None:
    """Remove a file and what SQLite keeps beside it."""
    for end in ("", "-wal", "-shm", "-journal"):
        with suppress(OSError):
            path.with_name(f"{path.name}{end}").unlink()


def _selected(connection: sqlite3.Connection, columns: str, keys: Sequence[int]) -> list[Row]:
    found: list[Row] = []
    for start in range(0, len(keys), _SLICE):
        part = keys[start : start + _SLICE]
        marks = ",".join("?" * len(part))
        found += connection.execute(f"SELECT {columns} FROM papers WHERE key IN ({marks})", part)
    return found
