"""Long jobs beside the conversation: one at a time, told in the status line, stopped at will."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Protocol, assert_never, cast

from textual.worker import Worker

from assistant.ingest.add import (
    AddDone,
    AddEvent,
    AddProgress,
    AddRequest,
    named_path,
    shortened_path,
    wrong_path,
)
from assistant.ingest.embedder_change import ChangeDone, ChangeEvent, ChangeProgress
from assistant.ingest.sample import SAMPLE_TAG
from tui.controllers.opened import Failure
from tui.presenters import beginning, jobs, status
from tui.screens.add_papers import AddForm, AddPapers
from tui.screens.dialogs import Confirm

if TYPE_CHECKING:
    from store.types import Narrate
    from tui.controllers.opened import Opened
    from tui.presenters.key_names import KeyNames
    from tui.screens.main import MainScreen
    from tui.service import Service


class Job(Protocol):
    """Something that takes long; failures are AssistantError or StoreError.

    Closing `steps` early ends it.
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


class JobController:
    """Runs one job at a time: its progress in the status line, its report in the conversation.

    The focus stays where it is. `narrate` takes lines on the indexing of what was added;
    `on_end` is called once a job has ended; `worker` is the job under way, or the last one.
    """

    def __init__(
        self,
        screen: MainScreen,
        opened: Opened,
        narrate: Narrate,
        on_end: Callable[[], None],
    ) -> None:
        self._screen = screen
        self._opened = opened
        self._narrate = narrate
        self._on_end = on_end
        self._form = AddForm()
        self._job: Job | None = None
        self._next: Job | None = None
        self._is_declined = False
        self._is_stopping = False
        self.worker: Worker[None] | None = None

    @property
    def is_running(self) -> bool:
        """True while a job runs."""
        return self._job is not None or self._next is not None

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

    @property
    def gives_way(self) -> bool:
        """True while something is made that the reader did not ask for: another job comes first."""
        return isinstance(self._job, EmbedderJob) and self._job.gives_way

    def add(self, *, or_stop: bool) -> None:
        """Ask for papers, and add them; with `or_stop`, while some are added, stop that."""
        if self.is_adding and or_stop:
            self.stop()
        elif (service := self._able_to_add()) is not None:
            self._ask_what_to_add(service)

    def offer_sample(self) -> None:
        """Add the sample, if the reader says so."""
        if (service := self._able_to_add()) is not None:
            self._offer_sample(service)

    def _able_to_add(self) -> Service | None:
        """The service where papers may be added now; else it is said why not."""
        if self.is_running and not self.gives_way:
            self._screen.status.say(self.under_way)
            return None
        return self._opened.or_told()

    def _ask_what_to_add(self, service: Service) -> None:
        """Ask for papers; a path of which not all was added stands there again."""

        def answered(form: AddForm | None) -> None:
            if form is None:
                return
            if form.pasted:
                request, where = AddRequest(tags=form.tags, pasted=form.pasted), "what was pasted"
            else:
                path = named_path(form.path)
                request, where = AddRequest(sources=(path,), tags=form.tags), shortened_path(path)
            if self._add(service, request, where):
                self._form = form

        self._screen.app.push_screen(AddPapers(wrong_path, self._form.path), answered)

    def _offer_sample(self, service: Service) -> None:
        def answered(yes: bool | None) -> None:
            if yes:
                self._add(service, AddRequest(tags=(SAMPLE_TAG,), is_sample=True), "the sample")

        asked = Confirm(beginning.SAMPLE_ASKED, beginning.SAMPLE_DETAIL)
        self._screen.app.push_screen(asked, answered)

    def _add(self, service: Service, request: AddRequest, where: str) -> bool:
        """Add papers from where that is, unless another job runs by now."""
        if self.is_running and not self.gives_way:
            return False
        self.begin(AddJob(service, request, where, self._narrate, self._screen.keys))
        return True

    def change_embedder(self, service: Service, name: str) -> None:
        """Change the embedder, unless another job runs by now."""
        if not self.is_running:
            self.begin(EmbedderJob(service, name, self._screen.keys))

    def make_wanted(self, service: Service, name: str) -> None:
        """Make what papers wait for by an embedder, unless the reader stopped that before."""
        if not self.is_running and not self._is_declined:
            self.begin(EmbedderJob(service, name, self._screen.keys, gives_way=True))

    def begin(self, job: Job) -> None:
        """Do a job beside the conversation, once one that gives way has ended."""
        before, self._next = self.worker if self.gives_way else None, job
        if before is not None:
            self._end_job()
        self.worker = self._screen.app.run_worker(self._whole(job, before), group="job")

    async def _whole(self, job: Job, before: Worker[None] | None) -> None:
        try:
            if before is not None:
                await before.wait()
            done = await self.run(job)
        except Exception:
            if not self._screen.is_leaving:
                raise
            return
        if done and isinstance(job, AddJob):
            self._form = AddForm()
        if isinstance(job, EmbedderJob) and not done and self._next is None:
            self._is_declined = True
        self._on_end()

    async def run(self, job: Job) -> bool:
        """Do a job; False when it was stopped, or failed, which is said."""
        self._job, self._next, self._is_stopping = job, None, False
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
            await self._tell((status.failure(error),), is_error=True)
            return False
        finally:
            self._job = None
            self._screen.working = False
            self._screen.status.job("")
        return not self._is_stopping

    def stop(self) -> None:
        """Stop the job that runs."""
        self._end_job()

    def _end_job(self) -> None:
        if self._job is not None and not self._is_stopping:
            self._is_stopping = True
            self._screen.status.job("Stopping after the papers under way…")
            self._job.stop()

    async def _tell(self, lines: tuple[str, ...], is_error: bool = False) -> None:
        self._screen.status.job("")
        self._screen.status.say(lines[0])
        await self._screen.conversation.note(lines, is_error)


class AddJob:
    """Papers being added; `where` says in words where from."""

    def __init__(
        self, service: Service, request: AddRequest, where: str, narrate: Narrate, keys: KeyNames
    ) -> None:
        self._keys = keys
        self.under_way = f"Papers are being added: {keys['add']} stops that."
        self._where = where
        self._more = (beginning.SAMPLE_ADDED,) if request.is_sample else ()
        self._adding = service.add(request, narrate)
        self.report: tuple[str, ...] = ()

    async def steps(self) -> AsyncGenerator[str, None]:
        """Add; a line for every step."""
        yield jobs.adding(AddProgress(), self._keys)
        events = cast(AsyncGenerator[AddEvent, None], self._adding.events())
        async with aclosing(events):
            async for event in events:
                match event:
                    case AddProgress():
                        yield jobs.adding(event, self._keys)
                    case AddDone():
                        self.report = (*jobs.added(event.report, self._where), *self._more)
                        yield "Indexing what was added"
                    case _:
                        assert_never(event)

    def stop(self) -> None:
        """Take no further paper."""
        self._adding.stop()


class EmbedderJob:
    """The library's embedder being changed; it `gives_way` to what the reader wants done."""

    def __init__(
        self, service: Service, name: str, keys: KeyNames, *, gives_way: bool = False
    ) -> None:
        self._keys = keys
        self.under_way = f"The embedder is being changed: {keys['back']} in the box stops that."
        self._name = name
        self.gives_way = gives_way
        self._changing = service.use_embedder(name)
        self.report: tuple[str, ...] = ()

    async def steps(self) -> AsyncGenerator[str, None]:
        """Change it; a line for every step."""
        yield f"Changing the embedder to {self._name}" if not self.gives_way else ""
        events = cast(AsyncGenerator[ChangeEvent, None], self._changing.events())
        async with aclosing(events):
            async for event in events:
                match event:
                    case ChangeProgress():
                        yield jobs.changing(event, self._name, self._keys)
                    case ChangeDone():
                        self.report = (jobs.changed(event, self._name),)
                        yield ""
                    case _:
                        assert_never(event)

    def stop(self) -> None:
        """End after the papers under way."""
        self._changing.stop()
