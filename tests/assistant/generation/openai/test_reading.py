from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.generation.base import Finished, Piece, Reasoning
from assistant.generation.openai.error_text import nearest, retry_after, server_error, server_words
from assistant.generation.openai.events import Body, Event, EventReader, TooLong
from assistant.generation.openai.reading import Reading, Trouble
from assistant.generation.openai.reasoning import ThoughtSplitter
from assistant.generation.openai.retry import count_down


def events_of(data: bytes, size: int) -> list[tuple[str, str]]:
    reader = EventReader(10_000)
    events: list[Event] = []
    for at in range(0, len(data), size):
        events += reader.feed(data[at : at + size])
    events += reader.finish()
    return [(one.kind, one.text) for one in events]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"data: a\n\ndata: b\n\n", [("data", "a"), ("data", "b")]),
        (b"data:a\r\n\r\ndata: b\r\n\r\n", [("data", "a"), ("data", "b")]),
        (b"data: a\r\rdata: b\r\r", [("data", "a"), ("data", "b")]),
        (b"\xef\xbb\xbfdata: a\n\n", [("data", "a")]),
        (b": ping\n\n: ping\n\ndata: a\n\n", [("data", "a")]),
        (b"id: 1\nevent: message\ndata: a\nretry: 5\n\n", [("data", "a")]),
        (b"data: a\ndata: b\n\n", [("data", "a\nb")]),
        (b"data:\n\n", [("data", "")]),
        (b"data\n\ngarbage line\n\n\x00\x00\n\n", []),
        (b"data:  two spaces\n\n", [("data", " two spaces")]),
        (b"data: [DONE]", [("data", "[DONE]")]),
        (b"data: cut", [("data", "cut")]),
        (b'error: {"code": 500}\n\n', [("error", '{"code": 500}')]),
        (b'{"error": "x"}\n', [("bare", '{"error": "x"}')]),
        (b"data: bad \xff byte\n\n", [("data", "bad \udcff byte")]),
        ("data: naïve 深 🧪\n\n".encode(), [("data", "naïve 深 🧪")]),
        ("data: line\u2028separator\u0085\n\n".encode(), [("data", "line\u2028separator\u0085")]),
    ],
)
def test_events_however_the_bytes_are_cut(
    data: bytes, expected: list[tuple[str, str]], size: int
) -> None:
    """Case 55: CRLF, comments, and characters split over segments."""
    assert events_of(data, size) == expected


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["data: a", "", "\r", "\n", ": c", "data:", "é", "x:y"])), st.data()
)
def test_cutting_never_changes_the_events(lines: list[str], data: st.DataObject) -> None:
    body = "\n".join(lines).encode()
    size = data.draw(st.integers(1, max(1, len(body))))
    assert events_of(body, size) == events_of(body, max(1, len(body)))


@pytest.mark.parametrize(
    "chunks",
    [
        [b"data: " + b"z" * 300] * 5,
        [b"data: " + b"z" * 300 + b"\n"] * 5,
        [b"data: x\ndata: y\n"] * 1000,
        [b"z" * 2000 + b"\n"],
    ],
)
def test_a_line_or_an_event_without_end_is_stopped(chunks: list[bytes]) -> None:
    """Case 69: neither a line nor an event grows past its bound."""
    reader = EventReader(1000)
    with pytest.raises(TooLong):
        [reader.feed(chunk) for chunk in chunks]


@pytest.mark.parametrize(
    ("declared", "data", "is_document"),
    [
        (True, b"data: a\n\n", False),
        (False, b"data: a\n\n", False),
        (False, b": comment\n\ndata: a\n\n", False),
        (False, b"\n\n event: x\n\n", False),
        (True, b'  {"error": "x"}', True),
        (True, b"<html>", True),
        (False, b"<<oops>>", True),
        (False, b"[]", True),
        (True, b"", False),
        (False, b" " * 10_000, True),
    ],
)
def test_a_document_is_told_from_a_stream(declared: bool, data: bytes, is_document: bool) -> None:
    for size in (1, 5, 100_000):
        body = Body(1000, declared=declared)
        for at in range(0, len(data), size):
            body.feed(data[at : at + size])
        body.finish()
        assert (body.document is not None) is is_document
        if is_document:
            assert bytes(body.document or b"") == data


@pytest.mark.parametrize(
    ("text", "answer", "thought"),
    [
        ("plain", "plain", ""),
        ("<think>plan</think>\n\nanswer", "answer", "plan"),
        ("\n <think>plan</think>answer", "\nanswer", "plan"),
        ("<THINK>plan</Think> answer", "answer", "plan"),
        ("<thinking>plan</thinking>answer", "answer", "plan"),
        ("<think>never closed\nat all", "", "never closed\nat all"),
        ("one\n<think>two</think>\nthree", "one\nthree", "two"),
        ("models write <think> and </think> tags", "models write <think> and </think> tags", ""),
        ("a < b, <thin ice", "a < b, <thin ice", ""),
        ("<thi", "<thi", ""),
        ("<think>a < b </thin ice</think>c", "c", "a < b </thin ice"),
        ("<think>open </thi", "", "open </thi"),
        ("  indented\n  lines  ", "  indented\n  lines  ", ""),
        ("<think></think>answer", "answer", ""),
        ("<think>a</think><think>b</think>c", "c", "ab"),
    ],
)
def test_thoughts_are_parted_however_the_text_is_cut(text: str, answer: str, thought: str) -> None:
    """Case 68: tags split over deltas, and a thought that is never closed."""
    for size in range(1, len(text) + 1):
        splitter = ThoughtSplitter()
        parts = [p for at in range(0, len(text), size) for p in splitter.feed(text[at : at + size])]
        parts += splitter.finish()
        assert "".join(part for thinking, part in parts if not thinking) == answer, size
        assert "".join(part for thinking, part in parts if thinking) == thought, size


def chunk(content: Any = None, finish: Any = None, **delta: Any) -> str:
    if content is not None:
        delta["content"] = content
    return json.dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def read(*texts: str, cap: int = 1000) -> tuple[str, str, Finished | Trouble]:
    reading = Reading(cap)
    parts = []
    for text in texts:
        parts += reading.take([Event("data", text)])
    last, end = reading.close()
    parts += last
    answer = "".join(part.text for part in parts if isinstance(part, Piece))
    return answer, "".join(part.text for part in parts if isinstance(part, Reasoning)), end


STOP = chunk(finish="stop")


@pytest.mark.parametrize(
    "odd",
    [
        "null",
        "[]",
        "[1, 2]",
        '"hello"',
        "7",
        "true",
        "{}",
        '{"choices": null}',
        '{"choices": []}',
        '{"choices": {}}',
        '{"choices": [null, 3]}',
        '{"choices": [{"index": 0}]}',
        '{"choices": [{"index": 0, "delta": null}]}',
        '{"choices": [{"index": 0, "delta": []}]}',
        '{"choices": [{"index": 1, "delta": {"content": "ZWEI"}}]}',
        '{"choices": [{"index": 0, "delta": {"content": null}, "finish_reason": 5}]}',
        '{"error": null, "choices": []}',
        '{"usage": "many"}',
        '{"usage": {"prompt_tokens": -1, "completion_tokens": true}}',
        '{"usage": {"prompt_tokens": 1e999, "completion_tokens": "9"}}',
        "",
    ],
)
def test_events_without_text_are_passed_over(odd: str) -> None:
    """Case 56: odd shapes that carry no text leave the answer whole."""
    answer, _, end = read(chunk("one "), odd, chunk("two"), STOP, "[DONE]")
    assert answer == "one two"
    assert end == Finished("stop")


@pytest.mark.parametrize(
    "hole",
    ["{not json", "[" * 100_000, chunk(42), chunk([{"type": "text", "text": "x"}]), "9" * 5000],
)
def test_an_event_that_may_hide_text_ends_the_answer(hole: str) -> None:
    """Case 56: an answer with a hole never looks whole."""
    answer, _, end = read(chunk("one "), hole, chunk("two"), STOP)
    assert answer == "one "
    assert isinstance(end, Trouble)
    assert end.kind == "garbled"


@pytest.mark.parametrize(
    ("texts", "reason", "detail"),
    [
        ([chunk("x"), STOP], "stop", ""),
        ([chunk("x"), "[DONE]"], "stop", ""),
        ([chunk("x"), chunk(finish="length")], "length", "cut at the token limit"),
        ([chunk("x"), chunk(finish="content_filter")], "refused", "content filter"),
        ([chunk(finish="content_filter")], "refused", "content filter"),
        ([chunk(refusal="I can"), chunk(refusal="not."), STOP], "refused", "declined: I cannot."),
        ([chunk("x"), chunk(finish="flux\x1b[31m")], "stop", "unknown reason: flux"),
        ([chunk("x", tool_calls=[{"index": 0}]), chunk(finish="tool_calls")], "stop", "a tool"),
        ([chunk("x", finish="stop")], "stop", ""),
    ],
)
def test_how_an_answer_ends(texts: list[str], reason: str, detail: str) -> None:
    """Case 67: each way of ending has its own line."""
    _, _, end = read(*texts)
    assert isinstance(end, Finished)
    assert end.reason == reason
    assert detail in end.detail
    assert end.detail.isprintable()


@pytest.mark.parametrize(
    ("texts", "kind", "words"),
    [
        ([], "nothing", ""),
        ([chunk("x")], "cut", ""),
        ([chunk("x"), '{"choices": [{"ind'], "garbled", "not JSON"),
        ([STOP], "wordless", "empty answer"),
        (["[DONE]"], "wordless", "empty answer"),
        ([chunk(" \n\n "), STOP], "wordless", "empty answer"),
        ([chunk(finish="length")], "wordless", "token limit"),
        ([chunk(tool_calls=[{"index": 0}]), chunk(finish="tool_calls")], "wordless", "tool"),
        ([chunk(reasoning="hm"), chunk(finish="length")], "wordless", "thought aloud up to"),
        ([chunk("<think>hm"), STOP], "wordless", "only thought aloud"),
        ([chunk("x" * 1001), STOP], "too_long", ""),
        ([chunk("x", finish="error")], "server", ""),
        (['{"error": {"message": "boom"}}'], "server", ""),
        (['{"error": "boom"}'], "server", ""),
        (['[{"error": {"message": "boom"}}]'], "server", ""),
        (['{"object": "error", "message": "boom"}'], "server", ""),
    ],
)
def test_what_is_no_whole_answer(texts: list[str], kind: str, words: str) -> None:
    """Cases 54, 57, 67, 69: never an empty or half answer passed as whole."""
    _, _, end = read(*texts)
    assert isinstance(end, Trouble)
    assert end.kind == kind
    assert words in end.words


def test_what_follows_the_end_is_not_shown_but_its_usage_is_read() -> None:
    """Case 70: text after the finish reason and after [DONE]."""
    usage = '{"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 10}}'
    answer, _, end = read(
        chunk("one"), STOP, chunk("LATE"), "{bad", usage, "[DONE]", chunk("GHOST")
    )
    assert answer == "one"
    assert end == Finished("stop", 9, 10)


def test_reasoning_is_apart_and_not_doubled() -> None:
    answer, thought, end = read(
        chunk(reasoning_content="a", reasoning="a"), chunk("<think>b</think>c"), chunk("d"), STOP
    )
    assert (answer, thought) == ("cd", "ab")
    assert end == Finished("stop")


def test_the_cap_counts_answer_and_reasoning_together() -> None:
    """Case 69: what fits under the cap is kept."""
    answer, thought, end = read(chunk(reasoning="r" * 600), chunk("a" * 600), STOP)
    assert (len(answer), len(thought)) == (400, 600)
    assert isinstance(end, Trouble)
    assert end.kind == "too_long"


def test_a_burst_of_tokens_is_one_piece() -> None:
    parts = Reading(1000).take([Event("data", chunk(letter)) for letter in "abc"])
    assert parts == [Piece("abc")]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"error": {"message": "boom", "code": 500}}, "boom"),
        ({"error": {"code": 500}}, ""),
        ({"error": "boom"}, "boom"),
        ({"error": True, "message": "boom"}, "boom"),
        ({"error": {"message": {"deep": 1}}}, '{"deep": 1}'),
        ([{"error": {"message": "boom"}}], "boom"),
        ({"detail": [{"msg": "field required"}]}, '[{"msg": "field required"}]'),
        ({"message": "boom"}, "boom"),
    ],
)
def test_the_words_of_a_server_are_found(value: object, message: str) -> None:
    """Case 57: whatever shape the server's own words come in."""
    found = server_error(value, bare=True)
    assert found is not None
    assert found.message == message


@pytest.mark.parametrize("value", [None, [], {}, 5, "x", {"error": None}, {"error": {}}, {"id": 1}])
def test_what_is_no_error_is_none(value: object) -> None:
    assert server_error(value, bare=True) is None


def test_words_are_cleaned_before_the_key_is_looked_for() -> None:
    """Case 63: a key that is echoed with characters between is still found."""
    echoed = "no\x1b[31m Bearer sk-1\u200b23456\nuse another"
    assert server_words(echoed, "sk-123456") == "no Bearer [key] use another"
    assert len(server_words("x" * 10_000)) == 300


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [
        ("1", 1, 1),
        ("0.5", 0.5, 0.5),
        ("-3", 0, 0),
        ("9" * 60, 1e8, 1e8),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0, 0),
    ],
)
def test_retry_after(header: str, low: float, high: float) -> None:
    found = retry_after(header)
    assert found is not None
    assert low <= found <= high


@pytest.mark.parametrize("header", ["", "soon", "nan", "inf", "Thu, 99 Foo 2020"])
def test_a_senseless_retry_after_is_none(header: str) -> None:
    assert retry_after(header) is None


def test_nearest_names_come_first() -> None:
    names = ["gpt-x", "llama3.2:1b", "llama3.1:8b", "mistral"]
    assert nearest("llama3.1", names)[0] == "llama3.1:8b"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.05, ["busy; retrying"]),
        (4.0, ["busy; retrying in 4 s"]),
        (10.0, ["busy; retrying in 10 s"]),
        (24.7, [f"busy; retrying in {left} s" for left in (25, 20, 10)]),
        (100.0, [f"busy; retrying in {left} s" for left in range(100, 0, -10)]),
    ],
)
async def test_a_wait_is_counted_down(
    seconds: float, shown: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Case 62: a long wait says every ten seconds how long it still takes."""
    slept: list[float] = []

    async def sleep(step: float) -> None:
        slept.append(step)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    assert [waiting.text async for waiting in count_down("busy", seconds)] == shown
    assert seconds <= sum(slept) < seconds + 1


def heard(*data: bytes) -> tuple[str, int]:
    """The answer in a stream of events with these data, and how much of it was replaced."""
    reader, reading = EventReader(10_000), Reading(1_000)
    body = b"".join(b"data: " + one + b"\n\n" for one in data)
    parts = reading.take([*reader.feed(body), *reader.finish()])
    last, end = reading.close()
    assert isinstance(end, Finished)
    text = "".join(part.text for part in (*parts, *last) if isinstance(part, Piece))
    return text, end.replaced


def raw(content: bytes, name: bytes = b"content") -> bytes:
    return b'{"choices":[{"index":0,"delta":{"' + name + b'":"' + content + b'"}}]}'


@pytest.mark.parametrize(
    ("data", "text", "replaced"),
    [
        ([raw(b"a \xff\xfe b")], "a \ufffd\ufffd b", 2),
        ([raw(b"cut \xe2\x82 euro")], "cut \ufffd euro", 1),
        ([raw(b"\xc3"), raw(b"\xa9 is torn apart")], "\ufffd\ufffd is torn apart", 2),
        ([raw("sent as \ufffd".encode())], "sent as \ufffd", 0),
        ([raw(rb"sent as \ufffd")], "sent as \ufffd", 0),
        ([raw(rb"half a pair \udcff")], "half a pair \udcff", 0),
        ([raw("both \ufffd and ".encode() + b"\xff")], "both \ufffd and \ufffd", 1),
        ([raw(b"bad \xff thought", b"reasoning_content"), raw(b"good")], "good", 0),
        ([raw(b"<think>bad \xff thought</think>"), raw(b"good")], "good", 0),
        ([raw(b"<think>\xff</think>bad \xff<")], "bad \ufffd<", 1),
        ([b'{"id":"\xff","choices":[]}', raw(b"good")], "good", 0),
        ([b'{"note":"\xff"}', raw(b"good")], "good", 0),
        ([b'{"choices":[{"index":1,"delta":{"content":"\xff"}}]}', raw(b"good")], "good", 0),
        ([raw(b"good"), STOP.encode(), raw(b"behind the end \xff")], "good", 0),
    ],
)
def test_what_was_replaced_in_the_answer_is_counted(
    data: list[bytes], text: str, replaced: int
) -> None:
    """Case 56: bytes that are no UTF-8 count where they stand in what belongs to the answer."""
    assert heard(*data, STOP.encode(), b"[DONE]") == (text, replaced)
