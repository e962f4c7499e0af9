"""What SQLite raises over a ledger, as errors of ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from store.errors import (
    LibraryBusy,
    LibraryDamaged,
    LibraryReadOnly,
    NoSpace,
    StoreError,
)

_SqlValue = str | bytes | int | float | None
_FUNCTION_RAISED = "user-defined function raised exception"


def explained(path: Path) -> AbstractContextManager[None]:
    """Turn what SQLite raises into the store's own errors.

    Raises LibraryBusy, LibraryDamaged, LibraryReadOnly, NoSpace, StoreError; KeyboardInterrupt
    where it came while SQLite was calling a function of ours.
    """
    return _Explained(path)


class _Explained:
    # Ten times for each record that is added: a generator would take four times as long.
    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, failure: BaseException | None, trace: object) -> None:
        if isinstance(failure, sqlite3.Error):
            if str(failure) == _FUNCTION_RAISED:
                raise KeyboardInterrupt from failure
            raise _explain(failure, self._path) from failure


def give_function(
    connection: sqlite3.Connection, name: str, values: int, function: Callable[..., _SqlValue]
) -> None:
    """Let SQL call a function of so many values (-1: any number); NULL where it fails.

    sqlite3 drops what is raised in a function and says only that something was. As ours raise
    nothing, that something is an interrupt, which Python delivers where its code runs: often on
    the way into or out of the function, where nothing within it could catch it.
    """

    def called(*arguments: object) -> _SqlValue:
        try:
            return function(*arguments)
        except Exception:
            return None

    connection.create_function(name, values, called, deterministic=True)


def damaged(path: Path, what: str) -> LibraryDamaged:
    """What is said of a ledger that is not what was written, with what to do."""
    return LibraryDamaged(
        f"the ledger {path} is damaged: {what}",
        "put a backup in its place, or save what can be read: quire doctor --salvage NEWFOLDER",
    )


def _explain(failure: sqlite3.Error, path: Path) -> StoreError:
    text = str(failure)
    code = getattr(failure, "sqlite_errorname", "") or ""
    if code.startswith("SQLITE_FULL") or code == "SQLITE_IOERR_WRITE" or "disk is full" in text:
        return NoSpace(
            f"no space left for {path}",
            "free some space and run the command again; what was acknowledged is kept",
        )
    if "locked" in text or code.startswith("SQLITE_BUSY"):
        return LibraryBusy(
            f"another process is writing to {path}", "wait until it is done and try again"
        )
    if "readonly" in text or "unable to open" in text:
        return LibraryReadOnly(f"{path} cannot be opened: {text}", "check its permissions")
    if isinstance(failure, sqlite3.ProgrammingError | sqlite3.InterfaceError):
        return StoreError(f"the ledger {path} failed: {text}", "run: quire doctor")
    # A missing table, a text that is no UTF-8, a number that is there twice: whatever SQLite
    # finds in a ledger that only quire writes was done to it.
    return damaged(path, text)
