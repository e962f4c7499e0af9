"""A model that answers nothing and counts what it is sent."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from assistant.generation.base import Finished, ModelPart, ModelTask, Piece
from assistant.prompting.grounding import estimate_tokens
from assistant.prompting.prompts import NOT_ANSWERED


class PromptCounter:
    """A chat model that refuses everything and counts the tokens of what it is sent.

    It shows which sources a chat model would be given, without one.
    """

    name = "prompt counter"
    context_tokens = 1_000_000
    is_extractive = False

    async def get_ready(self) -> None:
        """Nothing is to be learned."""

    async def stream(self, task: ModelTask) -> AsyncGenerator[ModelPart, None]:
        """Refuse; a plan is left to the words of the question."""
        if task.kind != "plan":
            yield Piece(NOT_ANSWERED)
        sent = "\n".join(one.content for one in task.messages)
        yield Finished("stop", input_tokens=estimate_tokens(sent), output_tokens=0)

    async def aclose(self) -> None:
        """Nothing is open."""
