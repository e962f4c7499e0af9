"""Changing a library's embedder beside whatever else its reader does."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress

from assistant.wiring.embedders import BETTER
from store.library.library import Library
from store.library.reembedding import READING, ChangeReport, Progress
from store.value import Value

_END_SECONDS = 3.0
"""How long the texts under way may take once the library is to be closed."""
_TOLD_SECONDS = 0.1
"""How often progress is told at most: the last of what came meanwhile."""
_SURE_SECONDS = 1.5


class ChangeProgress(Value):
    """How far a change has come.

    Of `total` papers `done` have gone through the `step`, "embedding", "indexing" or "reading";
    `begun` had before this run, the others took `seconds`. A step "fetching" before them is of
    megabytes.
    """

    step: str
    done: int
    total: int
    begun: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Papers a second."""
        return (self.done - self.begun) / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """What is left of this step at this rate; None until there is enough to tell it by."""
        if self.seconds < _SURE_SECONDS or self.done <= self.begun:
            return None
        return max(0, self.total - self.done) / self.rate


class ChangeDone(Value):
    """The end of a change; `vectors` papers have a vector of the new embedder.

    `read` of them were looked at for their tokens.
    """

    report: ChangeReport
    vectors: int
    read: int = 0


ChangeEvent = ChangeProgress | ChangeDone
"""What comes of a change while it runs: progress, then the end."""


Fetch = Callable[[Callable[[int, int | None], None]], object]
"""Gets an embedder onto this machine; tells how many bytes came, and of how many where known."""


def use(
    library: Library,
    name: str,
    progress: Progress = lambda step, done, total: None,
    stopped: Callable[[], bool] = lambda: False,
) -> ChangeReport:
    """Let a library use an embedder, as `Library.use_embedder` does.

    minilm in a library without papers follows them, once they are added as fast as ever.
    """
    if name == BETTER and library.want_embedder(name):
        return ChangeReport(embedder=name, papers=0, embedded=0, done=True)
    return library.use_embedder(name, progress, stopped)


class _Stopped(Exception):
    """The change is to end, and nothing was made so far."""


class EmbedderChange:
    """One change of embedder, in a thread of its own, after a `fetch` where it is not here.

    Questions are answered with the old vectors meanwhile. Raises what `Library.use_embedder`
    raises, and WrongUse for an endpoint whose address or key cannot be used.
    """

    def __init__(self, library: Library, name: str, fetch: Fetch | None = None) -> None:
        self._library = library
        self._name = name
        self._fetch = fetch
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def stop(self) -> None:
        """End after the texts under way; what was made stays, and `events` ends with a report."""
        self._stopping.set()

    async def events(self) -> AsyncGenerator[ChangeEvent, None]:
        """Change it, and tell how far it has come; closing the stream early stops it as well."""
        loop = asyncio.get_running_loop()
        told: asyncio.Queue[ChangeEvent | Exception] = asyncio.Queue()

        def post(act: Callable[..., None], *values: object) -> None:
            with suppress(RuntimeError):  # nobody listens any more: the loop is closed
                loop.call_soon_threadsafe(act, *values)

        def work() -> None:
            try:
                post(told.put_nowait, self._change(lambda event: post(told.put_nowait, event)))
            except Exception as failure:
                post(told.put_nowait, failure)

        # An endpoint may keep a batch for minutes: a daemon does not keep the program with it.
        # What it leaves then is what a kill leaves, which the next change goes on from.
        self._thread = threading.Thread(target=work, name="embedder-change", daemon=True)
        self._thread.start()
        try:
            while True:
                event = await told.get()
                while isinstance(event, ChangeProgress) and not told.empty():
                    event = told.get_nowait()
                if isinstance(event, Exception):
                    raise event
                yield event
                if isinstance(event, ChangeDone):
                    return
                await asyncio.sleep(_TOLD_SECONDS)
        finally:
            self._stopping.set()

    def close(self) -> None:
        """Stop, and wait some seconds for the end."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(_END_SECONDS)

    def _change(self, tell: Callable[[ChangeEvent], None]) -> ChangeDone:
        teller = _Teller(tell)

        def fetched(done: int, total: int | None) -> None:
            if self._stopping.is_set():
                raise _Stopped
            teller.advance("fetching", done // 1_000_000, (total or 0) // 1_000_000)

        try:
            if self._fetch is not None:
                self._fetch(fetched)
            report = use(self._library, self._name, teller.advance, self._stopping.is_set)
        except _Stopped:
            papers = self._library.count()
            report = ChangeReport(embedder=self._name, papers=papers, embedded=0, done=False)
        return ChangeDone(report=report, vectors=teller.vectors, read=teller.read)


class _Teller:
    """Tells the progress of each step, with what was there before it and how long it took."""

    def __init__(self, tell: Callable[[ChangeEvent], None]) -> None:
        self._tell = tell
        self._step = ""
        self._begun = 0
        self._started = 0.0
        self.vectors = 0
        self.read = 0

    def advance(self, step: str, done: int, total: int) -> None:
        """So many of all papers have gone through a step."""
        now = time.monotonic()
        if step == "embedding":
            self.vectors = done
        if step == READING:
            self.read = total
        if step != self._step:
            self._step, self._begun, self._started = step, done, now
        seconds = now - self._started
        self._tell(
            ChangeProgress(step=step, done=done, total=total, begun=self._begun, seconds=seconds)
        )
