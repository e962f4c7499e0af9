"""The requests that one answer takes: what each is asked for, and what follows a failure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from assistant.errors import CONTEXT_TOO_LONG, EndpointError
from assistant.generation.base import Finished, ModelTask
from assistant.generation.openai.chat_request import ChatRequest
from assistant.generation.openai.failures import Failure, Failures
from assistant.generation.openai.fields import Counts
from assistant.generation.openai.habits import OVERFLOW, Habits
from assistant.generation.openai.limits import EndpointSettings
from assistant.generation.openai.retry import Tries

_MAX_ADAPTATIONS = 6
_ADAPTABLE = (None, 400, 415, 422, 500, 501)
"""Statuses with which servers refuse a shape of a request; None: an error with status 200."""
_LEAST_ROOM = 256
"""Fewer tokens of an answer are not worth a request with the same prompt."""


@dataclass(frozen=True)
class Again:
    """Another request: a line on why, if any, and how long to wait for it."""

    line: str = ""
    wait_s: float | None = None


class Course:
    """The requests of one answer, `requests` of them so far; all within one deadline."""

    def __init__(
        self,
        task: ModelTask,
        limits: EndpointSettings,
        request: ChatRequest,
        habits: Habits,
        failures: Failures,
        started: float,
    ) -> None:
        self._task = task
        self._request = request
        self._habits = habits
        self._failures = failures
        self._tries = Tries(limits, started)
        self._arguments: dict[str, Any] = {}
        self._adaptations = 0
        self._first_room: int | None = None
        self._most: int | None = None
        self._earlier = Counts(0, 0)
        self.requests = 0

    def next_request(self) -> dict[str, Any]:
        """The arguments of the next request, which is counted."""
        self.requests += 1
        self._arguments = self._shaped()
        return self._arguments

    def _shaped(self) -> dict[str, Any]:
        more = self._first_room is not None
        return self._request.arguments(self._task, more=more, most=self._most)

    def ended(self, ending: Finished) -> Finished:
        """The end of the answer with all requests that it took."""
        return replace(
            ending,
            requests=self.requests,
            earlier_input=self._earlier.input or 0,
            earlier_output=self._earlier.output or 0,
        )

    def after(self, failure: Failure, *, wrote: bool, begun: bool) -> Again | EndpointError:
        """What follows a failure: another request, or what to say.

        `wrote` says that words of an answer were shown, `begun` that anything was.
        """
        if failure.error.window is not None:
            self._habits.state(failure.error.window, None, OVERFLOW)
        if wrote:
            return self._failures.cut(failure)
        if failure.no_room:
            return self._after_thinking(failure)
        if begun:
            return failure.error
        if self._adapts(failure):
            return Again()
        if self._tries.asks_too_much(failure):
            return self._failures.waits_too_long(failure)
        wait = self._tries.next_wait(failure)
        if wait is not None:
            return Again(wait_s=wait)
        if failure.passes:
            return self._failures.given_up(failure, self._tries.failed)
        return failure.error

    def _adapts(self, failure: Failure) -> bool:
        """Whether another shape of the same request may be taken."""
        if failure.status not in _ADAPTABLE or self._adaptations >= _MAX_ADAPTATIONS:
            return False
        self._adaptations += 1
        if failure.error.code == CONTEXT_TOO_LONG:
            return self._shortens(failure)
        if self._shaped() != self._arguments:
            return True  # an answer beside this one has learned a shape meanwhile
        return self._request.adapt(self._arguments, failure)

    def _shortens(self, failure: Failure) -> bool:
        """Whether the prompt fits and the answer alone is to be shorter."""
        window, prompt = failure.error.window, failure.error.prompt
        if window is None or prompt is None or self._most is not None:
            return False
        self._most = window - prompt - 1
        return self._most >= min(_LEAST_ROOM, self._task.max_output_tokens)

    def _after_thinking(self, failure: Failure) -> Again | EndpointError:
        had = self._room()
        if self._first_room is not None:
            return self._failures.thought_twice(failure, self._first_room, had)
        room = self._request.output_tokens(self._task, more=True)
        if room <= had:
            return failure.error
        self._first_room = had
        self._habits.thinks_long = True
        counts = failure.counts
        self._earlier = Counts(counts.input or 0, had if counts.output is None else counts.output)
        return Again(f"it thought for all of its {had} tokens: asking again with {room}")

    def _room(self) -> int:
        names = ("max_tokens", "max_completion_tokens")
        return next((int(self._arguments[name]) for name in names if name in self._arguments), 0)
