"""Where the blocking work of a command is done that has very many short pieces of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Pool(ThreadPoolExecutor):
    """Threads for blocking work; with `is_here` it is done at once, in the thread that asks.

    A piece of a millisecond keeps nobody waiting, and to hand it to a thread and back takes as
    long as a part of it. Between two pieces the event loop hears of Ctrl-C.
    """

    is_here = False

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Have a function called; its value, or what it raises, is in the future."""
        if not self.is_here:
            return super().submit(fn, *args, **kwargs)
        future: Future[_T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as failure:
            future.set_exception(failure)
        return future
