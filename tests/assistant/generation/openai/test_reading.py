"""Answers out of the events of a chat stream, and how each ended."""

from __future__ import annotations

from chat_events import ChatEvent, written
from tables import Row, compare, table

from assistant.generation.base import Finished, Piece, Reasoning
from assistant.generation.openai.events import Event, EventReader
from assistant.generation.openai.reading import Reading, Trouble

STOP = {"finish": "stop"}


def read(*events: ChatEvent, cap: int = 1000) -> tuple[str, str, Finished | Trouble]:
    """The answer, what was thought aloud, and the end of events that come one by one."""
    reading = Reading(cap)
    parts: list[Piece | Reasoning] = []
    for event in events:
        parts += reading.take([Event("data", written(event))])
    last, end = reading.close()
    parts += last
    answer = "".join(part.text for part in parts if isinstance(part, Piece))
    return answer, "".join(part.text for part in parts if isinstance(part, Reasoning)), end


def test_how_a_stream_is_read_and_ends() -> None:
    """Cases 54, 57, 67, 69 and 70."""

    def came(row: Row) -> list[str]:
        answer, thought, end = read(*row["events"], cap=row.get("cap", 1000))
        if isinstance(end, Finished):
            return [answer, thought, end.reason, end.detail]
        return [answer, thought, end.kind, end.error.message if end.error else end.words]

    compare(table(__file__, "readings.jsonl"), came)


def test_an_odd_event_leaves_the_answer_whole_or_ends_it() -> None:
    """Case 56."""

    def came(row: Row) -> str:
        odd = row["event"] * row.get("times", 1)
        answer, _, end = read({"content": "one "}, odd, {"content": "two"}, STOP, "[DONE]")
        if (answer, end) == ("one two", Finished("stop")):
            return "passed over"
        return end.kind if answer == "one " and isinstance(end, Trouble) else repr((answer, end))

    compare(table(__file__, "odd_events.jsonl"), came)


def test_usage_that_comes_after_the_end_is_read() -> None:
    usage = '{"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 10}}'
    assert read({"content": "one"}, STOP, usage, "[DONE]")[2] == Finished("stop", 9, 10)


def test_a_burst_of_tokens_is_one_piece() -> None:
    events = [Event("data", written({"content": letter})) for letter in "abc"]
    assert Reading(1000).take(events) == [Piece("abc")]


def test_what_was_replaced_in_the_answer_is_counted() -> None:
    """Case 56: bytes that are no UTF-8 count where they stand in what belongs to the answer."""

    def came(row: Row) -> tuple[str, int]:
        reader, reading = EventReader(10_000), Reading(1_000)
        data = "".join(f"data: {one}\n\n" for one in (*row["data"], written(STOP), "[DONE]"))
        body = data.encode("utf-8", "surrogateescape")
        parts = reading.take([*reader.feed(body), *reader.finish()])
        last, end = reading.close()
        assert isinstance(end, Finished)
        text = "".join(part.text for part in (*parts, *last) if isinstance(part, Piece))
        return text, end.replaced

    rows = table(__file__, "replaced.jsonl")
    compare([{**row, "right": (row["text"], row["replaced"])} for row in rows], came)
