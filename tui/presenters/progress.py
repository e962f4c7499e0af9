"""How far work in parts has come, and how long the rest may take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.presenters.key_names import AS_THEY_COME, KeyNames

if TYPE_CHECKING:
    from assistant.types.events import Progress

STEADY_SECONDS = 3.0
"""How long work must have run before it is told how long the rest will take."""


def span(seconds: float) -> str:
    """A time to wait, in words."""
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes / 60:.1f} h"


def parts(event: Progress, keys: KeyNames = AS_THEY_COME) -> str:
    """How far work in parts has come, for the status line."""
    return f"{event.done:,} of {event.total:,} {event.unit} · {keys['back']} stops"


class Pace:
    """Tells how far work in parts has come, and how long the rest may take."""

    def __init__(self) -> None:
        self._began: tuple[float, int] | None = None

    def line(self, event: Progress, now: float, keys: KeyNames = AS_THEY_COME) -> str:
        """A progress as one line, with how to stop it; `now` are seconds of any clock."""
        left = ""
        if event.done is not None and event.total:
            since, first = self._began = self._began or (now, event.done)
            done = event.done - first
            if done and event.done < event.total and now - since >= STEADY_SECONDS:
                seconds = (now - since) / done * (event.total - event.done)
                left = f" · {span(seconds)} left"
        return f"{event.text}{left} · {keys['back']} stops"
