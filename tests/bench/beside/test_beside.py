"""The endpoint that all tools are given, and the table in which they stand beside each other."""

from __future__ import annotations

import base64
import json
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hashed_embedder import Hashed

from tests.bench.beside.endpoint import Call, Endpoint, reply_to, seconds_of, serving
from tests.bench.beside.report import report
from tests.bench.beside.tools import TOOLS, Job
from tests.bench.beside.vectors import Vectors

UUID = "0b5f8e0e-5a57-4a0f-9a0a-3a1c2b4d5e6f"


def post(endpoint: Endpoint, path: str, body: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(
        f"{endpoint.base_url}{path}",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read())  # type: ignore[no-any-return]


def user(text: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}]}


def test_who_asks_packed_or_plain_gets_the_same_vectors_and_they_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "vectors.npz"
    vectors = Vectors(file, Hashed())
    with serving(vectors) as endpoint:
        asked = {"model": "any", "input": ["owls sleep", "bees dance"]}
        plain = post(endpoint, "/embeddings", asked)["data"]
        packed = post(endpoint, "/embeddings", {**asked, "encoding_format": "base64"})["data"]
        for one, other in zip(plain, packed, strict=True):
            row = np.frombuffer(base64.b64decode(other["embedding"]), np.float32)
            assert row.tolist() == pytest.approx(one["embedding"])
        assert [(one.kind, one.texts) for one in endpoint.calls] == [("embeddings", 2)] * 2
        assert vectors.made == 2
    vectors.keep()
    again = Vectors(file, Hashed())
    assert again.of(["bees dance"])[0].tolist() == pytest.approx(plain[1]["embedding"])
    assert again.made == 0


def test_tokens_of_tools_count_as_those_of_messages_do(tmp_path: Path) -> None:
    tool = {"type": "function", "function": {"name": "look", "description": "look " * 50}}
    with serving(Vectors(tmp_path / "v.npz", Hashed())) as endpoint:
        post(endpoint, "/chat/completions", user("Do owls sleep?"))
        post(endpoint, "/chat/completions", {**user("Do owls sleep?"), "tools": [tool]})
        first, second = (one.tokens for one in endpoint.calls)
    assert 4 <= first <= 8
    assert second >= first + 50


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1.1] Owls sleep.\n[1.2] Bees dance.\nDo owls sleep?", "[1.1]."),
        ("pqac-0a1b2c3d: Owls sleep.\nDo owls sleep?", "(pqac-0a1b2c3d)."),
        ("Do owls sleep?", "question."),
    ],
)
def test_a_reply_cites_as_its_prompt_numbers(text: str, said: str) -> None:
    assert reply_to(user(text))["content"].endswith(said)


def test_a_score_is_given_as_json_and_a_judgement_line_by_line() -> None:
    scored = reply_to(user('Answer with {"summary": …, "relevance_score": 1-10}'))
    assert json.loads(scored["content"])["relevance_score"] == 8
    example = "[51.1] Bees.\nstatement 101: Bees.\nYou write:\n101: supported 51.1\n"
    asked = (
        f"{example}[2.3] Owls.\nstatement 0: Owls.\nstatement 1: Birds.\nJudge statements 0 to 1"
    )
    assert reply_to(user(asked))["content"] == "0: supported 2.3\n1: supported 2.3"


def test_a_model_with_tools_searches_then_cites_then_answers() -> None:
    text, array = {"type": "string"}, {"type": "array"}
    tools = [
        {"function": {"name": "rag_search", "parameters": {"properties": {"query": text}}}},
        {"function": {"name": "rag_cite", "parameters": {"properties": {"chunk_ids": array}}}},
    ]
    messages = [{"role": "user", "content": "Do owls sleep?"}]
    called = []
    for result in (f"[{UUID}] Owls sleep.", "registered"):
        (call,) = reply_to({"messages": messages, "tools": tools})["tool_calls"]
        called.append((call["function"]["name"], json.loads(call["function"]["arguments"])))
        messages.append({"role": "tool", "content": result})
    assert called == [
        ("rag_search", {"query": "Do owls sleep?"}),
        ("rag_cite", {"chunk_ids": [UUID]}),
    ]
    assert "tool_calls" not in reply_to({"messages": messages, "tools": tools})


def test_seconds_of_calls_that_overlap_count_once() -> None:
    spans = [(0.0, 2.0), (1.0, 3.0), (1.5, 1.6), (5.0, 6.0)]
    calls = [Call("chat", 1, 1, begun, ended) for begun, ended in spans]
    assert seconds_of(calls) == pytest.approx(4.0)
    assert seconds_of([]) == 0.0


def rounds(cpu: float, tokens: int) -> list[dict[str, Any]]:
    ran = {"cpu_s": cpu, "wall_s": cpu, "peak_mb": 9, "calls": 1, "chats": 1, "tokens": tokens}
    search = {"p50_ms": 1, "p95_ms": 2, "cpu_ms": 1, "peak_mb": 9, "nDCG@10": 0.5, "R@100": 0.5}
    return [{"add": ran, "once": ran, "ask": ran, "search": search, "library_mb": 1.0}]


def test_the_table_marks_the_best_of_a_row_and_names_who_failed() -> None:
    made = {"version": "1.0", "python": "3.11.7", "packages": 9, "disk_mb": 80.0}
    one = {"how": "by hand", "apart": "", "environment": made}
    found = {
        "day": "2026-01-01",
        "papers": 100,
        "queries": 10,
        "rounds": 1,
        "embedder": "minilm",
        "tools": {
            "quick": {**one, "rounds": rounds(1.0, 500)},
            "frugal": {**one, "rounds": rounds(2.0, 100)},
            "broken": {**one, "rounds": [], "error": "not installed: no wheel"},
            "other": {**one, "rounds": [], "apart": "asks for labels"},
        },
    }
    text = report(found)
    assert "| adding, papers a CPU s | **100** | 50 |" in text
    assert "| one question, tokens sent to it | 500 | **100** |" in text
    assert "- broken: not installed: no wheel (9 packages, 80 MB)" in text
    assert "- other: asks for labels" in text


def test_each_tool_that_does_the_job_has_a_command_for_all_of_it(tmp_path: Path) -> None:
    job = Job(tmp_path, tmp_path, tmp_path, tmp_path, "http://127.0.0.1:9/v1", 384, "owls", "why?")
    for tool in TOOLS:
        assert (tool.commands is None) == bool(tool.apart), tool.name
        if tool.commands is not None:
            commands = tool.commands(job)
            assert set(commands) == {"add", "search", "once", "ask"}, tool.name
            assert all(
                command[0] == "sh" or str(tmp_path) in command[0] for command in commands.values()
            )
