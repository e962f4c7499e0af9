"""`quire rm --forever`: no file of the library holds a word of what it removed."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cli_fixture import Add, Quire

from assistant.sessions import Conversations
from store.ledger.check import check_ledger
from store.library.library import Library

GONE: dict[str, Any] = {
    "title": "Quokkazil mapping of the Ybrellian marshes",
    "abstract": "Ybrellian marshes drown slowly. Quokkazil surveys count 4117 herons in spring."
    " We publish the Vontrasp maps.",
    "authors": ["Zwyntholt, Ophrelia"],
    "doi": "10.5555/xqj.ybrell.77",
    "id": "zsource-9081",
    "url": "https://example.org/ybrell-pages",
    "venue": "Annals of Plimsquab",
    "notes": ["Check the Grimbold table"],
}
TRACES = (
    *("quokkazil", "ybrell", "vontrasp", "zwyntholt", "ophrelia", "xqj", "zsource", "plimsquab"),
    *("grimbold", "farnwick", "4117 herons"),
)
NEIGHBOUR = {
    "title": "Counting herons from the air",
    "abstract": "Herons nest in reeds. Aerial surveys count 250 herons an hour in spring.",
    "authors": ["Ardea, C."],
    "doi": "10.1000/heron",
}


@pytest.fixture
def folder(added: Add, quire: Quire) -> Path:
    """A library in which a paper was changed, merged, removed, brought back and asked about."""
    folder = added([GONE, NEIGHBOUR, {"title": "Moss", "abstract": "Moss grows on stones."}])
    again = {**GONE, "abstract": f"{GONE['abstract']} Vontrasp maps are free."}
    copy = {
        "title": "Ybrellian marshes, mapped",
        "abstract": GONE["abstract"],
        "doi": "10.1000/xqj",
    }
    assert quire("add", "-", stdin=f"{json.dumps(again)}\n{json.dumps(copy)}\n").code == 0
    assert quire("merge", GONE["doi"], copy["doi"]).code == 0
    assert quire("rm", GONE["doi"], "--yes").code == 0
    assert quire("undo").code == 0
    for question in (
        "How many herons do surveys count in spring?",
        "Which papers are by Ophrelia Zwyntholt on Quokkazil surveys?",
    ):
        assert quire("ask", question).code == 0
    assert quire("summarize", "-s", f"On {GONE['title']}", GONE["doi"]).code == 0
    assert quire("note", GONE["doi"], "A Farnwick note").code == 0
    assert quire("note", GONE["doi"], "--rm", "2").code == 0
    (folder / "ledger-version-2.sqlite3").write_bytes(b"an older ledger: ybrellian")
    return folder


def holding(folder: Path) -> set[tuple[str, str]]:
    """The files below a folder with a trace in them, as bytes in UTF-8 or UTF-16."""
    return {
        (path.relative_to(folder).parts[0], trace)
        for path in folder.rglob("*")
        if path.is_file()
        for data in [path.read_bytes().lower()]
        for trace in TRACES
        if trace.encode() in data or trace.encode("utf-16-le") in data
    }


def saved(library: Library) -> list[Any]:
    conversations = Conversations(library)
    return [turn for line in conversations.lines() for turn in conversations.open(line.id).turns]


def test_nothing_is_left_of_a_paper_removed_for_good(quire: Quire, folder: Path) -> None:
    assert {"ledger.sqlite3", "chroma", "ledger-version-2.sqlite3"} <= {
        name for name, _ in holding(folder)
    }
    with Library.open(folder) as library:
        gone = library.paper(GONE["doi"]).id
        before = [one.answer for one in saved(library)]
    assert quire("rm", gone, "--forever").code == 2, "it asks, or needs --yes"
    ran = quire("rm", gone, "--forever", "--yes", "--json")
    assert (ran.code, ran.json["removed"]) == (0, 1), ran.err
    assert ran.json["copies_deleted"] == ["ledger-version-2.sqlite3"]
    assert holding(folder) == set()
    assert quire("doctor", "--json").json["whole"]
    assert quire("status", "--json").json["papers"] == 2
    with Library.open(folder) as library:
        assert check_ledger(library.ledger)[0] == "ok"
        for words in ("Quokkazil", "Ybrellian marshes", "Zwyntholt"):
            assert gone not in dict(library.lexical(words, 5))
        after = [one.answer for one in saved(library)]
    assert len(after) == len(before) == 3
    for was, now in zip(before, after, strict=True):
        assert [one.number for one in now.references] == [one.number for one in was.references]
        for claim in now.claims:
            assert now.text[claim.start : claim.end].startswith(claim.text[:20])
        for reference in now.references:
            if reference.id == gone:
                assert (reference.title, reference.abstract) == ("(removed for good)", "")
            else:
                assert reference in was.references
    kept = [claim for one in after for claim in one.claims if "250 herons" in claim.text]
    assert kept, "the neighbour's sentences stay"
    shown = quire("show", gone)
    assert (shown.code, "for good" in shown.err) == (2, True)
    ran = quire("undo", "--yes")
    assert ran.code == 0, "other changes can still be taken back"
    assert holding(folder) == set()


@pytest.mark.slow
def test_a_removal_that_was_not_ended_is_ended_by_doctor(
    quire: Quire, added: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process reads the library all the while, so its log cannot be emptied."""
    folder = added([GONE, NEIGHBOUR])
    monkeypatch.setattr("store.ledger.database.BUSY_SECONDS", 0.2)
    with Library.open(folder) as library:
        gone = library.paper(GONE["doi"]).id
    assert quire("rm", gone, "--yes").code == 0
    with closing(sqlite3.connect(folder / "ledger.sqlite3")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM papers").fetchone()
        ran = quire("rm", gone, "--forever", "--yes")
        assert ran.code == 3, ran.err
        assert "doctor --fix" in ran.err
    assert "removed for good" in quire("list").err
    ran = quire("doctor", "--json")
    assert (ran.code, ran.json["whole"]) == (1, False)
    assert quire("doctor", "--fix").code == 0
    assert holding(folder) == set()
