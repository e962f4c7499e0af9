"""Asking a model at an endpoint, from the command line."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli_fixture import Quire
from endpoint_fixture import ScriptedEndpoint

from assistant.prompting.prompts import REFUSAL

Endpoint = Callable[..., ScriptedEndpoint]


def test_a_model_answers_and_is_checked(
    quire: Quire, stocked: Path, scripted_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reply(body: dict[str, Any]) -> str:
        prompt = body["messages"][-1]["content"]
        owl, fox = (
            next(line for line in prompt.splitlines() if sign in line).split("]")[0].lstrip("[")
            for sign in ("two quantizers", "single quantizer")
        )
        return (
            f"OwlCodec has two quantizers [{owl}]. FoxCodec needs 55 tokens a second [{fox}]."
            f" Nobody knows. All of it is proven [99.1]. FoxCodec needs a single quantizer [{fox}]."
        )

    endpoint = scripted_endpoint(reply)
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    ran = quire("ask", "-m", "scripted", "How many quantizers do audio codecs need?", "--json")
    assert ran.code == 0, ran.err
    shape = ran.json
    assert [one["verdict"] for one in shape["claims"]] == [
        "matched",
        "number_not_found",
        "uncited",
        "unknown_citation",
        "matched",
    ]
    assert "quantizers [1]" in shape["text"]
    assert "second [2]" in shape["text"]
    assert "[?]" in shape["text"]
    assert [one["title"][:3] for one in shape["references"]] == ["Owl", "Fox"]
    assert shape["usage"]["calls"] == 1
    assert shape["usage"]["input_tokens"] > 50
    assert shape["prompt"]["name"] == "answer"
    plain = quire("ask", "-m", "scripted", "How many quantizers do audio codecs need?")
    assert "quantizers [1]. ✓" in plain.out
    assert "#!" in plain.out
    assert "extractive" not in plain.err


def test_a_model_that_refuses(
    quire: Quire, stocked: Path, scripted_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", scripted_endpoint(REFUSAL).base_url)
    ran = quire("ask", "-m", "scripted", "What colour are audio codecs?", "--json")
    assert (ran.code, ran.json["outcome"]) == (5, "not_in_collection")
    assert ran.json["near_misses"]
    assert ran.json["usage"]["calls"] == 1


def test_a_cut_answer_is_kept_and_marked(
    quire: Quire, stocked: Path, scripted_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = scripted_endpoint("FoxCodec needs a single quantizer and", finish=None)
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    ran = quire("ask", "-m", "scripted", "How many quantizers?")
    assert ran.code == 4
    assert "FoxCodec needs a single quantizer" in ran.out
    assert ran.err.count("error:") == 1
    ran = quire("ask", "-m", "scripted", "How many quantizers?", "--json")
    assert ran.code == 4
    document = ran.json
    assert document["error"]["code"]
    assert document["outcome"] == "interrupted"
    assert "FoxCodec" in document["text"]


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ((401, {"error": {"message": "bad key sk-secret-123"}}), "OPENAI_API_KEY"),
        ((404, {"error": {"message": "no such model"}}), "scripted"),
    ],
)
def test_endpoint_errors_are_one_line(
    quire: Quire,
    stocked: Path,
    scripted_endpoint: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
    reply: tuple[int, Any],
    words: str,
) -> None:
    """Cases 63 and 64, at the command line."""
    monkeypatch.setenv("OPENAI_BASE_URL", scripted_endpoint(reply).base_url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-123")
    ran = quire("ask", "-m", "wrong-model", "How many quantizers?")
    assert ran.code == 4
    assert len(ran.err.strip().splitlines()) == 1
    assert words in ran.err
    assert "sk-secret-123" not in ran.err + ran.out
    ran = quire("ask", "-m", "wrong-model", "How many quantizers?", "--json")
    assert set(ran.json["error"]) == {"code", "message", "hint"}


def test_nothing_listens(quire: Quire, stocked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Case 51."""
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    begun = time.monotonic()
    ran = quire("ask", "-m", "any", "How many quantizers?")
    assert time.monotonic() - begun < 15
    assert ran.code == 4
    assert "127.0.0.1:9" in ran.err
    assert len([line for line in ran.err.splitlines() if line.startswith("error:")]) == 1


def test_a_model_that_is_not_known_sends_nothing(
    quire: Quire, stocked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    ran = quire("ask", "-m", "extractiv", "How many quantizers?")
    assert ran.code == 2
    assert "extractive" in ran.err
    assert quire("ask", "How many quantizers does FoxCodec need?", "--json").json["model"] == (
        "extractive"
    )


def test_conversations_go_on(quire: Quire, stocked: Path) -> None:
    first = quire("ask", "How many tokens does FoxCodec need?", "--json").json
    second = quire("ask", "-c", "And how many quantizers?", "--json").json
    assert second["session"] == first["session"]
    assert "FoxCodec" in second["standalone"]
    assert "single quantizer" in second["text"]
    third = quire("ask", "--session", first["session"], "And its quality?", "--json").json
    assert third["session"] == first["session"]
    assert quire("ask", "How do bees dance?", "--json").json["session"] != first["session"]
    assert quire("ask", "--session", "nothing", "x").code == 2
    assert quire("ask", "-c", "--session", "s", "x").code == 2


def test_the_model_rewrites_a_followup(
    quire: Quire, stocked: Path, scripted_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reply(body: dict[str, Any]) -> str:
        if "Last question" in body["messages"][-1]["content"]:
            return "How many quantizers does FoxCodec need?"
        return "FoxCodec needs a single quantizer [1.2]."

    endpoint = scripted_endpoint(reply)
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    quire("ask", "-m", "scripted", "How many tokens does FoxCodec need?")
    ran = quire("ask", "-m", "scripted", "-c", "And how many quantizers does it have?", "--json")
    assert ran.json["standalone"] == "How many quantizers does FoxCodec need?"
    assert ran.json["usage"]["calls"] == 2
    assert len(endpoint.requests) == 3


def test_an_answer_cut_at_the_token_limit_says_so(
    quire: Quire, stocked: Path, scripted_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Case 67."""
    endpoint = scripted_endpoint("FoxCodec needs a single quantizer [1.2].", finish="length")
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    ran = quire("ask", "-m", "scripted", "How many quantizers?", "--json")
    assert (ran.code, ran.json["outcome"]) == (4, "interrupted")
    assert "token limit" in ran.json["error"]["message"]
    assert ran.err.startswith("error: ")
