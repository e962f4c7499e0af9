"""How the time that reading a text takes grows with its length, seen on short texts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

_LONGER = 4
_MOST = 6.0
"""Four times the text takes about four times as long, and sixteen times where it is squared."""
_TRIES = 4
_LEAST_SECONDS = 2e-4  # less is not told from nothing


def grows_in_proportion(
    read: Callable[[str], object], units: Iterable[str], characters: int = 2000
) -> None:
    """Assert that a text of each unit, repeated, is read in a time in proportion to its length.

    CPU seconds of this thread count, so that it does not matter what else runs.
    """
    failed = []
    for unit in units:
        times = characters // len(unit)
        # Each try has a text of its own: what was read once may be remembered.
        for at in range(_TRIES):
            growth = _growth(read, unit, times + at)
            if growth <= _MOST:
                break
        else:
            failed.append(f"{unit!r}: {growth:.1f} times as long")
    assert not failed, f"for a text {_LONGER} times as long: {'; '.join(failed)}"


def _growth(read: Callable[[str], object], unit: str, times: int) -> float:
    """How many times as long a text of four times the length takes."""
    seconds = []
    for text in (unit * times, unit * times * _LONGER):
        begun = time.thread_time()
        read(text)
        seconds.append(time.thread_time() - begun)
    return seconds[1] / max(seconds[0], _LEAST_SECONDS)
