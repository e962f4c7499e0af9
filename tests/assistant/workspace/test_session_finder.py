"""Conversations found while words are typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from assistant.types.sessions import SessionLine
from assistant.workspace import session_finder
from assistant.workspace.session_finder import SessionFinder
from store.ledger.database import Ledger
from store.ledger.sessions import StoredTurn, list_sessions, rename_session, save_turn


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Two conversations: on owls (two turns, one that cannot be read) and on "Große Fische"."""
    with closing(Ledger.open(tmp_path / "quire-home", create=True)) as opened:
        for at, (name, question, answer) in enumerate(
            (
                ("owls", "What sings?", json.dumps({"text": "Owls sing at night [1]."})),
                ("owls", "What naps?", "spoiled"),
                ("fish", "What swims?", json.dumps({"text": "Nothing swims by day [1]."})),
            )
        ):
            stored = StoredTurn(f"2026-01-0{at + 1}", question, answer)
            save_turn(opened, None, stored, name)
        fish = next(one.id for one in list_sessions(opened) if one.title == "fish")
        rename_session(opened, fish, "Große Fische")
        yield opened


def found(ledger: Ledger, finder: SessionFinder, words: str) -> list[tuple[str, int | None]]:
    lines = [
        SessionLine(id=one.id, title=one.title, updated_at=one.updated_at, turns=one.turns)
        for one in list_sessions(ledger)
    ]
    names = {one.id: one.title for one in lines}
    return [(names[one], number) for one, number in finder.found(words, lines).items()]


def test_words_are_found_in_names_questions_and_answers(ledger: Ledger) -> None:
    finder = SessionFinder(ledger.path.parent)
    assert found(ledger, finder, "GROSSE") == [("Große Fische", None)], "names before all is read"
    finder.read()
    assert len(found(ledger, finder, " ")) == 2
    for words, right in (
        ("owl", [("owls", None)]),
        ("what", [("owls", 2), ("Große Fische", 1)]),
        ("owls night", [("owls", 1)]),
        ("fische day", [("Große Fische", 1)]),
        ("sings naps", []),
        ("spoiled", []),
        ("references", []),
    ):
        assert sorted(found(ledger, finder, words)) == sorted(right), words
    assert finder.left_out == 0


def test_of_very_many_turns_the_last_answers_are_read(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_finder, "MOST_ANSWERS", 2)
    finder = SessionFinder(ledger.path.parent)
    finder.read()
    assert (finder.left_out, found(ledger, finder, "night")) == (1, [])
    assert found(ledger, finder, "sings") == [("owls", 1)], "its question is looked at"
    stopped = SessionFinder(ledger.path.parent)
    stopped.stop()
    stopped.read()
    assert found(ledger, stopped, "swims day") == []
