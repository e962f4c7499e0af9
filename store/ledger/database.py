"""The ledger: the SQLite file in which a paper is committed."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from store.clean import folded
from store.errors import LibraryReadOnly
from store.ledger.author_match import is_of_author
from store.ledger.failures import damaged, explained, give_function

if TYPE_CHECKING:
    from store.types import Narrate

SCHEMA_VERSION = 3
"""The version of the tables, in the header of the file; an older ledger is migrated."""
APPLICATION_ID = int.from_bytes(b"quir", "big")
"""Stands in the file's header: this database is a ledger of quire."""
FIRST_TABLES = frozenset({"meta", "papers", "projections", "outbox"})
"""By these a ledger is known that was made before it had an application id."""
FILE_NAME = "ledger.sqlite3"
"""The file of the ledger in the library folder."""
BUSY_SECONDS = 30.0
"""How long a writer waits for another one."""
_COUNTS = 100

Row = tuple[Any, ...]


def now() -> str:
    """The instant, ISO 8601 in UTC, to the microsecond."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


class Ledger:
    """One connection to the ledger, safe to use from several threads one after another.

    Every write is a `BEGIN IMMEDIATE` transaction under WAL with synchronous=FULL: what
    was committed is on the disk. Raises StoreError and what is below it.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, *, read_only: bool) -> None:
        give_function(connection, "folded", 1, folded)
        give_function(connection, "is_of_author", 2, is_of_author)
        self._connection = connection
        self._lock = threading.RLock()
        self._counted: dict[tuple[Any, ...], int] = {}
        self._counted_at = (0, 0)
        self._digests = False
        self.path = path
        self.read_only = read_only
        self.version_of_tables = SCHEMA_VERSION
        """That of the tables as they are: less where they could not be brought up to date."""

    @classmethod
    def open(
        cls, folder: Path, *, create: bool = False, narrate: Narrate = lambda line: None
    ) -> Ledger:
        """Open the ledger of a library folder; one of an older quire is brought up to date.

        `narrate` receives a line before that is done. Raises LibraryMissing, LibraryDamaged,
        LibraryNewer, LibraryReadOnly.
        """
        path = folder / FILE_NAME
        if not path.is_file() or path.stat().st_size == 0:
            from store.ledger.place import prepare_place

            prepare_place(path, create=create)
        with explained(path):
            connection, read_only = _connect(path)
            ledger = cls(connection, path, read_only=read_only)
            try:
                if ledger.value("PRAGMA user_version") != SCHEMA_VERSION or not _is_marked(
                    connection
                ):
                    from store.ledger.schema import bring_up

                    bring_up(ledger, narrate, create=create)
            except BaseException:
                connection.close()
                raise
        return ledger

    @classmethod
    def in_memory(cls) -> Ledger:
        """An empty ledger that is never written to a disk, for dry runs."""
        from store.ledger.schema import make

        connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        ledger = cls(connection, Path(":memory:"), read_only=False)
        with ledger.write():
            make(ledger)
        return ledger

    def copied(self) -> Ledger:
        """A copy in memory of everything committed, for dry runs: it keeps nobody waiting."""
        copy = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        with self._lock, explained(self.path):
            self._connection.backup(copy)
        return Ledger(copy, Path(":memory:"), read_only=False)

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()

    def read_version(self) -> None:
        """Look again at which version the tables have."""
        self.version_of_tables = int(self.value("PRAGMA user_version"))

    @contextmanager
    def write(self, *, migrating: bool = False) -> Iterator[None]:
        """One transaction: all of it is committed at its end, or nothing.

        Raises LibraryReadOnly, and as SQLite fails LibraryBusy, LibraryDamaged, NoSpace. Tables
        of an older version are not written, but when `migrating`.
        """
        if self.version_of_tables < SCHEMA_VERSION and not migrating:
            self.read_version()  # a neighbour may have brought them up to date since
            if self.version_of_tables < SCHEMA_VERSION:
                raise LibraryReadOnly(
                    f"the library at {self.path.parent} is of an older quire, and could not be"
                    " brought up to date",
                    "see what was said when it was opened, and try again",
                )
        if self.read_only:
            raise LibraryReadOnly(
                f"the library at {self.path.parent} cannot be written",
                "change its permissions, or choose another library with --library",
            )
        with self._lock, explained(self.path):
            self._let_digest()
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def _let_digest(self) -> None:
        """Give the triggers the function that they call; who only reads needs none."""
        if not self._digests:
            from store.ledger.identity import row_digest

            # Some builds of SQLite trust no function in a trigger unless told to.
            self._connection.execute("PRAGMA trusted_schema=ON")
            give_function(self._connection, "row_digest", -1, row_digest)
            self._digests = True

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Execute one statement, inside `write`."""
        with self._lock, explained(self.path):
            self._connection.execute(sql, values)

    def run_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Execute one statement for many rows, inside `write`."""
        with self._lock, explained(self.path):
            self._connection.executemany(sql, rows)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """All rows of a query."""
        with self._lock, explained(self.path):
            return self._connection.execute(sql, values).fetchall()

    def value(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """The first column of the first row, or None."""
        with self._lock, explained(self.path):
            row = self._connection.execute(sql, values).fetchone()
        return None if row is None else row[0]

    def counted(self, sql: str, values: Sequence[Any] = ()) -> int:
        """A number that a query yields, remembered as long as nothing is changed."""
        version = self.version()
        with self._lock:
            if version != self._counted_at:
                self._counted.clear()
                self._counted_at = version
            known = self._counted.get((sql, *values))
        if known is None:
            known = int(self.value(sql, values))
            with self._lock:
                kept = version == self._counted_at and not self._connection.in_transaction
                if kept and len(self._counted) < _COUNTS:
                    self._counted[(sql, *values)] = known
        return known

    def rows_in(self, sql: str, values: Sequence[Any], size: int = 500) -> list[Row]:
        """All rows of a query whose `{}` stands for a list of values, asked `size` at a time."""
        found: list[Row] = []
        for start in range(0, len(values), size):
            part = values[start : start + size]
            found += self.rows(sql.format(",".join("?" * len(part))), part)
        return found

    def meta(self, name: str) -> str | None:
        """A named setting of the library."""
        value = self.value("SELECT value FROM meta WHERE name=?", (name,))
        return None if value is None else str(value)

    def number(self, name: str) -> int:
        """A named setting that is a number, 0 where it is not set; raises LibraryDamaged."""
        with self.reading():
            return int(self.meta(name) or 0)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Where values are made of rows; raises LibraryDamaged for one that quire never writes."""
        try:
            yield
        except (ValueError, TypeError, LookupError) as failure:
            why = " ".join(str(failure).split())[:200]
            raise damaged(self.path, f"a value cannot be read: {why}") from failure

    def set_meta(self, name: str, value: str | None) -> None:
        """Set or (None) remove a named setting, inside `write`."""
        if value is None:
            self.run("DELETE FROM meta WHERE name=?", (name,))
        else:
            self.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def next_seq(self) -> int:
        """Count the sequence of changes on by one, inside `write`."""
        return int(
            self.value(
                "UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'seq'"
                " RETURNING value"
            )
        )

    @property
    def total_changes(self) -> int:
        """How many rows this connection has changed; a statement that changes none adds none."""
        return self._connection.total_changes

    def data_version(self) -> int:
        """A number that changes when another connection has committed."""
        return int(self.value("PRAGMA data_version"))

    def version(self) -> tuple[int, int]:
        """A value that changes with every change here and every commit elsewhere."""
        return self.data_version(), self._connection.total_changes


def _connect(path: Path) -> tuple[sqlite3.Connection, bool]:
    """Connect for writing where possible, else for reading; the flag says which."""
    uri = path.resolve().as_uri()
    attempts = (("?mode=rw", False), ("?mode=ro", True), ("?immutable=1", True))
    for suffix, read_only in attempts:
        connection = sqlite3.connect(
            uri + suffix,
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=BUSY_SECONDS,
        )
        try:
            if not read_only and not _may_be_ours(connection):
                read_only = True  # somebody's file stays as it is
            elif not read_only:
                if connection.execute("PRAGMA journal_mode=WAL").fetchone()[0] != "wal":
                    raise sqlite3.OperationalError("attempt to write a readonly database")
                connection.execute("PRAGMA synchronous=FULL")
                # Index pages are hit at random: the longer the log, the fewer are written twice.
                connection.execute("PRAGMA wal_autocheckpoint=8000")
            connection.execute("PRAGMA cache_size=-64000")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError as failure:
            connection.close()
            if suffix == attempts[-1][0] or not _is_refusal(failure):
                raise
        except sqlite3.Error:
            connection.close()
            raise
        else:
            return connection, read_only
    raise AssertionError("unreachable")


def _is_marked(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID)


def _may_be_ours(connection: sqlite3.Connection) -> bool:
    """True for a ledger, and for a file without any tables that may become one."""
    if _is_marked(connection):
        return True
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    return not names or names >= FIRST_TABLES


def _is_refusal(failure: sqlite3.OperationalError) -> bool:
    text = str(failure)
    return "readonly" in text or "unable to open" in text or "permission" in text
