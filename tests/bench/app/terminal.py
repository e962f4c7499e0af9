"""A program on a terminal of its own: what it draws and when, and what it takes."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.bench.scale.measure import memory_mb

QUIET_S = 0.25
"""Without output for so long, what a key set going is drawn."""

_TICKS = os.sysconf("SC_CLK_TCK")


class NotDrawn(Exception):
    """What was waited for did not come; its text is the end of what was drawn."""


class Terminal:
    """Runs a program on a pseudo-terminal; `close` ends it."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        environment: Mapping[str, str],
        columns: int = 120,
        rows: int = 40,
    ) -> None:
        self.began = time.monotonic()
        self.drawn = b""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            os.execvpe(command[0], list(command), dict(environment))
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, size)

    def until(self, words: bytes, seconds: float = 60.0) -> float:
        """Read until words are drawn; returns the seconds since now. Raises NotDrawn."""
        begins, at = time.monotonic(), len(self.drawn)
        while words not in self.drawn[max(at - len(words), 0) :]:
            left = begins + seconds - time.monotonic()
            if left <= 0 or not self._read(left):
                raise NotDrawn(repr(self.drawn[-400:]))
        return time.monotonic() - begins

    def press(self, keys: bytes) -> tuple[float, float]:
        """Send keys; returns the seconds to the first thing drawn, and to the last one."""
        begins = time.monotonic()
        os.write(self.terminal, keys)
        first = last = 0.0
        while self._read(QUIET_S if first else 5.0):
            last = time.monotonic() - begins
            first = first or last
        return first, last

    def press_until(self, keys: bytes, words: bytes) -> tuple[float, float]:
        """Send keys; returns the seconds to the first thing drawn, and to words.

        Raises NotDrawn.
        """
        begins, at, first = time.monotonic(), len(self.drawn), 0.0
        os.write(self.terminal, keys)
        while words not in self.drawn[at:]:
            if not self._read(5.0):
                raise NotDrawn(repr(self.drawn[-400:]))
            first = first or time.monotonic() - begins
        return first, time.monotonic() - begins

    def rest(self, seconds: float) -> None:
        """Take what is drawn for so long."""
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            self._read(left)

    def cpu_s(self) -> float:
        """CPU seconds of the program so far, of itself alone."""
        fields = Path(f"/proc/{self.pid}/stat").read_text("utf-8").rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory_mb(self) -> float:
        """What the program and its children hold now, in MB, shared pages once."""
        return memory_mb(self.pid)["all"]

    def close(self) -> None:
        """End the program."""
        os.kill(self.pid, signal.SIGHUP)
        os.close(self.terminal)
        os.waitpid(self.pid, 0)

    def _read(self, seconds: float) -> bool:
        """Take what is drawn within so many seconds; False for nothing."""
        if not select.select([self.terminal], [], [], seconds)[0]:
            return False
        try:
            more = os.read(self.terminal, 65536)
        except OSError:
            return False
        self.drawn += more
        return bool(more)
