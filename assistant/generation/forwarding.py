"""A model that stands before another and passes on what that one says."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from assistant.generation.base import ChatModel, ModelPart, ModelTask


class ForwardingModel:
    """As the model behind it in all that a subclass does not do otherwise."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    lacks_key = False
    """True while the key of the model behind it is still to be fetched."""

    @property
    def behind(self) -> ChatModel:
        """The model behind it."""
        return self._model

    @property
    def name(self) -> str:
        """The name of the model behind it."""
        return self._model.name

    @property
    def context_tokens(self) -> int:
        """Its window, as far as that is known."""
        return self._model.context_tokens

    @property
    def is_extractive(self) -> bool:
        """Whether it is the built-in one."""
        return self._model.is_extractive

    async def get_ready(self) -> None:
        """Have it learn what its server states; raises WrongUse where it has no key."""
        await self._model.get_ready()

    async def stream(self, task: ModelTask) -> AsyncGenerator[ModelPart, None]:
        """Its reply as it comes; raises EndpointError."""
        async with aclosing(self._model.stream(task)) as parts:
            async for part in parts:
                yield part

    async def aclose(self) -> None:
        """Close what it has open."""
        await self._model.aclose()
