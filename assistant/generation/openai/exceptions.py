"""Follows an exception back to what caused it."""

from __future__ import annotations

_MAX_CAUSES = 50


def causes_of(error: BaseException) -> list[BaseException]:
    """An exception and everything it came from, the nearest first, groups opened."""
    found: list[BaseException] = []
    open_ones: list[BaseException | None] = [error]
    while open_ones and len(found) < _MAX_CAUSES:
        one = open_ones.pop(0)
        if one is None or one in found:
            continue
        found.append(one)
        open_ones += [one.__cause__, one.__context__]
        if isinstance(one, BaseExceptionGroup):
            open_ones += one.exceptions
    return found
