"""What is told on stderr meanwhile: how far a long command is, what a model thinks aloud."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable

from assistant.cli.frame import Frame

_REDRAW_SECONDS = 0.2
_FIRST_GUESS_SECONDS = 2.0


class ProgressLine:
    """A line on stderr, drawn anew a few times a second; nothing where stderr is no terminal.

    `share` tells how much is done, 0 to 1, or None where that is not known. `shown` says that
    there is a terminal for it.
    """

    def __init__(
        self, *, quiet: bool, what: str, share: Callable[[], float | None] = lambda: None
    ) -> None:
        self.shown = sys.stderr is not None and sys.stderr.isatty() and not quiet
        self._what = what
        self._share = share
        self._begun = self._last = time.monotonic()
        self._drawn = False

    def advance(self, number: int) -> None:
        """Tell that so many are done."""
        at = time.monotonic()
        if self.shown and at - self._last > _REDRAW_SECONDS:
            self._last, self._drawn = at, True
            text = progress_text(number, self._what, at - self._begun, self._share())
            width = shutil.get_terminal_size((88, 24)).columns - 1
            sys.stderr.write(f"\r\x1b[K{text[:width]}")
            sys.stderr.flush()

    def end(self) -> None:
        """Take the line away."""
        if self._drawn:
            self._drawn = False
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


class Steps:
    """A progress line for each step in turn; rate and share are of what this run does."""

    def __init__(self, frame: Frame) -> None:
        self._quiet = frame.quiet
        self._what = ""
        self._line: ProgressLine | None = None
        self._first = self._done = self._total = 0

    @property
    def shown(self) -> bool:
        """True where a reader sees them."""
        return ProgressLine(quiet=self._quiet, what="").shown

    def advance(self, what: str, done: int, total: int) -> None:
        """So many of all are done in a step; a total of 0 is not known."""
        if what != self._what or self._line is None:
            self.end()
            self._line = ProgressLine(quiet=self._quiet, what=what, share=self._share)
            self._what, self._first = what, done
        self._done, self._total = done, total
        self._line.advance(done - self._first)

    def end(self) -> None:
        """Take the line away."""
        if self._line is not None:
            self._line.end()
            self._line = None

    def _share(self) -> float | None:
        todo = self._total - self._first
        return (self._done - self._first) / todo if todo > 0 else None


def progress_text(number: int, what: str, seconds: float, share: float | None) -> str:
    """One line: how many, how fast, and, where the share done is known, how much longer."""
    parts = [f"{number} {what}", f"{number / max(seconds, 1e-6):.0f} a second"]
    if share is not None:
        parts.append(f"{100 * min(share, 1.0):.0f} %")
        if seconds >= _FIRST_GUESS_SECONDS and 0 < share < 1:
            parts.append(f"{duration(seconds * (1 - share) / share)} left")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """A time to wait, in words."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f} s"
    if minutes < 90:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


_LONGEST_LINE = 500


class ThinkingWriter:
    """Tells a reader on stderr that a model thinks aloud, with -v each line of it."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._held = ""

    def feed(self, piece: str) -> None:
        """Take a piece of what is thought."""
        if not self._frame.verbose:
            self._frame.narrate("thinking…")
            return
        self._held += piece
        while (at := self._held.find("\n")) >= 0 or len(self._held) > _LONGEST_LINE:
            at = at if 0 <= at <= _LONGEST_LINE else _LONGEST_LINE
            self._tell(self._held[:at])
            self._held = self._held[at:].lstrip("\n")

    def end(self) -> None:
        """Tell what is left of it."""
        self._tell(self._held)
        self._held = ""

    def _tell(self, line: str) -> None:
        if line.strip():
            self._frame.tell(f"thinking: {line.strip()}")
