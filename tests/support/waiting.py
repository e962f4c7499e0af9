"""Waiting until something holds, in tests of what runs beside them."""

from __future__ import annotations

import asyncio
import linecache
from collections.abc import Callable

from textual.css.query import NoMatches

LONGEST_WAIT = 60.0
"""Far longer than anything takes: a machine that does much else at once is slow, not wrong."""


async def until(holds: Callable[[], object], seconds: float = LONGEST_WAIT) -> None:
    """Wait until something holds; a widget that is not there yet is one that does not hold yet.

    Raises AssertionError with the line that was waited for.
    """
    try:
        async with asyncio.timeout(seconds):
            while not _holds(holds):
                await asyncio.sleep(0.02)
    except TimeoutError:
        code = holds.__code__
        line = linecache.getline(code.co_filename, code.co_firstlineno).strip()
        raise AssertionError(f"not within {seconds:g} s: {line}") from None


def _holds(holds: Callable[[], object]) -> bool:
    try:
        return bool(holds())
    except NoMatches:
        return False
