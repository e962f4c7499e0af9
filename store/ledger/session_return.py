"""Conversations taken out of the ledger so that they can be put back."""

from __future__ import annotations

from dataclasses import dataclass

from store.errors import NothingToUndo
from store.ledger.database import Ledger, Row, now


@dataclass(frozen=True)
class TakenSession:
    """A conversation that was taken out: its row, those of its turns, and when it went."""

    session: Row
    turns: tuple[Row, ...]
    at: str


def take_session(ledger: Ledger, name: str) -> TakenSession | None:
    """Take a conversation out, by its id; None where it is gone."""
    with ledger.write():
        rows = ledger.rows(
            "SELECT id, title, created_at, updated_at FROM sessions WHERE id = ?", (name,)
        )
        turns = ledger.rows(
            "SELECT session, number, asked_at, question, answer FROM turns WHERE session = ?"
            " ORDER BY number",
            (name,),
        )
        ledger.run("DELETE FROM turns WHERE session = ?", (name,))
        ledger.run("DELETE FROM sessions WHERE id = ?", (name,))
    return TakenSession(rows[0], tuple(turns), now()) if rows else None


def put_session_back(ledger: Ledger, taken: TakenSession) -> None:
    """Put a conversation back as it was; what was asked in it since comes after that.

    Raises NothingToUndo where papers were removed for good meanwhile, which answers may cite.
    """
    name = taken.session[0]
    last = max((row[1] for row in taken.turns), default=0)
    with ledger.write():
        if ledger.value("SELECT 1 FROM removed WHERE how = 'forever' AND at >= ?", (taken.at,)):
            raise NothingToUndo(
                "papers were removed for good since, and this conversation may cite them",
                "it stays deleted",
            )
        ledger.run(
            "INSERT INTO sessions VALUES (?, ?, ?, ?)"
            " ON CONFLICT(id) DO UPDATE SET title = excluded.title,"
            " created_at = excluded.created_at",
            taken.session,
        )
        # In two steps, for no two turns may have one number in between.
        ledger.run("UPDATE turns SET number = -number WHERE session = ?", (name,))
        ledger.run("UPDATE turns SET number = ? - number WHERE session = ?", (last, name))
        ledger.run_many("INSERT INTO turns VALUES (?, ?, ?, ?, ?)", taken.turns)
