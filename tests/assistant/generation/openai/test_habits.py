"""What servers and models do otherwise than others: at the adapter, and through `quire ask`."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from cli_fixture import Add, Quire
from endpoint_fixture import Endpoints, Script
from fault_fixture import Ask, Make
from fault_fixture import Endpoints as Makers
from scripted_models import codecs_and_owls
from tables import Row, compare_awaited, for_each, table

from assistant.generation.base import ModelTask
from assistant.types.message import Message

ANSWER = "Codecs need 8 quantizers [1.1]."
THOUGHT = "plan"
TASK = ModelTask(
    "answer",
    "How many quantizers do audio codecs need?",
    (Message("system", "Answer."), Message("user", "How many?")),
    more_output_tokens=10_000,
)
HABITS = table(__file__, "habits.jsonl")
CASES = Path(__file__).resolve().parents[5] / "shared/cases/endpoints"


def server_of(row: Row) -> Script:
    """What plays the habit of a row."""

    def reply(body: dict[str, Any]) -> Any:
        cap = body.get("max_tokens") or body["max_completion_tokens"]
        held = {*body, *(one["role"] for one in body["messages"]), ""}
        refused, *answer = row.get("refuses", ["nothing"])
        if refused in held or (refused.startswith("over ") and cap > int(refused[5:])):
            return tuple(answer)
        if cap <= row.get("needs", 0):
            used = {"prompt_tokens": 900, "completion_tokens": cap}
            thought = {"reasoning_content": "I plan: "}
            return [thought, {"finish": "length"}, {"choices": [], "usage": used}]
        return row["events"]

    return reply


def start(row: Row, endpoints: Endpoints) -> Any:
    options = {name: row[name] for name in ("paths",) if name in row}
    models = tuple(row.get("models", ("scripted",)))
    return endpoints(server_of(row), models=models, **options)


async def test_a_habit_is_met_once_and_known_then(
    scripted_endpoint: Endpoints, endpoint_model: Make, ask_endpoint: Ask
) -> None:
    came: dict[int, Any] = {}
    for row in HABITS:
        endpoint = start(row, scripted_endpoint)
        model = endpoint_model(endpoint.base_url)
        await model.get_ready()
        came[row["line"]] = [await ask_endpoint(model, task=TASK) for _ in range(2)]

    def check(row: Row) -> None:
        right, both = row["right"], came[row["line"]]
        assert [(one.finished or one.error).requests for one in both] == right["requests"]
        assert [one.was_void for one in both] == [right.get("void", False), False]
        if "error" in right:
            assert right["error"] in both[1].error.message
            return
        for one in both:
            assert one.text == ANSWER
            assert (THOUGHT in one.reasoning) == (THOUGHT in str(row["events"]))
            assert (one.finished.reason, one.finished.detail) == ("stop", "")
        if tokens := right.get("tokens"):
            end = both[0].finished
            took = [end.input_tokens + end.earlier_input, end.output_tokens + end.earlier_output]
            assert took == tokens

    for_each(HABITS, check)


@pytest.mark.usefixtures("unjudged")
def test_a_habit_through_the_command_line(
    quire: Quire, stocked: Path, scripted_endpoint: Endpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(row: Row) -> None:
        right = row["right"]
        monkeypatch.setenv("OPENAI_BASE_URL", start(row, scripted_endpoint).base_url)
        ran = quire("ask", "-m", "scripted", "--no-cache", TASK.question, "--json")
        assert THOUGHT not in ran.out
        if "error" in right:
            assert ran.code == 4
            assert right["error"] in ran.json["error"]["message"]
            return
        assert ran.code == 0, ran.err
        assert ran.json["text"] == "Codecs need 8 quantizers [1]."
        usage = ran.json["usage"]
        assert usage["calls"] == right["requests"][0]
        if tokens := right.get("tokens"):
            assert [usage["input_tokens"], usage["output_tokens"]] == tokens
        if right.get("void"):
            streamed = quire("ask", "-m", "scripted", "--no-cache", TASK.question).out
            assert THOUGHT not in streamed, "it is known from the time before"
        if says := right.get("says"):
            told = quire("models", "test", "scripted", "--short")
            assert says in told.out

    for_each(HABITS, check)


@pytest.mark.skipif(not CASES.is_dir(), reason="no ../shared")
def test_the_shared_servers(quire: Quire, stocked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def check(row: Row) -> None:
        command = [sys.executable, f"{row['server']}.py"]
        own = {**os.environ, **row["variant"], "PYTHONDONTWRITEBYTECODE": "1"}
        with subprocess.Popen(command, cwd=CASES, env=own, stdout=-1, stderr=-3) as server:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{port}/v1")
            ran = quire("ask", "-m", "m", TASK.question, "--json")
            server.kill()
        assert ran.code == 0, ran.err
        assert ran.json["text"] == "Exemplar-free class incremental training is proposed [1]."

    for_each(table(__file__, "shared_servers.jsonl"), check)


async def test_the_window_is_as_stated(scripted_endpoint: Endpoints, endpoint_model: Make) -> None:
    async def came(row: Row) -> int:
        endpoint = scripted_endpoint(
            "fine", models=tuple(row["models"]), paths=row.get("paths", {})
        )
        base_url = endpoint.base_url.replace("/v1", row.get("base", "/v1"))
        model = endpoint_model(base_url, context_tokens=row.get("configured"))
        await model.get_ready()
        if "later" in row:
            endpoint.paths = row["later"]
            await model.get_ready()
        return model.context_tokens

    await compare_awaited(table(__file__, "windows.jsonl"), came)


async def test_the_window_is_asked_for_until_the_server_answers(endpoints: Makers) -> None:
    listed = {"data": [{"id": "scripted", "max_model_len": 2048}]}
    for first, windows in (
        (b"", [16_000, 2048, 2048]),
        (answer(503, {}), [16_000, 2048, 2048]),
        (answer(404, {}), [16_000, 16_000, 16_000]),
        (answer(200, {"data": [{"id": "scripted"}]}), [16_000, 16_000, 16_000]),
        (answer(200, listed), [2048, 2048, 2048]),
    ):
        raw = endpoints.raw(first, answer(200, listed))
        model, came = endpoints.model(raw.base_url), []
        for _ in range(3):
            await model.get_ready()
            came.append(model.context_tokens)
        assert (came, len(raw.requests)) == (windows, len(set(windows)))


def answer(status: int, value: Any) -> bytes:
    body = json.dumps(value)
    return f"HTTP/1.1 {status} So\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def test_nobody_waits_longer_than_a_second_for_what_a_server_states(
    endpoints: Makers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does the end of the program: each loop ends with the threads that it waits for."""

    def seconds(model: Any) -> float:
        begun = time.monotonic()
        asyncio.run(model.get_ready())
        return time.monotonic() - begun

    head = b"HTTP/1.1 200 OK\r\n"
    raw = endpoints.raw(head + b"X-A: a", drips=True)
    model = endpoints.model(raw.base_url)
    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(model.get_ready(), 0.1))
    took = [seconds(model) for _ in range(4)]
    assert max(took[:3]) < 1.5
    assert took[3] < 0.5, "it was late often enough"
    assert len(raw.requests) == 4, "what the reader left is not late"
    listed = {"data": [{"id": "scripted", "owned_by": "vllm", "max_model_len": 2048}]}
    chunk = head + b"Transfer-Encoding: chunked\r\n\r\n0"
    model = endpoints.model(endpoints.raw(answer(200, listed), chunk, drips=True).base_url)
    assert seconds(model) < 1.5
    assert model.context_tokens == 2048, "what was stated before is known"
    found = threading.Event()

    def look_up(*_: object, **__: object) -> list[object]:
        found.wait(5)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert seconds(endpoints.model("http://box.local:9/v1")) < 1.5
    found.set()


def tokens(body: dict[str, Any]) -> int:
    return sum(len(one["content"]) for one in body["messages"]) // 4


def filled(value: Any, words: dict[str, int]) -> Any:
    """A row's body with numbers in their places."""
    text = json.dumps(value)
    for name, number in words.items():
        text = text.replace(f'"{{{name}}}"', str(number)).replace(f"{{{name}}}", str(number))
    return json.loads(text)


@pytest.mark.usefixtures("unjudged")
def test_the_second_try_after_an_overflow_leaves_room_for_the_answer(
    quire: Quire, added: Add, scripted_endpoint: Endpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the overflow is worded: what is sent again fits, as well as its answer."""
    added(asdict(one) for one in codecs_and_owls(60))
    window = 2048

    def check(row: Row) -> None:
        def reply(body: dict[str, Any]) -> Any:
            sent = tokens(body)
            if sent + 256 > window:
                return row["status"], filled(row["body"], {"window": window, "sent": sent})
            return ANSWER

        endpoint = scripted_endpoint(reply)
        monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
        ran = quire("ask", "-m", "scripted", "--no-cache", "Which codecs are there?", "--json")
        assert (ran.code, ran.json["text"][:5]) == (0, "Codec"), ran.err
        assert ran.json["usage"]["calls"] == len(endpoint.requests)
        if row["right"]:
            assert len(endpoint.requests) == 2
            last = endpoint.requests[-1].body
            assert tokens(last) + last["max_tokens"] <= window, "prompt and answer fit"
            assert last["max_tokens"] >= 256

    for_each(table(__file__, "overflows.jsonl"), check)


@pytest.mark.usefixtures("unjudged")
def test_a_prompt_is_made_for_a_small_window(
    quire: Quire, added: Add, scripted_endpoint: Endpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first try fits already where the server states its window."""
    added(asdict(one) for one in codecs_and_owls(60))
    for window in (1024, 2048, 4096, 8192):
        endpoint = scripted_endpoint(ANSWER, models=({"id": "m", "meta": {"n_ctx": window}},))
        monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
        assert quire("ask", "-m", "m", "--no-cache", "Which codecs are there?").code == 0
        (asked,) = endpoint.requests
        assert tokens(asked.body) + asked.body["max_tokens"] <= window
