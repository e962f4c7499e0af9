"""A prompt that a server cut in silence is noticed, said, and asked again with less."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cli_fixture import Quire
from endpoint_fixture import ScriptedEndpoint

from assistant.generation.truncation import Cut, find_cut, least_tokens, remedy
from assistant.prompting.grounding import estimate_tokens
from assistant.types.message import Message

Endpoint = Callable[..., ScriptedEndpoint]
ENGLISH = "We measure how far the tide moves sand, and find 3.7 m a day [1.2]. " * 300
CHINESE = "我们测量潮汐每天把沙子移动多远。" * 300


def prompt(text: str) -> tuple[Message, ...]:
    return (Message("system", "Answer."), Message("user", text))


@pytest.mark.parametrize(
    ("text", "per_token", "kept", "is_cut"),
    [
        # whole prompts, from the most to the fewest characters a token that tokenizers make
        (ENGLISH, 4.9, 1.0, False),
        (ENGLISH, 4.3, 1.0, False),
        (ENGLISH, 3.0, 1.0, False),
        (CHINESE, 1.8, 1.0, False),
        (CHINESE, 0.7, 1.0, False),
        # prompts that lost something
        (ENGLISH, 4.5, 0.65, True),
        (ENGLISH, 4.5, 0.5, True),
        (ENGLISH, 3.6, 0.5, True),
        # too little to tell from a tokenizer that makes long tokens
        (ENGLISH, 4.5, 0.9, False),
    ],
)
def test_what_a_count_shows(text: str, per_token: float, kept: float, is_cut: bool) -> None:
    read = round(len(text) / per_token * kept)
    assert (find_cut(prompt(text), read) is not None) is is_cut


@pytest.mark.parametrize("read", [None, 0, 9, 511])
def test_a_count_of_no_window_shows_nothing(read: int | None) -> None:
    """Some servers count only what was not in their cache, and fakes count anything."""
    assert find_cut(prompt(ENGLISH), read) is None


def test_short_prompts_are_not_judged() -> None:
    assert find_cut(prompt("How far? " * 100), 520) is None


def test_the_least_is_less_than_the_estimate() -> None:
    for text in (ENGLISH, CHINESE, "Ångström naïve " * 100):
        assert least_tokens(text) < estimate_tokens(text)


@pytest.mark.parametrize(("read", "room"), [(4096, 2196), (2048, 512), (8192, 6292), (512, 128)])
def test_what_fits_leaves_room_for_the_answer(read: int, room: int) -> None:
    cut = Cut(read=read, sent=9000)
    assert cut.room == room
    assert f"context_tokens = {read}" in remedy(cut)


@pytest.fixture
def long_papers(quire: Quire, tmp_path: Path) -> None:
    """Twenty papers on one thing in words of their own, about 400 tokens each."""
    random = Random(7)

    def words(number: int) -> str:
        return " ".join("".join(random.choices("aeioubdfgklmnprst", k=6)) for _ in range(number))

    lines = [
        {
            "title": f"{words(4)} with quantizers".capitalize(),
            "abstract": f"The audio codec {words(1)} has {n + 2} quantizers. "
            + " ".join(f"It {words(9)} at {n}{k} Hz." for k in range(16)),
        }
        for n in range(20)
    ]
    (tmp_path / "long.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines))
    assert quire("add", str(tmp_path / "long.jsonl")).code == 0


WINDOW = 2600
QUESTION = "Which audio codecs have quantizers, compare them all?"


def cutting(body: dict[str, Any]) -> int:
    """What Ollama reports: its window, when a prompt is longer."""
    return min(WINDOW, sum(len(one["content"]) for one in body["messages"]) * 10 // 45)


def reply(body: dict[str, Any]) -> str:
    whole = sum(len(one["content"]) for one in body["messages"]) * 10 // 45 < WINDOW
    return "Codec 3 has 5 quantizers [1.1]." if whole else "Nothing of it was read. All is lost."


@pytest.mark.usefixtures("long_papers")
def test_the_question_is_asked_again_with_fewer_sources(
    quire: Quire, scripted_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = scripted_endpoint(reply, counts=cutting)
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    ran = quire("ask", "-m", "scripted", QUESTION, "--json")
    assert ran.code == 0, ran.err
    first, last = (one.prompt.count("end of source") for one in endpoint.requests)
    assert last < first
    assert "read only 2600 of more than" in ran.err
    assert "OLLAMA_CONTEXT_LENGTH" in ran.err
    assert "context_tokens = 2600" in ran.err
    document = ran.json
    assert document["text"].startswith("Codec 3 has 5 quantizers")
    assert "asking again with" in document["note"]
    assert document["usage"]["calls"] == 2
    second = document["usage"]["input_tokens"] - WINDOW
    assert 0 < second < WINDOW, "what the first request took is counted too"
    assert document["evidence"]["dropped"] > 0
    session = document["session"]
    assert quire("ask", "-m", "scripted", "--session", session, "What has codec 4?").code == 0


@pytest.mark.usefixtures("long_papers")
def test_the_void_text_is_told_from_the_answer(
    quire: Quire, scripted_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", scripted_endpoint(reply, counts=cutting).base_url)
    ran = quire("ask", "-m", "scripted", QUESTION)
    void, answer = ran.out.split("[the text above is void: asked again]")
    assert "Nothing of it was read" in void
    assert "Codec 3 has 5 quantizers [1]" in answer
    assert "Nothing of it" not in answer
    held = quire("ask", "-m", "scripted", QUESTION, "--no-stream", "--no-cache").out
    assert "void" not in held
    assert "Nothing of it" not in held
    events = [
        json.loads(line)
        for line in quire(
            "ask", "-m", "scripted", QUESTION, "--jsonl", "--no-cache"
        ).out.splitlines()
    ]
    kinds = [one["event"] for one in events]
    at = kinds.index("again")
    assert "delta" in kinds[:at]
    text = "".join(one["text"] for one in events[at:] if one["event"] == "delta")
    assert text == events[-1]["answer"]["text"]


@pytest.mark.usefixtures("long_papers")
def test_a_whole_prompt_is_asked_once(
    quire: Quire, scripted_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = scripted_endpoint("Codec 3 has 5 quantizers [1.1].")
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    ran = quire("ask", "-m", "scripted", QUESTION, "--json")
    assert (ran.code, len(endpoint.requests), ran.json["usage"]["calls"]) == (0, 1, 1)
    assert "read only" not in ran.err


@pytest.mark.usefixtures("long_papers")
def test_an_empty_stream_for_a_long_prompt_is_asked_again_with_less(
    quire: Quire, raw_endpoint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What llama.cpp's Python server sends for a prompt longer than its context."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    body = b'data: {"choices":[{"index":0,"delta":{"content":"Codec 3 has 5 [1.1]."},'
    good = head + body + b'"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
    raw = raw_endpoint(head, head, good)
    monkeypatch.setenv("OPENAI_BASE_URL", raw.base_url)
    ran = quire("ask", "-m", "scripted", QUESTION, "--json")
    assert (ran.code, ran.json["outcome"]) == (0, "answered")
    assert ran.err.count("asking again with") == 2
    sizes = [one.count(b"end of source") for one in raw.requests]
    assert sizes == sorted(sizes, reverse=True)
    raw = raw_endpoint(head)
    monkeypatch.setenv("OPENAI_BASE_URL", raw.base_url)
    ran = quire("ask", "-m", "scripted", QUESTION, "--json")
    assert (ran.code, ran.json["error"]["code"]) == (4, "empty_stream")
    assert len(raw.requests) < 8


@pytest.mark.usefixtures("long_papers")
def test_a_window_that_takes_hardly_anything_ends(
    quire: Quire, scripted_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With one source left the answer is kept, and the cut stands in its note."""
    lines = {"title": "Codec", "abstract": "Audio codec quantizers are many. " * 400}
    (tmp_path / "one.jsonl").write_text(json.dumps(lines))
    quire("--library", str(tmp_path / "one"), "add", str(tmp_path / "one.jsonl"))
    endpoint = scripted_endpoint("Many [1.1].", counts=lambda body: 600)
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    ran = quire("--library", str(tmp_path / "one"), "ask", "-m", "x", "codec quantizers?", "--json")
    assert (ran.code, len(endpoint.requests)) == (0, 1)
    assert "read only 600 of more than" in ran.json["note"]
    ran = quire("ask", "-m", "x", QUESTION, "--json")
    assert ran.code == 0
    assert len(endpoint.requests) < 8


def test_thoughts_are_apart_from_the_answer(
    quire: Quire, stocked: Path, scripted_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Case 68: hidden but for a word of progress, shown with -v, never part of the answer."""
    text = "<think>The plan is\nsecret</think>FoxCodec needs a single quantizer [1.2]."
    endpoint = scripted_endpoint(text, thinks="A ponderous \x1b[31mnotion.\n")
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    for flags in ([], ["--json"], ["--jsonl"], ["--no-stream"]):
        ran = quire("ask", "-m", "scripted", "--no-cache", "How many quantizers?", *flags)
        assert ran.code == 0
        assert ran.err.count("thinking…") == 1
        assert "secret" not in ran.out + ran.err
        assert "ponderous" not in ran.out + ran.err
    ran = quire("ask", "-v", "--no-cache", "-m", "scripted", "How many quantizers?")
    assert "thinking: A ponderous notion.\n" in ran.err
    assert "thinking: secret\n" in ran.err
    assert "secret" not in ran.out
    assert (
        "thinking"
        not in quire("ask", "-q", "--no-cache", "-m", "scripted", "How many quantizers?").err
    )
