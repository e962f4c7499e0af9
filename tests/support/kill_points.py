"""Ending a process at a named place of the store, as `kill -9` would."""

from __future__ import annotations

import os
import signal

import store.ledger.points


def kill_at(place: str, passes: int) -> None:
    """Kill this process at a place, after so many passes; before the store is imported."""
    passed = 0

    def reach(name: str) -> None:
        nonlocal passed
        if name == place:
            passed += 1
            if passed > passes:
                os.kill(os.getpid(), signal.SIGKILL)

    store.ledger.points.reach = reach
