"""Summaries of many papers: grouped, every group cited, within budgets."""

from __future__ import annotations

import asyncio
import io
import json
import re
import sys
import time
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from cli_fixture import Add, Quire, interrupted
from endpoint_fixture import ScriptedEndpoint
from priced_model import priced_model
from saying_model import SayingModel
from waiting import LONGEST_WAIT, until

from assistant.answers.ask import Assistant
from assistant.cli.root import main
from assistant.generation.base import ModelTask
from assistant.prompting.prompts import REFUSAL
from assistant.sessions import Conversations
from assistant.types.answers import Answer
from assistant.types.events import AnswerDone, Event, EvidenceFound, Progress, TextDelta
from assistant.types.questions import SummaryRequest
from store.library.library import Library

Endpoint = Callable[..., ScriptedEndpoint]
ADDRESS = re.compile(r"^\[(\d+)\.(\d+)\]", re.MULTILINE)
TOPICS = {
    "birds": ("owls and birds", "birds are counted at night by their calls in the forest"),
    "glaciers": ("ice and glaciers", "glaciers shrink in stereo images of mountain snow"),
    "codecs": ("audio codecs", "audio codecs quantize speech tokens of sound recordings"),
}


@pytest.fixture
def many(added: Add) -> Path:
    """A library of 45 papers on three topics."""
    records = [
        {
            "title": f"Study {at} of {title}",
            "abstract": f"Much is unknown. In this paper, we propose method {at}{name[0]} by which"
            f" {text}. It reaches {60 + at} points on {name} benchmark {at}.",
            "tags": [name],
        }
        for name, (title, text) in TOPICS.items()
        for at in range(15)
    ]
    return added(records)


def write(body: dict[str, Any]) -> str:
    """A model that cites the second sentence of the first source it is shown."""
    prompt = body["messages"][-1]["content"]
    if "opening" in prompt:
        mark = re.findall(r"\[\d+\.\d+\]", prompt)[0]
        return f"The papers propose many methods {mark}."
    number = ADDRESS.findall(prompt)[0][0]
    return f"A method is proposed in this paper [{number}.2]."


def group_of(body: dict[str, Any]) -> str:
    """The topic that a request is about, "all" for all groups together."""
    prompt = body["messages"][-1]["content"]
    if "opening" in prompt:
        return "all"
    return next(name for name in TOPICS if TOPICS[name][0] in prompt)


def headings(text: str) -> list[str]:
    return [line for line in text.splitlines() if re.match(r"\d+ papers? on .*:$", line)]


def written_in(text: str) -> list[str]:
    """What stands under each heading."""
    return re.split(r"\d+ papers? on .*:\n", text)[1:]


def test_everything_is_grouped_by_the_built_in_model(quire: Quire, many: Path) -> None:
    ran = quire("summarize", "--json")
    assert ran.code == 0, ran.err
    shape = ran.json
    found = headings(shape["text"])
    assert len(found) == 3
    assert sum(int(one.split()[0]) for one in found) == 45
    assert all(re.search(r"\[\d+\]", part) for part in written_in(shape["text"]))
    assert {one["verdict"] for one in shape["claims"]} == {"matched"}
    cited = len(shape["references"])
    assert f"3 groups, {cited} of 45 papers cited, all 45 placed" in shape["note"]
    longer = quire("summarize", "--length", "long", "--json").json
    assert len(longer["references"]) > cited
    # Few papers are summarized as one, and a topic takes those that speak to it.
    few = quire("summarize", "--tag", "birds", "--json").json
    assert headings(few["text"]) == []
    assert "of 15 papers" in few["note"]
    on_ice = quire("summarize", "--topic", "glaciers in stereo images", "--json").json
    assert len(on_ice["references"]) == 15
    assert all("glaciers" in one["title"] for one in on_ice["references"])
    assert quire("summarize", "--topic", "sourdough bread without yeast", "--json").code == 5


def test_a_model_writes_on_each_group_and_on_all_together(
    quire: Quire, many: Path, serving: Endpoint
) -> None:
    endpoint = serving(write)
    dry = quire("summarize", "-m", "scripted", "--dry-run", "--json").json
    assert dry["calls"] == 4
    assert endpoint.requests == []
    ran = quire("summarize", "-m", "scripted", "--json")
    assert ran.code == 0, ran.err
    shape = ran.json
    assert len(endpoint.requests) == shape["usage"]["calls"] == 4
    assert shape["usage"]["input_tokens"] <= dry["input_tokens"]
    # What holds across the groups stands last, so that a stream has the order of the text.
    assert re.search(
        r"\n\nAll groups together:\nThe papers propose many methods \[\d\]\.$", shape["text"]
    )
    assert len(headings(shape["text"])) == 3
    assert len(shape["references"]) == 3
    assert "3 groups, 3 of 45 papers cited, all 45 placed" in shape["note"]
    asked = [one.prompt for one in endpoint.requests]
    assert all(len(prompt) / 3.6 < 4_500 for prompt in asked), "each within its budget"
    again = quire("summarize", "-m", "scripted", "--json").json
    assert again["cached"] is True
    assert again["text"] == shape["text"]
    assert len(endpoint.requests) == 4
    assert quire("summarize", "-m", "scripted", "--dry-run", "--json").json["calls"] == 0


def test_what_of_a_models_text_cannot_be_used_is_no_part_of_a_summary(
    quire: Quire, many: Path, serving: Endpoint
) -> None:
    def reply(body: dict[str, Any]) -> str:
        match group_of(body):
            case "birds":
                return REFUSAL
            case "glaciers":
                return "They are all about ice [99.1]."
        # The others repeat the fences of what they were shown.
        prompt = body["messages"][-1]["content"]
        (token,) = set(re.findall(r"^([0-9a-f]{12}) ", prompt, re.MULTILINE))
        return f"{token} source 1\n{write(body)}\n{token} end of source 1"

    endpoint = serving(reply)
    shape = quire("summarize", "-m", "scripted", "--json").json
    text = shape["text"]
    assert shape["outcome"] == "answered"
    assert len(headings(text)) == 3
    assert all(re.search(r"\[\d+\]", part) for part in written_in(text))
    assert "verbatim sentences stand for 2 groups" in shape["note"]
    assert REFUSAL not in text
    assert "A method is proposed in this paper [" in text
    assert not re.search(r"[0-9a-f]{12}|source 1", text)
    endpoint.reply = lambda body: REFUSAL if group_of(body) == "all" else write(body)
    text = quire("summarize", "-m", "scripted", "--no-cache", "--json").json["text"]
    assert text.count("A method is proposed") == 3
    assert "All groups together" not in text
    assert REFUSAL not in text


def test_a_group_that_fails_is_said(quire: Quire, many: Path, serving: Endpoint) -> None:
    def reply(body: dict[str, Any]) -> str | tuple[int, Any]:
        if group_of(body) == "glaciers":
            return 400, {"error": {"message": "no such luck"}}
        return write(body)

    endpoint = serving(reply)
    ran = quire("summarize", "-m", "scripted", "--json")
    assert ran.code == 4
    assert ran.json["outcome"] == "interrupted"
    assert len(headings(ran.json["text"])) == 3
    assert "1 group" in ran.json["note"]
    # What was written is kept: the rest is asked alone, and the whole is then an answer.
    before = len(endpoint.requests)
    endpoint.reply = write
    ran = quire("summarize", "-m", "scripted", "--json")
    assert ran.code == 0
    assert len(endpoint.requests) == before + 2
    endpoint.reply = (401, {"error": {"message": "wrong key"}})
    ran = quire("summarize", "-m", "scripted", "--no-cache")
    assert ran.code == 4
    assert ran.out == ""


def test_the_cost_is_capped(
    quire: Quire, many: Path, scripted_endpoint: Endpoint, tmp_path: Path
) -> None:
    model = priced_model(quire, tmp_path, scripted_endpoint(write), 100, 100)
    assert model.run("summarize", "--max-cost", "0.01").code == 2
    assert model.sent == 0
    assert model.run("summarize", "--max-cost", "10").code == 0


@pytest.mark.slow
def test_ctrl_c_keeps_the_groups_that_are_written(many: Path, serving: Endpoint) -> None:
    def reply(body: dict[str, Any]) -> str:
        if len(endpoint.requests) > 2:
            time.sleep(1.5)
        return write(body)

    endpoint = serving(reply)
    command = ("summarize", "-m", "scripted", "--json")
    ran = interrupted(command, lambda: len(endpoint.requests), 3, pause=0.5)
    assert ran.code == 130, ran.err
    shape = ran.json
    assert shape["outcome"] == "interrupted"
    assert shape["references"]


def kind_of(task: ModelTask) -> str:
    """What a task is about: a topic, all groups together, or a check."""
    return "check" if task.kind == "check" else group_of({"messages": messages_of(task)})


def messages_of(task: ModelTask) -> list[dict[str, str]]:
    return [{"role": one.role, "content": one.content} for one in task.messages]


class Running:
    """A summary of everything under way, by a model that ends each text once its gate is open."""

    def __init__(self, library: Library, request: SummaryRequest) -> None:
        self.model = SayingModel(lambda task: write({"messages": messages_of(task)}))
        self.model.hold = lambda task: self.gates[kind_of(task)].wait()
        self.gates = {name: asyncio.Event() for name in (*TOPICS, "all", "check")}
        self.assistant = Assistant(library, self.model, Conversations(library).keep)
        self.events: list[Event] = []
        self.task = asyncio.ensure_future(self._follow(request))

    async def _follow(self, request: SummaryRequest) -> None:
        async with aclosing(self.assistant.summarize(request)) as stream:
            async for event in stream:
                self.events.append(event)

    @property
    def text(self) -> str:
        return "".join(one.text for one in self.events if isinstance(one, TextDelta))

    @property
    def asked(self) -> set[str]:
        """What the model was asked about."""
        return {kind_of(task) for task in self.model.tasks}

    async def groups(self) -> list[str]:
        """The topics in the order of their groups, once they are being written on."""
        await until(lambda: set(TOPICS) <= self.asked)
        found = next(one for one in self.events if isinstance(one, EvidenceFound))
        titles = [one.paper.title for one in found.evidence.sources]
        named = [name for title in titles for name in TOPICS if TOPICS[name][0] in title]
        return list(dict.fromkeys(named))

    async def stopped(self) -> Answer:
        """What is kept of it when the reader leaves now."""
        self.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await self.task
        assert self.assistant.stopped is not None
        return self.assistant.stopped


async def test_each_group_comes_as_soon_as_those_before_it_are_written(many: Path) -> None:
    with Library.open(many) as library:
        running = Running(library, SummaryRequest())
        gates = running.gates
        first, second, third = await running.groups()
        # The second group is written first: it waits for its turn.
        gates[second].set()
        await until(
            lambda: any(isinstance(one, Progress) and one.done == 1 for one in running.events)
        )
        assert running.text == ""
        gates[first].set()
        await until(lambda: running.text.count("A method is proposed") == 2)
        # Both stand there, and the heading of the one that is being written.
        assert running.text.count("papers on") == 3
        assert running.text.endswith(":")
        gates[third].set()
        await until(lambda: running.text.count("A method is proposed") == 3)
        assert not running.task.done()
        before = running.text
        gates["all"].set()
        await running.task
    done = running.events[-1]
    assert isinstance(done, AnswerDone)
    assert running.text == done.answer.text
    assert done.answer.text.startswith(before)
    assert "All groups together:" in done.answer.text[len(before) :]


async def test_a_summary_that_is_stopped_goes_on_from_the_text_that_was_shown(many: Path) -> None:
    with Library.open(many) as library:
        running = Running(library, SummaryRequest())
        first, *_ = await running.groups()
        running.gates[first].set()
        await until(lambda: "A method is proposed" in running.text)
        stopped = await running.stopped()
        assert [one.turns for one in Conversations(library).lines()] == [1]
    assert stopped.outcome == "interrupted"
    assert stopped.text.startswith(running.text)
    assert len(headings(stopped.text)) == 3
    assert "verbatim sentences stand for 2 groups" in stopped.note


async def test_a_summary_whose_check_is_stopped_is_kept(many: Path) -> None:
    with Library.open(many) as library:
        running = Running(library, SummaryRequest(check=True))
        for name in (*TOPICS, "all"):
            running.gates[name].set()
        await until(lambda: "check" in running.asked)
        stopped = await running.stopped()
        assert [one.turns for one in Conversations(library).lines()] == [1]
    assert (stopped.outcome, stopped.check) == ("answered", "failed")
    assert {(one.verdict, one.checked_by) for one in stopped.claims} == {("matched", "text")}
    assert "stopped by the reader" in stopped.note
    assert "All groups together" in stopped.text


@pytest.mark.parametrize("jsonl", [False, True])
def test_a_pipe_gets_each_group_as_soon_as_it_is_written(
    many: Path, serving: Endpoint, monkeypatch: pytest.MonkeyPatch, jsonl: bool
) -> None:
    pipe = io.BytesIO()
    early: list[str] = []

    def reply(body: dict[str, Any]) -> str:
        if len(endpoint.requests) == 3:
            deadline = time.monotonic() + LONGEST_WAIT
            while pipe.getvalue().count(b"A method is proposed") < 2:
                assert time.monotonic() < deadline, pipe.getvalue()
                time.sleep(0.02)
            early.append(pipe.getvalue().decode())
        return write(body)

    endpoint = serving(reply)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(pipe, encoding="utf-8"))
    command = ("summarize", "-m", "scripted", *(["--jsonl"] if jsonl else []))
    assert main(command, lambda *_: 99) == 0
    out = pipe.getvalue().decode()
    assert out.startswith(*early)
    assert "All groups" not in early[0]
    if not jsonl:
        assert re.search(r"in this paper \[1\]\. ✓\n\n\d+ papers on", out)
        assert out.index("All groups together:") < out.index("Sources")
        return
    lines = [json.loads(line) for line in out.splitlines()]
    assert lines[0]["event"] == "evidence"
    joined = "".join(one["text"] for one in lines if one["event"] == "delta")
    assert joined == lines[-1]["answer"]["text"]


def writing_and_judging(body: dict[str, Any]) -> str:
    """A model that writes two sentences on each group, and contradicts the sixth of them."""
    prompt = body["messages"][-1]["content"]
    if not str(body["messages"][0]["content"]).startswith("You compare"):
        text = write(body)
        number = re.findall(r"\[(\d+)\.", text)[0]
        return f"{text} Many points are reached on a benchmark [{number}.3]."
    asked = re.findall(r"^statement (\d+):", prompt, re.MULTILINE)
    return "\n".join(f"{at}: {'contradicted' if at == '6' else 'supported'}" for at in asked)


def test_a_grouped_summary_is_checked_in_one_request(
    quire: Quire, many: Path, serving: Endpoint
) -> None:
    endpoint = serving(writing_and_judging)
    command = ("summarize", "-m", "scripted", "--check")
    dry = quire(*command, "--dry-run", "--json").json
    assert dry["calls"] == 5
    assert endpoint.requests == []
    ran = quire(*command, "--json")
    assert ran.code == 0, ran.err
    shape = ran.json
    asked = endpoint.requests[-1].body["messages"][-1]["content"]
    assert len(re.findall(r"^statement \d+:", asked, re.MULTILINE)) == 8, (
        "two for each of three groups and for all of them together"
    )
    assert len(endpoint.requests) == shape["usage"]["calls"] == 5
    assert shape["check"] == "done"
    assert {one["checked_by"] for one in shape["claims"]} == {"model"}
    assert [one["verdict"] for one in shape["claims"]].count("contradicted") == 1
    assert shape["claims"][5]["verdict"] == "contradicted"
    assert shape["usage"]["input_tokens"] <= dry["input_tokens"]
    # Asked again, all of it is there already; what is contradicted stands first.
    out = quire(*command).out
    assert len(endpoint.requests) == 5
    assert out.startswith("Contradicted by its sources, says the model\n  ✗ Many points")
    head, _, rest = out.partition("\n\n")
    assert head.count("✗") == 1
    assert rest.split("Sources")[0].count("✗") == 1
    assert "✔ 7 supported  ✗ 1 contradicted · checked by the model, claim by claim" in out
    events = quire(*command, "--jsonl").out
    last = json.loads(events.splitlines()[-1])
    assert last["answer"]["cached"] is True
    assert last["answer"]["claims"][5]["verdict"] == "contradicted"
