"""`-o FILE`: an answer as a document beside what is printed."""

from __future__ import annotations

import json
import os
import re
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from cli_fixture import Quire, Serving, Walk, interrupted


@pytest.mark.usefixtures("stocked")
def test_answers_are_written_or_refused_before_they_are_asked(walk: Walk, tmp_path: Path) -> None:
    (tmp_path / "full.html").symlink_to("/dev/full")
    walk(__file__, "documents.jsonl")
    text, bib = ((tmp_path / name).read_text() for name in ("a.md", "a.bib"))
    (key,) = re.findall(r"(?m)^@\w+\{([^,]+),", bib)
    assert f"[@{key}]" in text
    assert "Counting glaciers" in bib
    assert "FoxCodec" not in bib
    assert json.loads((tmp_path / "a.json").read_text())["references"][0]["number"] == 1
    assert (tmp_path / "a.HTML").read_text().startswith("<!DOCTYPE html>")
    assert (tmp_path / "b.bib").read_text().count("@") == 1
    assert "4 papers asked" in (tmp_path / "all.md").read_text()
    assert not list(tmp_path.glob(".*.part"))


@pytest.mark.parametrize(("finish", "said"), [("length", "Cut"), (None, "Interrupted")])
def test_an_answer_that_is_cut_is_written_with_what_came(
    finish: str | None, said: str, stocked: Path, serving: Serving, tmp_path: Path
) -> None:
    model = serving("FoxCodec needs 40 tokens a second [1.2].", finish=finish)
    asked = ("ask", "-o", str(tmp_path / "a.md"), "How many tokens does FoxCodec need?")
    ran = model.run(*asked, code=4)
    assert "FoxCodec needs 40 tokens" in ran.out
    assert f"> {said}: this is what came" in (tmp_path / "a.md").read_text()


def test_nothing_is_asked_where_the_answer_cannot_be_kept(
    stocked: Path, serving: Serving, tmp_path: Path
) -> None:
    model = serving("never")
    model.run("ask", "-o", str(tmp_path / "none" / "a.md"), "fox", code=2)
    assert not model.sent


@pytest.mark.slow
def test_an_answer_that_is_interrupted_is_written(
    stocked: Path, serving: Serving, tmp_path: Path
) -> None:
    model = serving("FoxCodec needs 40 tokens a second [1.2]. " * 60, delay=0.05)
    file = tmp_path / "a.html"
    asked = ("ask", "-m", model.name, "-o", str(file), "How many tokens does FoxCodec need?")
    ran = interrupted(asked, lambda: model.sent, 1, pause=1.5)
    assert ran.code == 130
    assert "Interrupted: this is what came" in file.read_text()


@pytest.mark.usefixtures("stocked")
def test_the_file_is_written_though_the_reader_of_stdout_has_left(
    quire: Quire, tmp_path: Path
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w") as pipe, redirect_stdout(pipe):
        ran = quire("ask", "-q", "-o", str(tmp_path / "a.md"), "How many glaciers are counted?")
    assert (ran.code, ran.err) == (0, "")
    assert "1,200 glaciers" in (tmp_path / "a.md").read_text()


def test_papers_that_became_one_have_two_keys_where_both_are_cited(
    quire: Quire, stocked: Path, tmp_path: Path
) -> None:
    asked: Any = quire(
        "ask", "--json", "Which codecs need one quantizer, which two quantizers?"
    ).json
    first, second = (one["id"] for one in asked["references"][:2])
    assert quire("sessions", "export", asked["session"], "-o", str(tmp_path / "a.bib")).code == 0
    assert quire("merge", first, second).code == 0
    for gone in ("merge", "rm"):
        assert gone == "merge" or quire("rm", "--yes", first).code == 0
        assert quire("sessions", "export", asked["session"], "-o", str(tmp_path / "b.md")).code == 0
        keys = re.findall(r"(?m)^@\w+\{([^,]+),", (tmp_path / "b.bib").read_text())
        assert len(keys) == len({one.lower() for one in keys}) == 2
        text = (tmp_path / "b.md").read_text()
        assert not [one for one in keys if f"@{one}" not in text]


def test_a_conversation_is_written_with_papers_that_are_gone(
    quire: Quire, stocked: Path, tmp_path: Path
) -> None:
    asked = "How many glaciers are counted?"
    answer: Any = quire("ask", "--json", asked).json
    quire("ask", "-c", "How many tokens a second does FoxCodec need?")
    assert quire("rm", "--yes", answer["references"][0]["id"]).code == 0
    for name in ("s.md", "s.html"):
        ran = quire("sessions", "export", answer["session"], "-o", str(tmp_path / name))
        assert (ran.code, ran.out) == (0, "")
    one = ("sessions", "export", answer["session"], "--turn", "2", "--json")
    told = quire(*one, "-o", str(tmp_path / "one.md")).json
    assert told["files"] == [str(tmp_path / "one.md"), str(tmp_path / "one.bib")]
    assert "glaciers" not in (tmp_path / "one.bib").read_text()
    bib = (tmp_path / "s.bib").read_text()
    assert bib.index("Counting glaciers") < bib.index("FoxCodec")
    assert f"## {asked[:-1]}" in (tmp_path / "s.md").read_text()
