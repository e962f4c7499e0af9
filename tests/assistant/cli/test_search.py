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
    assert own["paper"] == owl["id"]
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
