"""Hearing a model out, where nobody reads along."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from assistant.generation.base import (
    ChatModel,
    Finished,
    ModelPart,
    ModelTask,
    Piece,
    Reasoning,
    Voided,
    Waiting,
)
from store.clean import clean_line


@dataclass
class Heard:
    """What came of a stream so far: all its text, raw, and its ending."""

    text: str = ""
    ending: Finished = field(default_factory=lambda: Finished("stop"))


async def hear(model: ChatModel, task: ModelTask, heard: Heard) -> AsyncGenerator[ModelPart, None]:
    """Take a reply into `heard`; yields its parts as they come.

    Raises EndpointError; what came until then stays in `heard`.
    """
    async with aclosing(model.stream(task)) as parts:
        async for part in parts:
            match part:
                case Piece():
                    heard.text += part.text
                case Finished():
                    heard.ending = part
                case Voided():
                    heard.text = ""
                case Waiting() | Reasoning():
                    pass
            yield part


async def listen(
    model: ChatModel,
    task: ModelTask,
    heard: Heard,
    enough: Callable[[str], bool] = lambda text: False,
) -> AsyncGenerator[str, None]:
    """Take a reply into `heard`, whole or until it is `enough`; yields a line on each wait.

    Raises EndpointError; what came until then stays in `heard`.
    """
    async with aclosing(hear(model, task, heard)) as parts:
        async for part in parts:
            if isinstance(part, Waiting):
                yield clean_line(part.text)
            elif isinstance(part, Piece) and enough(heard.text):
                return
