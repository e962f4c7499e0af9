"""Server-sent events out of bytes that may be cut anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import Row, compare, table

from assistant.generation.openai.events import Body, Event, EventReader, TooLong


def events_of(data: bytes, size: int) -> list[list[str]]:
    """The events of a stream that comes in pieces of a size."""
    reader = EventReader(10_000)
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    events = [event for piece in pieces for event in reader.feed(piece)]
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


@settings(deadline=None, max_examples=60)
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


def document_of(row: Row) -> bytes | None:
    data, size = data_of(row), row["size"]
    body = Body(1000, declared=row["declared"])
    for at in range(0, len(data), size):
        body.feed(data[at : at + size])
    body.finish()
    return None if body.document is None else bytes(body.document)


def test_a_document_is_told_from_a_stream() -> None:
    rows = cut(table(__file__, "bodies.jsonl"), 1, 5, 100_000)
    whole = [{**row, "right": data_of(row) if row["right"] else None} for row in rows]
    compare(whole, document_of)
