"""`ask --all`: every paper is asked, and the answer has a denominator."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from cli_fixture import Add, Quire, interrupted
from endpoint_fixture import Script, ScriptedEndpoint
from judging_model import judge, papers_in
from priced_model import PricedModel, priced_model

from assistant.answers.ask_all import run as all_run
from assistant.config.settings import Settings
from assistant.types.events import Progress
from assistant.types.questions import Question
from assistant.workspace import open_workspace
from store.library.library import Library
from store.types import Record

Endpoint = Callable[..., ScriptedEndpoint]
QUESTION = "Is it about codecs?"
ALL = ("ask", "--all", QUESTION, "-m", "scripted")


@pytest.fixture
def many(added: Add) -> Path:
    """A library of 60 papers; every third speaks of codecs."""
    records = [
        {
            "title": f"Study {number} of things",
            "abstract": f"Thing number {number} is studied. "
            + ("We build codec after codec for it. " if number % 3 == 0 else "It is a stone. ")
            + "It works well in the field and in the laboratory. " * 4,
            "tags": ["early"] if number < 10 else ["late"],
        }
        for number in range(60)
    ]
    return added(records)


def test_every_paper_is_asked(quire: Quire, many: Path, serving: Endpoint) -> None:
    endpoint = serving(judge)
    ran = quire(*ALL, "--json")
    assert ran.code == 0, ran.err
    shape = ran.json
    assert shape["coverage"] == {"asked": 60, "yes": 20, "no": 40, "unclear": 0, "failed": 0}
    assert len(shape["papers"]) == 60
    assert {one["verdict"] for one in shape["papers"][:20]} == {"yes"}
    assert shape["papers"][0]["sentence"] == "We build codec after codec for it."
    assert set(shape["papers"][0]) == {"id", "title", "verdict", "sentence"}
    assert shape["text"].startswith("20 of 60 papers, 0 unclear, 0 failed:")
    assert [one["verdict"] for one in shape["claims"]] == ["matched"] * 20
    assert len(shape["references"]) == 20
    assert shape["prompt"]["name"] == "all"
    asked = [one for request in endpoint.requests for one in papers_in(request.body)]
    assert len(asked) == 60
    assert shape["usage"]["calls"] == len(endpoint.requests) == 5
    assert shape["usage"]["cost"] == 0.0
    assert "60 papers: 5 requests to scripted" in ran.err
    # Asked again, nothing is sent.
    again = quire(*ALL, "--json").json
    assert again["cached"] is True
    assert (again["text"], again["coverage"]) == (shape["text"], shape["coverage"])
    assert len(endpoint.requests) == 5
    # A paper more is asked alone.
    with Library.open(many) as library:
        abstract = "This codec is a new codec for stones."
        more = Record(title="A codec of its own", abstract=abstract, source="m", reader="t")
        library.ingest().run([more])
    assert quire(*ALL, "--json").json["coverage"]["yes"] == 21
    assert len(endpoint.requests) == 6
    assert len(papers_in(endpoint.requests[-1].body)) == 1
    fresh = quire(*ALL, "--no-cache", "--json").json
    assert fresh["cached"] is False
    assert len(endpoint.requests) == 12


def test_filters_are_obeyed_and_an_empty_selection_is_said(
    quire: Quire, many: Path, serving: Endpoint
) -> None:
    endpoint = serving(judge)
    ran = quire(*ALL, "--tag", "early", "--json").json
    assert ran["coverage"] == {"asked": 10, "yes": 4, "no": 6, "unclear": 0, "failed": 0}
    name = ran["papers"][0]["id"]
    one = quire(*ALL, "--paper", name).out
    assert one.startswith("1 of 1 paper, 0 unclear, 0 failed:")
    none = quire(*ALL, "--tag", "nothing")
    assert none.code == 2
    assert "no paper is left" in none.err
    assert quire("ask", "--all", QUESTION, "-n", "3").code == 2
    # What is sent is fenced and numbered.
    (sent,) = endpoint.requests
    assert "each of the sources 1 to 10" in sent.prompt
    (token,) = re.findall(r"^([0-9a-f]{12}) source 1$", sent.prompt, re.MULTILINE)
    assert f"{token} end of source 10" in sent.prompt
    assert sent.body["max_tokens"] <= 1200


def test_none_says_yes(quire: Quire, many: Path, serving: Endpoint) -> None:
    serving(lambda body: "\n".join(f"{n}: no" for n in papers_in(body)))
    ran = quire("ask", "--all", "Do they bake bread?", "-m", "scripted", "--json")
    assert ran.code == 5
    assert ran.json["outcome"] == "not_in_collection"
    assert ran.json["text"] == "0 of 60 papers, 0 unclear, 0 failed."


def test_missing_lines_are_asked_once_more_and_bad_addresses_are_unclear(
    quire: Quire, many: Path, serving: Endpoint
) -> None:
    sizes: list[int] = []

    def reply(body: dict[str, Any]) -> str:
        papers = papers_in(body)
        sizes.append(len(papers))
        lines = {n: f"{n}: no" for n in papers}
        for number, sentences in papers.items():
            match sentences[0].split()[1]:
                case "4":
                    lines[number] = f"{number}: yes {number}.99"  # no such sentence
                case "5":
                    lines[number] = f"{number}: yes {number % len(papers) + 1}.1"  # another paper's
                case "6":
                    lines[number] = f"{number}: yes"  # the whole paper
                case "7" if len(papers) > 3:
                    del lines[number]  # only in a long batch
                case "8":
                    lines[number] = "I am not sure what to say"
        return "\n".join(lines.values())

    serving(reply)
    shape = quire(*ALL, "--tag", "early", "--json").json
    assert sizes[0] == 10
    assert all(size <= 3 for size in sizes[1:])
    found = {one["title"].split()[1]: one for one in shape["papers"]}
    verdicts = {number: found[number]["verdict"] for number in "4567"}
    assert verdicts == {"4": "unclear", "5": "unclear", "6": "yes", "7": "no"}
    assert "codec" in found["6"]["sentence"]
    assert found["8"]["verdict"] in ("unclear", "failed")


def test_failed_batches_are_counted_and_why_is_said_without_the_key(
    quire: Quire, many: Path, serving: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "sk-planted-0123456789abcdef"

    def reply(body: dict[str, Any]) -> str | tuple[int, Any]:
        if any(one[0].startswith("Study 20 ") for one in papers_in(body).values()):
            return 400, {"error": {"message": f"no luck\nwith Bearer {key}"}}
        return judge(body)

    endpoint = serving(reply)
    monkeypatch.setenv("OPENAI_API_KEY", key)
    ran = quire(*ALL, "--json")
    assert ran.code == 1
    figures = ran.json["coverage"]
    assert figures["failed"] == 12
    assert figures["yes"] + figures["no"] + figures["failed"] == 60
    assert "12 papers could not be asked" in ran.err
    assert ran.json["note"].count("12 papers could not be asked: ") == 1
    assert "no luck with Bearer [key]" in ran.json["note"]
    assert endpoint.requests[0].headers["authorization"] == f"Bearer {key}"
    assert key not in ran.out + ran.err
    # What failed is asked again, and nothing else.
    before = len(endpoint.requests)
    endpoint.reply = judge
    ran = quire(*ALL, "--json")
    assert ran.code == 0
    assert ran.json["coverage"]["yes"] == 20
    assert len(endpoint.requests) == before + 1


async def test_a_stopped_run_of_the_built_in_model_promises_nothing(
    many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it measures is not kept: nothing else may be promised."""
    monkeypatch.setattr(all_run, "_SLICE", 20)
    workspace = await open_workspace(many, None, Settings(), lambda line: None)
    try:
        async with aclosing(workspace.ask_all(Question(text=QUESTION))) as events:
            async for event in events:
                if isinstance(event, Progress):
                    break
        stopped = workspace.stopped
    finally:
        await workspace.aclose()
    assert stopped is not None
    assert stopped.coverage is not None
    assert len(stopped.papers) == 20
    assert "40 papers were not asked" in stopped.note
    assert "goes on" not in stopped.note


def test_nobody_answers(quire: Quire, many: Path, serving: Endpoint) -> None:
    endpoint = serving((401, {"error": {"message": "wrong key"}}))
    ran = quire(*ALL, "--json")
    assert ran.code == 4
    assert "error" in ran.json
    assert len(endpoint.requests) <= 4


def test_a_prompt_that_is_too_long_is_halved(quire: Quire, many: Path, serving: Endpoint) -> None:
    def reply(body: dict[str, Any]) -> str | tuple[int, Any]:
        if len(papers_in(body)) > 6:
            message = "This model's maximum context length is 2048 tokens."
            return 400, {"error": {"message": message, "code": "context_length_exceeded"}}
        return judge(body)

    serving(reply)
    shape = quire(*ALL, "--json").json
    assert shape["coverage"]["yes"] == 20
    assert shape["coverage"]["failed"] == 0


@pytest.fixture
def priced(
    quire: Quire, many: Path, tmp_path: Path, scripted_endpoint: Endpoint
) -> Callable[..., PricedModel]:
    """A model with one price for what goes in and out: `priced(reply, 1.0)`."""

    def start(reply: Script, price: float) -> PricedModel:
        return priced_model(quire, tmp_path, scripted_endpoint(reply), price, price)

    return start


Priced = Callable[..., PricedModel]


def test_a_dear_question_is_asked_for(priced: Priced) -> None:
    model = priced(judge, 500.0)
    asks = ("ask", "--all", QUESTION)
    ran = model.run(*asks)
    assert ran.code == 2
    assert "give --yes or --max-cost" in ran.err
    ran = model.run(*asks, "--max-cost", "0.01")
    assert ran.code == 2
    assert "more than the 0.01 allowed" in ran.err
    dry = model.run(*asks, "--dry-run", "--json").json
    assert dry["calls"] == 5
    assert dry["cost"] > 1
    assert model.sent == 0
    ran = model.run(*asks, "--yes", "--json")
    assert ran.code == 0
    assert 0 < ran.json["usage"]["cost"] < dry["cost"]
    assert dry["input_tokens"] == pytest.approx(ran.json["usage"]["input_tokens"], rel=0.35)
    assert model.run(*asks, "--dry-run", "--json").json["cached"] is True


def test_a_cheap_question_is_not_asked_for(priced: Priced) -> None:
    ran = priced(judge, 0.1).run("ask", "--all", QUESTION, "-u")
    assert ran.code == 0, ran.err
    assert "cost at most 0.00" in ran.err
    assert "cost 0.00" in ran.out


def test_a_price_that_nobody_knows_is_asked_for(
    quire: Quire, many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "https://models.invalid/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-made-up-for-this-test")
    ran = quire("ask", "--all", QUESTION, "-m", "far")
    assert ran.code == 2
    assert "cost not known" in ran.err
    assert "requests to far at models.invalid" in ran.err
    for every in ((), ("--all",)):
        ran = quire("ask", *every, QUESTION, "-m", "far", "--max-cost", "5")
        assert ran.code == 2
        assert "cannot be capped" in ran.err


def test_a_cap_ends_a_run_that_takes_more_than_was_thought(priced: Priced) -> None:
    model = priced(judge, 1.0)
    model.endpoint.counts = lambda body: 20_000
    asks = ("ask", "--all", QUESTION, "--json")
    thought = model.run(*asks, "--dry-run").json["cost"]
    ran = model.run(*asks, "--max-cost", str(thought + 0.0001))
    assert ran.code == 1
    assert "the cap of the cost was reached" in ran.json["note"]
    assert 0 < ran.json["coverage"]["failed"] < 60
    assert model.sent < 5


def test_replies_without_a_verdict_end_it_with_the_reason(priced: Priced) -> None:
    model = priced("It is a lovely day, and birds sing.", 1.0)
    asks = ("ask", "--all", QUESTION, "--json")
    thought = model.run(*asks, "--dry-run").json
    ran = model.run(*asks, "--yes")
    assert ran.code == 1
    assert "replies in a row that hold no verdict" in ran.json["note"]
    assert ran.json["outcome"] == "interrupted"
    assert ran.json["coverage"]["failed"] == 60
    assert ran.json["usage"]["cost"] <= thought["cost"]


def test_the_built_in_model_judges_by_its_measure(quire: Quire, stocked: Path) -> None:
    ran = quire("ask", "--all", "Which papers are about audio codecs?", "--json")
    assert ran.code == 0, ran.err
    shape = ran.json
    assert shape["coverage"]["asked"] == 4
    assert {one["title"].split()[0] for one in shape["papers"] if one["verdict"] == "yes"} == {
        "FoxCodec:",
        "OwlCodec",
    }
    assert {one["verdict"] for one in shape["claims"]} == {"matched"}
    assert "not that it affirms it" in shape["note"]
    assert shape["usage"]["calls"] == 0
    events = [
        json.loads(line)
        for line in quire("ask", "--all", "audio codecs", "--jsonl").out.splitlines()
    ]
    assert events[-1]["answer"]["coverage"]["asked"] == 4
    session = quire("ask", "-c", "How many quantizers has it?", "--json")
    assert session.code == 0, "the answer is kept as a turn of a conversation"


@pytest.mark.slow
def test_ctrl_c_keeps_what_came_and_the_same_command_goes_on(
    quire: Quire, many: Path, serving: Endpoint
) -> None:
    endpoint = serving(judge, delay=0.04)
    ran = interrupted((*ALL, "--json"), lambda: len(endpoint.requests), 4)
    assert ran.code == 130, ran.err
    shape = ran.json
    assert shape["error"]["code"] == "interrupted"
    assert shape["outcome"] == "interrupted"
    heard = shape["coverage"]["yes"] + shape["coverage"]["no"]
    assert 0 < heard < 60
    assert "the same question goes on" in shape["note"]
    sent = len(endpoint.requests)
    endpoint.delay = 0.0
    again = quire(*ALL, "--json")
    assert again.code == 0, again.err
    assert again.json["coverage"]["yes"] == 20
    papers = [one for request in endpoint.requests[sent:] for one in papers_in(request.body)]
    assert len(papers) == 60 - heard
