"""Changing rows of a ledger, or a whole file, as a damaged disk would."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tables import Row

from store.ledger.digests import KINDS, triggers


def execute(database: Path, statements: str) -> None:
    """Run statements on a file of SQLite."""
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(statements)


def tamper(folder: Path, *statements: str) -> None:
    """Run statements on the ledger of a library without its triggers: no digest follows."""
    with closing(sqlite3.connect(folder / "ledger.sqlite3")) as database:
        for kind in KINDS:
            for event in ("INSERT", "UPDATE", "DELETE"):
                database.execute(f"DROP TRIGGER digest_{kind.table}_{event}")
        for statement in statements:
            assert database.execute(statement).rowcount != 0, statement
        for trigger in triggers():
            database.execute(trigger)
        database.commit()


def spoil(file: Path, harm: Row) -> None:
    """Do to a file what one column of a row says; a row that has none of them removes it."""
    data = file.read_bytes()
    match harm:
        case {"size": size}:
            file.write_bytes(data[:size])
        case {"zeros": True}:
            file.write_bytes(bytes(len(data)))
        case {"text": text}:
            file.write_text(text)
        case {"statements": statements}:
            execute(file, statements)
        case _:
            file.unlink()
            if "folder" in harm:
                file.mkdir()
            elif "database" in harm:
                execute(file, harm["database"])
