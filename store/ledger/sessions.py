"""Saved conversations at rest: a turn is committed by itself, or with others made with it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from store.clean import clean_line, folded, shorten
from store.errors import AmbiguousSession, InputError, UnknownSession
from store.ledger.database import Ledger, Row, now
from store.ledger.nearest import LIKELY
from store.nearest import nearest as names_near
from store.pattern import pattern

NAME_LIMIT = 200
"""Characters of a conversation's name at most; that of a first question is cut there."""
_ID = pattern(r"s[0-9a-f]{8}|s(?=[a-f]*\d)[0-9a-f]{5,7}")
_NUMBERED = pattern(r"%\d+")
_NEAREST = 3
_SHOWN = 60


@dataclass(frozen=True)
class StoredTurn:
    """One turn; `answer` is JSON, `number` counts from 1 (0: not saved yet)."""

    asked_at: str
    question: str
    answer: str
    number: int = 0


@dataclass(frozen=True)
class StoredSession:
    """A conversation without its turns; instants are ISO 8601 in UTC.

    `title` is its name: the one the reader gave, else (not `is_named`) its first question.
    """

    id: str
    title: str
    created_at: str
    updated_at: str
    turns: int
    is_named: bool


def name_for_session(name: str) -> str:
    """A name that a reader gives to a conversation, as it is kept; raises InputError.

    What is taken for something else where a conversation is named is refused.
    """
    kept = clean_line(clean_line(name).replace("\N{REPLACEMENT CHARACTER}", ""))
    if not kept:
        wrong = "a conversation's name is not empty"
    elif len(kept) > NAME_LIMIT:
        wrong = f"a conversation's name has at most {NAME_LIMIT} characters, not {len(kept)}"
    elif kept.startswith("-"):
        wrong = f"a conversation's name does not begin with a dash, as options do: “{kept}”"
    elif is_session_id(kept):
        wrong = f"“{kept}” has the form of an id, and is no name for a conversation"
    elif _NUMBERED.fullmatch(kept):
        wrong = f"“{kept}” names an entry of the last list, and is no name for a conversation"
    else:
        return kept
    raise InputError(wrong, "give another name")


def is_session_id(name: str) -> bool:
    """True for what has the form of a conversation's id or of most of one, there or not."""
    return _ID.fullmatch(name) is not None


def save_turn(ledger: Ledger, session: str | None, turn: StoredTurn, name: str = "") -> str:
    """Add one turn, as `save_turns` does several."""
    return save_turns(ledger, session, [turn], name)


def save_turns(
    ledger: Ledger, session: str | None, turns: Sequence[StoredTurn], name: str = ""
) -> str:
    """Add turns to a conversation, or begin one with them, all or none; returns its id.

    One that begins is called `name`, else by the first question; where another process has begun
    one of that name meanwhile, the turns go there.
    """
    with ledger.write():
        if session is None and name:
            session = next((one.id for one in _called(list_sessions(ledger), name)), None)
        session = session or f"s{os.urandom(4).hex()}"
        for turn in turns:
            ledger.run(
                "INSERT OR IGNORE INTO sessions VALUES (?, ?, ?, ?)",
                (session, name or turn.question[:NAME_LIMIT], turn.asked_at, turn.asked_at),
            )
            ledger.run(
                "INSERT INTO turns SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3, ?4"
                " FROM turns WHERE session = ?1",
                (session, turn.asked_at, turn.question, turn.answer),
            )
        ledger.run("UPDATE sessions SET updated_at = ? WHERE id = ?", (now(), session))
    return session


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
        " (SELECT count(*) FROM turns WHERE session = sessions.id),"
        f" coalesce((SELECT title != substr(question, 1, {NAME_LIMIT}) FROM turns"
        " WHERE session = sessions.id ORDER BY number LIMIT 1), 0)"
        " FROM sessions ORDER BY updated_at DESC, id"
    )
    return tuple(
        StoredSession(str(name), str(title), str(created), str(updated), turns, bool(named))
        for name, title, created, updated, turns, named in rows
    )


def find_session(ledger: Ledger, name: str) -> StoredSession:
    """The conversation with this id, name, or unique beginning of an id.

    A name is the same in any case, with or without accents; one that a reader gave goes before
    the same words as a first question. Raises UnknownSession, AmbiguousSession.
    """
    every = list_sessions(ledger)
    named = clean_line(name)
    for found in (
        [one for one in every if one.id == named],
        _called(every, named),
        [one for one in every if named and one.id.startswith(named)],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(one.id for one in found[:_NEAREST])
            more = f" and {len(found) - _NEAREST} more" if len(found) > _NEAREST else ""
            shown = shorten(named, _SHOWN)
            raise AmbiguousSession(
                f"“{shown}” names {len(found)} conversations: {ids}{more}",
                "give the id; quire sessions lists them",
            )
    raise UnknownSession(shorten(named, _SHOWN), nearest(every, named))


def _called(every: Sequence[StoredSession], name: str) -> list[StoredSession]:
    """The conversations of a name, those alone whose name a reader gave where there are any."""
    same = same_name(name)
    found = [one for one in every if same and same_name(one.title) == same]
    return [one for one in found if one.is_named] or found


def same_name(name: str) -> str:
    """What two spellings of one name have in common: no case, no accents, single spaces."""
    return folded(clean_line(name))


def nearest(every: Sequence[StoredSession], name: str) -> tuple[str, ...]:
    """The names of conversations that are most like one, the nearest first."""
    if not (same := same_name(name)):
        return ()
    titles = {same_name(one.title): clean_line(one.title) for one in reversed(every)}
    begun = [one for one in titles if one.startswith(same)]
    close = names_near(same, titles, most=_NEAREST, least=LIKELY)
    found = list(dict.fromkeys([*close, *begun]))[:_NEAREST]
    return tuple(shorten(titles[one], _SHOWN) for one in found)


def rename_session(ledger: Ledger, session: str, name: str) -> str:
    """Give a conversation a name; returns it as it is kept.

    Raises InputError for a name that cannot be given, or that another conversation has;
    UnknownSession where the conversation is gone.
    """
    kept = name_for_session(name)
    with ledger.write():
        every = list_sessions(ledger)
        if session not in {one.id for one in every}:
            raise UnknownSession(session, ())
        for one in _called(every, kept):
            if one.id != session:
                raise InputError(
                    f"the conversation {one.id} is called “{shorten(kept, _SHOWN)}” already",
                    "give another name",
                )
        ledger.run("UPDATE sessions SET title = ? WHERE id = ?", (kept, session))
    return kept


def turns_of(ledger: Ledger, session: str) -> tuple[StoredTurn, ...]:
    """The turns of a conversation, oldest first."""
    rows = ledger.rows(
        "SELECT asked_at, question, answer, number FROM turns WHERE session = ? ORDER BY number",
        (session,),
    )
    return tuple(map(_turn, rows))


def _turn(row: Row) -> StoredTurn:
    at, question, answer, number = row
    return StoredTurn(str(at), str(question), str(answer), number)


def turn_of(ledger: Ledger, session: str, number: int | None = None) -> StoredTurn | None:
    """One turn of a conversation, the last one without a number; None where it is gone."""
    rows = ledger.rows(
        "SELECT asked_at, question, answer, number FROM turns"
        " WHERE session = ?1 AND (?2 IS NULL OR number = ?2) ORDER BY number DESC LIMIT 1",
        (session, number),
    )
    return _turn(rows[0]) if rows else None


def delete_sessions(ledger: Ledger, sessions: Sequence[str]) -> None:
    """Forget conversations, all of them at once."""
    with ledger.write():
        for name in sessions:
            ledger.run("DELETE FROM turns WHERE session = ?", (name,))
            ledger.run("DELETE FROM sessions WHERE id = ?", (name,))
