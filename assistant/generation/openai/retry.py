"""How long one answer is waited for, and whether a failed request is tried again."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable
from typing import Literal, TypeVar

from assistant.generation.base import Waiting
from assistant.generation.openai.failures import Failure
from assistant.generation.openai.limits import EndpointSettings

Deadline = Literal["first", "between", "total"]
"""To the first token, between two tokens, and for the whole answer."""

_T = TypeVar("_T")
_TICK_S = 10.0
_LONGEST_LOADING_WAIT = 5
_BURST_S = 0.005
"""A key goes through several hands of an app, each in a round of its own: many such bursts are
still no wait that a reader feels."""


class DeadlinePassed(Exception):
    """A deadline passed; says which, and how many seconds it gave."""

    def __init__(self, which: Deadline, seconds: float) -> None:
        super().__init__(which, seconds)
        self.which = which
        self.seconds = seconds


class Clock:
    """The deadlines of one attempt; only time spent waiting counts between tokens.

    `started` is the loop's time at which the whole answer was asked for.
    """

    def __init__(self, settings: EndpointSettings, started: float) -> None:
        self._settings = settings
        self._ends = started + settings.total_s
        self._which: Deadline = "first"
        self._seconds = self._left = settings.first_token_s

    async def wait(self, work: Awaitable[_T]) -> _T:
        """Wait for `work`.

        Raises DeadlinePassed after cancelling it.
        """
        now = asyncio.get_running_loop().time
        begun = now()
        total_left = max(0.0, self._ends - begun)
        scope = asyncio.timeout(min(self._left, total_left))
        try:
            async with scope:
                return await work
        except TimeoutError:
            if not scope.expired():
                raise
            if total_left <= self._left:
                raise DeadlinePassed("total", self._settings.total_s) from None
            raise DeadlinePassed(self._which, self._seconds) from None
        finally:
            self._left = max(0.0, self._left - (now() - begun))

    def token_came(self) -> None:
        """Begin the wait for the next token."""
        self._which = "between"
        self._seconds = self._left = self._settings.between_chunks_s

    def text_ended(self) -> None:
        """Leave little time for what may follow the text."""
        self._left = min(self._left, self._settings.usage_s)


class Pauses:
    """Lets the rest of the program have its turn while an answer comes faster than it is read.

    What has come already is read without a wait in between, thousands of events of a server in
    a hurry: the keys of an app would not be looked at meanwhile.
    """

    def __init__(self) -> None:
        self._since = asyncio.get_running_loop().time()

    async def pause(self) -> None:
        """Pause for one round of the loop where the last one was long enough ago."""
        now = asyncio.get_running_loop().time
        if now() - self._since > _BURST_S:
            await asyncio.sleep(0)
            self._since = now()


class Tries:
    """The attempts at one answer."""

    def __init__(self, settings: EndpointSettings, started: float) -> None:
        self._settings = settings
        self._started = started
        self._loading = 0
        self.failed = 0

    def asks_too_much(self, failure: Failure) -> bool:
        """True when the server asks for a longer wait than there is time for."""
        longest = self._settings.total_s - self._waited()
        return failure.passes and failure.wait_s is not None and failure.wait_s > longest

    def next_wait(self, failure: Failure) -> float | None:
        """Seconds until the next attempt, None when there is none."""
        if not failure.passes:
            return None
        settings = self._settings
        if failure.loading and self._waited() < settings.first_token_s:
            steps = min(2**self._loading, _LONGEST_LOADING_WAIT)
            self._loading += 1
        else:
            steps = 2**self.failed
            self.failed += 1
            if self.failed >= settings.max_attempts:
                return None
        wait = settings.backoff_s * steps if failure.wait_s is None else failure.wait_s
        return wait if self._waited() + wait < settings.total_s else None

    def _waited(self) -> float:
        return asyncio.get_running_loop().time() - self._started


async def count_down(why: str, seconds: float, failed: int = 1) -> AsyncGenerator[Waiting, None]:
    """Sleep, saying every ten seconds how long it still takes; so many requests `failed`."""
    left = seconds if seconds < _TICK_S else float(math.ceil(seconds))
    # What is said twice is shown once: from the second time on the number tells them apart.
    number = f" (request {failed + 1})" if failed > 1 else ""
    while True:
        wait = f" in {left:.0f} s" if left >= 1 else ""
        yield Waiting(f"{why}; retrying{wait}{number}")
        step = min(left, left % _TICK_S or _TICK_S)
        await asyncio.sleep(step)
        left -= step
        if left <= 0:
            return
