"""A prompt that a server cut in silence is noticed, said, and asked again with less."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cli_fixture import Add, Quire, Ran
from endpoint_fixture import ScriptedEndpoint, written
from fault_fixture import Endpoints
from tables import Row, compare, table

from assistant.generation.truncation import Cut, find_cut, least_tokens, remedy
from assistant.prompting.grounding import estimate_tokens
from assistant.types.message import Message

Ask = Callable[..., Ran]
TEXTS = {
    "English": "We measure how far the tide moves sand, and find 3.7 m a day [1.2]. " * 300,
    "Chinese": "我们测量潮汐每天把沙子移动多远。" * 300,
    "short": "How far? " * 100,
    "Swedish": "Ångström naïve " * 100,
}


def test_what_a_count_shows() -> None:
    def came(row: Row) -> bool:
        text = TEXTS[row["text"]]
        read = row["read"] if "read" in row else round(len(text) / row["per_token"] * row["kept"])
        return find_cut((Message("system", "Answer."), Message("user", text)), read) is not None

    compare(table(__file__, "counts.jsonl"), came)
    for text in TEXTS.values():
        assert least_tokens(text) < estimate_tokens(text)


@pytest.mark.parametrize(("read", "room"), [(4096, 2372), (2048, 836), (8192, 6292), (512, 128)])
def test_what_fits_leaves_room_for_the_answer(read: int, room: int) -> None:
    cut = Cut(read=read, sent=9000)
    assert cut.room == room
    assert f"context_tokens = {read}" in remedy(cut)


def long_papers() -> list[dict[str, Any]]:
    """Twenty papers on one thing in words of their own, about 400 tokens each, and a longer one."""
    random = Random(7)

    def words(number: int) -> str:
        return " ".join("".join(random.choices("aeioubdfgklmnprst", k=6)) for _ in range(number))

    papers: list[dict[str, Any]] = []
    for n in range(20):
        title = f"{words(4)} with quantizers".capitalize()
        told = " ".join(f"It {words(9)} at {n}{k} Hz." for k in range(16))
        abstract = f"The audio codec {words(1)} has {n + 2} quantizers. {told}"
        papers.append({"title": title, "abstract": abstract})
    longer = {"title": "Stripes", "abstract": "Glacier stripes are many. " * 400, "year": 1999}
    return [*papers, longer]


@pytest.fixture
def ask(quire: Quire, added: Add, unjudged: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Ask the model behind an endpoint of the long papers: `ask(endpoint, question, *options)`."""
    added(long_papers())

    def run(endpoint: Any, question: str, *options: str) -> Ran:
        monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
        return quire("ask", "-m", "scripted", "--no-cache", question, *options)

    return run


WINDOW = 2600
QUESTION = "Which audio codecs have quantizers?"


def tokens(body: dict[str, Any]) -> int:
    return sum(len(one["content"]) for one in body["messages"]) * 10 // 45


def reply(body: dict[str, Any]) -> str:
    whole = tokens(body) < WINDOW
    return "Codec 3 has 5 quantizers [1.1]." if whole else "Nothing of it was read. All is lost."


@pytest.fixture
def cutting(endpoints: Endpoints) -> ScriptedEndpoint:
    """It reports what Ollama does: its window, when a prompt is longer."""
    return endpoints.scripted(reply, counts=lambda body: min(WINDOW, tokens(body)))


def test_a_cut_question_is_asked_with_fewer_sources(ask: Ask, cutting: ScriptedEndpoint) -> None:
    ran = ask(cutting, QUESTION, "--json")
    assert ran.code == 0, ran.err
    first, last = (one.prompt.count("end of source") for one in cutting.requests)
    assert last < first
    for said in ("read only 2600 of more", "OLLAMA_CONTEXT_LENGTH", "context_tokens = 2600"):
        assert said in ran.err
    document = ran.json
    assert document["text"].startswith("Codec 3 has 5 quantizers")
    assert "asking again with" in document["note"]
    assert document["usage"]["calls"] == 2
    second = document["usage"]["input_tokens"] - WINDOW
    assert 0 < second < WINDOW, "what the first request took is counted too"
    assert document["evidence"]["dropped"] > 0
    assert ask(cutting, "What has codec 4?", "--session", document["session"]).code == 0


def test_the_void_text_is_told_from_the_answer(ask: Ask, cutting: ScriptedEndpoint) -> None:
    void, answer = ask(cutting, QUESTION).out.split(
        "[the text above is void: the answer begins anew]"
    )
    assert "Nothing of it was read" in void
    assert "Codec 3 has 5 quantizers [1]" in answer
    assert "Nothing of it" not in answer
    held = ask(cutting, QUESTION, "--no-stream").out
    assert "void" not in held
    assert "Nothing of it" not in held
    events = [json.loads(line) for line in ask(cutting, QUESTION, "--jsonl").out.splitlines()]
    kinds = [one["event"] for one in events]
    assert (kinds[0], kinds[-1]) == ("evidence", "done")
    at = kinds.index("again")
    assert set(kinds[at + 1 : -1]) <= {"evidence", "delta"}
    assert "delta" in kinds[:at]
    text = "".join(one["text"] for one in events[at:] if one["event"] == "delta")
    assert text == events[-1]["answer"]["text"]


def test_an_empty_stream_for_a_long_prompt_is_asked_again(ask: Ask, endpoints: Endpoints) -> None:
    """What llama.cpp's Python server sends for a prompt longer than its context."""
    head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    event = written({"content": "Codec 3 has 5 [1.1].", "finish": "stop"})
    good = f"{head}data: {event}\n\ndata: [DONE]\n\n"
    none = b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    raw = endpoints.raw(none, head.encode(), head.encode(), good.encode())
    ran = ask(raw, QUESTION, "--json")
    assert (ran.code, ran.json["outcome"]) == (0, "answered")
    assert ran.err.count("asking again with") == 2
    sizes = [one.count(b"end of source") for one in raw.requests if one.startswith(b"POST")]
    assert sizes == sorted(sizes, reverse=True)
    raw = endpoints.raw(head.encode())
    ran = ask(raw, QUESTION, "--json")
    assert (ran.code, ran.json["error"]["code"]) == (4, "empty_stream")
    assert len(raw.requests) < 8


def test_a_window_that_takes_hardly_anything_ends(ask: Ask, endpoints: Endpoints) -> None:
    """With one source left the answer is kept, and the cut stands in its note."""
    endpoint = endpoints.scripted("Many [1.1].", counts=lambda body: 600)
    ran = ask(endpoint, "glacier stripes?", "--json", "--year", "1999")
    assert (ran.code, len(endpoint.requests)) == (0, 1)
    assert "read only 600 of more than" in ran.json["note"]
    assert ask(endpoint, QUESTION).code == 0
    assert len(endpoint.requests) < 8


def test_thoughts_are_apart_from_the_answer(ask: Ask, endpoints: Endpoints) -> None:
    """Case 68: hidden but for a word of progress, shown with -v, never part of the answer."""
    text = "<think>The plan is\nsecret</think>Codec 3 has 5 quantizers [1.1]."
    endpoint = endpoints.scripted(text, thinks="A ponderous \x1b[31mnotion.\n")
    for flags in ([], ["--json"], ["--jsonl"], ["--no-stream"]):
        ran = ask(endpoint, QUESTION, *flags)
        assert (ran.code, ran.err.count("thinking…")) == (0, 1)
        assert "read only" not in ran.err, "nothing was cut"
        for hidden in ("secret", "ponderous"):
            assert hidden not in ran.out + ran.err
    ran = ask(endpoint, QUESTION, "-v")
    assert "thinking: A ponderous notion.\n" in ran.err
    assert "thinking: secret\n" in ran.err
    assert "secret" not in ran.out
    assert "thinking" not in ask(endpoint, QUESTION, "-q").err
    assert len(endpoint.requests) == 6, "each question was asked once"
