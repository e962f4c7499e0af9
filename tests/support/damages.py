"""Damage done to files and to rows of a ledger, and what stands in files before and after."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tables import Row

_HEAD = 200

DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda data: data[: len(data) // 2],
    "emptied": lambda data: b"",
    "zeroed": lambda data: bytes(len(data)),
    "its head alone": lambda data: data[:5],
    "flipped in its head": lambda data: bytes([data[0] ^ 0x40]) + data[1:],
    "overwritten": lambda data: os.urandom(min(_HEAD, len(data))) + data[_HEAD:],
}
"""What stands in a file after a damage, by what stood in it."""


def damage(path: Path, how: str) -> None:
    """Damage a file, or every file below a folder, by a name of DAMAGES; or have it "removed"."""
    if how == "removed" and path.is_dir():
        shutil.rmtree(path)
    elif how == "removed":
        path.unlink()
    else:
        for file in [path] if path.is_file() else path.rglob("*"):
            if file.is_file():
                file.write_bytes(DAMAGES[how](file.read_bytes()))


def contents(folder: Path) -> dict[str, bytes]:
    """What stands in every file below a folder, by its path in it."""
    files = (one for one in folder.rglob("*") if one.is_file())
    return {str(one.relative_to(folder)): one.read_bytes() for one in files}


def execute(database: Path, statements: str) -> None:
    """Run statements on a file of SQLite."""
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(statements)


def tamper(folder: Path, *statements: str) -> None:
    """Run statements on the ledger of a library without its triggers: no digest follows."""
    with closing(sqlite3.connect(folder / "ledger.sqlite3")) as database:
        sql = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        triggers = database.execute(sql).fetchall()
        for name, _ in triggers:
            database.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            assert database.execute(statement).rowcount != 0, statement
        for _, trigger in triggers:
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
