"""Changing rows of a ledger as a damaged disk would."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from store.ledger.digests import KINDS, triggers


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
