"""One request and its response, over a response that the test scripts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from typing import Any

from chat_events import ChatEvent, written
from tables import Row, compare, table

from assistant.config.endpoint_address import check_base_url
from assistant.generation.base import Finished, Piece, Reasoning
from assistant.generation.openai.exchange import Exchange
from assistant.generation.openai.failures import Failure, Failures
from assistant.generation.openai.limits import EndpointSettings

FAILURES = Failures(check_base_url("http://127.0.0.1:9/v1"), "tide-7b", None)


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
                yield data_of(chunk)
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


def data_of(chunk: ChatEvent) -> bytes:
    """A piece of the body: text as it is, or an event."""
    return (chunk if isinstance(chunk, str) else f"data: {written(chunk)}\n\n").encode()


async def guard(work: Awaitable[Any]) -> Any:
    try:
        return await work
    except OSError:
        return FAILURES.unreachable("dropped")


async def outcome(row: Row) -> list[Any]:
    """The text, how it ended, and what was done in which order."""
    script = Script(row)
    settings = EndpointSettings("m", "http://127.0.0.1:9/v1", "m", **row.get("settings", {}))
    exchange = Exchange(settings, FAILURES, script, guard)
    text, end = "", ""
    async for part in exchange.parts(script):
        assert not end, "nothing comes after the end"
        match part:
            case Piece() | Reasoning():
                text += part.text
            case Finished():
                end = part.reason
            case Failure():
                end = part.error.message.removesuffix(" (127.0.0.1:9)")
    return [text, end, script.done]


def test_what_becomes_of_a_response() -> None:
    compare(table(__file__, "exchanges.jsonl"), lambda row: asyncio.run(outcome(row)))
