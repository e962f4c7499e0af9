"""The commands on what the library holds: searched, shown, removed, damaged; and the demo."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_fixture import PAPERS, Quire, Walk

from assistant.sessions import Conversations
from store.library.library import Library


def test_the_five_pages_are_added_listed_and_asked(quire: Quire, walk: Walk, shared: Path) -> None:
    walk(__file__, "pages.jsonl", pages=shared / "pages")
    listed = quire("list", "--json").json["papers"]
    dates = [place["page_date"] for one in listed for place in one["provenance"]]
    assert set(dates) == {"Mar 11", "Mar 14", None}


def test_what_commands_show_of_four_papers(quire: Quire, walk: Walk, stocked: Path) -> None:
    walk(__file__, "shown.jsonl")
    ids = [one["id"] for one in quire("list", "--json").json["papers"]]
    (shown,) = quire("show", ids[0][:8], "--json").json
    assert shown["id"] == ids[0], "the beginning of an id will do"
    assert len(quire("list").out.splitlines()) == 4
    assert quire("status", "--json").json["disk_bytes"] > 10_000


def test_a_search_explained(quire: Quire, stocked: Path) -> None:
    ran = quire("search", "audio codec quantizers", "--explain", "--json")
    why = ran.json["hits"][0]["explain"]
    assert set(why) == {"score", "fused", "parts", "lexical", "dense", "matched", "missing"}
    assert sum(why["parts"].values()) == pytest.approx(why["fused"], abs=1e-3)
    assert why["lexical"]["rank"] == ran.json["hits"][0]["ranks"]["lexical"]
    assert {one["word"] for one in why["matched"]} == {"audio", "codec", "quantizers"}
    text = quire("search", "audio codec zebra", "--explain", "-n", "1").out
    assert "BM25" in text
    assert "cosine" in text
    assert "lacks: zebra" in text
    assert all(len(line) <= 100 for line in text.splitlines())


def test_versions_are_shown_together(quire: Quire, stocked: Path) -> None:
    again = json.loads(PAPERS.splitlines()[1])
    again |= {"title": again["title"] + ": a codec", "doi": "10.1000/owl", "venue": "Night Studies"}
    quire("add", "-", stdin=json.dumps(again))
    hits = quire("search", "OwlCodec night", "--json").json["hits"]
    (owl,) = [one for one in hits if "Owl" in one["title"]]
    assert set(owl["versions"][0]) == {"id", "title", "year", "venue"}
    assert [one["rank"] for one in hits] == list(range(1, len(hits) + 1))
    assert "also: OwlCodec for night recordings" in quire("search", "OwlCodec", "night").out
    own = quire("similar", owl["id"], "--json").json
    assert own["paper"] == owl["id"]
    assert [one["id"] for one in own["versions"]] == [owl["versions"][0]["id"]]
    assert "also known here as: " in quire("similar", owl["id"]).out


def test_a_file_of_queries_gives_a_trec_run(quire: Quire, stocked: Path, tmp_path: Path) -> None:
    queries, run = tmp_path / "queries.jsonl", tmp_path / "run.txt"
    batch = ("search", "--queries", str(queries), "--run", str(run))
    queries.write_text('{"id": "q1", "text": "audio codec"}\n{"id": 2, "text": "bees"}\n')
    told = quire(*batch, "--json")
    assert told.code == 0, told.err
    rows = [line.split() for line in run.read_text().splitlines()]
    assert told.json == {"queries": 2, "lines": len(rows), "run": str(run), "notes": []}
    assert all(row[1] == "Q0" and row[5] == "quire" for row in rows)
    assert [row[3] for row in rows if row[0] == "q1"][:2] == ["1", "2"]
    scores = [float(row[4]) for row in rows if row[0] == "2"]
    assert scores == sorted(scores, reverse=True)
    # A batch is plain words: what would be syntax, or wrong syntax, is searched as it stands.
    queries.write_text('{"id": "q1", "text": "\\"audio codec -owlcodec title:"}\n')
    assert quire(*batch).code == 0
    assert len(run.read_text().splitlines()) >= 2


def test_a_removed_paper_is_gone_but_from_the_answers_that_cite_it(
    quire: Quire, stocked: Path
) -> None:
    """Case 49."""
    answer = quire("ask", "How do bees dance?", "--json").json
    bee = answer["references"][0]["id"]
    assert quire("rm", bee).code == 2, "without a terminal --yes is needed"
    assert quire("rm", bee, "--yes", "--json").json == {"removed": 1, "papers": [bee]}
    assert quire("show", bee).code == 2
    assert quire("status", "--json").json["papers"] == 3
    assert bee not in quire("search", "bees dance", "--json").out
    assert quire("rm", "10.1000/ice", "--yes").out == "removed 1\n"
    with Library.open(stocked) as library:
        kept = Conversations(library).open(answer["session"]).turns[0].answer
    assert kept.references[0].id == bee
    assert "flowers" in kept.references[0].abstract


def test_damage_is_said_and_answers_stay(quire: Quire, stocked: Path) -> None:
    """Case 37, at the command line."""
    before = quire("search", "audio codec", "--json").json
    for file in (stocked / "chroma").rglob("*"):
        if file.is_file():
            file.write_bytes(b"")
    ran = quire("search", "audio codec", "--json")
    assert (ran.code, ran.json) == (0, before)
    assert "doctor" in ran.err
    examined = quire("doctor", "--json")
    assert examined.code == 0
    assert examined.json["whole"]
    assert {one["part"]: one["state"] for one in examined.json["findings"]}["Chroma"] == "mended"
    after = quire("search", "audio codec", "--json")
    assert (after.json, after.err) == (before, "")


def test_the_demo_has_a_library_of_its_own(walk: Walk) -> None:
    walk(__file__, "demo.jsonl")
