"""Coroutines and streams carried out on an event loop in a thread, for code without a loop."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Generator
from concurrent.futures import Future, wait
from queue import SimpleQueue
from typing import Generic, TypeVar

from assistant.errors import WrongUse

T = TypeVar("T")

_OPEN_AGAIN = "open the library again: open_library()"


class _Job(Generic[T]):
    """Work on the loop of another thread, and what comes of it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, work: Awaitable[T], thread: int) -> None:
        self._loop = loop
        self._thread = thread
        self._done: Future[T] = Future()
        self._task: asyncio.Task[None] | None = None
        loop.call_soon_threadsafe(self._start, work)

    def _start(self, work: Awaitable[T]) -> None:
        self._task = self._loop.create_task(self._carry_out(work))
        self._task.add_done_callback(lambda _: self._settle())

    async def _carry_out(self, work: Awaitable[T]) -> None:
        try:
            self._done.set_result(await work)
        except BaseException as failure:  # it belongs to who waits, whatever it is
            self._done.set_exception(failure)

    def at_end(self, tell: Callable[[], None]) -> None:
        """Have it told when there is nothing more to come."""
        self._done.add_done_callback(lambda _: tell())

    def tell(self, what: Callable[[], None]) -> bool:
        """Have something done on the loop; False where it has ended."""
        try:
            self._loop.call_soon_threadsafe(what)
        except RuntimeError:  # the loop is closed, and so is what ran there
            return False
        return True

    def _settle(self) -> None:
        if not self._done.done():  # cancelled before its first step
            self._done.set_exception(asyncio.CancelledError())

    def result(self) -> T:
        """What came of it; Ctrl-C cancels it, and waits until it has ended in order."""
        try:
            return self._done.result()
        except asyncio.CancelledError:
            raise WrongUse("this was closed while it ran", _OPEN_AGAIN) from None
        finally:
            self.end()

    def end(self) -> None:
        """Cancel what is not done, and wait for its end, but never on the loop's own thread."""
        if self._done.done():
            return
        self.tell(self._cancel)
        if threading.get_ident() != self._thread:
            wait([self._done])

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()


class Bridge:
    """An event loop in a thread of its own, started when it is first needed.

    It may be used from several threads, and where a loop runs already, as in a notebook.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] | None = None
        self._thread: threading.Thread | None = None
        self._is_closed = False

    @property
    def is_used(self) -> bool:
        """True once its loop runs."""
        return self._thread is not None

    def wait(self, work: Awaitable[T]) -> T:
        """What an awaitable comes to; raises what it raises. Ctrl-C cancels it."""
        return self._begin(work).result()

    def each(self, stream: AsyncIterable[T]) -> Generator[T, None, None]:
        """What a stream yields, each when it is asked for; leaving it early closes the stream."""
        came: SimpleQueue[tuple[T] | None] = SimpleQueue()
        wanted = asyncio.Semaphore(0)
        job = self._begin(_pump(stream, wanted, came))
        job.at_end(lambda: came.put(None))
        try:
            while job.tell(wanted.release) and (item := came.get()):
                yield item[0]
            job.result()
        finally:
            job.end()

    def close(self) -> None:
        """Cancel what still runs, and end the thread."""
        with self._lock:
            self._is_closed = True
            thread, started = self._thread, self._started
        if thread is None or started is None or not thread.is_alive():
            return
        loop, stop = started.result()
        loop.call_soon_threadsafe(stop.set)
        if threading.get_ident() != thread.ident:
            thread.join()

    def _begin(self, work: Awaitable[T]) -> _Job[T]:
        try:
            loop, thread = self._run()
            if threading.get_ident() == thread:
                raise WrongUse("this would wait for itself", "await it: it runs on a loop already")
            return _Job(loop, work, thread)
        except BaseException:
            if inspect.iscoroutine(work):
                work.close()
            raise

    def _run(self) -> tuple[asyncio.AbstractEventLoop, int]:
        with self._lock:
            if self._is_closed:
                raise WrongUse("this is closed", _OPEN_AGAIN)
            if self._started is None or self._thread is None:
                self._started = Future()
                work = _serve(self._started)
                # A program that forgets to close it ends all the same.
                self._thread = threading.Thread(
                    target=asyncio.run, args=(work,), name="quire", daemon=True
                )
                self._thread.start()
        loop, _ = self._started.result()
        return loop, self._thread.ident or 0


async def _serve(
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]],
) -> None:
    stop = asyncio.Event()
    started.set_result((asyncio.get_running_loop(), stop))
    await stop.wait()


async def _pump(
    stream: AsyncIterable[T], wanted: asyncio.Semaphore, came: SimpleQueue[tuple[T] | None]
) -> None:
    """Hand items over one by one as they are wanted, all in one task, as timeouts need it."""
    items = aiter(stream)
    try:
        while True:
            await wanted.acquire()
            came.put((await anext(items),))
    except StopAsyncIteration:
        pass
    finally:
        if isinstance(items, AsyncGenerator):
            await items.aclose()
