"""Hearing a model out, where nobody reads along."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

from assistant.generation.base import (
    ChatModel,
    Finished,
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


async def listen(model: ChatModel, task: ModelTask, heard: Heard) -> AsyncGenerator[str, None]:
    """Take a whole reply into `heard`; yields a line on whatever is waited for.

    Raises EndpointError; what came until then stays in `heard`.
    """
    async with aclosing(model.stream(task)) as parts:
        async for part in parts:
            match part:
                case Piece():
                    heard.text += part.text
                case Waiting():
                    yield clean_line(part.text)
                case Finished():
                    heard.ending = part
                case Voided():
                    heard.text = ""
                case Reasoning():
                    pass
