"""The app on a terminal: what is typed before it is there, and what libraries write past it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from library_fixture import Shelf
from real_app import records
from tables import compare, table
from terminal_fixture import ROOT, OnTerminal

from tui.__main__ import opens_app
from tui.crash import LOG_NAME
from tui.terminal.own_stderr import StderrRedirect

pytestmark = pytest.mark.slow
Terminals = Callable[..., OnTerminal]
QUESTION = "how many glaciers were counted?"
NOISE = "thread '<unnamed>' panicked at src/lib.rs:7"
NOISY = f"""
import os, sys, threading, time
done = []
def noise():
    while not done:
        os.write(2, {NOISE!r}.encode() + b"\\n")
        time.sleep(0.02)
before = os.fstat(2)
noises = threading.Thread(target=noise, daemon=True)
noises.start()
from tui.__main__ import main
code = main()
after = os.fstat(2)
done.append(True)
noises.join()
print("as before:", (before.st_dev, before.st_ino) == (after.st_dev, after.st_ino))
sys.stdout.flush()
os._exit(code)
"""
CHILD = "from a child"
CHILDREN = f"""
import subprocess, threading, time
def start():
    while True:
        time.sleep(1)
        subprocess.run(["sh", "-c", "echo {CHILD} >&2"])
threading.Thread(target=start, daemon=True).start()
"""


@pytest.fixture
def home(shelf: Shelf, tmp_path: Path) -> Path:
    """The library at the default place, with one paper."""
    abstract = "Glaciers shrink in the Alps. We counted 1,234 glaciers in stereo images."
    return shelf.library_of(records([("Glaciers", abstract)]), tmp_path / "quire-home")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """The log of what libraries write, and of crashes."""
    return tmp_path / "xdg-state" / "quire" / LOG_NAME


def leave(app: OnTerminal) -> None:
    """Quit by key: the app ends with 0, the terminal as it was."""
    app.type("\x11")
    assert app.end() == 0
    assert app.attributes == app.before


def is_taken(app: OnTerminal) -> None:
    """Wait until the program has taken the terminal over from the shell."""
    deadline = time.monotonic() + 30
    while app.attributes == app.before and time.monotonic() < deadline:
        time.sleep(0.001)


# Keys.


def test_each_key_typed_while_the_app_starts_arrives_in_order(
    home: Path, on_terminal: Terminals
) -> None:
    """From before the program runs until the box is there."""
    app = on_terminal(typed=QUESTION[:4])
    for key in QUESTION[4:]:
        app.type(key)
        app.read_for(0.1)
    app.until("1 paper")
    app.type("\r")
    app.until("1,234")
    assert QUESTION in app.output
    leave(app)


def test_a_question_typed_before_the_program_runs_is_asked(
    home: Path, on_terminal: Terminals
) -> None:
    """The terminal edits lines until then, and gives Enter as Ctrl-J."""
    app = on_terminal(typed=f"{QUESTION}\n")
    app.until("1,234")
    leave(app)


def test_nothing_typed_is_echoed_and_flow_control_holds_nothing_up(
    home: Path, on_terminal: Terminals
) -> None:
    app = on_terminal()
    is_taken(app)
    app.type("\x13\x1b")
    app.read_for(0.3)
    app.type(f"{QUESTION}\r")
    app.until("1,234")
    before = app.output.partition("\x1b[?1049h")[0]
    for echo in ("how many", "^S", "^["):
        assert echo not in before
    leave(app)


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("\x11", 0),
        ("how m\x03", 130),
        (signal.SIGTERM, -signal.SIGTERM),
        (signal.SIGHUP, -signal.SIGHUP),
    ],
)
def test_ctrl_q_ctrl_c_or_a_signal_while_the_app_starts_leaves_a_whole_terminal(
    home: Path, on_terminal: Terminals, told: str | signal.Signals, code: int
) -> None:
    app = on_terminal()
    is_taken(app)
    if isinstance(told, str):
        app.type(told)
    else:
        time.sleep(0.1)  # the handlers of signals come after
        app.process.send_signal(told)
    assert app.end() == code
    assert app.attributes == app.before
    assert "Traceback" not in app.output


def test_a_start_that_fails_gives_the_terminal_back_and_no_command_to_the_shell(
    tmp_path: Path, on_terminal: Terminals
) -> None:
    app = on_terminal()
    is_taken(app)
    app.type("rm -r everything\r")
    assert app.end() == 3
    assert "no library at" in app.output
    assert app.attributes == app.before
    app.type("\n")
    assert not app.read(0.2) or "rm" not in app.output.partition("no library at")[2]


def test_a_damaged_configuration_is_told_on_a_whole_terminal(
    home: Path, tmp_path: Path, on_terminal: Terminals
) -> None:
    (tmp_path / "config.toml").write_bytes(bytes(40))
    app = on_terminal("--config", str(tmp_path / "config.toml"))
    assert app.end() == 2
    assert "(line 1)" in app.output.replace("\r\n", " ")
    assert "\x1b[?1049h" not in app.output
    assert app.attributes == app.before


def test_only_what_opens_the_app_takes_the_terminal() -> None:
    compare(table(__file__, "opens_app.jsonl"), lambda row: opens_app(row["arguments"]))


# What libraries write.


def test_what_is_written_to_descriptor_2_is_not_on_the_screen(
    home: Path, log: Path, on_terminal: Terminals
) -> None:
    """Nor what a process does that was started meanwhile; a stop gives it back until the shell
    goes on."""
    app = on_terminal(program=CHILDREN + NOISY)
    app.until("1 paper", 60)
    app.process.send_signal(signal.SIGTSTP)
    _, status = os.waitpid(app.process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    app.read_for(0.3)
    assert app.attributes == app.before
    assert "panicked" not in app.drawn
    app.process.send_signal(signal.SIGCONT)
    app.read_for(1)
    app.type(f"{QUESTION}\r")
    app.until("1,234")
    deadline = time.monotonic() + 30
    while CHILD not in log.read_text() and time.monotonic() < deadline:
        app.read(0.1)
    leave(app)
    again = app.output.rpartition("\x1b[?1049h")[2].partition("\x1b[?1049l")[0]
    assert "panicked" not in again
    assert CHILD not in again
    assert "as before: True" in app.output
    kept = log.read_text()
    assert NOISE in kept
    assert CHILD in kept
    assert len(kept) < 200_000
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_crash_gives_everything_back_and_its_line_is_on_the_terminal(
    home: Path, log: Path, on_terminal: Terminals
) -> None:
    program = "import tui.app\ntui.app.QuireApp._poll = lambda self: 1 / 0\n" + NOISY
    app = on_terminal(program=program)
    assert app.end(60) == 70
    assert "panicked" not in app.drawn
    assert "error: quire stopped on an unexpected ZeroDivisionError" in app.output
    assert "as before: True" in app.output
    assert app.attributes == app.before
    assert "ZeroDivisionError" in log.read_text()


def test_what_is_kept_of_it_is_bounded_and_a_log_that_fails_holds_nothing_up() -> None:
    kept: list[bytes] = []

    def keep(data: bytes) -> None:
        kept.append(data)
        raise OSError("no room")

    saved = os.dup(2)
    redirect = StderrRedirect(keep, most=1000)
    try:
        redirect.begin()
        redirect.begin()
        for _ in range(300):
            os.write(2, b"x" * 1000)
        redirect.end()
        redirect.end()
        assert os.fstat(2).st_ino == os.fstat(saved).st_ino
        assert sum(map(len, kept)) == 1000
        redirect.begin()
        os.write(2, b"again")
        redirect.end()
        assert sum(map(len, kept)) == 1000
    finally:
        os.dup2(saved, 2)
        os.close(saved)


# The command line.


_WAITS = "while 'store.library.library' not in sys.modules and not done: time.sleep(0.001)"
NOISY_COMMAND = NOISY.replace("    while not done:", f"    {_WAITS}\n    while not done:")
"""Noise from where the library is loaded: before that, no library of others is."""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command that is noisy, without a terminal."""
    command = [sys.executable, "-c", NOISY_COMMAND, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["ask", QUESTION], 0, "extractive: these are sentences"),
        (["show", "nothing of this name"], 2, "error: "),
        ([], 2, "error: the app needs a terminal"),
    ],
)
def test_a_command_says_only_what_is_its_own(
    home: Path, arguments: list[str], code: int, says: str
) -> None:
    ran = run(*arguments)
    assert ran.returncode == code, ran.stderr
    # One may fall between the end of the program and that of the noise.
    assert ran.stderr.count("panicked") <= 1
    assert ran.stderr.startswith(says)
    assert "as before: True" in ran.stdout


def test_with_debug_everything_is_shown(home: Path) -> None:
    ran = run("ask", QUESTION, "--debug")
    assert ran.returncode == 0
    assert ran.stderr.count("panicked") > 5


def test_a_closed_stderr_stays_closed(home: Path) -> None:
    ran = subprocess.run(
        ["sh", "-c", f'exec "{sys.executable}" -m tui list 2>&-'],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "Glaciers" in ran.stdout
