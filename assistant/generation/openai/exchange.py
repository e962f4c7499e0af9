"""One request to an endpoint and its response, read within bounds."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any, Protocol, TypeVar

from assistant.generation.base import Finished
from assistant.generation.openai.events import Body, Event, TooLong
from assistant.generation.openai.failures import Failure, Failures
from assistant.generation.openai.habits import Habits
from assistant.generation.openai.limits import EndpointSettings
from assistant.generation.openai.reading import Part, Reading, Trouble
from assistant.generation.openai.retry import Clock

_T = TypeVar("_T")


class Guard(Protocol):
    """Waits for a step of the HTTP layer; what it raises comes back as a Failure."""

    async def __call__(self, work: Awaitable[_T]) -> _T | Failure:
        """Wait for `work`."""
        ...


class Response(Protocol):
    """What is needed of a response of the HTTP layer, its body not yet read."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers; names are looked up in lower case."""
        ...

    def aiter_raw(self) -> AsyncGenerator[bytes, None]:
        """The body as it comes, not decompressed."""
        ...

    async def aclose(self) -> None:
        """Close the connection."""
        ...


class Exchange:
    """One request and its response; what goes wrong comes back as a Failure."""

    def __init__(
        self,
        settings: EndpointSettings,
        failures: Failures,
        clock: Clock,
        guard: Guard,
        habits: Habits,
    ) -> None:
        self._habits = habits
        self._settings = settings
        self._failures = failures
        self._clock = clock
        self._guard = guard
        self._response: Response | None = None
        self._chunks: AsyncGenerator[bytes, None] | None = None
        self._kind = ""
        self._body = Body(settings.max_line_bytes, declared=True)
        self._size = 0

    async def parts(
        self, opening: AbstractAsyncContextManager[Any]
    ) -> AsyncGenerator[Part | Finished | Failure, None]:
        """Ask and read the answer; the last part is how it ended, Finished or Failure.

        `opening` sends the request when it is entered and gives what has an `http_response`.
        """
        reading = Reading(self._settings.max_characters, unopened=self._habits.unopened)
        try:
            failure = await self._open(opening)
            while not (failure or reading.done or reading.trouble):
                events = await self._read()
                if events is None:
                    break
                if isinstance(events, Failure):
                    failure = events
                    break
                parts = reading.take(events)
                for part in parts:
                    yield part
                if reading.complete:
                    self._clock.text_ended()
                elif parts:
                    self._clock.token_came()
            was_unsure = reading.channels.is_unsure
            parts, end = reading.close()
            self._learn(reading, was_unsure=was_unsure)
            for part in parts:
                yield part
            # Once the answer is whole, what breaks behind it takes nothing away.
            failure = None if reading.complete else failure or self._not_a_stream()
            yield failure or (self._failures.trouble(end) if isinstance(end, Trouble) else end)
        finally:
            await self._close()

    def _learn(self, reading: Reading, *, was_unsure: bool) -> None:
        """What the text showed of the model's habits; a habit that it did not keep is forgotten."""
        channels, habits = reading.channels, self._habits
        habits.leaves_marks = habits.leaves_marks or channels.marks
        if channels.closed_unopened:
            habits.unopened = True
        elif was_unsure and reading.wrote:
            habits.unopened = False

    async def _open(self, opening: AbstractAsyncContextManager[Any]) -> Failure | None:
        opened = await self._guard(opening.__aenter__())
        if isinstance(opened, Failure):
            return opened
        response: Response = opened.http_response
        self._response = response
        self._kind = response.headers.get("content-type", "").lower()
        if "html" in self._kind:
            return self._failures.document(b"", self._kind)
        declared = self._kind.startswith("text/event-stream")
        self._body = Body(self._settings.max_line_bytes, declared=declared)
        self._chunks = response.aiter_raw()
        return None

    async def _read(self) -> list[Event] | Failure | None:
        if self._chunks is None:
            return None
        chunk = await self._guard(anext(self._chunks, None))
        if isinstance(chunk, Failure):
            return chunk
        if chunk is None:
            self._chunks = None
            return self._body.finish()
        self._size += len(chunk)
        if self._size > self._settings.max_bytes:
            return self._failures.too_many_bytes()
        try:
            return self._body.feed(chunk)
        except TooLong:
            return self._failures.too_many_bytes()

    def _not_a_stream(self) -> Failure | None:
        if self._body.document is None:
            return None
        return self._failures.document(bytes(self._body.document), self._kind)

    async def _close(self) -> None:
        # One that fails while it is being closed is closed all the same.
        with suppress(Exception):
            if self._chunks is not None:
                await self._chunks.aclose()
            if self._response is not None:
                await self._response.aclose()
