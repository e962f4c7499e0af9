"""Serving one client over stdin and stdout until it leaves.

The SDK reads stdin in a thread that nothing can cancel: a server told to end would wait for one
more line. So lines are read here, by a thread that may be left behind, from a descriptor of our
own: what else runs in this process finds stdin empty, and stdout is stderr to it.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, cast

from mcp.server.lowlevel.server import Server
from mcp.server.stdio import stdio_server

_PIECE = 1 << 16


async def serve(server: Server[Any]) -> None:
    """Serve until the client closes stdin or stops reading stdout; raises OSError."""
    lines = cast(Any, _Lines(_private_stdin()))
    try:
        async with stdio_server(stdin=lines) as (reading, writing):
            await server.run(reading, writing, server.create_initialization_options())
    except BaseExceptionGroup as several:
        first = _first(several)
        if not isinstance(first, BrokenPipeError):  # then the client has left, and needs no word
            raise first from several


def _first(failure: BaseException) -> BaseException:
    """What failed first of what failed together."""
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    return failure


def _private_stdin() -> int:
    """Stdin under another descriptor; under its own is nothing any more."""
    try:
        own = os.dup(sys.stdin.fileno())
    except (AttributeError, OSError, ValueError):  # it is closed
        return os.open(os.devnull, os.O_RDONLY)
    with suppress(OSError):
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, sys.stdin.fileno())
        os.close(nothing)
    return own


class _Lines:
    """The lines of a descriptor, read ahead by a thread, as text."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._loop = asyncio.get_running_loop()
        self._came: asyncio.Queue[bytes] = asyncio.Queue()
        threading.Thread(target=self._read, name="stdin", daemon=True).start()

    def _read(self) -> None:
        piece = b"-"
        while piece:
            try:
                piece = os.read(self._descriptor, _PIECE)
            except OSError:
                piece = b""
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._came.put_nowait, piece)

    async def __aiter__(self) -> AsyncIterator[str]:
        rest: list[bytes] = []
        while piece := await self._came.get():
            *whole, last = piece.split(b"\n")
            for line in whole:
                yield b"".join([*rest, line]).decode("utf-8", "replace")
                rest = []
            rest.append(last)
        if any(rest):
            yield b"".join(rest).decode("utf-8", "replace")
