"""Comparing the ledger's rows with their digests."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from store.ledger.digests import KINDS, Kind
from store.ledger.identity import row_digest, text_digest

_SLOT_MASK = (1 << 40) - 1
"""The part of a vector's slot that is the key of its paper."""


@dataclass(frozen=True)
class Difference:
    """Rows under one key of a table that are not those that were written.

    `lost` are gone, `altered` hold something else or came from elsewhere. `owner` is the paper
    or conversation they belong to, as the reader knows it, empty where that is not known.
    """

    table: str
    key: int
    lost: int
    altered: int
    owner: str = ""


@contextmanager
def one_state(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that sees one state of a ledger throughout; raises sqlite3.Error."""
    uri = path.resolve().as_uri()
    try:
        connection = _opened(uri + "?mode=ro")
    except sqlite3.OperationalError:
        connection = _opened(uri + "?immutable=1")
    with closing(connection):
        yield connection


def _opened(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, isolation_level=None)
    try:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def has_digests(connection: sqlite3.Connection) -> bool:
    """True when the ledger keeps digests: one of an older quire has none."""
    sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'digests'"
    return connection.execute(sql).fetchone() is not None


def structure(connection: sqlite3.Connection, most: int = 3) -> str:
    """What SQLite's own check finds wrong, in one line; empty when nothing is."""
    try:
        lines = [str(row[0]) for row in connection.execute(f"PRAGMA integrity_check({most})")]
    except sqlite3.DatabaseError as failure:
        return str(failure)
    return "" if lines == ["ok"] else "; ".join(" ".join(line.split()) for line in lines)


def differences(connection: sqlite3.Connection) -> tuple[Difference, ...]:
    """Every key whose rows are not those that were written; raises sqlite3.Error.

    In a ledger without digests the texts of papers alone tell.
    """
    found: list[Difference] = []
    for kind in KINDS if has_digests(connection) else ():
        if _total(connection, kind) != _expected_total(connection, kind):
            found += _by_key(connection, kind)
    known = {one.key for one in found if one.table == "papers"}
    found += [one for one in other_texts(connection) if one.key not in known]
    names = _owners(connection, found) if found else {}
    return tuple(
        Difference(one.table, one.key, one.lost, one.altered, names.get((one.table, one.key), ""))
        for one in found
    )


def other_texts(connection: sqlite3.Connection) -> list[Difference]:
    """Papers whose title and abstract are not those of their text hash; raises sqlite3.Error.

    Tells of damage from before a ledger had digests, for those took it as it was.
    """
    sql = (
        "SELECT key, CAST(title AS BLOB), CAST(abstract AS BLOB), CAST(text_hash AS BLOB)"
        " FROM papers NOT INDEXED"
    )
    return [
        Difference("papers", key, 0, 1)
        for key, title, abstract, hashed in connection.execute(sql)
        if text_digest(title, abstract).encode("ascii") != hashed
    ]


def _rows(connection: sqlite3.Connection, kind: Kind) -> Iterator[tuple[int, int]]:
    """Key and digest of every row, from the table itself and never from an index."""
    sql = f"SELECT {kind.key}, {kind.values()} FROM {kind.table} NOT INDEXED"
    for key, *values in connection.execute(sql):
        yield key, row_digest(*values)


def _total(connection: sqlite3.Connection, kind: Kind) -> tuple[int, int]:
    """How many rows there are, and the XOR of their digests; most of the time of a check."""
    rows = whole = 0
    for values in connection.execute(f"SELECT {kind.values()} FROM {kind.table} NOT INDEXED"):
        rows += 1
        whole ^= row_digest(*values)
    return rows, whole


def _expected(connection: sqlite3.Connection, kind: Kind) -> Iterator[tuple[int, int, int]]:
    sql = "SELECT key, rows, digest FROM digests WHERE kind = ? ORDER BY key"
    yield from connection.execute(sql, (kind.table,))


def _expected_total(connection: sqlite3.Connection, kind: Kind) -> tuple[int, int]:
    rows = whole = 0
    sql = "SELECT rows, digest FROM digests WHERE kind = ?"
    for number, digest in connection.execute(sql, (kind.table,)):
        rows += number
        whole ^= digest
    return rows, whole


def _by_key(connection: sqlite3.Connection, kind: Kind) -> list[Difference]:
    there: dict[int, tuple[int, int]] = {}
    for key, digest in _rows(connection, kind):
        rows, whole = there.get(key, (0, 0))
        there[key] = rows + 1, whole ^ digest
    found = []
    for key, rows, digest in _expected(connection, kind):
        number, whole = there.pop(key, (0, 0))
        if (number, whole) != (rows, digest):
            found.append(Difference(kind.table, key, max(0, rows - number), int(number >= rows)))
    found += [Difference(kind.table, key, 0, rows) for key, (rows, _) in there.items()]
    return found


def _owners(connection: sqlite3.Connection, found: list[Difference]) -> dict[tuple[str, int], str]:
    """Whose the rows are: ids of papers, and of conversations."""
    names: dict[tuple[str, int], str] = {}
    for one in found:
        match one.table:
            case "sessions" | "turns":
                column = "id" if one.table == "sessions" else "session"
                sql, key = (
                    f"SELECT CAST({column} AS BLOB) FROM {one.table} WHERE rowid = ?",
                    one.key,
                )
            case "notes" | "revisions" | "parts":
                sql = "SELECT CAST(id AS BLOB) FROM papers WHERE key ="
                sql, key = f"{sql} (SELECT paper FROM {one.table} WHERE key = ?)", one.key
            case "embedders" | "apart":
                continue
            case _:
                sql, key = "SELECT CAST(id AS BLOB) FROM papers WHERE key = ?", one.key & _SLOT_MASK
        row = connection.execute(sql, (key,)).fetchone()
        if row is not None and row[0] is not None:
            names[(one.table, one.key)] = bytes(row[0]).decode("ascii", "replace")
    return names


def papers_gone(connection: sqlite3.Connection) -> tuple[str, ...]:
    """The ids of papers that are gone, as far as the outbox knows them; raises sqlite3.Error."""
    sql = (
        "SELECT CAST(id AS BLOB) FROM outbox WHERE deleted = 0"
        " AND id NOT IN (SELECT id FROM papers NOT INDEXED)"
    )
    return tuple(row[0].decode("ascii", "replace") for row in connection.execute(sql))
