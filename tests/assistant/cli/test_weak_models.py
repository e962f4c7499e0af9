"""What weak models write, and how it reaches a reader: one table, through the command line."""

from __future__ import annotations

import json
import re
import signal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from cli_fixture import Serving, interrupted
from scripted_models import prompt_of
from tables import Row, for_each, holds, table
from terminal_fixture import Terminals

QUESTION = "How many quantizers does FoxCodec need?"
SAID = "FoxCodec needs a single quantizer [1.2]. It reaches 4.1 on clean speech [1.3]. "
KINDS = {"plan": "Last question:", "check": "Judge statements"}


def kind_of(body: dict[str, Any]) -> str:
    """Which of the calls a request is."""
    return next((one for one, words in KINDS.items() if words in prompt_of(body)), "answer")


def patterns_met(came: Any, right: Any) -> Any:
    """What came, with each text that a *pattern* of `right` matches replaced by that."""
    if isinstance(right, dict) and isinstance(came, dict):
        return {k: patterns_met(v, right.get(k)) for k, v in came.items()}
    if isinstance(right, list) and isinstance(came, list) and len(came) == len(right):
        return [patterns_met(*pair) for pair in zip(came, right, strict=True)]
    is_pattern = isinstance(right, str) and "*" in right and isinstance(came, str)
    return right if is_pattern and fnmatchcase(came, right.replace("[", "[[]")) else came


@pytest.mark.usefixtures("stocked")
def test_what_becomes_of_what_weak_models_write(serving: Serving) -> None:
    said: list[str] = []
    row: Row = {}

    def reply(body: dict[str, Any]) -> Any:
        kind = kind_of(body)
        given = row[kind]
        said.append(kind)
        if isinstance(given, list) and not isinstance(given[0], int):
            given = given[min(said.count(kind), len(given)) - 1]
        if isinstance(given, list):
            return given[0], {"error": {"message": given[1]}}
        fence = re.search(r"^([0-9a-f]{12}) source 1$", prompt_of(body), re.MULTILINE)
        given = given.replace("TOKEN", fence[1][:9] if fence else "")
        before, _, repeated = given.partition("REPEAT ")
        return before + repeated.removesuffix("END") * 100

    model = serving(reply)

    def check(one: Row) -> None:
        nonlocal row
        row = {**one, "plan": one.get("plan", "?"), "check": one.get("check", "")}
        go_on = ["-c"] if one.get("follow") else []
        if go_on:
            model.run("ask", "--no-cache", QUESTION)
        said.clear()
        model.endpoint.finish = one.get("finish", "stop")
        command = one.get("command", "ask")
        flags = [] if command == "tldr" else ["--no-cache"]
        as_json = ["--json"] if "json" in one else []
        asked = [part.replace("LONG", "and whales " * 500) for part in one.get("run", [QUESTION])]
        ran = model.run(command, *flags, *as_json, *go_on, *asked, code=one.get("code", 0))
        if as_json:
            holds(patterns_met(ran.json, one["json"]), one["json"])
        for words in one.get("out", []):
            assert words in ran.out
        for words in one.get("not_out", []):
            assert words not in ran.out
        for words in one.get("err", []):
            assert words in ran.err
        room = model.endpoint.requests[-1].body["max_tokens"]
        assert room == one.get("room", room)
        assert len(said) == one.get("sent", len(said)), said

    for_each(table(__file__, "weak_models.jsonl"), check)


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", [("ask", QUESTION, "--jsonl"), ("summarize", "--topic", "codecs", "--json")]
)
def test_sigterm_keeps_what_came_as_ctrl_c_does(
    command: tuple[str, ...], stocked: Path, serving: Serving
) -> None:
    model = serving(SAID * 5, delay=0.1)
    arguments = (*command, "-m", "scripted", "--no-cache")
    ran = interrupted(arguments, lambda: model.sent, 1, pause=2.5, by=signal.SIGTERM)
    assert (ran.code, ran.err.strip()) == (143, "error: told to end")
    lines = [json.loads(one) for one in ran.out.splitlines()] if "--jsonl" in command else []
    told = {one["event"]: one for one in lines}
    answer = told["done"]["answer"] if told else ran.json
    holds((told["error"] if told else answer)["error"], {"code": "terminated"})
    assert answer["outcome"] == "interrupted"
    assert answer["text"].startswith("FoxCodec needs a single quantizer [1].")
    # What was held back, here since it repeats, is no loss in the pieces either.
    pieces = [one["text"] for one in lines if one["event"] == "delta"]
    assert not told or "".join(pieces) == answer["text"]
    assert model.endpoint.closed_early


@pytest.mark.slow
@pytest.mark.usefixtures("stocked")
def test_a_terminal_shows_what_the_marks_mean(
    serving: Serving, on_terminal: Terminals, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bold for headings and bold, dim for what is said to the reader; nothing with NO_COLOR."""
    serving("## Its need ##\n\n**FoxCodec** needs a single quantizer [1.2]. I hope this helps!")
    command = ("ask", "-m", "scripted", "--no-cache", QUESTION)
    shown = on_terminal(*command)
    assert shown.end() == 0
    for words in (
        "\x1b[1mIts need\x1b[0m",
        "\x1b[1mFoxCodec\x1b[0m needs",
        "[2m I hope this helps!",
    ):
        assert words in shown.output
    monkeypatch.setenv("NO_COLOR", "1")
    plain = on_terminal(*command)
    assert plain.end() == 0
    assert "Its need\r\n\r\nFoxCodec needs" in plain.output
    for one in (shown, plain):
        assert "#" not in one.output
        assert "*" not in one.output
