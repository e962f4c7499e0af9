"""Summaries of many papers: grouped, every group cited, within budgets."""

from __future__ import annotations

import asyncio
import io
import json
import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from cli_fixture import Add, Quire, Serving
from scripted_models import SayingModel, addresses_of, prompt_of
from tables import holds, table
from terminal_fixture import Terminals
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

STATEMENT = re.compile(r"^(?:\[(\d+\.\d+)\]|statement ([1-9]\d*):)", re.MULTILINE)
TOPICS = {"birds": "owls and birds", "glaciers": "ice and glaciers", "codecs": "audio codecs"}
"""The tags of the papers, and what the titles say."""


@pytest.fixture
def many(added: Add) -> Path:
    """A library of 45 papers on three topics."""
    return added(table(__file__, "papers.jsonl"))


def written_on(prompt: str) -> str:
    """Cite the second sentence of the first source that is shown, or the first mark of a text."""
    if "opening" in prompt:
        mark = re.findall(r"\[\d+\.\d+\]", prompt)[0]
        return f"The papers propose many methods {mark}."
    number = addresses_of(prompt, "")[0].split(".")[0]
    return f"A method is proposed in this paper [{number}.2]."


def topic_of(prompt: str) -> str:
    """The topic that a request is about, "all" for all groups together."""
    if "opening" in prompt:
        return "all"
    return next(name for name in TOPICS if TOPICS[name] in prompt)


def write(body: dict[str, Any]) -> str:
    """The reply of a model that writes a sentence on each group."""
    return written_on(prompt_of(body))


def headings(text: str) -> list[str]:
    return [line for line in text.splitlines() if re.match(r"\d+ papers? on .*:$", line)]


def cites_under_each_heading(text: str) -> bool:
    return all(re.search(r"\[\d+\]", part) for part in re.split(r"\d+ papers? on .*:\n", text)[1:])


def test_everything_is_grouped_by_the_built_in_model(quire: Quire, many: Path) -> None:
    def summary(*arguments: str) -> Any:
        ran = quire("summarize", "--json", *arguments)
        assert ran.code == 0, ran.err
        return ran.json

    shape = summary()
    found = headings(shape["text"])
    assert len(found) == 3
    assert sum(int(one.split()[0]) for one in found) == 45
    assert cites_under_each_heading(shape["text"])
    assert {one["verdict"] for one in shape["claims"]} == {"matched"}
    cited = len(shape["references"])
    assert f"3 groups, {cited} of 45 papers cited, all 45 placed" in shape["note"]
    assert len(summary("--length", "long")["references"]) > cited
    # Few papers are summarized as one, and a topic takes those that speak to it.
    few = summary("--tag", "birds")
    assert headings(few["text"]) == []
    assert "of 15 papers" in few["note"]
    on_ice = summary("--topic", "glaciers in stereo images")["references"]
    assert len(on_ice) == 15
    assert all("glaciers" in one["title"] for one in on_ice)
    assert quire("summarize", "--topic", "sourdough bread without yeast", "--json").code == 5


def test_a_model_writes_on_each_group_and_on_all_together(many: Path, serving: Serving) -> None:
    model = serving(write)
    dry = model.json("summarize", "--dry-run")
    assert (dry["calls"], model.sent) == (4, 0)
    shape = model.json("summarize")
    assert model.sent == shape["usage"]["calls"] == 4
    assert shape["usage"]["input_tokens"] <= dry["input_tokens"]
    # What holds across the groups stands last, so that a stream has the order of the text.
    last = r"\n\nAll groups together:\nThe papers propose many methods \[\d\]\.$"
    assert re.search(last, shape["text"])
    assert len(headings(shape["text"])) == len(shape["references"]) == 3
    assert "3 groups, 3 of 45 papers cited, all 45 placed" in shape["note"]
    asked = [one.prompt for one in model.endpoint.requests]
    assert all(len(prompt) / 3.6 < 4_500 for prompt in asked), "each within its budget"
    holds(model.json("summarize"), {"cached": True, "text": shape["text"]})
    assert model.json("summarize", "--dry-run")["calls"] == 0
    assert model.sent == 4


def test_what_of_a_models_text_cannot_be_used_is_no_part_of_a_summary(
    many: Path, serving: Serving
) -> None:
    def reply(body: dict[str, Any]) -> str:
        # One group gets no answer, one no source, the last the fences of what was shown.
        token = prompt_of(body).split(" ", 1)[0]
        fenced = f"{token} source 1\n{write(body)}\n{token} end of source 1"
        odd = {"birds": REFUSAL, "glaciers": "They are all about ice [99.1]."}
        return odd.get(topic_of(prompt_of(body)), fenced)

    def refused(body: dict[str, Any]) -> str:
        return REFUSAL if topic_of(prompt_of(body)) == "all" else write(body)

    model = serving(reply)
    shape = model.json("summarize")
    text = shape["text"]
    assert shape["outcome"] == "answered"
    assert len(headings(text)) == 3
    assert cites_under_each_heading(text)
    assert "verbatim sentences stand for 2 groups" in shape["note"]
    assert "A method is proposed in this paper [" in text
    assert not re.search(rf"[0-9a-f]{{12}}|source 1|{re.escape(REFUSAL)}", text)
    model.endpoint.reply = refused
    text = model.json("summarize", "--no-cache")["text"]
    assert text.count("A method is proposed") == 3
    assert "All groups together" not in text
    assert REFUSAL not in text


def test_a_group_that_fails_is_said_and_the_cost_capped(many: Path, serving: Serving) -> None:
    def reply(body: dict[str, Any]) -> str | tuple[int, Any]:
        fails = topic_of(prompt_of(body)) == "glaciers"
        return (400, {"error": {"message": "no such luck"}}) if fails else write(body)

    model = serving(reply)
    shape = model.json("summarize", code=4)
    assert shape["outcome"] == "interrupted"
    assert len(headings(shape["text"])) == 3
    assert "1 group" in shape["note"]
    # What was written is kept: the rest is asked alone, and the whole is then an answer.
    before = model.sent
    model.endpoint.reply = write
    model.run("summarize", "--json")
    assert model.sent == before + 2
    model.endpoint.reply = (401, {"error": {"message": "wrong key"}})
    assert model.run("summarize", "--no-cache", code=4).out == ""
    dear = serving(write, prices=(100, 100))
    dear.run("summarize", "--max-cost", "0.01", code=2)
    assert dear.sent == 0
    dear.run("summarize", "--max-cost", "10")


@pytest.fixture
def library(many: Path) -> Iterator[Library]:
    """The papers on three topics."""
    with Library.open(many) as opened:
        yield opened


class Running:
    """A summary of everything under way, by a model that ends each text once its gate is open."""

    def __init__(self, library: Library, request: SummaryRequest) -> None:
        self.model = SayingModel(lambda task: written_on(task.messages[-1].content))
        self.model.hold = lambda task: self.gates[self._about(task)].wait()
        self.gates = {name: asyncio.Event() for name in (*TOPICS, "all", "check")}
        self.kept = Conversations(library)
        self.assistant = Assistant(library, self.model, self.kept.keep)
        self.events: list[Event] = []
        self.task = asyncio.ensure_future(self._follow(request))

    async def _follow(self, request: SummaryRequest) -> None:
        async with aclosing(self.assistant.summarize(request)) as stream:
            async for event in stream:
                self.events.append(event)

    def _about(self, task: ModelTask) -> str:
        return "check" if task.kind == "check" else topic_of(task.messages[-1].content)

    @property
    def text(self) -> str:
        return "".join(one.text for one in self.events if isinstance(one, TextDelta))

    @property
    def written(self) -> int:
        """On how many groups the text has what the model wrote."""
        return self.text.count("A method is proposed")

    @property
    def asked(self) -> set[str]:
        """What the model was asked about: topics, all groups together, a check."""
        return {self._about(task) for task in self.model.tasks}

    async def groups(self) -> list[str]:
        """The topics in the order of their groups, once they are being written on."""
        await until(lambda: set(TOPICS) <= self.asked)
        found = next(one for one in self.events if isinstance(one, EvidenceFound))
        titles = [one.paper.title for one in found.evidence.sources]
        named = [name for title in titles for name in TOPICS if TOPICS[name] in title]
        return list(dict.fromkeys(named))

    async def stopped(self) -> Answer:
        """What is kept of it, as one turn, when the reader leaves now."""
        self.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await self.task
        assert [one.turns for one in self.kept.lines()] == [1]
        assert self.assistant.stopped is not None
        return self.assistant.stopped


async def test_each_group_comes_as_soon_as_those_before_it_are_written(library: Library) -> None:
    running = Running(library, SummaryRequest())
    first, second, third = (running.gates[name] for name in await running.groups())
    # The second group is written first: it waits for its turn.
    second.set()
    await until(lambda: any(isinstance(one, Progress) and one.done == 1 for one in running.events))
    assert running.text == ""
    first.set()
    await until(lambda: running.written == 2)
    # Both stand there, and the heading of the one that is being written.
    assert running.text.count("papers on") == 3
    assert running.text.endswith(":")
    third.set()
    await until(lambda: running.written == 3)
    assert not running.task.done()
    before = running.text
    running.gates["all"].set()
    await running.task
    done = running.events[-1]
    assert isinstance(done, AnswerDone)
    assert running.text == done.answer.text
    assert done.answer.text.startswith(before)
    assert "All groups together:" in done.answer.text[len(before) :]


async def test_a_summary_that_is_stopped_goes_on_from_the_text_that_was_shown(
    library: Library,
) -> None:
    running = Running(library, SummaryRequest())
    first, *_ = await running.groups()
    running.gates[first].set()
    await until(lambda: running.written)
    stopped = await running.stopped()
    assert stopped.outcome == "interrupted"
    assert stopped.text.startswith(running.text)
    assert len(headings(stopped.text)) == 3
    assert "verbatim sentences stand for 2 groups" in stopped.note


async def test_a_summary_whose_check_is_stopped_is_kept(library: Library) -> None:
    running = Running(library, SummaryRequest(check=True))
    for name in (*TOPICS, "all"):
        running.gates[name].set()
    await until(lambda: "check" in running.asked)
    stopped = await running.stopped()
    assert (stopped.outcome, stopped.check) == ("answered", "failed")
    assert {(one.verdict, one.checked_by) for one in stopped.claims} == {("matched", "text")}
    assert "stopped by the reader" in stopped.note
    assert "All groups together" in stopped.text


@pytest.mark.parametrize("jsonl", [False, True])
def test_a_pipe_gets_each_group_as_soon_as_it_is_written(
    many: Path, serving: Serving, monkeypatch: pytest.MonkeyPatch, jsonl: bool
) -> None:
    pipe = io.BytesIO()
    early: list[str] = []

    def reply(body: dict[str, Any]) -> str:
        if model.sent == 3:
            deadline = time.monotonic() + LONGEST_WAIT
            while pipe.getvalue().count(b"A method is proposed") < 2:
                assert time.monotonic() < deadline, pipe.getvalue()
                time.sleep(0.02)
            early.append(pipe.getvalue().decode())
        return write(body)

    model = serving(reply)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(pipe, encoding="utf-8"))
    command = ("summarize", "-m", "scripted", *(["--jsonl"] if jsonl else []))
    assert main(command, lambda *_: 99) == 0
    out = pipe.getvalue().decode()
    assert out.startswith(*early)
    assert "All groups" not in early[0]
    if jsonl:
        assert early[0].startswith('{"event": "evidence"')
    else:
        assert re.search(r"in this paper \[1\]·\.\n\n\d+ papers on", out)
        assert out.index("All groups together:") < out.index("Sources")


@pytest.mark.slow
def test_a_terminal_shows_the_groups_before_what_holds_for_all_is_written(
    many: Path, serving: Serving, on_terminal: Terminals
) -> None:
    last = threading.Event()

    def reply(body: dict[str, Any]) -> str:
        assert topic_of(prompt_of(body)) != "all" or last.wait(60)
        return write(body)

    serving(reply)
    shown = on_terminal("summarize", "-m", "scripted")
    shown.until("reading ")
    while shown.output.count("A method is proposed") < 3:
        assert shown.read(0.1), shown.output
    assert "The papers propose" not in shown.output, "it is shown while the rest is written"
    last.set()
    assert shown.end() == 0
    text = "\n".join(shown.lines)
    assert len(re.findall(r"^15 papers on .*:$", text, re.MULTILINE)) == 3
    assert len(re.findall(r"A method is proposed in this paper \[\d+\]·\.", text)) == 3
    assert re.search(r"All groups together:\nThe papers propose many methods \[\d+\]\S\.", text)
    assert not re.search("groups written|searching|reading|waiting", text), "progress is gone"


def write_and_judge(body: dict[str, Any]) -> str:
    """The reply of a model that writes two sentences on each group, and contradicts the sixth."""
    if not str(body["messages"][0]["content"]).startswith("You compare"):
        text = write(body)
        number = re.findall(r"\[(\d+)\.", text)[0]
        return f"{text} Many points are reached on a benchmark [{number}.3]."
    lines, own = [], ""
    for address, number in STATEMENT.findall(prompt_of(body)):
        own = address or own
        if number:
            lines.append(f"{number}: {'contradicted' if number == '6' else 'supported'} {own}")
    return "\n".join(lines)


def test_a_grouped_summary_is_checked_in_one_request(many: Path, serving: Serving) -> None:
    model = serving(write_and_judge)
    command = ("summarize", "--check")
    dry = model.json(*command, "--dry-run")
    assert (dry["calls"], model.sent) == (5, 0)
    shape = model.json(*command, code=1)
    # Two for each of three groups, and for all of them together.
    judged = [{"checked_by": "model", "verdict": one["verdict"]} for one in shape["claims"]]
    assert sorted(one["verdict"] for one in judged) == ["contradicted"] + 7 * ["supported"]
    holds(shape, {"usage": {"calls": 5}, "check": "done", "claims": judged})
    assert shape["usage"]["input_tokens"] <= dry["input_tokens"]
    # Asked again, all of it is there already; above the text stands what is contradicted.
    above, _, text = model.run(*command, code=1).out.partition("\n\n")
    assert (above.count("✗ Many points"), text.partition("Sources")[0].count("✗")) == (1, 1)
    assert "7 ✓  1 ✗  judged by scripted · " in text
    last = json.loads(model.run(*command, "--jsonl", code=1).out.splitlines()[-1])
    holds(last["answer"], {"cached": True, "claims": judged})
    assert model.sent == 5
    # A recording holds the text on each group, as it is kept, and what was made of them anew.
    file = many / "groups.jsonl"
    model.run(*command, "--record", str(file), code=1)
    assert model.sent == 7
    stages = [json.loads(line)["stage"] for line in file.read_text().splitlines()]
    assert stages == ["group", "group", "group", "overview", "check"]
    said = model.quire(*command, "-m", f"recorded:{file}", "--json")
    assert (said.code, "note:" in said.err) == (1, False)
    holds(said.json, {"text": shape["text"], "check": "done", "claims": judged})
