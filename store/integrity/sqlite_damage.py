"""Which failures of SQLite mean that a file is not what was written."""

from __future__ import annotations

import sqlite3

_DAMAGED = (
    sqlite3.SQLITE_ERROR,  # no such table or column: the schema is damaged
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_SCHEMA,
    sqlite3.SQLITE_CONSTRAINT,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_FORMAT,
)
_PRIMARY = 0xFF
"""The bits of a result code that tell its kind (SQLite, "Result and Error Codes")."""


def is_damage(failure: BaseException) -> bool:
    """True for a failure of SQLite by which a file is damaged, and not busy, full or away."""
    return (getattr(failure, "sqlite_errorcode", 0) & _PRIMARY) in _DAMAGED
