"""One-shot commands on a terminal: what is waited for, what comes bit by bit, what is asked."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli_fixture import Add, Quire
from endpoint_fixture import ScriptedEndpoint
from terminal_fixture import OnTerminal

Endpoint = Callable[..., ScriptedEndpoint]
Terminals = Callable[..., OnTerminal]
QUESTION = "How many quantizers does FoxCodec need?"
ANSWER = "FoxCodec needs a single quantizer [1.2]. It reaches 4.1 on speech [1.3]."


@pytest.fixture
def held(
    scripted_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> tuple[ScriptedEndpoint, threading.Event]:
    """A model that writes once it may."""
    may = threading.Event()

    def reply(body: dict[str, Any]) -> str:
        assert may.wait(60)
        return ANSWER

    endpoint = scripted_endpoint(reply)
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    return endpoint, may


Held = tuple[ScriptedEndpoint, threading.Event]


def test_a_slow_model_is_waited_for_in_sight(
    stocked: Path, held: Held, on_terminal: Terminals
) -> None:
    """A line says what is read, and is gone when the text comes."""
    shown = on_terminal("ask", "-m", "scripted", QUESTION)
    shown.until("searching the library…")
    shown.until("reading ")
    assert re.search(r"\r\x1b\[Kreading \d papers?…", shown.output)
    assert "quantizer [1]" not in shown.output
    held[1].set()
    assert shown.end() == 0
    assert shown.lines[0].startswith("FoxCodec needs a single quantizer [1]. ✓ It reaches")
    assert not [line for line in shown.lines if "reading" in line or "searching" in line]


def test_a_check_is_waited_for_in_sight(stocked: Path, held: Held, on_terminal: Terminals) -> None:
    held[1].set()
    shown = on_terminal("ask", "-m", "scripted", "--check", QUESTION)
    shown.until("waiting for the model…")
    assert shown.end() in (0, 1)
    assert any("checks 2 statements" in line for line in shown.lines)
    assert not [line for line in shown.lines if "waiting" in line]


def test_what_is_waited_for_goes_where_the_model_fails_or_is_stopped(
    stocked: Path, held: Held, on_terminal: Terminals
) -> None:
    endpoint, may = held
    shown = on_terminal("ask", "-m", "scripted", QUESTION)
    shown.until("reading ")
    while not endpoint.requests:
        assert shown.read(0.05)
    shown.type("\x03")
    assert shown.end() == 130
    assert [line for line in shown.lines if line.strip("^C")] == ["error: interrupted"]
    may.set()
    endpoint.reply = (401, {"error": {"message": "no"}})
    shown = on_terminal("ask", "-m", "scripted", QUESTION)
    assert shown.end() == 4
    assert shown.lines[0].startswith("error: ")


def test_a_pipe_and_quiet_are_told_of_no_waiting(
    quire: Quire, stocked: Path, held: Held, on_terminal: Terminals
) -> None:
    held[1].set()
    ran = quire("ask", "-m", "scripted", QUESTION)
    assert ran.code == 0
    assert "…" not in ran.err
    shown = on_terminal("-q", "ask", "-m", "scripted", QUESTION)
    assert shown.end() == 0
    assert not re.search("searching|reading|waiting", shown.output)


def test_a_redirected_answer_is_waited_for_on_the_terminal(
    stocked: Path, held: Held, on_terminal: Terminals, tmp_path: Path
) -> None:
    """stdout is data alone, also while stderr shows what is waited for."""
    held[1].set()
    path = tmp_path / "out.json"
    with path.open("wb") as out:
        shown = on_terminal("ask", "-m", "scripted", "--json", QUESTION, out=out.fileno())
        assert shown.end() == 0
    assert "reading " in shown.output
    assert "".join(shown.lines).strip() == ""
    assert json.loads(path.read_text())["outcome"] == "answered"


@pytest.mark.parametrize(("typed", "left"), [("n\n", 4), ("\n", 4), ("y\n", 3)])
def test_rm_asks_and_takes_no_for_an_answer(
    quire: Quire, stocked: Path, on_terminal: Terminals, typed: str, left: int
) -> None:
    papers = quire("list", "--json").json["papers"]
    shown = on_terminal("rm", papers[-1]["id"])
    shown.until("remove 1 paper? [y/N]:")
    shown.type(typed)
    assert shown.end() == 0
    assert "error" not in shown.output
    assert ("nothing was removed" in shown.output) == (left == 4)
    assert ("removed 1" in shown.output) == (left == 3)
    assert quire("list", "--json").json["total"] == left


def test_rm_is_interrupted_by_ctrl_c(quire: Quire, stocked: Path, on_terminal: Terminals) -> None:
    shown = on_terminal("rm", quire("list", "--json").json["papers"][0]["id"])
    shown.until("[y/N]:")
    # Between the question and the reading of its answer a key may go unheard: one presses again.
    for _ in range(3):
        shown.type("\x03")
        until = time.monotonic() + 10
        while time.monotonic() < until and shown.read(0.1):
            pass
        if time.monotonic() < until:
            break
    assert shown.end() == 130
    assert "error: interrupted" in shown.output
    assert quire("list", "--json").json["total"] == 4


def test_a_grouped_summary_comes_group_by_group(
    added: Add,
    scripted_endpoint: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
    on_terminal: Terminals,
) -> None:
    """The groups stand there with their signs before that which holds for all is written."""
    topics = {
        "birds": "birds are counted at night by their calls in the forest",
        "glaciers": "glaciers shrink in stereo images of mountain snow",
        "codecs": "audio codecs quantize speech tokens of sound recordings",
    }
    records = [
        {
            "title": f"Study {at} of {name}",
            "abstract": f"Much is unknown. In this paper, we propose method {at} by which {text}."
            f" It reaches {60 + at} points on {name}.",
        }
        for name, text in topics.items()
        for at in range(15)
    ]
    added(records)
    last = threading.Event()

    def reply(body: dict[str, Any]) -> str:
        prompt = str(body["messages"][-1]["content"])
        if "opening" in prompt:
            assert last.wait(60)
            mark = re.findall(r"\[\d+\.\d+\]", prompt)[0]
            return f"All propose methods {mark}."
        name = max(topics, key=prompt.count)
        number = re.findall(r"^\[(\d+)\.\d+\]", prompt, re.MULTILINE)[0]
        return f"A method on {name} is proposed in this paper [{number}.2]."

    endpoint = scripted_endpoint(reply)
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    shown = on_terminal("summarize", "-m", "scripted")
    shown.until("reading ")
    order: list[str] = []
    while len(order) < len(topics):
        assert shown.read(0.1), shown.output
        order = re.findall(r"A method on (\w+) is proposed", shown.output)
    assert set(order) == set(topics)
    assert "All propose methods" not in shown.output, "it is shown while the rest is written"
    last.set()
    assert shown.end() == 0
    text = "\n".join(shown.lines)
    assert len(re.findall(r"^15 papers on .*:$", text, re.MULTILINE)) == 3
    assert len(re.findall(r"A method on \w+ is proposed in this paper \[\d+\]. ✓", text)) == 3
    assert re.search(r"All groups together:\nAll propose methods \[\d+\]. \S", text)
    assert "groups written" not in text, "the progress is gone"
    assert not re.search("reading|waiting|searching", text)
