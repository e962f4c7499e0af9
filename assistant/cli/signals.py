"""Ctrl-C and SIGTERM end a command in order: what came until then is printed and kept."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, TypeVar

from assistant.cli.frame import Frame
from assistant.errors import Exit
from assistant.generation.loops import run_loop

_T = TypeVar("_T")
_ONE_PRESS_SECONDS = 1.0
"""A key that is held, or pressed twice in haste, is meant once."""

_FINALIZER_SECONDS = 0.01


class _CtrlC:
    """What Ctrl-C does: the first one ends what runs in order, one that comes later at once."""

    def __init__(self, end: Callable[[], None]) -> None:
        self._end = end
        self._first: float | None = None

    def __call__(self, _number: int, _stack: FrameType | None) -> None:
        self.press()

    def press(self) -> None:
        """Take one press of the keys."""
        now = time.monotonic()
        if self._first is None:
            self._first = now
            self._end()
        elif now - self._first > _ONE_PRESS_SECONDS:
            # Not by a stream, which may be in the middle of a line when the signal comes.
            with suppress(OSError):
                os.write(2, b"\nerror: interrupted at once\n")
            os._exit(Exit.INTERRUPTED)

    def again(self) -> None:
        """Take the press once more that Python dropped in a finalizer, once that has ended."""
        import _thread

        def press() -> None:
            time.sleep(_FINALIZER_SECONDS)
            self._first = None
            _thread.interrupt_main()

        _thread.start_new_thread(press, ())


def _interrupt() -> None:
    raise KeyboardInterrupt


@contextmanager
def ended_in_order(frame: Frame) -> Iterator[None]:
    """Raise KeyboardInterrupt on Ctrl-C and SIGTERM, and note in the frame which it was.

    Nothing is said by Python itself of an interrupt that it cannot raise. A handler that somebody
    else has set stays, as does a signal that is ignored.
    """

    def end(_number: int, _stack: FrameType | None) -> None:
        frame.is_told_to_end = True
        raise KeyboardInterrupt

    keys = _CtrlC(_interrupt)
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    ours: dict[signal.Signals, Callable[[int, FrameType | None], None]]
    ours = {signal.SIGINT: keys, signal.SIGTERM: end}
    default = (signal.SIG_DFL, signal.default_int_handler, frame.ctrl_c)
    taken = [one for one in ours if before[one] in default]
    hook = sys.unraisablehook

    def unraisable(what: Any) -> None:
        if what.exc_type is KeyboardInterrupt:
            keys.again()
        else:
            hook(what)

    with suppress(ValueError):  # not the main thread
        for one in taken:
            signal.signal(one, ours[one])
        sys.unraisablehook = unraisable
    try:
        yield
    finally:
        sys.unraisablehook = hook
        for one in taken:
            if signal.getsignal(one) is ours[one]:
                signal.signal(one, before[one])


def run(frame: Frame, work: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine as `asyncio.run` does; Ctrl-C and SIGTERM cancel it: it ends in order.

    SIGTERM does so too where Ctrl-C is ignored, as in the background of a script. Raises
    KeyboardInterrupt then.
    """
    try:
        return run_loop(_cancelled(frame, work))
    finally:
        work.close()


async def _cancelled(frame: Frame, work: Coroutine[Any, Any, _T]) -> _T:
    import asyncio

    task = asyncio.ensure_future(work)
    is_ended = False

    def end() -> None:
        nonlocal is_ended
        is_ended = True
        task.cancel()

    def told() -> None:
        frame.is_told_to_end = True
        end()

    keys = _CtrlC(end)
    loop = asyncio.get_running_loop()
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    handlers = {signal.SIGTERM: told}
    if isinstance(before[signal.SIGINT], _CtrlC):
        handlers[signal.SIGINT] = keys.press
    try:
        for one, handler in handlers.items():
            loop.add_signal_handler(one, handler)
    except (NotImplementedError, RuntimeError, ValueError):
        return await task  # not the main thread, or no such thing on this system
    try:
        return await task
    except asyncio.CancelledError:
        if is_ended and task.cancelled():
            raise KeyboardInterrupt from None
        raise
    finally:
        for one in handlers:
            loop.remove_signal_handler(one)
            signal.signal(one, before[one])
