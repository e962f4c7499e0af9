"""A chat model of this process, for tests that need no endpoint."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable

from assistant.generation.base import Finished, ModelPart, ModelTask, Piece, Waiting


class SayingModel:
    """Says what a function makes of each task, in small pieces; `tasks` are those it was given.

    The next reply reports `reads` tokens in, if any. Before the text comes the line `waits`, where
    there is one; after it the model waits as `hold` does, and fails with `failure`.
    """

    name = "saying"
    is_extractive = False

    def __init__(self, say: Callable[[ModelTask], str], context_tokens: int = 16_000) -> None:
        self.say = say
        self.context_tokens = context_tokens
        self.tasks: list[ModelTask] = []
        self.reads: int | None = None
        self.waits = ""
        self.hold: Callable[[ModelTask], Awaitable[object]] | None = None
        self.failure: Exception | None = None

    async def stream(self, task: ModelTask) -> AsyncGenerator[ModelPart, None]:
        """The reply to a task."""
        self.tasks.append(task)
        if self.waits:
            yield Waiting(self.waits)
        text = self.say(task)
        for at in range(0, len(text), 20):
            yield Piece(text[at : at + 20])
        if self.hold is not None:
            await self.hold(task)
        if self.failure is not None:
            raise self.failure
        reads, self.reads = self.reads, None
        yield Finished("stop", input_tokens=reads, output_tokens=len(text.split()))

    async def aclose(self) -> None:
        """Nothing is open."""
