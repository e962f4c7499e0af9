"""What libraries write straight to file descriptor 2 goes to a log while the app draws."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress

STDERR = 2
_PIECE = 65_536
_JOIN_SECONDS = 0.5


class StderrRedirect:
    """Leads descriptor 2 to `note` instead of the terminal, for processes started meanwhile too.

    `note` is called from a thread with what was written, up to `most` bytes in all; the rest
    is read and dropped, so that whoever writes is never held up and no log grows without end.
    """

    def __init__(self, note: Callable[[bytes], None], most: int = _PIECE) -> None:
        self._note = note
        self._room = most
        self._saved: int | None = None
        self._reader: threading.Thread | None = None

    def begin(self) -> None:
        """Lead it away; once is enough."""
        if self._saved is not None:
            return
        try:
            saved = os.dup(STDERR)
        except OSError:
            return
        reading, writing = os.pipe()
        os.dup2(writing, STDERR)
        os.close(writing)
        self._saved = saved
        self._reader = threading.Thread(
            target=self._read, args=(reading,), name="stderr-redirect", daemon=True
        )
        self._reader.start()

    def end(self) -> None:
        """Have it lead to where it did before."""
        if self._saved is None:
            return
        os.dup2(self._saved, STDERR)
        os.close(self._saved)
        self._saved = None
        if self._reader is not None:
            # A process that was started meanwhile may hold the pipe open for longer.
            self._reader.join(_JOIN_SECONDS)

    def _read(self, reading: int) -> None:
        try:
            while piece := os.read(reading, _PIECE):
                kept = piece[: self._room]
                self._room -= len(kept)
                if kept:
                    with suppress(OSError):
                        self._note(kept)
        finally:
            os.close(reading)
