"""Saved conversations at rest: each turn is committed by itself."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from store.errors import InputError
from store.ledger.database import Ledger, now


@dataclass(frozen=True)
class StoredTurn:
    """One turn; `answer` is JSON."""

    asked_at: str
    question: str
    answer: str


@dataclass(frozen=True)
class StoredSession:
    """A conversation without its turns; instants are ISO 8601 in UTC."""

    id: str
    title: str
    created_at: str
    updated_at: str
    turns: int


def save_turn(ledger: Ledger, session: str | None, turn: StoredTurn) -> str:
    """Add a turn to a conversation, or begin one with it; returns the conversation's id."""
    name = session or f"s{secrets.token_hex(4)}"
    with ledger.write():
        ledger.run(
            "INSERT OR IGNORE INTO sessions VALUES (?, ?, ?, ?)",
            (name, turn.question[:200], turn.asked_at, turn.asked_at),
        )
        number = ledger.value("SELECT count(*) FROM turns WHERE session = ?", (name,))
        ledger.run(
            "INSERT INTO turns VALUES (?, ?, ?, ?, ?)",
            (name, number + 1, turn.asked_at, turn.question, turn.answer),
        )
        ledger.run("UPDATE sessions SET updated_at = ? WHERE id = ?", (now(), name))
    return name


def update_turn(ledger: Ledger, session: str, question: str, answer: str) -> None:
    """Put another answer in place of that of the last turn with this question."""
    with ledger.write():
        ledger.run(
            "UPDATE turns SET answer = ? WHERE session = ? AND number = ("
            "SELECT max(number) FROM turns WHERE session = ? AND question = ?)",
            (answer, session, session, question),
        )


def list_sessions(ledger: Ledger) -> tuple[StoredSession, ...]:
    """All conversations, the last one used first."""
    rows = ledger.rows(
        "SELECT id, title, created_at, updated_at,"
        " (SELECT count(*) FROM turns WHERE session = sessions.id)"
        " FROM sessions ORDER BY updated_at DESC, id"
    )
    return tuple(
        StoredSession(str(name), str(title), str(created), str(updated), turns)
        for name, title, created, updated, turns in rows
    )


def find_session(ledger: Ledger, name: str) -> StoredSession:
    """The conversation with this id or unique prefix of one; raises InputError."""
    found = [one for one in list_sessions(ledger) if one.id == name or one.id.startswith(name)]
    exact = [one for one in found if one.id == name]
    if len(exact or found) != 1 or not name:
        many = f"{len(found)} conversations begin with" if found else "no conversation"
        raise InputError(f"{many} “{name}”", "ask without --session to begin one")
    return (exact or found)[0]


def turns_of(ledger: Ledger, session: str) -> tuple[StoredTurn, ...]:
    """The turns of a conversation, oldest first."""
    rows = ledger.rows(
        "SELECT asked_at, question, answer FROM turns WHERE session = ? ORDER BY number",
        (session,),
    )
    return tuple(StoredTurn(str(at), str(question), str(answer)) for at, question, answer in rows)


def delete_session(ledger: Ledger, session: str) -> None:
    """Forget a conversation."""
    with ledger.write():
        ledger.run("DELETE FROM turns WHERE session = ?", (session,))
        ledger.run("DELETE FROM sessions WHERE id = ?", (session,))
