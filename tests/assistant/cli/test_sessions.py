"""`quire sessions`, and conversations by name in `ask` and `summarize`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_fixture import Quire, Walk
from damages import tamper
from tables import Row, for_each, table

from assistant.sessions import UNREAD, Conversations, cited_papers
from store.errors import InputError
from store.ledger.database import now
from store.ledger.sessions import StoredTurn
from store.library.library import Library

pytestmark = pytest.mark.usefixtures("stocked")


def test_conversations_are_named_read_searched_written_and_removed(walk: Walk) -> None:
    walk(__file__, "sessions.jsonl")


def test_an_answer_of_another_quire_is_told_in_its_place(quire: Quire, stocked: Path) -> None:
    for question in ("How many quantizers do audio codecs need?", "And the tokens?"):
        quire("ask", "-s", "owls", question)
    tamper(stocked, """UPDATE turns SET answer = '{"of": "tomorrow"}' WHERE number = 1""")
    shown = quire("sessions", "show", "owls")
    assert (shown.code, shown.out.count(UNREAD)) == (1, 1)
    assert shown.out.index("1. How many") < shown.out.index(UNREAD) < shown.out.index("2. And")
    as_json = quire("sessions", "show", "owls", "--json")
    assert [one.get("error", {}).get("code") for one in as_json.json] == ["unreadable_answer", None]
    assert quire("sessions", "export", "owls", "--format", "jsonl").code == 1
    assert UNREAD in quire("ask", "-s", "owls", "And its quality?").err
    found = quire("sessions", "search", "quantizers", "--json").json
    assert 1 in [one["turn"] for one in found["hits"]], "the question is found all the same"


def test_answers_of_earlier_builds_are_shown_searched_and_gone_on_with(
    quire: Quire, stocked: Path
) -> None:
    rows = table(__file__, "old_answers.jsonl")
    with Library.open(stocked) as library:
        for row in rows:
            answer = row["answer"]
            turn = StoredTurn(now(), answer["question"], json.dumps(answer))
            library.save_turn(None, turn, f"old {row['line']}")

    def check(row: Row) -> None:
        shown = quire("sessions", "show", f"old {row['line']}")
        assert (shown.code, shown.err) == (0, "")
        assert not [words for words in row["out"] if words not in shown.out], shown.out

    for_each(rows, check)
    assert len(quire("sessions", "search", "quantizers", "--json").json["hits"]) > 1
    gone_on = quire("ask", "-s", f"old {rows[0]['line']}", "And the tokens of OwlCodec?", "--json")
    assert gone_on.json["outcome"] == "answered"


def test_the_papers_that_a_conversation_cites(quire: Quire, stocked: Path) -> None:
    quire("ask", "-s", "owls", "How many quantizers do audio codecs need?")
    quire("ask", "-s", "owls", "How many tokens does FoxCodec need?")
    known = {one["title"][:3]: one["id"] for one in quire("list", "--json").json["papers"]}

    def cited(turn: int | None = None) -> tuple[list[str], list[str]]:
        with Library.open(stocked) as library:
            found = cited_papers(library, Conversations(library).open("owls"), turn)
        return list(found.papers), [one.title[:3] for one in found.gone]

    assert cited() == ([known["Owl"], known["Fox"]], [])
    assert cited(2) == ([known["Fox"]], [])
    with pytest.raises(InputError, match="no turn 3"):
        cited(3)
    quire("rm", known["Owl"], "--yes")
    assert cited() == ([known["Fox"]], ["Owl"])
    # What was merged into another is that one.
    ice = next(name for title, name in known.items() if title not in ("Owl", "Fox"))
    quire("merge", ice, known["Fox"])
    assert cited(2) == ([ice], [])


def test_what_an_answer_was_asked_of_is_told(quire: Quire) -> None:
    quire("ask", "-s", "owls", "--year", "1900..", "--undated", "How many quantizers are needed?")
    quire("ask", "-s", "owls", "And the tokens?")
    shown = quire("sessions", "show", "owls")
    assert shown.out.count("among papers: since 1900") == 1
    kept = [one.get("asked_of") for one in quire("sessions", "show", "owls", "--json").json]
    assert kept[1] is None
    assert (kept[0]["filter"]["year_from"], kept[0]["papers"]) == (1900, 0)
