"""Digests of the ledger's rows, kept by triggers, so that a lost or altered row is noticed.

SQLite checks the shape of its file and not what stands in it: a byte that flips inside an
abstract is read as if it had always been so. The table `digests` holds, by kind and key, how
many rows there are and the XOR of their digests. Where a key has one row, that is the digest
of the row; where it has several (the tags of a paper), the order does not matter.

Inside a trigger the conflict clause of the statement outside wins over one inside, but not
over an upsert: so nothing here says OR REPLACE, and every writer may.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A table whose rows have digests: its columns in order, and the key they are kept by.

    `text` are the columns that hold text, `numbers` and `blobs` the others. With `many` a key
    is a paper's, and stands for all of its rows.
    """

    table: str
    key: str
    columns: tuple[str, ...]
    text: frozenset[str]
    many: bool = False

    def without(self, column: str) -> Kind:
        """The same table before it had a column."""
        kept = tuple(one for one in self.columns if one != column)
        return Kind(self.table, self.key, kept, self.text - {column}, self.many)

    def values(self, row: str = "") -> str:
        """The columns as SQL for `row_digest`; text as bytes, so that none is too damaged."""
        at = f"{row}." if row else ""
        return ", ".join(
            f"CAST({at}{name} AS BLOB)" if name in self.text else f"{at}{name}"
            for name in self.columns
        )

    def digest(self, row: str = "") -> str:
        """The digest of a row as SQL."""
        return f"row_digest({self.values(row)})"


def _kind(table: str, key: str, text: str, others: str = "", *, many: bool = False) -> Kind:
    names = (*text.split(), *others.split())
    return Kind(table, key, names, frozenset(text.split()), many)


KINDS = (
    _kind(
        "papers",
        "key",
        "id title abstract authors date venue doi arxiv_id url content_hash text_hash status"
        " added_at details",
        "key year",
    ),
    _kind("aliases", "paper", "kind value", "paper", many=True),
    _kind(
        "provenance",
        "paper",
        "source reader page_date record_hash added_at",
        "paper record line",
        many=True,
    ),
    _kind("tags", "paper", "tag", "paper", many=True),
    _kind("notes", "key", "text written_at", "key paper"),
    _kind("originals", "paper", "title abstract", "paper"),
    _kind("revisions", "key", "text_hash title abstract replaced_at", "key paper"),
    _kind("parts", "key", "record_hash body", "key paper renews"),
    _kind("apart", "key", "one other since", "key"),
    _kind("citation_keys", "key", "paper name", "key came"),
    _kind("embedders", "key", "fingerprint", "key dimension"),
    _kind("vectors", "slot", "text_hash", "slot vector"),
    _kind("sessions", "rowid", "id title created_at updated_at"),
    _kind("turns", "rowid", "session asked_at question answer", "number"),
)
"""Everything that a reader would miss; what follows from it (the outbox) has no digests."""

TABLE = """CREATE TABLE digests(
  kind TEXT, key INTEGER, rows INTEGER NOT NULL, digest INTEGER NOT NULL,
  PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID"""
_ADDED = (
    "ON CONFLICT(kind, key) DO UPDATE SET rows = rows + excluded.rows,"
    " digest = (digest | excluded.digest) - (digest & excluded.digest)"
)
_SET = "ON CONFLICT(kind, key) DO UPDATE SET rows = excluded.rows, digest = excluded.digest"


def as_written(table: str) -> str:
    """SQL that is 1 for a row that is as it was written, 0 for another, NULL without digests.

    Of tables where a key has one row; `row_digest` is there inside a write of the ledger.
    """
    kind = next(one for one in KINDS if one.table == table)
    kept = f"SELECT digest FROM digests WHERE kind = '{table}' AND digests.key = {table}.{kind.key}"
    return f"{kind.digest(table)} = ({kept})"


def triggers(tables: Collection[str] = ()) -> tuple[str, ...]:
    """The statements that make the triggers of these tables, or of every kind."""
    return tuple(
        sql for kind in KINDS if not tables or kind.table in tables for sql in _triggers(kind)
    )


def fillings() -> tuple[str, ...]:
    """The statements that give digests to the rows that are there already."""
    return tuple(
        f"INSERT INTO digests SELECT '{kind.table}', {kind.key}, 1, {kind.digest()}"
        f" FROM {kind.table} WHERE 1 {_ADDED}"
        for kind in KINDS
    )


def _triggers(kind: Kind) -> tuple[str, str, str]:
    """INSERT, UPDATE and DELETE of one kind.

    A row that REPLACE takes away fires no trigger, so an insert sets what one row comes to. An
    update takes the old row out and the new one in: a row that was altered behind our back
    stays noticed after it.
    """
    name, key = kind.table, kind.key
    insert = "INSERT INTO digests VALUES"
    took = f"{insert} ('{name}', OLD.{key}, -1, {kind.digest('OLD')}) {_ADDED};"
    put = f"{insert} ('{name}', NEW.{key}, 1, {kind.digest('NEW')})"
    old = f"DELETE FROM digests WHERE kind = '{name}' AND key = OLD.{key}"
    after = f"CREATE TRIGGER digest_{name}_{{0}} AFTER {{0}} ON {name} BEGIN"
    return (
        f"{after.format('INSERT')} {put} {_ADDED if kind.many else _SET}; END",
        f"{after.format('UPDATE')} {took} {put} {_ADDED}; {old} AND rows = 0; END",
        f"{after.format('DELETE')} {f'{took} {old} AND rows = 0' if kind.many else old}; END",
    )
