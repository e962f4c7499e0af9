"""What can be read of a damaged ledger, sorted by what its digests say of every row."""

from __future__ import annotations

import marshal
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from store.errors import LibraryBusy, LibraryDamaged
from store.ledger.digests import KINDS, Kind
from store.ledger.identity import row_digest
from store.ledger.pages import Cell, Pages, rows

Values = dict[str, Cell]
_BATCH = 2000
_BY_NUMBER = frozenset(
    {
        *("papers", "notes", "originals", "revisions", "parts", "apart", "citation_keys"),
        *("embedders", "vectors"),
    }
)
"""Tables whose key is the number of the row."""
_SCHEMA = """
CREATE TABLE found(kind TEXT, key INTEGER, digest INTEGER, body BLOB,
  PRIMARY KEY (kind, key, digest)) WITHOUT ROWID;
CREATE TABLE expected(kind TEXT, key INTEGER, rows INTEGER, digest INTEGER,
  PRIMARY KEY (kind, key)) WITHOUT ROWID
"""


@dataclass(frozen=True)
class Key:
    """What was found under one key: its rows, how many are lost, and whether they are right.

    `vouched` is True when the digest holds; without any digests nothing is vouched for.
    """

    key: int
    rows: tuple[Values, ...]
    lost: int
    vouched: bool


@dataclass
class Reading:
    """Everything read of a ledger, in a database of its own in a temporary folder.

    `has_digests` is False for a ledger of an older quire, `complete` True when the list of
    digests is whole. `exact` is True when no row is lost that is not counted as lost.
    """

    database: sqlite3.Connection
    meta: dict[str, str] = field(default_factory=dict)
    outbox: dict[str, bool] = field(default_factory=dict)
    has_digests: bool = False
    complete: bool = False
    exact: bool = False

    def keys(self, kind: Kind) -> Iterator[Key]:
        """Every key of a kind that there is or was, in order."""
        sql = (
            "SELECT key, rows, digest, NULL, 1 FROM expected WHERE kind = ?1 UNION ALL"
            " SELECT key, 0, digest, body, 0 FROM found WHERE kind = ?1 ORDER BY 1"
        )
        for key, group in groupby(self.database.execute(sql, (kind.table,)), lambda row: row[0]):
            entries = list(group)
            named = next((one for one in entries if one[4]), None)
            found = {one[2]: one[3] for one in entries if not one[4]}
            if named is None and self.complete:
                continue  # a row that the reader had deleted
            yield self._resolved(kind, key, found, named)

    def _resolved(
        self, kind: Kind, key: int, found: dict[int, bytes], named: tuple[int, ...] | None
    ) -> Key:
        wanted, digest = (0, 0) if named is None else (named[1], named[2])
        if named is not None and wanted == 1 and digest in found:
            return Key(key, (marshal.loads(found[digest]),), 0, True)  # noqa: S302 - written here
        bodies = list(found.values()) if kind.many else list(found.values())[:1]
        whole = 0
        for one in found:
            whole ^= one
        vouched = named is not None and (len(found), whole) == (wanted, digest)
        some = tuple(marshal.loads(body) for body in bodies)  # noqa: S302
        return Key(key, some, max(0, wanted - len(some)), vouched or not self.has_digests)


def copied(ledger: Path, folder: Path) -> Path:
    """A copy of a ledger and its log; raises LibraryBusy when they change meanwhile.

    Raises LibraryDamaged when there is nothing to copy.
    """
    log = ledger.with_name(f"{ledger.name}-wal")
    if not ledger.is_file() and not log.is_file():
        raise nothing(ledger, "it is gone")
    copy = folder / ledger.name
    copy.touch(mode=0o600)
    before = _stamps(ledger, log)
    for path in (ledger, log):
        if path.is_file():
            shutil.copyfile(path, folder / path.name)
    if _stamps(ledger, log) != before:
        raise LibraryBusy(
            f"another process is writing to {ledger}", "close every other quire and try again"
        )
    return copy


def _stamps(*paths: Path) -> list[tuple[int, int] | None]:
    states = [path.stat() if path.is_file() else None for path in paths]
    return [None if one is None else (one.st_size, one.st_mtime_ns) for one in states]


def nothing(ledger: Path, why: str) -> LibraryDamaged:
    """What is said when not a row could be saved, with what to do."""
    return LibraryDamaged(
        f"nothing could be read of the ledger {ledger}: {why}",
        "put a backup in its place, or add the sources again in a new library",
    )


def read_ledger(ledger: Path, folder: Path) -> Reading:
    """Read a copy of a ledger, with its log beside it; what is found is kept in a folder.

    Raises OSError.
    """
    database = sqlite3.connect(folder / "found.sqlite3", isolation_level=None)
    database.execute("PRAGMA journal_mode=OFF")
    database.execute("PRAGMA synchronous=OFF")
    for statement in _SCHEMA.split(";\n"):
        database.execute(statement)
    reading = Reading(database)
    with Pages(ledger) as pages:
        _collect(reading, rows(pages))
    # Last, for SQLite changes what it opens.
    whole = _is_whole(ledger, "digests" if reading.has_digests else "10")
    reading.complete, reading.exact = reading.has_digests and whole, whole
    return reading


def _collect(reading: Reading, found: Iterator[tuple[str, int, Values]]) -> None:
    kinds = {kind.table: kind for kind in KINDS}
    put: list[tuple[str, Cell, int, bytes]] = []
    expect: list[tuple[str, Cell, Cell, Cell]] = []

    def flush() -> None:
        reading.database.execute("BEGIN")
        reading.database.executemany("INSERT OR IGNORE INTO found VALUES (?, ?, ?, ?)", put)
        reading.database.executemany("INSERT OR IGNORE INTO expected VALUES (?, ?, ?, ?)", expect)
        reading.database.execute("COMMIT")
        put.clear()
        expect.clear()

    for table, rowid, values in found:
        if table == "digests":
            name = _text(values["kind"])
            if name in kinds:
                reading.has_digests = True
                expect.append((name, values["key"], values["rows"], values["digest"]))
        elif table == "meta":
            reading.meta.setdefault(_text(values["name"]), _text(values["value"]))
        elif table == "outbox":
            reading.outbox[_text(values["id"])] = bool(values["deleted"])
        else:
            kind = kinds[table]
            if kind.key == "rowid" or table in _BY_NUMBER:
                key: Cell = rowid
                if kind.key != "rowid":
                    values[kind.key] = rowid
            else:
                key = values[kind.key]
            # A row of an older quire has fewer columns, and its digest is made of those.
            digest = row_digest(*(values[name] for name in kind.columns if name in values))
            put.append((table, key, digest, marshal.dumps(values)))
        if len(put) + len(expect) >= _BATCH:
            flush()
    flush()


def _text(value: Cell) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


def _is_whole(ledger: Path, what: str) -> bool:
    """True when SQLite finds nothing wrong with a table, or (a number) with everything."""
    try:
        with closing(sqlite3.connect(ledger)) as connection:
            found = connection.execute(f"PRAGMA integrity_check({what})").fetchall()
    except sqlite3.Error:
        return False
    return found == [("ok",)]
