"""The commands on what the library holds: listed, shown, removed, damaged; and the demo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cli_fixture import Quire
from tables import Row, for_each, table

from assistant.sessions import Conversations
from store.library.library import Library


def test_the_five_pages_are_added_listed_and_asked(quire: Quire, shared: Path) -> None:
    ran = quire("add", str(shared / "pages"), "--json")
    assert ran.code == 0, ran.err
    counts = [ran.json[name] for name in ("read", "new", "same", "changed", "refused")]
    assert counts == [341, 299, 42, 0, 0]
    assert len(ran.json["papers"]) == 299
    listed = quire("list", "--json").json
    assert listed["total"] == 299
    dates = [place["page_date"] for one in listed["papers"] for place in one["provenance"]]
    assert set(dates) == {"Mar 11", "Mar 14", None}
    filtered = quire("list", "--year", "2020..2023")
    assert (filtered.out, "299 papers have no year" in filtered.err) == ("", True)
    assert quire("list", "--json", "--year", "2020..", "--undated").json["total"] == 299
    answered = quire("ask", "How many tokens a second does WavTokenizer need?", "--json")
    assert (answered.code, "40 or 75 tokens" in answered.json["text"]) == (0, True)
    assert quire("ask", "Which spice trade routes crossed the Sahara?", "--json").code == 5


def value_at(document: Any, path: str) -> Any:
    """The value in a document at a path such as "hits.0.title"."""
    for part in path.split("."):
        document = document[int(part) if part.isdecimal() else part]
    return document


def test_what_commands_show_of_four_papers(quire: Quire, stocked: Path) -> None:
    def check(row: Row) -> None:
        ran = quire(*row["arguments"])
        assert ran.code == row.get("code", 0), ran.err
        assert not [words for words in row.get("out", []) if words not in ran.out], ran.out
        assert not [words for words in row.get("err", []) if words not in ran.err], ran.err
        for path, right in row.get("json", {}).items():
            assert (path, value_at(ran.json, path)) == (path, right)
        if "titles" in row:
            hits = ran.json["hits"]
            assert sorted(one["title"].split()[0] for one in hits) == row["titles"]

    for_each(table(__file__, "shown.jsonl"), check)
    ids = [one["id"] for one in quire("list", "--json").json["papers"]]
    (shown,) = quire("show", ids[0][:8], "--json").json
    assert shown["id"] == ids[0], "the beginning of an id will do"
    assert len(quire("list").out.splitlines()) == 4
    assert quire("status", "--json").json["disk_bytes"] > 10_000


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


def test_the_demo_has_a_library_of_its_own(quire: Quire, tmp_path: Path) -> None:
    ran = quire("demo")
    assert ran.code == 0, ran.err
    assert "LoRA" in ran.out
    assert "[1]" in ran.out
    assert "not the published ones" in ran.err
    assert not (tmp_path / "quire-home").exists()
    again = quire("demo", "Which", "network", "won", "ImageNet", "in", "2012?", "--json")
    assert again.code == 0, again.err
    status = quire("--library", str(tmp_path / "quire-home-demo"), "status", "--json").json
    assert status["papers"] >= 60
