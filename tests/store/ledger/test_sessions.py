"""Conversations that several processes name, add to and remove."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from store.errors import AmbiguousSession, InputError, NothingToUndo, UnknownSession
from store.ledger.database import Ledger, now
from store.ledger.glimpse import glimpse
from store.ledger.row_check import differences, one_state
from store.ledger.session_return import put_session_back, take_session
from store.ledger.sessions import (
    StoredTurn,
    delete_sessions,
    find_session,
    list_sessions,
    rename_session,
    save_turn,
    turns_of,
)

Two = tuple[Ledger, Ledger]


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    """The same ledger, opened twice."""
    with (
        closing(Ledger.open(tmp_path / "quire-home", create=True)) as one,
        closing(Ledger.open(tmp_path / "quire-home")) as other,
    ):
        yield one, other


def turn(question: str) -> StoredTurn:
    return StoredTurn(now(), question, "{}")


def test_two_that_begin_one_name_write_to_one_conversation(two: Two) -> None:
    one, other = two
    first = save_turn(one, None, turn("What sings?"), "Owls")
    assert save_turn(other, None, turn("What flies?"), "owls") == first
    assert save_turn(one, first, turn("What sleeps?")) == first
    assert [(each.number, each.question) for each in turns_of(other, first)] == [
        (1, "What sings?"),
        (2, "What flies?"),
        (3, "What sleeps?"),
    ]
    with one.write():
        one.run("DELETE FROM turns WHERE number = 2")
    save_turn(other, first, turn("What hunts?"))
    assert [each.number for each in turns_of(one, first)] == [1, 3, 4], "a gap stays one"


def test_what_is_removed_meanwhile_is_said_and_an_answer_is_kept(two: Two) -> None:
    one, other = two
    name = save_turn(one, None, turn("What sings?"), "owls")
    delete_sessions(other, [name])
    with pytest.raises(UnknownSession):
        rename_session(one, name, "birds")
    assert save_turn(one, name, turn("What flies?")) == name
    (found,) = list_sessions(other)
    assert (found.title, found.turns, found.is_named) == ("What flies?", 1, False)


def test_what_was_deleted_comes_back_as_it_was(two: Two) -> None:
    """Also where something was asked in it meanwhile, and never with papers erased since."""
    one, other = two
    name = save_turn(one, None, turn("What sings?"), "owls")
    save_turn(one, name, turn("What flies?"))
    sessions, turns = list_sessions(one), turns_of(one, name)
    taken = take_session(one, name)
    assert taken is not None
    assert (list_sessions(other), take_session(other, name)) == ((), None)
    put_session_back(one, taken)
    assert (list_sessions(other), turns_of(other, name)) == (sessions, turns)
    taken = take_session(one, name)
    assert taken is not None
    save_turn(other, name, turn("What sleeps?"))
    put_session_back(one, taken)
    asked = [(each.number, each.question) for each in turns_of(other, name)]
    assert asked == [(1, "What sings?"), (2, "What flies?"), (3, "What sleeps?")]
    assert [each.title for each in list_sessions(other)] == ["owls"]
    taken = take_session(one, name)
    assert taken is not None
    with other.write():
        other.run("INSERT INTO removed VALUES ('powl', ?, 'forever')", (now(),))
    with pytest.raises(NothingToUndo, match="removed for good"):
        put_session_back(one, taken)
    with one_state(one.path) as connection:
        assert differences(connection) == ()


def test_a_name_finds_one_conversation_or_none(two: Two) -> None:
    ledger, _ = two
    owls, asked, again = (save_turn(ledger, None, turn(what)) for what in ("Owls?", "Ice?", "Ice?"))
    rename_session(ledger, owls, "Große Eulen")
    for name in (owls, owls[:6], "GROSSE  eulen"):
        assert find_session(ledger, name).id == owls
    with pytest.raises(AmbiguousSession, match="names 2 conversations"):
        find_session(ledger, "ice?")
    with pytest.raises(UnknownSession) as unknown:
        find_session(ledger, "große Eule")
    assert unknown.value.near == ("Große Eulen",)
    for name in ("ice?", "grosse eulen"):
        with pytest.raises(InputError, match="already"):
            rename_session(ledger, again, name)
    rename_session(ledger, asked, "Ice")
    assert find_session(ledger, "ice?").id == again
    with pytest.raises(UnknownSession):
        find_session(ledger, "")


def test_completes_a_name_that_begins_the_question(tmp_path: Path) -> None:
    with closing(Ledger.open(tmp_path, create=True)) as ledger:
        save_turn(ledger, None, StoredTurn("2026-01-02T03:04:05Z", "Do owls see?", "{}"), "Do owls")
    with glimpse(tmp_path) as look:
        assert look.sessions("do") == [("Do owls", "Do owls see?")]
