"""The terminal between the start of the program and the app: what is typed waits, unechoed.

No part of the app is imported here: it takes two seconds, in which a reader types.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

_ENDING = ("SIGTERM", "SIGHUP")
_LFLAG, _IFLAG, _CC = 3, 0, 6
_MOST = 4_096


class TypedAhead:
    """Takes the terminal over from the shell, so that keys wait for the app as they were typed.

    Left alone, the terminal would echo them over the screen, give Enter as Ctrl-J, and keep
    Ctrl-Q and Ctrl-S to itself. Ctrl-C and Ctrl-Z stay signals until the app reads keys.
    `before` are the terminal's attributes as they were, `early` what had been typed by then.
    """

    def __init__(self) -> None:
        self.before: list[Any] | None = None
        self.early = b""
        self._handlers: dict[int, Any] = {}

    def begin(self) -> None:
        """Take it over, unless stdin is no terminal or another job has it."""
        try:
            import termios

            number = sys.stdin.fileno()
            if not os.isatty(number) or os.tcgetpgrp(number) != os.getpgrp():
                return
            self.before = termios.tcgetattr(number)
            self._take(number)
            self.early = _waiting(number).replace(b"\n", b"\r")
        except (ImportError, OSError, ValueError, AttributeError):
            return
        except Exception:  # termios.error is no OSError
            return
        for name in (*_ENDING, "SIGTSTP"):
            found = getattr(signal, name)
            if signal.getsignal(found) == signal.SIG_DFL:
                self._handlers[found] = signal.signal(found, self._leave)

    def end(self, *, drop: bool) -> None:
        """Give it back as it was; with `drop` nothing that was typed reaches the shell.

        A question to a library that is not there is no command.
        """
        for number, handler in self._handlers.items():
            if signal.getsignal(number) == self._leave:
                signal.signal(number, handler)
        self._handlers.clear()
        self._give_back(drop=drop)

    @contextmanager
    def given_back(self) -> Iterator[None]:
        """Where something is asked before the app is there, on the terminal as it was."""
        self._give_back(drop=False)
        try:
            yield
        finally:
            if self.before is not None:
                with suppress(Exception):  # termios.error, where the terminal is gone
                    self._take(sys.stdin.fileno())

    def _take(self, number: int) -> None:
        import termios

        attributes = termios.tcgetattr(number)
        attributes[_LFLAG] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
        attributes[_IFLAG] &= ~(
            termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR
        )
        attributes[_CC][termios.VMIN] = 1
        attributes[_CC][termios.VTIME] = 0
        # At once: to wait for what is written, or to flush, would lose what was typed.
        termios.tcsetattr(number, termios.TCSANOW, attributes)

    def _give_back(self, *, drop: bool) -> None:
        if self.before is None:
            return
        import termios

        try:
            when = termios.TCSAFLUSH if drop else termios.TCSANOW
            termios.tcsetattr(sys.stdin.fileno(), when, self.before)
        except (termios.error, OSError, ValueError):
            return  # the terminal is gone

    def _leave(self, number: int, _: FrameType | None) -> None:
        """End, or stop until the shell goes on, with the terminal as it was."""
        self._give_back(drop=number != signal.SIGTSTP)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        if number == signal.SIGTSTP:  # the shell has gone on
            signal.signal(number, self._leave)
            self._take(sys.stdin.fileno())


def _waiting(number: int) -> bytes:
    """What was typed so far, in the terminal's own line editing: Enter is Ctrl-J there."""
    import select

    found = b""
    while len(found) < _MOST and select.select([number], [], [], 0)[0]:
        piece = os.read(number, _MOST)
        if not piece:
            break
        found += piece
    return found
