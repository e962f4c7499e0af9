"""What models answered, kept beside the ledger so that it need not be paid for twice.

The file may be deleted at any time: it holds nothing that cannot be asked again.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

from store.errors import StoreError
from store.files import make_file
from store.integrity.sqlite_damage import is_damage

FILE_NAME = "kept.sqlite3"
"""The file of the cache in the library folder."""
APPLICATION_ID = 0x71726B70
"""What SQLite's header says of a file that is ours ("qrkp"): no other is ever changed."""
_BUSY_SECONDS = 5.0
_SLICE = 500
_MAGIC = b"SQLite format 3\0"
_HEADER_BYTES, _ID_AT = 100, 68
_FILE_ENDS = ("", "-journal", "-wal", "-shm")
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS answers(space TEXT NOT NULL, key TEXT NOT NULL,"
    " value TEXT NOT NULL, used REAL NOT NULL, digest BLOB NOT NULL,"
    " PRIMARY KEY (space, key)) STRICT, WITHOUT ROWID"
)
_USE = "UPDATE answers SET used = ? WHERE space = ? AND key = ?"
_PUT = "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?)"
T = TypeVar("T")


class AnswerCache:
    """Texts by key, in spaces of their own, each bounded: the one used longest ago goes first.

    Safe to use from several threads and processes. It never raises: what cannot be read or is
    not what was written is not there, and what cannot be written is not kept. A damaged file
    is begun anew; a file that is no cache of ours is set aside, unchanged, when there is
    something to keep.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._lock = threading.Lock()

    def get(self, space: str, key: str) -> str | None:
        """The text under a key, None when it is not there."""
        return self.get_many(space, [key]).get(key)

    def get_many(self, space: str, keys: Sequence[str]) -> dict[str, str]:
        """The texts that there are under some keys; they count as used now."""

        def read(connection: sqlite3.Connection) -> dict[str, str]:
            # A flipped byte may leave what is no UTF-8: that row alone is lost then.
            connection.text_factory = lambda data: data.decode("utf-8", "replace")
            found: dict[str, str] = {}
            for start in range(0, len(keys), _SLICE):
                part = keys[start : start + _SLICE]
                marks = ",".join("?" * len(part))
                rows = connection.execute(
                    f"SELECT key, value, digest FROM answers WHERE space = ? AND key IN ({marks})",
                    (space, *part),
                )
                found.update(
                    (key, value)
                    for key, value, digest in rows
                    if digest == _digest(space, str(key), str(value))
                )
            return found

        with self._lock:
            if not (_is_ours(self._path) or self._adopted()):
                return {}
            found = self._do(read) or {}
            if found:
                used = [(time.time(), space, key) for key in found]
                self._do(lambda connection: connection.executemany(_USE, used))
            return found

    def put(
        self, space: str, texts: Mapping[str, str], *, most: int, characters: int | None = None
    ) -> None:
        """Keep texts under their keys: at most so many, and so many characters, in a space."""

        def write(connection: sqlite3.Connection) -> None:
            rows = [
                (space, key, text, time.time(), _digest(space, key, text))
                for key, text in texts.items()
            ]
            connection.executemany(_PUT, rows)
            _trim(connection, space, most, characters)

        with self._lock:
            if _is_ours(self._path) or self._adopted() or self._begin():
                self._do(write)

    def forget(self) -> None:
        """Delete all of it, and its file."""
        with self._lock:
            self._delete()

    def _do(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """One transaction on our file; None when it fails, and no file when it is damaged."""
        try:
            with closing(sqlite3.connect(self._path, timeout=_BUSY_SECONDS)) as connection:
                connection.execute("PRAGMA synchronous=NORMAL")
                with connection:
                    return work(connection)
        except sqlite3.Error as failure:
            if is_damage(failure):
                self._delete()
        except (ValueError, OverflowError, OSError, MemoryError):
            pass  # text that is no UTF-8, or a value that no row of ours holds
        return None

    def _adopted(self) -> bool:
        """Give a cache that was written without digests its form; False for any other file."""
        if not _may_be_older(self._path):
            return False
        self._do(_make_digests)
        return _is_ours(self._path)

    def _begin(self) -> bool:
        """Make the file, what stands in its place set aside; False where that fails."""
        try:
            if _is_there(self._path):
                self._set_aside()
            make_file(self._path)
        except (StoreError, OSError):
            return False
        self._do(_make_tables)
        return _is_ours(self._path)

    def _set_aside(self) -> None:
        """Move what is no cache of ours, and what SQLite keeps beside it, to another name."""
        number = 1
        while any(os.path.lexists(f"{self._path}.aside-{number}{one}") for one in _FILE_ENDS):
            number += 1
        for one in _FILE_ENDS:
            with suppress(FileNotFoundError):
                os.rename(f"{self._path}{one}", f"{self._path}.aside-{number}{one}")

    def _delete(self) -> None:
        # Only what says of itself that it is ours, as it stands now.
        if _is_ours(self._path):
            for one in _FILE_ENDS:
                with suppress(OSError):
                    os.unlink(f"{self._path}{one}")


def _is_there(path: Path) -> bool:
    """True for anything but an empty file, which SQLite takes for a new one."""
    with suppress(FileNotFoundError):
        found = os.lstat(path)
        return found.st_size > 0 or not path.is_file()
    return False


def _is_ours(path: Path) -> bool:
    """True when the header says that the file is our cache.

    SQLite is not asked: it may write beside a file that it opens to look.
    """
    return _application(path) == APPLICATION_ID


def _may_be_older(path: Path) -> bool:
    """True for a database with the one table that a cache without digests has."""
    if _application(path) != 0:
        return False
    try:
        # Immutable: nothing is written beside it, whatever it turns out to be.
        where = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(where, uri=True)) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
            return tables == [("kept",)]
    except (sqlite3.Error, ValueError):
        return False


def _application(path: Path) -> int | None:
    """The number of the program in a database's header; None for what is no database."""
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except OSError:
        return None
    whole = len(header) == _HEADER_BYTES and header.startswith(_MAGIC)
    return int.from_bytes(header[_ID_AT : _ID_AT + 4], "big") if whole else None


def _make_digests(connection: sqlite3.Connection) -> None:
    _make_tables(connection)
    kept = connection.execute("SELECT space, key, value, used FROM kept").fetchall()
    connection.executemany(_PUT, [(*row, _digest(*row[:3])) for row in kept])
    connection.execute("DROP TABLE kept")


def _make_tables(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    connection.execute(_SCHEMA)


def _digest(space: str, key: str, value: str) -> bytes:
    """What tells a row that was kept from one that was damaged since."""
    return blake2b("\0".join((space, key, value)).encode(), digest_size=16).digest()


def _trim(connection: sqlite3.Connection, space: str, most: int, characters: int | None) -> None:
    """Delete what was used longest ago, beyond a number of texts and of characters."""
    number, length = connection.execute(
        "SELECT count(*), coalesce(sum(length(value)), 0) FROM answers WHERE space = ?", (space,)
    ).fetchone()
    if number <= most and (characters is None or length <= characters):
        return
    connection.execute(
        "DELETE FROM answers WHERE space = ?1 AND key IN (SELECT key FROM (SELECT key,"
        " row_number() OVER latest AS place, sum(length(value)) OVER latest AS total"
        " FROM answers WHERE space = ?1 WINDOW latest AS (ORDER BY used DESC, key"
        " ROWS UNBOUNDED PRECEDING)) WHERE place > ?2 OR total > ?3)",
        (space, most, length if characters is None else characters),
    )
