"""SIGTERM ends a command as Ctrl-C does: what came until then is printed and kept."""

from __future__ import annotations

import signal
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, TypeVar

from assistant.cli.frame import Frame

_T = TypeVar("_T")


@contextmanager
def ended_by_sigterm(frame: Frame) -> Iterator[None]:
    """Raise KeyboardInterrupt on SIGTERM, and note in the frame what it was.

    Who has a handler of its own, such as the app, keeps it.
    """

    def end(_number: int, _stack: FrameType | None) -> None:
        frame.is_told_to_end = True
        raise KeyboardInterrupt

    is_ours = signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    if is_ours:
        with suppress(ValueError):  # not the main thread
            signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        if is_ours and signal.getsignal(signal.SIGTERM) is end:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def run(frame: Frame, work: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine as `asyncio.run` does; SIGTERM cancels it, so that it can end in order.

    That holds too where Ctrl-C is ignored, as in the background of a script. Raises
    KeyboardInterrupt then.
    """
    import asyncio  # takes long, and most commands need none

    return asyncio.run(_cancelled_by_sigterm(frame, work))


async def _cancelled_by_sigterm(frame: Frame, work: Coroutine[Any, Any, _T]) -> _T:
    import asyncio

    task = asyncio.ensure_future(work)

    def end() -> None:
        frame.is_told_to_end = True
        task.cancel()

    loop, before = asyncio.get_running_loop(), signal.getsignal(signal.SIGTERM)
    try:
        loop.add_signal_handler(signal.SIGTERM, end)
    except (NotImplementedError, RuntimeError, ValueError):
        return await task  # not the main thread, or no such thing on this system
    try:
        return await task
    except asyncio.CancelledError:
        if frame.is_told_to_end and task.cancelled():
            raise KeyboardInterrupt from None
        raise
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
        signal.signal(signal.SIGTERM, before)
