"""A library that is opened where it is first used, in a loop of one's own or on the bridge's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterable, Awaitable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from assistant.api.bridge import Bridge
from assistant.errors import WrongUse
from store.types import Narrate

if TYPE_CHECKING:
    from assistant.config.settings import Settings
    from assistant.workspace.workspace import Workspace

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Opening:
    """How a library is opened."""

    folder: Path
    model: str | None
    settings: Settings
    narrate: Narrate
    create: bool
    keep: bool


class Handle:
    """What opens a library once, in one event loop, and closes it; a `Library` has the methods."""

    def __init__(self, opening: Opening) -> None:
        self._how = opening
        self._bridge = Bridge()
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._opening: asyncio.Task[Workspace] | None = None
        self._is_closed = False

    @property
    def folder(self) -> Path:
        """Where the library is."""
        return self._how.folder

    async def __aenter__(self) -> Self:
        await self._opened()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __enter__(self) -> Self:
        try:
            self.wait(self._opened())
        except BaseException:
            self._bridge.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def wait(self, work: Awaitable[T]) -> T:
        """What a method of this library comes to, for code that does not `await`.

        Ctrl-C cancels it.
        """
        return self._bridge.wait(work)

    def each(self, stream: AsyncIterable[T]) -> Generator[T, None, None]:
        """The events of a stream, for code without `async for`; leaving them early ends it."""
        return self._bridge.each(stream)

    async def aclose(self) -> None:
        """Close the library and the connections of the model; it is not opened again."""
        with self._lock:
            opening, self._is_closed = self._opening, True
            self._here()
            self._opening = None
        if opening is not None:
            await (await opening).aclose()

    def close(self) -> None:
        """Close a library that was used with `wait`; what still runs is cancelled."""
        if self._opening is not None and not self._bridge.is_used:
            raise WrongUse("this library was opened with await", "close it so: await aclose()")
        try:
            if self._bridge.is_used and not self._is_closed:
                self._bridge.wait(self.aclose())
        finally:
            self._is_closed = True
            self._bridge.close()

    async def _opened(self) -> Workspace:
        with self._lock:
            if self._is_closed:
                raise WrongUse("this library is closed", "open it again: open_library()")
            self._here()
            if self._opening is None or _has_failed(self._opening):
                self._loop = asyncio.get_running_loop()
                self._opening = self._loop.create_task(_open(self._how))
            opening = self._opening
        return await asyncio.shield(opening)

    def _here(self) -> None:
        """Raise WrongUse where the library is open in another event loop than this one."""
        if self._opening is not None and self._loop is not asyncio.get_running_loop():
            raise WrongUse(
                "this library is open in another event loop",
                "use it in one loop alone, or always with wait() and each()",
            )

    def _cap(self, given: float | None) -> float | None:
        return self._how.settings.max_cost if given is None else given


async def _open(how: Opening) -> Workspace:
    from assistant.workspace.workspace import open_workspace

    workspace = await open_workspace(
        how.folder, how.model, how.settings, how.narrate, create=how.create, keeps=how.keep
    )
    try:
        await workspace.catch_up_briefly()
    except BaseException:
        await workspace.aclose()
        raise
    return workspace


def _has_failed(opening: asyncio.Task[Workspace]) -> bool:
    return opening.done() and (opening.cancelled() or opening.exception() is not None)
