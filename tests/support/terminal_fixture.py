"""One-shot commands on a pseudo-terminal: what a reader sees there, and can answer."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_PROGRAM = """
import json, sys
from assistant.cli.root import main
for arguments in json.loads(sys.argv[1]):
    code = main(arguments, lambda *_: 99)
    print(f"\\n=== ended with {code}", flush=True)
"""
_END = re.compile(r"\n=== ended with (\d+)\n")


class OnTerminal:
    """A command whose stdin and stderr, and stdout if it is not taken apart, are a terminal.

    `program` is Python to run in place of quire's own entry; `typed` is there before it starts;
    `size` are columns and rows; one that does not `control` the command sends it no signal.
    """

    def __init__(
        self,
        arguments: tuple[str, ...],
        out: int | None = None,
        program: str | None = None,
        typed: str = "",
        size: tuple[int, int] = (100, 30),
        controls: bool = True,
    ) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.before = self.attributes
        self.type(typed)
        # What runs the tests may say how wide its own terminal is.
        own = {name: text for name, text in os.environ.items() if name not in ("COLUMNS", "LINES")}
        self.process = subprocess.Popen(
            [sys.executable, *(["-m", "tui"] if program is None else ["-c", program]), *arguments],
            cwd=ROOT,
            stdin=slave,
            stdout=slave if out is None else out,
            stderr=slave,
            env={**own, "TERM": "xterm-256color"},
            start_new_session=True,
            preexec_fn=_take_terminal if controls else None,
        )
        os.close(slave)
        self.output = ""
        self._bytes = b""

    def read(self, seconds: float) -> bool:
        """Take what comes within some time; False at the end."""
        ready, _, _ = select.select([self._master], [], [], seconds)
        if not ready:
            return True
        try:
            piece = os.read(self._master, 65_536)
        except OSError:  # the other side is closed
            piece = b""
        self._bytes += piece
        self.output = self._bytes.decode(errors="replace")
        return bool(piece)

    def until(self, text: str, seconds: float = 30.0, after: int = 0) -> None:
        """Read until a text stands there, behind so many characters."""
        end = time.monotonic() + seconds
        while text not in self.output[after:]:
            assert self.read(0.1), f"{text!r} did not come: {self.output!r}"
            assert time.monotonic() < end, f"{text!r} did not come: {self.output!r}"

    @property
    def attributes(self) -> list[Any]:
        """How the terminal is set."""
        return termios.tcgetattr(self._master)

    @property
    def drawn(self) -> str:
        """What was written from the first picture of the app on, until it left."""
        return self.output.partition("\x1b[?1049h")[2].rpartition("\x1b[?1049l")[0]

    def read_for(self, seconds: float) -> None:
        """Take whatever comes in some time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and self.read(left):
            pass

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self._master, text.encode())

    def end(self, seconds: float = 60.0) -> int:
        """Read to the end; returns the exit code."""
        end = time.monotonic() + seconds
        while self.read(0.1):
            assert time.monotonic() < end, self.output
        return self.process.wait(10)

    def hang_up(self) -> None:
        """Take the terminal away."""
        os.close(self._master)
        self._master = -1

    def close(self) -> None:
        """Leave nothing running."""
        self.process.kill()
        self.process.wait()
        if self._master >= 0:
            os.close(self._master)

    @property
    def lines(self) -> list[str]:
        """What stands on the terminal: lines as the last return of the carriage left them."""
        lines = self.output.replace("\r\n", "\n").split("\n")
        return [ESCAPE.sub("", line.rpartition("\r\x1b[K")[2]) for line in lines]


Terminals = Callable[..., OnTerminal]
"""Starts commands, each on a terminal of its own."""


def _take_terminal() -> None:
    """Make stdin the terminal whose Ctrl-C reaches the program."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    # Where tests run in the background, or under nohup, these are ignored unless asked for.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture
def on_terminal() -> Iterator[Terminals]:
    """Start commands on a terminal: `on_terminal("rm", "p12")`."""
    started: list[OnTerminal] = []

    def start(*arguments: str, out: int | None = None, **options: Any) -> OnTerminal:
        started.append(OnTerminal(arguments, out, **options))
        return started[-1]

    yield start
    for one in started:
        one.close()


@dataclass(frozen=True)
class Shown:
    """What one of the commands wrote, the lines that stood on the terminal, its exit code."""

    output: str
    lines: list[str]
    code: int


def several(on_terminal: Terminals, *commands: Sequence[str]) -> OnTerminal:
    """Start commands on one terminal; each begins when the one before it has ended."""
    return on_terminal(json.dumps(commands), program=_PROGRAM)


def each_of(shown: OnTerminal) -> list[Shown]:
    """What each command did, once all have ended."""
    assert shown.end() == 0, shown.output
    outputs = _END.split(shown.output.replace("\r\n", "\n"))
    lines = _END.split("\n".join(shown.lines))
    return [
        Shown(output, standing.split("\n"), int(code))
        for output, standing, code in zip(outputs[:-1:2], lines[:-1:2], outputs[1::2], strict=True)
    ]
