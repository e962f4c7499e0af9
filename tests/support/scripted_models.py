"""Chat models of this process, and replies of endpoints, that are made from what they are shown."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from assistant.generation.base import Finished, ModelPart, ModelTask, Piece, Waiting
from store.types import Record

_SENTENCE = re.compile(r"^\[(\d+)\.(\d+)\] (.*)$", re.MULTILINE)


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

    async def get_ready(self) -> None:
        """Nothing is to be learned."""

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


def addresses_of(prompt: str, sign: str) -> list[str]:
    """The addresses of the sentences that hold this sign, in the order of the prompt."""
    found = _SENTENCE.findall(prompt)
    return [f"{number}.{index}" for number, index, text in found if sign in text]


def prompt_of(body: dict[str, Any]) -> str:
    """The last message of a request."""
    return str(body["messages"][-1]["content"])


def papers_in(body: dict[str, Any]) -> dict[int, dict[int, str]]:
    """The sentences of each paper of a request, by its number."""
    found: dict[int, dict[int, str]] = {}
    for number, index, text in _SENTENCE.findall(prompt_of(body)):
        found.setdefault(int(number), {})[int(index)] = text
    return found


def judge(body: dict[str, Any]) -> str:
    """Judge every paper of a request: say yes to codecs, and show the sentence."""
    lines = []
    for number, sentences in papers_in(body).items():
        shows = [index for index, text in sentences.items() if index and "odec" in text]
        lines.append(f"{number}: yes {number}.{shows[0]}" if shows else f"{number}: no")
    return "\n".join(lines)


def codecs_and_owls(number: int) -> list[Record]:
    """So many records: every third speaks of codecs, the first ten of owls."""
    return [
        Record(
            title=f"Study {at} of {'owls' if at < 10 else 'things'}",
            abstract=f"Thing number {at} is studied. "
            + (f"We build codec {at} for it. " if at % 3 == 0 else "It is a stone. ")
            + "It works well in the field and in the laboratory. " * 4,
            source="own.jsonl",
            reader="jsonl",
        )
        for at in range(number)
    ]
