"""`ask --all`: every paper is asked, and the answer has a denominator."""

from __future__ import annotations

import re
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from cli_fixture import Add, Quire, Serving, interrupted
from scripted_models import codecs_and_owls, judge, papers_in
from tables import Row, compare, for_each, holds, table

from assistant.answers.ask_all import run as all_run
from assistant.answers.ask_all.batches import AskedPaper
from assistant.answers.ask_all.counts import Verdict, VerdictCounts
from assistant.answers.ask_all.lines import read_lines
from assistant.config.settings import Settings
from assistant.types.events import Progress
from assistant.types.questions import Question
from assistant.workspace.workspace import open_workspace
from store.library.library import Library
from store.types import Record

QUESTION = "Is it about codecs?"
HOURS = "Which codec was trained on the most hours?"
ALL = ("ask", "--all", QUESTION)
WHOLE = {"asked": 60, "yes": 20, "no": 40, "unclear": 0, "failed": 0, "not_asked": 0}


@pytest.fixture
def many(added: Add) -> Path:
    """A library of 60 papers; every third speaks of codecs, the first ten are early."""
    return added(
        [
            {"title": one.title, "abstract": one.abstract, "tags": ["early"] if at < 10 else []}
            for at, one in enumerate(codecs_and_owls(60))
        ]
    )


def said(row: Row) -> dict[str, str]:
    """What is read of each paper: the verdict, the sentences named, whether only others were."""
    return {
        str(number): " ".join([line.said, *map(str, line.sentences), *["strays"] * line.strays])
        for number, line in read_lines(row["text"], {1, 2, 3}).items()
    }


def test_what_models_write() -> None:
    compare(table(__file__, "lines.jsonl"), said)
    text = "\n".join(f"{at % 3 + 1}: {'(' * 500}" for at in range(3000))
    assert read_lines(text, {1, 2, 3}) == {}


def test_every_paper_is_asked(many: Path, serving: Serving) -> None:
    model = serving(judge)
    ran = model.run(*ALL, "--json")
    shape = ran.json
    usage = {"calls": 5, "cost": 0.0}
    holds(shape, {"coverage": WHOLE, "prompt": {"name": "all"}, "usage": usage})
    assert [one["verdict"] for one in shape["papers"]] == ["yes"] * 20 + ["no"] * 40
    assert re.fullmatch(r"We build codec \d+ for it\.", shape["papers"][0]["sentence"])
    assert set(shape["papers"][0]) == {"id", "title", "verdict", "sentence"}
    assert shape["text"].startswith("20 of 60 papers, 0 unclear, 0 failed:")
    assert [one["verdict"] for one in shape["claims"]] == ["matched"] * 20
    assert len(shape["references"]) == 20
    asked = [papers_in(request.body) for request in model.endpoint.requests]
    assert (len(asked), sum(map(len, asked))) == (5, 60)
    assert "60 papers: 5 requests to scripted" in ran.err
    # Asked again, nothing is sent.
    kept = {name: shape[name] for name in ("text", "coverage")}
    holds(model.json(*ALL), {"cached": True, **kept})
    assert model.sent == 5
    # A paper more is asked alone.
    with Library.open(many) as library:
        abstract = "This codec is a new codec for stones."
        more = Record(title="A codec of its own", abstract=abstract, source="m", reader="t")
        library.ingest().run([more])
    assert model.json(*ALL)["coverage"]["yes"] == 21
    assert model.sent == 6
    assert len(papers_in(model.endpoint.requests[-1].body)) == 1
    assert model.json(*ALL, "--no-cache")["cached"] is False
    assert model.sent == 12


def test_filters_are_obeyed_and_an_empty_selection_is_said(many: Path, serving: Serving) -> None:
    model = serving(judge)
    early = model.json(*ALL, "--tag", "early")
    assert early["coverage"] == WHOLE | {"asked": 10, "yes": 4, "no": 6}
    one = model.run(*ALL, "--paper", early["papers"][0]["id"])
    assert one.out.startswith("1 of 1 paper, 0 unclear, 0 failed:")
    assert "no paper is left" in model.run(*ALL, "--tag", "nothing", code=2).err
    model.run(*ALL, "-n", "3", code=2)
    # What is sent is fenced and numbered.
    (sent,) = model.endpoint.requests
    assert "each of the sources 1 to 10" in sent.prompt
    (token,) = re.findall(r"^([0-9a-f]{12}) source 1$", sent.prompt, re.MULTILINE)
    assert f"{token} end of source 10" in sent.prompt
    assert sent.body["max_tokens"] <= 1200


def test_what_is_told_where_none_says_yes(many: Path, serving: Serving) -> None:
    """What could not be read is no absence, and is asked for once more, which is told before."""
    said: dict[str, str] = {}

    def reply(body: dict[str, Any]) -> str:
        words = {n: said[text[0].split()[1]] for n, text in papers_in(body).items()}
        lines = [f"{n}: {word}" for n, word in words.items() if len(words) < 4 or word == "no"]
        return "\n".join(lines) or "Well."

    model = serving(reply)

    def check(row: Row) -> None:
        said.update({str(at): row["says"][at % 3] for at in range(60)})
        ran = model.run(
            "ask", "--all", "Bread?", "--no-cache", "--json", *row["of"], code=row["code"]
        )
        holds(ran.json, row["json"])
        assert row["err"] in ran.err
        holds(
            model.json("ask", "--all", "Bread?", "--no-cache", "--dry-run", *row["of"]), row["dry"]
        )

    for_each(table(__file__, "no_yes.jsonl"), check)


def test_missing_lines_are_asked_once_more_and_bad_addresses_are_unclear(
    many: Path, serving: Serving
) -> None:
    odd = {
        "4": "{own}: yes {own}.99",  # no such sentence
        "5": "{own}: yes {other}.1",  # another paper's
        "6": "{own}: yes",  # the whole paper
        "8": "I am not sure what to say",
    }
    sizes: list[int] = []

    def reply(body: dict[str, Any]) -> str:
        papers = papers_in(body)
        sizes.append(len(papers))
        lines = []
        for own, sentences in papers.items():
            study = sentences[0].split()[1]
            if study == "7" and len(papers) > 3:
                continue  # only in a long batch
            other = own % len(papers) + 1
            lines.append(odd.get(study, "{own}: no").format(own=own, other=other))
        return "\n".join(lines)

    shape = serving(reply).json(*ALL, "--tag", "early")
    assert sizes[0] == 10
    assert all(size <= 3 for size in sizes[1:])
    found = {one["title"].split()[1]: one for one in shape["papers"]}
    verdicts = [found[number]["verdict"] for number in "4567"]
    assert verdicts == ["unclear", "unclear", "yes", "no"]
    assert "codec" in found["6"]["sentence"]
    assert found["8"]["verdict"] in ("unclear", "failed")


def test_failed_batches_are_counted_and_why_is_said_without_the_key(
    many: Path, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "sk-planted-0123456789abcdef"

    def reply(body: dict[str, Any]) -> str | tuple[int, Any]:
        if any(one[0].startswith("Study 20 ") for one in papers_in(body).values()):
            return 400, {"error": {"message": f"no luck\nwith Bearer {key}"}}
        return judge(body)

    model = serving(reply)
    monkeypatch.setenv("OPENAI_API_KEY", key)
    ran = model.run(*ALL, "--json", code=1)
    figures = ran.json["coverage"]
    assert figures["failed"] == 12
    assert figures["yes"] + figures["no"] + figures["failed"] == 60
    assert "12 papers could not be asked" in ran.err
    assert ran.json["note"].count("12 papers could not be asked: ") == 1
    assert "no luck with Bearer [key]" in ran.json["note"]
    assert model.endpoint.requests[0].headers["authorization"] == f"Bearer {key}"
    assert key not in ran.out + ran.err
    # What failed is asked again, and nothing else.
    before = model.sent
    model.endpoint.reply = judge
    assert model.json(*ALL)["coverage"] == WHOLE
    assert model.sent == before + 1
    # Where nobody answers, few are asked.
    model.endpoint.reply = (401, {"error": {"message": "wrong key"}})
    assert "error" in model.json(*ALL, "--no-cache", code=4)
    assert model.sent <= before + 1 + 4


async def test_a_stopped_run_of_the_built_in_model_promises_nothing(
    many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it measures is not kept: nothing else may be promised."""
    monkeypatch.setattr(all_run, "_SLICE", 20)
    async with aclosing(await open_workspace(many, None, Settings(), lambda line: None)) as opened:
        async with aclosing(opened.ask_all(Question(text=QUESTION))) as events:
            async for event in events:
                if isinstance(event, Progress):
                    break
        stopped = opened.stopped
    assert stopped is not None
    assert stopped.coverage is not None
    assert len(stopped.papers) == 20
    assert "40 papers were not asked" in stopped.note
    assert "goes on" not in stopped.note


def test_a_prompt_that_is_too_long_is_halved(many: Path, serving: Serving) -> None:
    def reply(body: dict[str, Any]) -> str | tuple[int, Any]:
        if len(papers_in(body)) > 6:
            message = "This model's maximum context length is 2048 tokens."
            return 400, {"error": {"message": message, "code": "context_length_exceeded"}}
        return judge(body)

    assert serving(reply).json(*ALL)["coverage"] == WHOLE


def test_a_dear_question_is_asked_for_and_a_cheap_one_is_not(many: Path, serving: Serving) -> None:
    model = serving(judge, prices=(500.0, 500.0))
    assert "give --yes or --max-cost" in model.run(*ALL, code=2).err
    assert "more than the 0.01 allowed" in model.run(*ALL, "--max-cost", "0.01", code=2).err
    dry = model.json(*ALL, "--dry-run")
    assert dry["cost"] > 1
    assert (dry["calls"], model.sent) == (5, 0)
    usage = model.json(*ALL, "--yes")["usage"]
    assert 0 < usage["cost"] < dry["cost"]
    assert dry["input_tokens"] == pytest.approx(usage["input_tokens"], rel=0.35)
    assert model.json(*ALL, "--dry-run")["cached"] is True
    cheap = serving(judge, prices=(0.1, 0.1)).run(*ALL, "-u", "--no-cache")
    assert "cost at most 0.00" in cheap.err
    assert "cost 0.00" in cheap.out


def test_a_cap_ends_a_run_that_takes_more_than_was_thought(many: Path, serving: Serving) -> None:
    model = serving(judge, prices=(1.0, 1.0), counts=lambda body: 20_000)
    thought = model.json(*ALL, "--dry-run")["cost"]
    shape = model.json(*ALL, "--max-cost", str(thought + 0.0001), code=1)
    assert "the cap of the cost was reached" in shape["note"]
    assert 0 < shape["coverage"]["failed"] < 60
    assert model.sent < 5


def test_replies_without_a_verdict_end_it_with_the_reason(many: Path, serving: Serving) -> None:
    model = serving("It is a lovely day, and birds sing.", prices=(1.0, 1.0))
    thought = model.json(*ALL, "--dry-run")
    shape = model.json(*ALL, "--yes", code=1)
    assert "replies in a row that hold no verdict" in shape["note"]
    holds(shape, {"outcome": "interrupted", "coverage": {"failed": 60}})
    assert shape["usage"]["cost"] <= thought["cost"]


@pytest.mark.slow
def test_ctrl_c_keeps_what_came_and_the_same_command_goes_on(many: Path, serving: Serving) -> None:
    model = serving(judge, delay=0.04)
    ran = interrupted((*ALL, "-m", "scripted", "--json"), lambda: model.sent, 4)
    assert ran.code == 130, ran.err
    shape = ran.json
    holds(shape, {"error": {"code": "interrupted"}, "outcome": "interrupted"})
    heard = shape["coverage"]["yes"] + shape["coverage"]["no"]
    assert 0 < heard < 60
    assert "the same question goes on" in shape["note"]
    sent = model.sent
    model.endpoint.delay = 0.0
    assert model.json(*ALL)["coverage"]["yes"] == 20
    rest = [papers_in(request.body) for request in model.endpoint.requests[sent:]]
    assert sum(map(len, rest)) == 60 - heard


def test_what_only_all_papers_answer_is_put_to_all(
    added: Add, quire: Quire, serving: Serving
) -> None:
    added(table(__file__, "marshes.jsonl"))

    def check(row: Row) -> None:
        ran = quire("ask", "--json", row["q"])
        names = [one["title"].split(":")[0] for one in ran.json["references"]]
        assert (ran.code, names) == (row.get("code", 0), row["names"])
        assert row["note"] in ran.json["note"]
        assert "put to all 5 papers" in ran.err
        holds(ran.json["coverage"], row.get("coverage", {}))

    for_each(table(__file__, "parts.jsonl"), check)
    few = quire("ask", "--json", "Which codecs are not causal?", "-n", "2")
    assert "--all puts it to them; 1 was read for this" in few.json["note"]
    both = quire("ask", "--json", "Which codecs are not causal? How many newts does PondNet count?")
    assert {one["title"][:4] for one in both.json["references"]} <= {"Reed", "Pond"}
    # Numbers are put in order after a chat model has said of which papers.
    told = serving(judge, (1.0, 1.0)).json("ask", HOURS, "--max-cost", "1")
    assert "compared: 96 hand-labelled hours · 3 days · 5 minutes" in told["note"]


def test_a_chat_model_is_put_to_all_papers_within_a_cap(many: Path, serving: Serving) -> None:
    model = serving(judge, (1.0, 1.0))
    question = ("ask", "Which codecs are not causal?", "--tag", "early", "--dry-run")
    offer = "only all 10 papers together answer it: --all puts it to them (1 request, at most"
    assert offer in model.json(*question)["note"]
    assert offer in model.json(*question, "--max-cost", "0.000001")["note"]
    assert "10 papers in 1 request" in model.json(*question, "--max-cost", "1")["note"]
    assert "(5 requests" in model.json(*question[:2], "--dry-run", "--max-cost", "1")["note"]


def test_a_verdict_that_is_replaced_is_counted_once() -> None:
    counts = VerdictCounts([AskedPaper(name, name, "", 0) for name in "abc"])
    counts.take({"a": Verdict("yes"), "b": Verdict("failed")})
    counts.take({"a": Verdict("unclear"), "b": Verdict("yes")})
    found = counts.coverage
    assert (found.yes, found.unclear, found.no, found.failed, found.not_asked) == (1, 1, 0, 0, 1)
    assert counts.line() == "asked 2 of 3 papers: 1 yes, 1 unclear, 0 failed"
