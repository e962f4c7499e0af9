"""`quire search` and `quire similar`: what they take and print; ranking is tested by itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_fixture import PAPERS, Quire

pytestmark = pytest.mark.usefixtures("stocked")


def test_a_search_prints_ranked_papers_with_their_best_sentence(quire: Quire) -> None:
    found = quire("search", "audio", "codec", "single", "quantizer", "--json").json
    assert found["query"] == "audio codec single quantizer"
    assert sorted(one["title"][:8] for one in found["hits"][:2]) == ["FoxCodec", "OwlCodec"]
    top = found["hits"][0]
    assert top["rank"] == 1
    assert set(top["ranks"]) == {"lexical", "dense"}
    assert top["sentence"]["index"] >= 1
    assert "quantizer" in top["sentence"]["text"]
    assert "explain" not in top
    assert quire("search", "--year", "1990", "codec", "--json").json["hits"] == []
    assert quire("search", "zzzzqqq", "--json").code == 0
    plain = quire("search", "glaciers", "--explain", "-n", "1")
    assert "Counting glaciers" in plain.out
    assert "words: rank 1" in plain.out


def test_syntax_filters_and_notes_on_the_command_line(quire: Quire) -> None:
    def titles(*arguments: str) -> list[str]:
        ran = quire("search", *arguments, "--json")
        assert ran.code == 0, ran.err
        return sorted(one["title"].split()[0] for one in ran.json["hits"])

    assert titles("codec", "-night") == ["FoxCodec:"]
    assert titles("-night", "codec", "-n", "5", "-q") == ["FoxCodec:"]
    assert titles("codec", '-"single quantizer"') == ["OwlCodec"]
    assert titles('"audio codec" title:owlcodec year:2022') == ["OwlCodec"]
    assert titles("codec", "tag:AUDIO") == titles("codec", "--tag", "Audio") == ["FoxCodec:"]
    assert titles("--", "codec -night") == ["FoxCodec:"]
    assert titles("BERT:", "pre-training", "at", "10:30") == [], "plain words, and none of ours"
    ran = quire("search", "codec", "year:2022..", "--json")
    assert ran.json["query"] == "codec year:2022.."
    assert "2 papers have no year" in ran.json["notes"][0]
    assert "note: 2 papers have no year" in ran.err
    kept = quire("search", "dances", "year:2022..", "--undated", "--json")
    assert kept.json["hits"][0]["title"] == "Bees and their dances"
    listed = quire("list", "--year", "2022..", "--json")
    assert (listed.json["total"], listed.json["notes"]) == (2, [ran.json["notes"][0]])
    mended = quire("search", "quantizre")
    assert "note: no paper has “quantizre”: searched “quantizer” instead" in mended.err
    assert "Codec" in mended.out
    near = quire("search", "autor:lovelace", "codec", "--json").json["notes"][0]
    assert "did you mean author:?" in near


def test_a_search_explained(quire: Quire) -> None:
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


def test_papers_similar_to_one(quire: Quire) -> None:
    fox = quire("list", "--json").json["papers"][0]
    found = quire("similar", fox["id"], "--json").json
    assert (found["query"], found["paper"], found["versions"]) == (fox["title"], fox["id"], [])
    assert found["hits"][0]["title"].startswith("OwlCodec")
    assert fox["id"] not in {one["id"] for one in found["hits"]}
    assert quire("similar", fox["id"], "--year", "1990", "--json").json["hits"] == []
    plain = quire("similar", fox["id"], "-n", "1", "--explain")
    assert "OwlCodec" in plain.out
    assert "has: " in plain.out


def test_versions_are_shown_together(quire: Quire) -> None:
    again = json.loads(PAPERS.splitlines()[1])
    again |= {"title": again["title"] + ": a codec", "doi": "10.1000/owl", "venue": "Night Studies"}
    quire("add", "-", stdin=json.dumps(again))
    hits = quire("search", "OwlCodec night", "--json").json["hits"]
    (owl,) = [one for one in hits if "Owl" in one["title"]]
    assert set(owl["versions"][0]) == {"id", "title", "year", "venue"}
    assert [one["rank"] for one in hits] == list(range(1, len(hits) + 1))
    assert "also: OwlCodec for night recordings" in quire("search", "OwlCodec", "night").out
    own = quire("similar", owl["id"], "--json").json
    assert [one["id"] for one in own["versions"]] == [owl["versions"][0]["id"]]
    assert "also known here as: " in quire("similar", owl["id"]).out


def test_a_file_of_queries_gives_a_trec_run(quire: Quire, tmp_path: Path) -> None:
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
