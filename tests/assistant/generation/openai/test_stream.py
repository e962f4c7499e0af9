"""An answer out of bytes that may be cut anywhere: events, thoughts, its end, and one exchange."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Iterable
from typing import Any

import pytest
from endpoint_fixture import ChatEvent, written
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import Row, compare, table

from assistant.config.endpoint_address import check_base_url
from assistant.generation.base import Finished, Piece, Reasoning
from assistant.generation.openai.channels import ChannelSplitter
from assistant.generation.openai.events import Body, Event, EventReader, TooLong
from assistant.generation.openai.exchange import Exchange
from assistant.generation.openai.failures import Failure, Failures
from assistant.generation.openai.habits import Habits
from assistant.generation.openai.limits import EndpointSettings
from assistant.generation.openai.reading import Reading, Trouble

STOP = {"finish": "stop"}


def in_pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def events_of(data: bytes, size: int) -> list[list[str]]:
    """The events of a stream that comes in pieces of a size."""
    reader = EventReader(10_000)
    events = [event for piece in in_pieces(data, size) for event in reader.feed(piece)]
    return [told(event) for event in (*events, *reader.finish())]


def told(event: Event) -> list[str]:
    """The kind and the text of an event, and what else is true of it."""
    marks = [("cut", not event.whole), ("torn", event.torn)]
    return [event.kind, event.text, *(name for name, holds in marks if holds)]


def data_of(row: Row) -> bytes:
    text: str = row["data"] * row.get("times", 1)
    return text.encode("utf-8", "surrogateescape")


def cut(rows: list[Row], *sizes: int) -> list[Row]:
    return [{**row, "size": size} for row in rows for size in sizes]


def test_events_however_the_bytes_are_cut() -> None:
    """Case 55: CRLF, comments, and characters split over segments."""
    rows = cut(table(__file__, "events.jsonl"), 1, 2, 3, 7, 1000)
    compare(rows, lambda row: events_of(data_of(row), row["size"]))
    assert Reading(1000).take(said(*({"content": letter} for letter in "abc"))) == [Piece("abc")]


@settings(max_examples=60)
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


def test_a_document_is_told_from_a_stream() -> None:
    def document(row: Row) -> bytes | None:
        body = Body(1000, declared=row["declared"])
        for piece in in_pieces(data_of(row), row["size"]):
            body.feed(piece)
        body.finish()
        return None if body.document is None else bytes(body.document)

    rows = cut(table(__file__, "bodies.jsonl"), 1, 5, 100_000)
    compare([{**row, "right": data_of(row) if row["right"] else None} for row in rows], document)


def test_thoughts_are_parted_however_the_text_is_cut() -> None:
    """Case 68: tags split over deltas, and a thought that is never closed."""

    def parted(row: Row) -> list[str]:
        splitter = ChannelSplitter(unopened=row.get("known", False))
        text, size = row["text"], row["size"]
        fed = [splitter.feed(text[at : at + size]) for at in range(0, len(text), size)]
        said = {"answer": "", "thought": ""}
        for kind, piece in (part for one in (*fed, splitter.finish()) for part in one):
            if kind == "void":
                said = {"answer": "", "thought": said["answer"] + said["thought"]}
            else:
                said[kind] += piece
        return [said["answer"], said["thought"]]

    thoughts = table(__file__, "thoughts.jsonl")
    compare(
        [one for row in thoughts for one in cut([row], *range(1, len(row["text"]) + 1))], parted
    )


Ended = tuple[str, str, Finished | Trouble]


def read(events: Iterable[Event], cap: int = 1000) -> Ended:
    """The answer, what was thought aloud, and the end of events that come one by one."""
    reading = Reading(cap)
    parts = [part for event in events for part in reading.take([event])]
    last, end = reading.close()
    answer, thought = (
        "".join(part.text for part in (*parts, *last) if isinstance(part, kind))
        for kind in (Piece, Reasoning)
    )
    return answer, thought, end


def said(*events: ChatEvent) -> list[Event]:
    return [Event("data", written(event)) for event in events]


def test_how_a_stream_is_read_and_ends() -> None:
    def came(row: Row) -> list[object]:
        answer, thought, end = read(said(*row["events"]), row.get("cap", 1000))
        if isinstance(end, Trouble):
            return [answer, thought, end.kind, end.error.message if end.error else end.words]
        tokens = [one for one in (end.input_tokens, end.output_tokens) if one is not None]
        return [answer, thought, end.reason, end.detail, *tokens]

    compare(table(__file__, "readings.jsonl"), came)


def test_an_odd_event_leaves_the_answer_whole_or_ends_it() -> None:
    def came(row: Row) -> str:
        odd = row["event"] * row.get("times", 1)
        answer, _, end = read(said({"content": "one "}, odd, {"content": "two"}, STOP, "[DONE]"))
        if (answer, end) == ("one two", Finished("stop")):
            return "passed over"
        return end.kind if answer == "one " and isinstance(end, Trouble) else repr((answer, end))

    compare(table(__file__, "odd_events.jsonl"), came)


def test_what_was_replaced_in_the_answer_is_counted() -> None:
    """Case 56: bytes that are no UTF-8 count where they stand in what belongs to the answer."""

    def came(row: Row) -> list[object]:
        reader = EventReader(10_000)
        data = "".join(f"data: {one}\n\n" for one in (*row["data"], written(STOP), "[DONE]"))
        events = reader.feed(data.encode("utf-8", "surrogateescape"))
        text, _, end = read([*events, *reader.finish()])
        assert isinstance(end, Finished)
        return [text, end.replaced]

    compare(table(__file__, "replaced.jsonl"), came)


ADDRESS = "http://127.0.0.1:9/v1"
FAILURES = Failures(check_base_url(ADDRESS), "tide-7b", None)


class Script:
    """What is opened, its own response (a row's chunks, then their end or a broken connection)
    and the clock beside it; writes down what is done.
    """

    def __init__(self, row: Row) -> None:
        self.http_response = self
        self.headers = {"content-type": row.get("type", "text/event-stream")}
        self.done: list[str] = []
        self._row = row

    async def __aenter__(self) -> Script:
        if self._row.get("breaks") == "at once":
            raise OSError
        return self

    async def aiter_raw(self) -> AsyncGenerator[bytes, None]:
        try:
            for chunk in self._row["chunks"]:
                self.done.append("read")
                yield (chunk if isinstance(chunk, str) else f"data: {written(chunk)}\n\n").encode()
            if self._row.get("breaks"):
                raise OSError
        finally:
            self.done.append("chunks closed")

    def token_came(self) -> None:
        self.done.append("token came")

    def text_ended(self) -> None:
        self.done.append("text ended")

    async def aclose(self) -> None:
        self.done.append("closed")
        raise OSError("one that fails while it is closed is closed all the same")


async def guard(work: Awaitable[Any]) -> Any:
    try:
        return await work
    except OSError:
        return FAILURES.unreachable("dropped")


async def outcome(row: Row) -> list[Any]:
    """The text, how it ended, and what was done in which order."""
    script = Script(row)
    settings = EndpointSettings("m", ADDRESS, "m", **row.get("settings", {}))
    exchange = Exchange(settings, FAILURES, script, guard, Habits())
    *parts, end = [one async for one in exchange.parts(script)]
    assert isinstance(end, Finished | Failure)
    text = "".join(one.text for one in parts if isinstance(one, Piece | Reasoning))
    failed = isinstance(end, Failure)
    how = end.error.message.removesuffix(" (127.0.0.1:9)") if failed else end.reason
    assert all(isinstance(one, Piece | Reasoning) for one in parts), "nothing comes after the end"
    return [text, how, script.done]


def test_what_becomes_of_a_response() -> None:
    compare(table(__file__, "exchanges.jsonl"), lambda row: asyncio.run(outcome(row)))
