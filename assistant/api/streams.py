"""Work that is awaited for its result, or walked through while it happens."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import aclosing
from typing import Any, Generic, TypeVar

from assistant.errors import WrongUse

Happening = TypeVar("Happening")
Result = TypeVar("Result")


class Stream(Generic[Happening, Result]):
    """An answer to come: `await` it for the whole, or `async for` over its events, once.

    Leaving the events early ends the work: `contextlib.aclosing` closes them at once. Whoever
    awaits it is raised a failure; whoever walks through it is given what came before that too.
    """

    def __init__(
        self,
        events: AsyncGenerator[Happening, None],
        result: Callable[[Happening], Result | None],
    ) -> None:
        self._events = events
        self._result = result
        self._is_taken = False

    def __aiter__(self) -> AsyncGenerator[Happening, None]:
        if self._is_taken:
            raise WrongUse("this has been asked already", "ask again for another answer")
        self._is_taken = True
        return self._events

    def __await__(self) -> Generator[Any, None, Result]:
        return self._whole().__await__()

    async def aclose(self) -> None:
        """End the work where it stands."""
        await self._events.aclose()

    async def _whole(self) -> Result:
        found: Result | None = None
        async with aclosing(aiter(self)) as events:
            async for event in events:
                found = self._result(event) or found
        if found is None:
            raise AssertionError("a stream that does not fail ends with its result")
        return found
