"""The commands on what the library holds: listed, shown, removed, damaged; and the demo."""

from __future__ import annotations

from pathlib import Path

from cli_fixture import Quire

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


def test_papers_are_listed_and_shown_and_the_status_told(quire: Quire, stocked: Path) -> None:
    listed = quire("list")
    assert len(listed.out.splitlines()) == 4
    assert "2024" in listed.out
    first = quire("list", "--json").json["papers"][0]
    (shown,) = quire("show", first["id"][:8], "--json").json
    assert shown["title"] == "FoxCodec: one quantizer is enough"
    assert shown["links"] == ["https://example.org/fox"]
    assert shown["tags"] == ["audio"]
    assert shown["provenance"][0]["source"].endswith("papers.jsonl")
    text = quire("show", "10.1000/ice").out
    assert "authors not known" in text
    assert "https://doi.org/10.1000/ice" in text
    (owl,) = quire("show", "OwlCodec for night recordings", "--json").json
    assert owl["links"] == ["https://github.com/example/owl"]
    assert quire("list", "--year", "2023..", "--json").json["total"] == 1
    status = quire("status", "--json").json
    assert (status["papers"], status["indexed"], status["pending"]) == (4, 4, 0)
    assert (status["embedder"], status["model"]) == ("wordllama", "extractive")
    assert (status["chroma"], status["lexical"]) == ("ready", "ready")
    assert status["disk_bytes"] > 10_000


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
