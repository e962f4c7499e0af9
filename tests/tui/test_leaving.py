"""The app on a real terminal: how it ends, and what it leaves there."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import stat
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tui.crash import record

ROOT = Path(__file__).resolve().parents[2]
SECRET = "sk-local-value-of-a-variable"
RESTORED = b"\x1b[?1049l"

SCRIPT = """
import asyncio, sys
from pathlib import Path
sys.path[:0] = [{root!r}, {tests!r}]
from fake_service import FakeService, make_answer, make_evidence, opener, pieces, whole_answer
from assistant.types.events import AnswerDone, EvidenceFound, TextDelta
from tui.app import QuireApp

class Service(FakeService):
    async def aclose(self):
        Path({closed!r}).write_text(repr(self.closed))

    def ask(self, question):
        secret = {secret!r}
        if question.text == "fault":
            raise RuntimeError("unforeseen")
        return super().ask(question)

forever = [EvidenceFound(evidence=make_evidence())]
forever += [step for _ in range(3000) for step in (TextDelta(text="reef "), 0.005)]
hostile = "go \\x1b]52;c;c3RvbGVu\\x07\\x1b]0;owned\\x07\\x1b]8;;https://evil.example\\x07z"
hostile += "\\x1b[6n\\x9b31m"
answer = make_answer(text=hostile, claims=(), model=hostile)
scripts = dict(forever=forever, hostile=whole_answer(answer))
service = Service(scripts=[scripts.get({script!r}, whole_answer())])
sys.exit(QuireApp(opener(service)).run_to_exit())
"""


class Terminal:
    """A pseudo-terminal with the app on it."""

    def __init__(self, folder: Path, script: str, size: tuple[int, int] = (80, 24)) -> None:
        self.closed = folder / "closed"
        self.state = folder / "state"
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        source = SCRIPT.format(
            root=str(ROOT),
            tests=str(ROOT / "tests" / "support"),
            closed=str(self.closed),
            secret=SECRET,
            script=script,
        )
        environ = os.environ | {"TERM": "xterm-256color", "XDG_STATE_HOME": str(self.state)}
        self.process = subprocess.Popen(
            [sys.executable, "-X", "dev", "-c", source],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environ,
            start_new_session=True,
        )
        os.close(slave)
        self._master = master
        self.output = b""

    def read(self, seconds: float) -> None:
        """Take what the app writes for some time."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            ready, _, _ = select.select([self._master], [], [], left)
            if not ready:
                return
            try:
                piece = os.read(self._master, 65536)
            except OSError:
                return
            if not piece:
                return
            self.output += piece

    def wait_for(self, text: bytes, seconds: float = 20) -> None:
        """Read until a text was written."""
        until = time.monotonic() + seconds
        while text not in self.output:
            assert time.monotonic() < until, f"{text!r} did not come: {self.output[-300:]!r}"
            self.read(0.1)

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self._master, text.encode())

    def end(self, seconds: float = 20) -> int:
        """Wait for the end; returns the exit code."""
        until = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < until, "the app did not end"
            self.read(0.05)
        self.read(0.2)
        return self.process.returncode

    def close(self) -> None:
        """Leave nothing running."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._master)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[[str], Terminal]]:
    """Opens the app with a script on a terminal, and shows it ready."""
    opened: list[Terminal] = []

    def start(script: str) -> Terminal:
        one = Terminal(tmp_path, script)
        opened.append(one)
        one.wait_for(b"2 papers")
        return one

    yield start
    for one in opened:
        one.close()


def left_in_order(terminal: Terminal) -> bool:
    """True when the terminal was restored and nothing complained."""
    after = terminal.output.rpartition(RESTORED)[2]
    return RESTORED in terminal.output and not any(
        word in after for word in (b"Traceback", b"destroyed", b"Warning", b"never retrieved")
    )


def test_quitting_in_mid_stream(terminal: Callable[[str], Terminal]) -> None:
    """Case 72."""
    app = terminal("forever")
    app.type("go?\r")
    app.wait_for(b"reef")
    app.type("\x11")
    assert app.end() == 0
    assert app.closed.read_text() == "['go?']"
    assert left_in_order(app)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_being_told_to_end(terminal: Callable[[str], Terminal], number: signal.Signals) -> None:
    app = terminal("forever")
    app.type("go?\r")
    app.wait_for(b"reef")
    app.process.send_signal(number)
    assert app.end() == 128 + number, (app.state / "quire" / "crash.log").read_text()
    assert app.closed.read_text() == "['go?']"
    assert left_in_order(app)


def test_an_unexpected_error_is_one_line_and_a_log(terminal: Callable[[str], Terminal]) -> None:
    """Case 85."""
    app = terminal("")
    app.type("fault\r")
    assert app.end() == 70
    line = app.output.rpartition(RESTORED)[2].decode()
    log = app.state / "quire" / "crash.log"
    assert "error: quire stopped on an unexpected RuntimeError (details in" in line
    assert line.replace("\r\n", "").count("error:") == 1
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.parent.stat().st_mode) == 0o700
    assert "unforeseen" in log.read_text()
    assert SECRET not in line
    assert SECRET not in log.read_text()
    assert "Traceback" not in line
    assert app.closed.exists()


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_log_that_cannot_be_written_is_said(tmp_path: Path, kind: str) -> None:
    """Case 85: no error on top of an error, and no file of others is written to."""
    folder, other = tmp_path / "state", tmp_path / "other"
    other.write_text("untouched")
    if kind == "file":
        folder.write_text("")
    else:
        folder.mkdir()
        (folder / "crash.log").symlink_to(other)
    line = record(RuntimeError("x"), folder)
    assert line.startswith("error: quire stopped on an unexpected RuntimeError")
    assert "while writing the log" in line
    assert other.read_text() == "untouched"


def test_nothing_of_a_model_reaches_the_terminal(terminal: Callable[[str], Terminal]) -> None:
    """Case 79."""
    app = terminal("hostile")
    app.type("go?\r")
    app.wait_for(b"812")
    app.type("\x11")
    assert app.end() == 0
    for bad in (b"]52;", b"c3RvbGVu", b"]0;", b"evil.example", b"\x1b[6n", b"\xc2\x9b"):
        assert bad not in app.output


def test_alt_with_a_digit_chooses_a_source(terminal: Callable[[str], Terminal]) -> None:
    """Legacy terminals send Escape and the digit, in one piece."""
    app = terminal("")
    app.type("go?\r")
    app.wait_for(b"812")
    app.type("\x1b2")
    app.wait_for(b"Tides move sediment")
    app.type("\x11")
    assert app.end() == 0


def test_being_suspended_and_brought_back(terminal: Callable[[str], Terminal]) -> None:
    """Case 84."""
    app = terminal("forever")
    app.type("go?\r")
    app.wait_for(b"reef")
    app.process.send_signal(signal.SIGTSTP)
    app.wait_for(RESTORED)
    app.read(0.3)
    app.output = b""
    app.process.send_signal(signal.SIGCONT)
    app.wait_for(b"\x1b[?1049h")
    app.wait_for(b"reef")
    app.type("\x11")
    assert app.end() == 0
    assert left_in_order(app)


def test_a_tiny_terminal(tmp_path: Path) -> None:
    """Case 84: 20 x 5."""
    app = Terminal(tmp_path, "", size=(20, 5))
    try:
        app.wait_for(b"Ask")
        app.type("go?\r")
        app.wait_for(b"143")
        app.type("\x11")
        assert app.end() == 0
        assert left_in_order(app)
    finally:
        app.close()
