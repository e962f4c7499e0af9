"""Which answers cite a paper, as answers come, change and go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from store.ledger import citing
from store.ledger.citing import citing_turns, digest_of, has_citations, keep_citations
from store.ledger.database import Ledger
from store.ledger.row_check import differences, one_state, structure
from store.ledger.sessions import (
    StoredTurn,
    delete_sessions,
    rename_session,
    save_turn,
    update_turn,
)

ODD = (
    "{}",
    "[]",
    "none",
    '{"references": 4}',
    '{"references": [3, null, {"id": 5}, {"id": null}]}',
)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger."""
    with closing(Ledger.open(tmp_path / "quire-home", create=True)) as opened:
        yield opened


def turn(question: str, at: int, *cited: tuple[str, list[int]]) -> StoredTurn:
    references = [
        {"id": name, "abstract": f"Of {name}.", "sentences": sentences} for name, sentences in cited
    ]
    return StoredTurn(f"2026-01-{at:02}", question, json.dumps({"references": references}))


def told(ledger: Ledger, paper: str) -> list[tuple[str, int, tuple[int, ...]]]:
    return [(one.question, one.number, one.sentences) for one in citing_turns(ledger, paper)]


def test_answers_are_listed_by_what_they_cite(ledger: Ledger) -> None:
    birds = save_turn(ledger, None, turn("Owls?", 1, ("powl", [1, 2]), ("pice", [3])))
    save_turn(ledger, birds, turn("Ice?", 3, ("pice", [1])))
    seas = save_turn(ledger, None, turn("Kelp?", 2, ("powl", [])))
    for answer in ODD:
        save_turn(ledger, seas, StoredTurn("2026-02-01", "Odd?", answer))
    assert told(ledger, "powl") == [("Kelp?", 1, ()), ("Owls?", 1, (1, 2))]
    assert told(ledger, "pice") == [("Ice?", 2, (1,)), ("Owls?", 1, (3,))]
    assert told(ledger, "5") == told(ledger, "pkelp") == []
    rename_session(ledger, birds, "Birds")
    (first, _) = citing_turns(ledger, "pice")
    assert (first.session, first.name, first.text) == (birds, "Birds", digest_of("Of pice."))
    update_turn(ledger, birds, "Ice?", turn("", 1, ("powl", [4])).answer)
    assert told(ledger, "powl")[0] == ("Ice?", 2, (4,))
    assert told(ledger, "pice") == [("Owls?", 1, (3,))]
    delete_sessions(ledger, [birds])
    assert (told(ledger, "powl"), told(ledger, "pice")) == ([("Kelp?", 1, ())], [])
    with one_state(ledger.path) as connection:
        assert (structure(connection), differences(connection)) == ("", ())


def test_a_ledger_made_before_is_read_as_it_is_and_gets_the_table(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ledger.write():
        ledger.run("DROP TABLE cited")
        for what in ("INSERT", "UPDATE", "DELETE"):
            ledger.run(f"DROP TRIGGER cited_{what}")
    name = save_turn(ledger, None, turn("Owls?", 1, ("powl", [2])))
    for answer in ODD:
        save_turn(ledger, name, StoredTurn("2026-01-02", "Odd?", answer))
    save_turn(ledger, name, turn("Ice?", 3, ("powl", [1])))
    without = citing_turns(ledger, "powl")
    assert [one.question for one in without] == ["Ice?", "Owls?"]
    monkeypatch.setattr(citing, "MOST_READ", 2)
    assert told(ledger, "powl") == [("Ice?", 7, (1,))], "no more is read than is said"
    keep_citations(ledger)
    keep_citations(ledger)
    assert has_citations(ledger)
    assert citing_turns(ledger, "powl") == without
    save_turn(ledger, name, turn("Kelp?", 4, ("powl", [])))
    assert len(citing_turns(ledger, "powl")) == 3
