"""The app on a terminal: what is typed before it is there, and what libraries write past it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from terminal_fixture import ROOT, OnTerminal

from store.library.library import Library
from store.types import Record
from tui.__main__ import opens_app
from tui.crash import LOG_NAME, note
from tui.terminal.own_stderr import StderrRedirect

Terminals = Callable[..., OnTerminal]
QUESTION = "how many glaciers were counted?"
NOISE = "thread '<unnamed>' panicked at src/lib.rs:7"
NOISY = f"""
import os, subprocess, sys, threading, time
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


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The library at the default place, with one paper."""
    folder = tmp_path / "quire-home"
    abstract = "Glaciers shrink in the Alps. We counted 1,234 glaciers in stereo images."
    with Library.open(folder, create=True) as library:
        record = Record(title="Glaciers", abstract=abstract, source="own.jsonl", reader="jsonl")
        library.ingest().run([record])
        library.catch_up()
    return folder


def log(tmp_path: Path) -> Path:
    return tmp_path / "xdg-state" / "quire" / LOG_NAME


def leave(app: OnTerminal) -> int:
    app.type("\x11")
    return app.end()


# Keys.


@pytest.mark.parametrize("pause", [0.0, 0.15, 0.5, 1.0])
def test_a_question_typed_while_the_app_starts_is_asked(
    home: Path, on_terminal: Terminals, pause: float
) -> None:
    app = on_terminal()
    time.sleep(pause)
    app.type(f"{QUESTION}\r")
    app.until("1,234")
    assert leave(app) == 0
    assert app.attributes == app.before


def test_a_question_typed_before_the_program_runs_is_asked(
    home: Path, on_terminal: Terminals
) -> None:
    """The terminal edits lines until then, and gives Enter as Ctrl-J."""
    app = on_terminal(typed=f"{QUESTION}\n")
    app.until("1,234")
    assert leave(app) == 0


def test_each_key_of_a_quick_typist_arrives_in_order(home: Path, on_terminal: Terminals) -> None:
    app = on_terminal()
    time.sleep(0.1)
    keys = "¤§¶ø¿æþß" * 3
    for key in keys:
        app.type(key)
        app.read(0.05)
    app.until("¤")
    app.read_for(1)
    app.type("\r")
    app.read_for(2)
    assert keys in app.output
    assert app.output.index("\x1b[?1049h") < app.output.index("¤"), "nothing is echoed before"
    assert leave(app) == 0


def test_nothing_typed_is_echoed_and_flow_control_holds_nothing_up(
    home: Path, on_terminal: Terminals
) -> None:
    app = on_terminal()
    time.sleep(0.2)
    app.type("\x13\x1b")
    app.read_for(0.3)
    app.type(f"{QUESTION}\r")
    app.until("1,234")
    before = app.output.partition("\x1b[?1049h")[0]
    assert "how many" not in before
    assert "^S" not in before
    assert "^[" not in before
    assert leave(app) == 0


@pytest.mark.parametrize("pause", [0.2, 0.6])
def test_ctrl_q_typed_while_the_app_starts_leaves_it(
    home: Path, on_terminal: Terminals, pause: float
) -> None:
    app = on_terminal()
    time.sleep(pause)
    app.type("\x11")
    assert app.end() == 0
    assert app.attributes == app.before


def test_ctrl_c_typed_while_the_app_starts_interrupts_it(
    home: Path, on_terminal: Terminals
) -> None:
    app = on_terminal()
    deadline = time.monotonic() + 30
    while app.attributes == app.before and time.monotonic() < deadline:
        time.sleep(0.001)
    app.type("how m\x03")
    assert app.end() == 130
    assert app.attributes == app.before
    assert "Traceback" not in app.output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_the_app_starts_leaves_the_terminal_as_it_was(
    home: Path, on_terminal: Terminals, number: signal.Signals
) -> None:
    app = on_terminal()
    deadline = time.monotonic() + 30
    while app.attributes == app.before and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(0.1)
    app.process.send_signal(number)
    assert app.end() == -number
    assert app.attributes == app.before


def test_a_start_that_fails_gives_the_terminal_back_and_no_command_to_the_shell(
    tmp_path: Path, on_terminal: Terminals
) -> None:
    app = on_terminal()
    time.sleep(0.1)
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


@pytest.mark.parametrize(
    ("arguments", "opens"),
    [
        ([], True),
        (["chat"], True),
        (["chat", "-m", "x", "why"], True),
        (["--library", "chat", "-q"], True),
        (["--library", "x", "list"], False),
        (["--library=x"], True),
        (["--help"], False),
        (["chat", "--help"], False),
        (["--version"], False),
        (["search", "chat"], False),
    ],
)
def test_only_what_opens_the_app_takes_the_terminal(arguments: list[str], opens: bool) -> None:
    assert opens_app(arguments) is opens


# What libraries write.


def test_what_is_written_to_descriptor_2_is_not_on_the_screen(
    home: Path, tmp_path: Path, on_terminal: Terminals
) -> None:
    app = on_terminal(program=NOISY)
    app.until("1 paper", 60)
    app.type(f"{QUESTION}\r")
    app.until("1,234")
    assert leave(app) == 0
    assert "panicked" not in app.drawn
    assert "as before: True" in app.output
    assert NOISE in log(tmp_path).read_text()
    assert log(tmp_path).stat().st_size < 200_000
    assert log(tmp_path).stat().st_mode & 0o777 == 0o600


def test_a_process_that_is_started_meanwhile_writes_to_the_log_too(
    home: Path, tmp_path: Path, on_terminal: Terminals
) -> None:
    program = """
import os, subprocess, sys, threading, time
def child():
    while True:
        time.sleep(1)
        subprocess.run(["sh", "-c", "echo from a child >&2"])
threading.Thread(target=child, daemon=True).start()
from tui.__main__ import main
sys.exit(main())
"""
    app = on_terminal(program=program)
    app.until("1 paper", 60)
    deadline = time.monotonic() + 30
    while not log(tmp_path).exists() and time.monotonic() < deadline:
        app.read(0.1)
    assert leave(app) == 0
    assert "from a child" in log(tmp_path).read_text()
    assert "from a child" not in app.drawn


def test_a_stop_and_a_continue_give_descriptor_2_back_and_take_it_again(
    home: Path, on_terminal: Terminals
) -> None:
    app = on_terminal(program=NOISY)
    app.until("1 paper", 60)
    app.process.send_signal(signal.SIGTSTP)
    _, status = os.waitpid(app.process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    app.read_for(0.3)
    assert app.attributes == app.before
    app.process.send_signal(signal.SIGCONT)
    app.read_for(1)
    app.type(f"{QUESTION}\r")
    app.until("1,234")
    again = app.output.rpartition("\x1b[?1049h")[2]
    assert "panicked" not in again
    assert leave(app) == 0
    assert "as before: True" in app.output
    assert app.attributes == app.before


def test_a_crash_gives_everything_back_and_its_line_is_on_the_terminal(
    home: Path, tmp_path: Path, on_terminal: Terminals
) -> None:
    program = "import tui.app\ntui.app.QuireApp._poll = lambda self: 1 / 0\n" + NOISY
    app = on_terminal(program=program)
    assert app.end(60) == 70
    assert "panicked" not in app.drawn
    assert "error: quire stopped on an unexpected ZeroDivisionError" in app.output
    assert "as before: True" in app.output
    assert app.attributes == app.before
    assert "ZeroDivisionError" in log(tmp_path).read_text()


def test_a_log_that_cannot_be_written_holds_nothing_up(
    home: Path, tmp_path: Path, on_terminal: Terminals
) -> None:
    for name in ("folder", "pipe"):
        place = log(tmp_path)
        place.parent.mkdir(parents=True, exist_ok=True)
        if name == "folder":
            place.mkdir()
        else:
            place.rmdir()
            os.mkfifo(place)
        app = on_terminal(program=NOISY)
        app.until("1 paper", 60)
        assert leave(app) == 0
        assert "panicked" not in app.drawn


def test_what_is_kept_of_it_is_bounded(tmp_path: Path) -> None:
    kept: list[bytes] = []
    saved = os.dup(2)
    redirect = StderrRedirect(kept.append, most=1000)
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


def test_the_log_is_begun_anew_when_it_is_long(tmp_path: Path) -> None:
    for _ in range(30):
        note(b"x" * 100_000, tmp_path)
    sizes = {one.name: one.stat().st_size for one in tmp_path.iterdir()}
    assert set(sizes) == {LOG_NAME, f"{LOG_NAME}.1"}
    assert all(size < 1_200_000 for size in sizes.values())


# The command line.


_WAITS = "while 'store.library.library' not in sys.modules and not done: time.sleep(0.001)"
NOISY_COMMAND = NOISY.replace("    while not done:", f"    {_WAITS}\n    while not done:")
"""Noise from where the library is loaded: before that, no library of others is."""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", NOISY_COMMAND, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["search", "glaciers"], 0, ""),
        (["ask", QUESTION], 0, "extractive: these are sentences"),
        (["show", "nothing of this name"], 2, "error: "),
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
    quiet, loud = run("ask", QUESTION), run("ask", QUESTION, "--debug")
    assert loud.returncode == 0
    assert loud.stderr.count("panicked") > 5 > quiet.stderr.count("panicked")


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


def test_termios_is_left_alone_where_there_is_no_terminal(home: Path) -> None:
    ran = run()
    assert ran.returncode == 2
    assert "needs a terminal" in ran.stderr
    assert termios.TCSANOW == 0
