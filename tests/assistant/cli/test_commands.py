"""The one-shot commands, as scripts use them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli_fixture import PAPERS, Quire
from endpoint_fixture import ScriptedEndpoint

from assistant.prompting.prompts import REFUSAL

Endpoint = Callable[..., ScriptedEndpoint]


def test_add_accounts_for_every_record(quire: Quire, tmp_path: Path) -> None:
    path = tmp_path / "papers.jsonl"
    path.write_text(PAPERS + '{"title": "No abstract"}\n{oops\n')
    dry = quire("add", str(path), "--dry-run", "--json")
    assert (dry.json["new"], dry.json["dry_run"]) == (4, True)
    assert not (tmp_path / "quire-home").exists(), "a dry run makes no library"
    ran = quire("add", str(path), "--json", "--tag", "mine")
    report = ran.json
    assert ran.code == 1
    assert (report["read"], report["new"], report["refused"]) == (6, 4, 2)
    assert [one["line"] for one in report["rejections"]] == [5, 6]
    assert report["rejections"][0]["reason"] == "no abstract"
    assert len(report["papers"]) == 4
    again = quire("add", str(path))
    assert again.code == 1
    assert "read 6, new 0, same 4, changed 0, refused 2" in again.out
    assert "line 5: no abstract" in again.err


def test_add_from_stdin_and_folder(quire: Quire, tmp_path: Path) -> None:
    ran = quire("add", "-", "--json", stdin=PAPERS)
    assert (ran.code, ran.json["new"]) == (0, 4)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.jsonl").write_text(PAPERS)
    (folder / "notes.xyz").write_text("nothing")
    ran = quire("add", str(folder), "--json")
    assert (ran.code, ran.json["same"]) == (0, 4)
    assert "passed over" in ran.err
    assert quire("add", "-", stdin="").code == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [("x.pdf", b"%PDF-1.7\n%\xe2\xe3"), ("empty.jsonl", b""), ("x.png", b"\x89PNG\r\n\x1a\n")],
)
def test_a_file_that_is_none_of_these(
    quire: Quire, tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    ran = quire("add", str(tmp_path / name))
    assert ran.code == 2
    assert ran.out == ""
    assert len(ran.err.strip().splitlines()) == 1
    assert ran.err.startswith("error: ")
    assert name in ran.err


def test_a_page_cut_in_the_middle(quire: Quire, tmp_path: Path) -> None:
    page = (
        "new\n\nGet trending papers in your email inbox!\n\nSubscribe\n\n"
        "byAK and the research community\n\nMar 11\n\n"
        "A paper on owls\n\nOwls see at night. We measure how well, in a hundred owls.\n\n"
        "A paper on foxes\n\nFoxes hear mice under the snow, which we show with a rep"
    )
    (tmp_path / "page.txt").write_text(page)
    ran = quire("add", str(tmp_path / "page.txt"), "--json")
    assert (ran.code, ran.json["new"]) == (1, 2)
    assert any("cut" in one["message"] for one in ran.json["notices"])
    (tmp_path / "page2.txt").write_text(page[: page.index("\n\nFoxes")])
    ran = quire("--library", str(tmp_path / "l2"), "add", str(tmp_path / "page2.txt"), "--json")
    assert (ran.code, ran.json["new"], ran.json["refused"]) == (1, 1, 1)
    assert ran.json["rejections"][0]["reason"] == "no abstract"


def test_the_five_pages(quire: Quire, shared: Path) -> None:
    ran = quire("add", str(shared / "pages"), "--json")
    report = ran.json
    assert ran.code == 0, ran.err
    assert [report[name] for name in ("read", "new", "same", "changed", "refused")] == [
        341, 299, 42, 0, 0,
    ]  # fmt: skip
    assert len(report["papers"]) == 299
    again = quire("add", str(shared / "pages"), "--json")
    assert (again.code, again.json["same"]) == (0, 341)
    listed = quire("list", "--json").json
    assert listed["total"] == 299
    assert all(one["year"] is None and one["authors"] == [] for one in listed["papers"])
    dates = [p["page_date"] for one in listed["papers"] for p in one["provenance"]]
    assert set(dates) == {"Mar 11", "Mar 14", None}
    filtered = quire("list", "--year", "2020..2023")
    assert filtered.out == ""
    assert "299 papers have no year" in filtered.err
    assert quire("list", "--json", "--year", "2020..", "--undated").json["total"] == 299
    answered = quire("ask", "How many tokens a second does WavTokenizer need?", "--json")
    assert answered.code == 0
    assert "40 or 75 tokens" in answered.json["text"]
    foreign = quire("ask", "Which spice trade routes crossed the Sahara?", "--json")
    assert (foreign.code, foreign.json["outcome"]) == (5, "not_in_collection")
    assert foreign.json["near_misses"]


def test_list_show_status(quire: Quire, stocked: Path) -> None:
    listed = quire("list")
    assert len(listed.out.splitlines()) == 4
    assert "2024" in listed.out
    first = quire("list", "--json").json["papers"][0]
    shown = quire("show", first["id"][:8], "--json").json
    assert shown[0]["title"] == "FoxCodec: one quantizer is enough"
    assert shown[0]["links"] == ["https://example.org/fox"]
    assert shown[0]["tags"] == ["audio"]
    assert shown[0]["provenance"][0]["source"].endswith("papers.jsonl")
    text = quire("show", "10.1000/ice").out
    assert "authors not known" in text
    assert "https://doi.org/10.1000/ice" in text
    owl = quire("show", "OwlCodec for night recordings", "--json").json[0]
    assert owl["links"] == ["https://github.com/example/owl"]
    status = quire("status", "--json").json
    assert (status["papers"], status["indexed"], status["pending"]) == (4, 4, 0)
    assert (status["embedder"], status["model"]) == ("wordllama", "extractive")
    assert (status["chroma"], status["lexical"]) == ("ready", "ready")
    assert status["disk_bytes"] > 10_000
    assert quire("list", "--year", "2023..", "--json").json["total"] == 1


def test_search(quire: Quire, stocked: Path) -> None:
    found = quire("search", "audio", "codec", "single", "quantizer", "--json").json
    assert found["query"] == "audio codec single quantizer"
    titles = [one["title"][:8] for one in found["hits"]]
    assert sorted(titles[:2]) == ["FoxCodec", "OwlCodec"]
    top = found["hits"][0]
    assert top["rank"] == 1
    assert set(top["ranks"]) == {"lexical", "dense"}
    assert top["sentence"]["index"] >= 1
    assert "quantizer" in top["sentence"]["text"]
    assert quire("search", "--year", "1990", "codec", "--json").json["hits"] == []
    empty = quire("search", "zzzzqqq", "--json")
    assert empty.code == 0
    plain = quire("search", "glaciers", "--explain", "-n", "1")
    assert "Counting glaciers" in plain.out
    assert "words: rank 1" in plain.out


def test_search_syntax_on_the_command_line(quire: Quire, stocked: Path) -> None:
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
    colon = quire("search", "BERT:", "pre-training", "at", "10:30", "--json")
    assert colon.code == 0
    near = quire("search", "autor:lovelace", "codec", "--json").json["notes"][0]
    assert "did you mean author:?" in near


def test_a_search_explained(quire: Quire, stocked: Path) -> None:
    ran = quire("search", "audio codec quantizers", "--explain", "--json")
    why = ran.json["hits"][0]["explain"]
    assert set(why) == {"score", "fused", "parts", "lexical", "dense", "matched", "missing"}
    assert sum(why["parts"].values()) == pytest.approx(why["fused"], abs=1e-3)
    assert why["lexical"]["rank"] == ran.json["hits"][0]["ranks"]["lexical"]
    assert {one["word"] for one in why["matched"]} == {"audio", "codec", "quantizers"}
    assert "explain" not in quire("search", "audio", "--json").json["hits"][0]
    text = quire("search", "audio codec zebra", "--explain", "-n", "1").out
    assert "BM25" in text
    assert "cosine" in text
    assert "lacks: zebra" in text
    assert all(len(line) <= 100 for line in text.splitlines())


def test_similar(quire: Quire, stocked: Path) -> None:
    fox = quire("list", "--json").json["papers"][0]
    found = quire("similar", fox["id"], "--json").json
    assert (found["query"], found["paper"], found["versions"]) == (fox["title"], fox["id"], [])
    assert found["hits"][0]["title"].startswith("OwlCodec")
    assert fox["id"] not in {one["id"] for one in found["hits"]}
    assert quire("similar", fox["id"], "--year", "1990", "--json").json["hits"] == []
    plain = quire("similar", fox["id"], "-n", "1", "--explain")
    assert "OwlCodec" in plain.out
    assert "has: " in plain.out


def test_versions_are_shown_together(quire: Quire, stocked: Path) -> None:
    again = json.loads(PAPERS.splitlines()[1])
    again |= {"title": again["title"] + ": a codec", "doi": "10.1000/owl", "venue": "Night Studies"}
    quire("add", "-", stdin=json.dumps(again))
    hits = quire("search", "OwlCodec night", "--json").json["hits"]
    owls = [one for one in hits if "Owl" in one["title"]]
    assert len(owls) == 1
    assert set(owls[0]["versions"][0]) == {"id", "title", "year", "venue"}
    assert [one["rank"] for one in hits] == list(range(1, len(hits) + 1))
    assert "also: OwlCodec for night recordings" in quire("search", "OwlCodec", "night").out
    own = quire("similar", owls[0]["id"], "--json").json
    assert [one["id"] for one in own["versions"]] == [owls[0]["versions"][0]["id"]]
    assert "also known here as: " in quire("similar", owls[0]["id"]).out


def test_a_run_file(quire: Quire, stocked: Path, tmp_path: Path) -> None:
    queries = tmp_path / "queries.jsonl"
    queries.write_text('{"id": "q1", "text": "audio codec"}\n{"id": 2, "text": "bees"}\n')
    ran = quire("search", "--queries", str(queries), "--run", str(tmp_path / "run.txt"))
    assert ran.code == 0, ran.err
    rows = [line.split() for line in (tmp_path / "run.txt").read_text().splitlines()]
    assert all(row[1] == "Q0" and row[5] == "quire" for row in rows)
    assert [row[3] for row in rows if row[0] == "q1"][:2] == ["1", "2"]
    scores = [float(row[4]) for row in rows if row[0] == "2"]
    assert scores == sorted(scores, reverse=True)
    told = quire("search", "--queries", str(queries), "--run", str(tmp_path / "run.txt"), "--json")
    run = str(tmp_path / "run.txt")
    assert told.json == {"queries": 2, "lines": len(rows), "run": run, "notes": []}
    # A batch is plain words: what would be syntax, or wrong syntax, is searched as it stands.
    queries.write_text('{"id": "q1", "text": "\\"audio codec -owlcodec title:"}\n')
    ran = quire("search", "--queries", str(queries), "--run", run)
    assert ran.code == 0
    assert len((tmp_path / "run.txt").read_text().splitlines()) >= 2


def test_ask_without_a_model(quire: Quire, stocked: Path) -> None:
    ran = quire("ask", "How", "many", "tokens", "does", "FoxCodec", "need?")
    assert ran.code == 0, ran.err
    assert "40 tokens a second. [1] ✓" in ran.out
    assert "[1] FoxCodec" in ran.out
    assert "https://example.org/fox" in ran.out
    assert "not checked: meaning" in ran.out
    lines = ran.err.strip().splitlines()
    assert len(lines) == 1
    assert "OPENAI_BASE_URL" in lines[0]
    assert "sent" in lines[0]
    shape = quire("ask", "How many tokens does FoxCodec need?", "--json").json
    assert shape["outcome"] == "answered"
    assert shape["model"] == "extractive"
    claim = shape["claims"][0]
    assert (claim["verdict"], claim["checked_by"]) == ("matched", "text")
    assert set(claim["citations"][0]) >= {"number", "id", "sentences", "quote", "verdict"}
    assert shape["references"][0]["number"] == 1
    assert set(shape["prompt"]) == {"name", "version", "digest"}
    assert set(shape["usage"]) >= {"calls", "input_tokens", "output_tokens", "cost"}
    assert set(shape["evidence"]) == {"considered", "used", "dropped"}
    assert shape["session"]


def test_ask_from_stdin(quire: Quire, stocked: Path) -> None:
    assert "0.74 m" in quire("ask", "-", stdin="What is the mean loss of glaciers?\n").out
    assert quire("ask", "-", stdin="  \n").code == 2


def test_not_in_the_collection(quire: Quire, stocked: Path) -> None:
    ran = quire("ask", "Who composed the opera Tosca?", "--json")
    assert ran.code == 5
    assert ran.json["outcome"] == "not_in_collection"
    assert ran.json["claims"] == []
    assert ran.json["references"] == []
    assert ran.json["near_misses"]
    assert {"id", "title", "score", "why"} <= set(ran.json["near_misses"][0])
    plain = quire("ask", "Who composed the opera Tosca?")
    assert REFUSAL in plain.out
    assert "Nearest" in plain.out


def test_jsonl_events(quire: Quire, stocked: Path) -> None:
    ran = quire("ask", "How many tokens does FoxCodec need?", "--jsonl")
    events = [json.loads(line) for line in ran.out.splitlines()]
    assert [events[0]["event"], events[-1]["event"]] == ["evidence", "done"]
    assert {one["event"] for one in events[1:-1]} == {"delta"}
    text = "".join(one["text"] for one in events[1:-1])
    assert text == events[-1]["answer"]["text"]


def test_summaries(quire: Quire, stocked: Path) -> None:
    one = quire("summarize", "10.1000/ice", "--json")
    assert one.code == 0
    assert one.json["claims"]
    assert len(one.json["references"]) == 1
    topic = quire("summarize", "--topic", "audio codecs", "--json").json
    assert {ref["title"][:8] for ref in topic["references"]} >= {"FoxCodec", "OwlCodec"}
    everything = quire("summarize")
    assert everything.code == 0
    assert "cites 4 of 4 papers (100 %)" in everything.out
    assert quire("summarize", "--year", "1990").code == 2
    assert quire("summarize", "--topic", "opera composers of Italy", "--json").code == 5
    assert quire("summarize", "nothing-like-it").code == 2


def test_removing(quire: Quire, stocked: Path) -> None:
    bee = quire("show", "Bees and their dances", "--json").json[0]["id"]
    assert quire("rm", bee).code == 2, "without a terminal --yes is needed"
    ran = quire("rm", bee, "--yes", "--json")
    assert ran.json == {"removed": 1, "papers": [bee]}
    assert quire("show", bee).code == 2
    assert quire("status", "--json").json["papers"] == 3
    assert quire("rm", "%1", "--yes").code == 2
    assert bee not in quire("search", "bees dance", "--json").out


def test_old_answers_keep_what_they_cite(quire: Quire, stocked: Path) -> None:
    """Case 49."""
    answer = quire("ask", "How do bees dance?", "--json").json
    bee = answer["references"][0]["id"]
    quire("rm", bee, "--yes")
    from assistant.sessions import Conversations
    from store.library.library import Library

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


@pytest.mark.parametrize(
    "arguments",
    [
        ["frobnicate"],
        ["list", "--nonsense"],
        ["list", "--year", "20x"],
        ["list", "--year", "2023..2020"],
        ["list", "--added-since", "yesterday-ish"],
        ["show", "no-such-paper"],
        ["show", "%3"],
        ["ask", ""],
        ["search"],
        ["search", "--queries", "/nope"],
        ["search", "codec", "--queries", __file__, "--run", "/nope"],
        ["search", '"codec'],
        ["search", "title:", "codec"],
        ["search", "-codec"],
        ["search", "codec", "year:2023..2020"],
        ["search", "codec", "--year", "soon"],
        ["search", "codec", "--year", "2024", "year:2020"],
        ["search", "-x", "codec"],
        ["similar"],
        ["similar", "no-such-paper"],
        ["summarize", "x", "--topic", "y"],
        ["add", "/nope/nothing.txt"],
        ["add"],
    ],
    ids=" ".join,
)
def test_wrong_use(quire: Quire, stocked: Path, arguments: list[str]) -> None:
    ran = quire(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: ")
    assert len(ran.err.strip().splitlines()) == 1
    with_json = quire(*arguments, "--json")
    assert with_json.code == 2
    if arguments[0] != "frobnicate":
        assert set(with_json.json["error"]) == {"code", "message", "hint"}


def test_no_library(quire: Quire, tmp_path: Path) -> None:
    for arguments in (["list"], ["search", "x"], ["ask", "x"], ["status"], ["show", "x"]):
        ran = quire(*arguments)
        assert ran.code == 3, arguments
        assert "quire add" in ran.err
    assert not (tmp_path / "quire-home").exists()


def test_global_options_stand_anywhere(quire: Quire, stocked: Path, tmp_path: Path) -> None:
    other = str(tmp_path / "other")
    assert quire("--library", other, "list").code == 3
    assert quire("list", "--library", other).code == 3
    assert quire("-q", "ask", "How do bees dance?").err == ""
    assert quire("ask", "How do bees dance?", "-q").err == ""
    assert quire("list", "--config", "/nope.toml").code in (0, 2)
    assert quire("status", "--config", "/nope.toml").code == 2


def test_settings_name_models(
    quire: Quire, stocked: Path, scripted_endpoint: Endpoint, tmp_path: Path
) -> None:
    endpoint = scripted_endpoint("FoxCodec needs a single quantizer [1.2].")
    config = tmp_path / "config.toml"
    config.write_text(
        f'model = "mine"\n[models.mine]\nbase_url = "{endpoint.base_url}"\nmodel = "scripted"\n'
    )
    ran = quire("--config", str(config), "ask", "Does FoxCodec need one quantizer?", "--json")
    assert (ran.code, ran.json["model"]) == (0, "mine")
    assert quire("--config", str(config), "status", "--json").json["model"] == "mine"
    config.write_text("[models.mine]\nbase_url = 3\n")
    ran = quire("--config", str(config), "status")
    assert ran.code == 2
    assert "models.mine" in ran.err


def test_the_demo(quire: Quire, tmp_path: Path) -> None:
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


# A shell in the background starts its children with SIGINT ignored: undo that.
_HEED = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL);"
    " os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
)


def run_apart(*arguments: str, **options: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", _HEED, "-m", "tui", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd="/",
        **options,
    )


def test_a_source_is_told_by_id_file_and_date(quire: Quire, stocked: Path) -> None:
    """Case 99: a record that borrows a title is not taken for the other."""
    ran = quire("ask", "How many quantizers does FoxCodec need?")
    line = r"^    p\w+ · from papers\.jsonl, \d{4}-\d\d-\d\d · https://example\.org/fox$"
    assert re.search(line, ran.out, re.MULTILINE), ran.out


def test_ctrl_c_prints_and_keeps_what_came(
    stocked: Path, scripted_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Case 71: the server sees the close, the partial answer is saved as stopped."""
    endpoint = scripted_endpoint("FoxCodec needs a single quantizer [1.2]. " * 200, delay=0.05)
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    process = run_apart("ask", "-m", "scripted", "How many quantizers does FoxCodec need?")
    until = time.monotonic() + 30
    while not endpoint.requests and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert b"FoxCodec needs a single quantizer" in out
    assert b"Traceback" not in err
    until = time.monotonic() + 5
    while not endpoint.closed_early and time.monotonic() < until:
        time.sleep(0.05)
    assert endpoint.closed_early
    from assistant.sessions import Conversations
    from store.library.library import Library

    with Library.open(stocked) as library:
        conversations = Conversations(library)
        turn = conversations.open(conversations.lines()[0].id).turns[-1]
    assert turn.answer.outcome == "interrupted"
    assert "FoxCodec" in turn.answer.text


def test_a_closed_stdout_is_no_error(stocked: Path) -> None:
    """Case 83."""
    process = run_apart("list", "--json")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    err = process.stderr.read()
    process.stderr.close()
    process.wait(30)
    assert b"BrokenPipe" not in err
    assert b"Traceback" not in err


def test_a_plain_locale(stocked: Path) -> None:
    """Case 83: LANG=C."""
    environment = {**os.environ, "LANG": "C", "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    process = run_apart("ask", "How many tokens does FoxCodec need?", env=environment)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert b"40 tokens a second. [1] +" in out


def test_the_app_needs_a_terminal(stocked: Path) -> None:
    process = run_apart(stdin=subprocess.DEVNULL)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, b"")
    assert b"terminal" in err
