"""The commands on what the library holds: added, searched, shown, removed, damaged; the demo."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest
from cli_fixture import PAPERS, Quire, Walk, interrupted
from papers import made_up
from tables import compare, table
from terminal_fixture import Terminals

from assistant.cli.progress import progress_text
from assistant.sessions import Conversations
from store.library.ingest import LISTED
from store.library.library import Library

NUMBER = 2500
"""So many papers that an add of them can be interrupted."""


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


def test_what_sources_say_of_papers(walk: Walk) -> None:
    walk(__file__, "fields_walk.jsonl")


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
    assert set(owl["versions"][0]) == {"id", "title", "year", "venue", "retracted"}
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
    written = run.read_text()
    assert len(written.splitlines()) >= 2
    queries.write_text('{"id": "q1", "text": "audio codec"}\nno JSON\n')
    told = quire(*batch, "--jsonl", "-n", "1")
    ranked, error = map(json.loads, told.out.splitlines())
    assert (told.code, error["error"]["message"]) == (
        2,
        f"{queries}, line 2: no query with id and text",
    )
    assert (ranked["id"], [one["rank"] for one in ranked["hits"]]) == ("q1", [1])
    assert "codec" in ranked["hits"][0]["title"].lower()
    assert run.read_text() == written, "a run is written whole or not at all"


def test_a_removed_paper_stays_in_answers_citing_it(
    quire: Quire, walk: Walk, stocked: Path
) -> None:
    answer = quire("ask", "How do bees dance?", "--json").json
    bee = answer["references"][0]["id"]
    walk(__file__, "removed.jsonl", bee=bee)
    with Library.open(stocked) as library:
        kept = Conversations(library).open(answer["session"]).turns[0].answer
    assert kept.references[0].id == bee
    assert "flowers" in kept.references[0].abstract


def test_papers_are_marked_and_listed_by_their_marks(
    quire: Quire, walk: Walk, stocked: Path
) -> None:
    fox, owl, ice, bee = quire("list", "--ids").out.split()
    walk(__file__, "marked.jsonl", fox=fox, owl=owl, ice=ice, bee=bee)
    assert quire("tag", bee, "--add", "x" * 101).code == 2
    assert quire("note", bee, "-", stdin="x" * 20_001).code == 2
    assert quire("show", bee, "--json").json[0]["tags"] == []


def test_changes_are_taken_back(quire: Quire, walk: Walk, stocked: Path) -> None:
    papers = quire("list", "--json").json["papers"]
    ids = {one["title"].split()[0]: one["id"] for one in papers}
    bee, ice = ids["Bees"], ids["Counting"]
    (bees,) = (one["abstract"] for one in quire("show", bee, "--json").json)
    walk(__file__, "undone.jsonl", bee=bee, ice=ice, bees=bees)


def test_a_library_is_backed_up_and_restored(walk: Walk, stocked: Path) -> None:
    walk(__file__, "backed_up.jsonl")


def test_libraries_have_names(
    walk: Walk, stocked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = Path(os.environ["XDG_DATA_HOME"])
    listed = (data / "quire" / "libraries.json").relative_to(tmp_path)
    walk(__file__, "libraries.jsonl", home=stocked, data=data, list=listed)


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


@pytest.mark.parametrize("name", ["demo", "added"])
def test_the_demo_has_its_own_library_and_every_record_is_accounted_for(
    walk: Walk, name: str
) -> None:
    walk(__file__, f"{name}.jsonl", papers=PAPERS)


def test_a_report_lists_first_refusals_and_progress_is_told(tmp_path: Path, quire: Quire) -> None:
    path = tmp_path / "bad.jsonl"
    good = json.dumps({"title": "Glaciers", "abstract": "Glaciers melt."})
    path.write_text(good + "\n" + '{"title": "none"}\n' * (LISTED + 50), "utf-8")
    ran = quire("add", str(path), "--dry-run", "--json")
    assert ran.code == 1, ran.err
    assert (ran.json["read"], ran.json["refused"]) == (LISTED + 51, LISTED + 50)
    assert (len(ran.json["rejections"]), ran.json["more_rejections"]) == (LISTED, 50)
    ran = quire("add", str(path), "--dry-run")
    assert f"… and {LISTED + 30} more; --json lists the first {LISTED}" in ran.err
    compare(
        table(__file__, "progress.jsonl"),
        lambda row: progress_text(row["number"], "records", row["seconds"], row["share"]),
    )


def papers_in(library: Path) -> int:
    address = f"file:{library}/ledger.sqlite3?mode=ro"
    with suppress(sqlite3.Error), closing(sqlite3.connect(address, uri=True)) as ledger:
        return int(ledger.execute("SELECT count(*) FROM papers").fetchone()[0])
    return 0


@pytest.mark.slow
def test_an_interrupted_add_keeps_what_it_reports_and_goes_on(
    tmp_path: Path, quire: Quire, on_terminal: Terminals
) -> None:
    """In a pipe, then on a terminal, where rate, share and time left are shown meanwhile."""
    path, library = tmp_path / "many.jsonl", tmp_path / "quire-home"
    lines = [json.dumps({"title": one.title, "abstract": one.abstract}) for one in made_up(NUMBER)]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    ran = interrupted(("add", str(path), "--json"), lambda: papers_in(library), 1)
    assert ran.code == 130, ran.err
    report = ran.json
    assert report["error"]["code"] == "interrupted"
    assert 0 < report["read"] < NUMBER
    assert report["new"] == report["read"] == len(report["papers"])
    assert "Traceback" not in ran.err
    kept = papers_in(library)
    assert kept >= report["new"]

    shown = on_terminal("add", str(path))
    shown.until(" %")
    while papers_in(library) == kept:
        assert shown.read(0.01)
    shown.type("\x03")
    assert shown.end() == 130
    assert " records, " in shown.output
    assert " a second, " in shown.output
    assert any(line.startswith("read ") for line in shown.lines)
    assert "the same command goes on from here" in shown.output
    assert not [line for line in shown.lines if " a second" in line], "the progress is gone"

    kept = papers_in(library)
    again = quire("add", str(path), "--json")
    assert again.code == 0, again.err
    assert (again.json["same"], again.json["new"]) == (kept, NUMBER - kept)
    assert len(again.json["papers"]) == NUMBER
    status = quire("status", "--json").json
    assert (status["papers"], status["pending"]) == (NUMBER, 0)
