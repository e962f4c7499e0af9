"""The event loops in which models are asked: Ctrl-C and SIGTERM wait while one is made."""

from __future__ import annotations

import signal
from collections.abc import Coroutine, Iterator
from contextlib import closing, contextmanager
from types import FrameType
from typing import Any, TypeVar

_T = TypeVar("_T")


def run_loop(work: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine as `asyncio.run` does; an interrupt leaves no half a loop behind.

    A loop that is stopped while it is made complains with a traceback when it is collected
    (`BaseEventLoop.__del__` of Python 3.11 to 3.13), and a coroutine that never ran with a warning.
    """
    import asyncio  # takes long, and most commands need none

    try:
        with closing(asyncio.Runner()) as runner:  # entered, it makes its loop
            with _signals_held():
                runner.get_loop()
            return runner.run(work)
    finally:
        work.close()


@contextmanager
def _signals_held() -> Iterator[None]:
    """Keep the signals that have a handler, then hand them to it; none outside the main thread."""
    came: list[int] = []

    def keep(number: int, _stack: FrameType | None) -> None:
        came.append(number)

    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    handlers = {one: handler for one, handler in before.items() if callable(handler)}
    try:
        for one in handlers:
            signal.signal(one, keep)
    except ValueError:  # not the main thread
        handlers = {}
    try:
        yield
    finally:
        for one, handler in handlers.items():
            signal.signal(one, handler)
        for number in came:
            handlers[signal.Signals(number)](number, None)
