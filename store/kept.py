"""What models answered, kept beside the ledger so that it need not be paid for twice.

The file may be deleted at any time: it holds nothing that cannot be asked again.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar

from store.errors import StoreError
from store.files import make_file

FILE_NAME = "kept.sqlite3"
_BUSY_SECONDS = 5.0
_SLICE = 500
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS kept(space TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
    " used REAL NOT NULL, PRIMARY KEY (space, key)) STRICT, WITHOUT ROWID"
)
_USE = "UPDATE kept SET used = ? WHERE space = ? AND key = ?"
T = TypeVar("T")


class Kept:
    """Texts by key, in spaces of their own, each bounded: the one used longest ago goes first.

    Safe to use from several threads and processes. It never raises: what cannot be read is not
    there, and what cannot be written is not kept. A damaged file is begun anew.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._lock = threading.Lock()

    def get(self, space: str, key: str) -> str | None:
        """The text under a key, None when it is not there."""
        return self.get_many(space, [key]).get(key)

    def get_many(self, space: str, keys: Sequence[str]) -> dict[str, str]:
        """The texts that there are under some keys; they count as used now."""
        if not self._path.is_file():
            return {}

        def read(connection: sqlite3.Connection) -> dict[str, str]:
            found: dict[str, str] = {}
            for start in range(0, len(keys), _SLICE):
                part = keys[start : start + _SLICE]
                marks = ",".join("?" * len(part))
                rows = connection.execute(
                    f"SELECT key, value FROM kept WHERE space = ? AND key IN ({marks})",
                    (space, *part),
                )
                found.update(rows.fetchall())
            return found

        found = self._do(read) or {}
        if found:
            used = [(time.time(), space, key) for key in found]
            self._do(lambda connection: connection.executemany(_USE, used))
        return found

    def put(
        self, space: str, texts: Mapping[str, str], *, most: int, characters: int | None = None
    ) -> None:
        """Keep texts under their keys: at most so many, and so many characters, in a space."""
        try:
            make_file(self._path)
        except StoreError:
            return
        rows = [(space, key, text, time.time()) for key, text in texts.items()]

        def write(connection: sqlite3.Connection) -> None:
            connection.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)", rows)
            _trim(connection, space, most, characters)

        self._do(write)

    def _do(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """One transaction on the file; None when it fails."""
        with self._lock:
            try:
                with closing(sqlite3.connect(self._path, timeout=_BUSY_SECONDS)) as connection:
                    connection.execute("PRAGMA synchronous=NORMAL")
                    with connection:
                        connection.execute(_SCHEMA)
                        return work(connection)
            except sqlite3.OperationalError:
                return None
            except sqlite3.DatabaseError:
                with suppress(OSError):
                    self._path.unlink()
                return None


def _trim(connection: sqlite3.Connection, space: str, most: int, characters: int | None) -> None:
    """Delete what was used longest ago, beyond a number of texts and of characters."""
    number, length = connection.execute(
        "SELECT count(*), coalesce(sum(length(value)), 0) FROM kept WHERE space = ?", (space,)
    ).fetchone()
    if number <= most and (characters is None or length <= characters):
        return
    connection.execute(
        "DELETE FROM kept WHERE space = ?1 AND key IN (SELECT key FROM (SELECT key,"
        " row_number() OVER latest AS place, sum(length(value)) OVER latest AS total"
        " FROM kept WHERE space = ?1 WINDOW latest AS (ORDER BY used DESC, key"
        " ROWS UNBOUNDED PRECEDING)) WHERE place > ?2 OR total > ?3)",
        (space, most, length if characters is None else characters),
    )
