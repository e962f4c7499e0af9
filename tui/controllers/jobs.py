"""Long jobs beside the conversation: one at a time, told in the status line, stopped at will."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Protocol, assert_never, cast

from assistant.ingest.add import AddDone, AddEvent, AddProgress, AddRequest, shortened_path
from assistant.ingest.embedder_change import ChangeDone, ChangeEvent, ChangeProgress
from store.types import Narrate
from tui.controllers.stream import Failure
from tui.presenters import wording
from tui.screens.main import MainScreen
from tui.service import Service


class Job(Protocol):
    """Something that takes long; failures are AssistantError or StoreError.

    Closing `steps` early ends it. What wants to be seen running beside the conversation is
    given to `Jobs.run`.
    """

    def steps(self) -> AsyncIterator[str]:
        """Do it; every line is how far it has come, for the status line."""
        ...

    def stop(self) -> None:
        """End soon, in good order; `steps` ends then."""
        ...

    @property
    def under_way(self) -> str:
        """What is done and how to stop it, for a reader who wants another job meanwhile."""
        ...

    @property
    def report(self) -> tuple[str, ...]:
        """What it did, the main thing first; empty while there is nothing to tell."""
        ...


class Jobs:
    """Shows one job at a time: its progress in the status line, its report in the conversation.

    The focus stays where it is.
    """

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._job: Job | None = None
        self._is_stopping = False

    @property
    def is_running(self) -> bool:
        """True while a job runs."""
        return self._job is not None

    @property
    def is_adding(self) -> bool:
        """True while papers are added."""
        return isinstance(self._job, AddJob)

    @property
    def is_changing(self) -> bool:
        """True while the embedder is changed."""
        return isinstance(self._job, EmbedderJob)

    @property
    def under_way(self) -> str:
        """What is done and how to stop it; empty while no job runs."""
        return self._job.under_way if self._job else ""

    async def run(self, job: Job) -> bool:
        """Do a job; False when it was stopped, or failed, which is said."""
        self._job, self._is_stopping = job, False
        self._screen.working = True
        told = False
        try:
            async with aclosing(cast(AsyncGenerator[str, None], job.steps())) as steps:
                async for line in steps:
                    if not self._is_stopping:
                        self._screen.status.job(line)
                    if job.report and not told:
                        told = True
                        await self._tell(job.report)
        except Failure as error:
            await self._tell((wording.failure(error),), is_error=True)
            return False
        finally:
            self._job = None
            self._screen.working = False
            self._screen.status.job("")
        return not self._is_stopping

    def stop(self) -> None:
        """Stop the job that runs."""
        if self._job is not None and not self._is_stopping:
            self._is_stopping = True
            self._screen.status.job("Stopping after the papers under way…")
            self._job.stop()

    async def _tell(self, lines: tuple[str, ...], is_error: bool = False) -> None:
        self._screen.status.job("")
        self._screen.status.say(lines[0])
        await self._screen.conversation.note(lines, is_error)


class AddJob:
    """Papers being added from a path."""

    under_way = "Papers are being added: F5 stops that."

    def __init__(
        self, service: Service, path: str, tags: tuple[str, ...], narrate: Narrate
    ) -> None:
        self._path = path
        self._adding = service.add(AddRequest(sources=(path,), tags=tags), narrate)
        self.report: tuple[str, ...] = ()

    async def steps(self) -> AsyncGenerator[str, None]:
        """Add; a line for every step."""
        yield wording.adding(AddProgress())
        events = cast(AsyncGenerator[AddEvent, None], self._adding.events())
        async with aclosing(events):
            async for event in events:
                match event:
                    case AddProgress():
                        yield wording.adding(event)
                    case AddDone():
                        self.report = wording.added(event.report, shortened_path(self._path))
                        yield "Indexing what was added"
                    case _:
                        assert_never(event)

    def stop(self) -> None:
        """Take no further paper."""
        self._adding.stop()


class EmbedderJob:
    """The library's embedder being changed."""

    under_way = "The embedder is being changed: Esc in the box stops that."

    def __init__(self, service: Service, name: str) -> None:
        self._name = name
        self._changing = service.use_embedder(name)
        self.report: tuple[str, ...] = ()

    async def steps(self) -> AsyncGenerator[str, None]:
        """Change it; a line for every step."""
        yield f"Changing the embedder to {self._name}"
        events = cast(AsyncGenerator[ChangeEvent, None], self._changing.events())
        async with aclosing(events):
            async for event in events:
                match event:
                    case ChangeProgress():
                        yield wording.changing(event, self._name)
                    case ChangeDone():
                        self.report = (wording.changed(event, self._name),)
                        yield ""
                    case _:
                        assert_never(event)

    def stop(self) -> None:
        """End after the papers under way."""
        self._changing.stop()
