"""The app on a terminal: what is typed before it is there, and what libraries write past it."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from desk import CODECS, stock
from tables import compare, table
from terminal_fixture import ROOT, OnTerminal

from tui.crash import LOG_NAME
from tui.entry import opens_app
from tui.terminal.own_stderr import StderrRedirect

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("codecs")]
Terminals = Callable[..., OnTerminal]
QUESTION = "how many tokens does FoxCodec need?"
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
done.append(True)
noises.join()
print("as before:", os.path.samestat(before, os.fstat(2)))
sys.stdout.flush()
os._exit(code)
"""
SECRET = "sk-local-value-of-a-variable"
CRASHING = f"""
import tui.app
def poll(self):
    secret = {SECRET!r}
    raise RuntimeError("unforeseen")
tui.app.QuireApp._poll = poll
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
def log(tmp_path: Path) -> Path:
    """The log of what libraries write, and of crashes."""
    return tmp_path / "xdg-state" / "quire" / LOG_NAME


def leave(app: OnTerminal) -> None:
    """Quit by key: the app ends with 0, the terminal as it was."""
    app.type("\x11")
    assert app.end() == 0
    assert app.attributes == app.before


def read_until(app: OnTerminal, holds: Callable[[], bool]) -> bool:
    """Take what comes until something holds; False where it did not for 30 s."""
    deadline = time.monotonic() + 30
    while not holds() and time.monotonic() < deadline:
        app.read(0.001)
    return holds()


def is_taken(app: OnTerminal) -> None:
    """Wait until the program has taken the terminal over from the shell."""
    assert read_until(app, lambda: app.attributes != app.before)


# Keys.


def test_what_is_typed_while_the_app_starts_arrives_unechoed(on_terminal: Terminals) -> None:
    """From before the program runs until the box is there; flow control holds nothing up."""
    app = on_terminal(typed=QUESTION[:4])
    is_taken(app)
    for key in ["\x13", "\x1b[F", *QUESTION[4:]]:
        app.type(key)
        app.read_for(0.1)
    app.until("2 papers")
    app.type("\r")
    app.until("quantizer")
    assert QUESTION in app.output
    before = app.output.partition("\x1b[?1049h")[0]
    assert not [echo for echo in ("many", "^S", "^[") if echo in before]
    leave(app)


def test_a_question_typed_before_the_program_runs_is_asked(on_terminal: Terminals) -> None:
    """The terminal edits lines until then, and gives Enter as Ctrl-J."""
    app = on_terminal(typed=f"{QUESTION}\n")
    app.until("quantizer")
    leave(app)


def test_lines_pasted_without_brackets_are_one_question(on_terminal: Terminals) -> None:
    app = on_terminal()
    app.until("2 papers")
    app.type(QUESTION.replace(" ", "\r"))
    app.read_for(1)
    assert "quantizer" not in app.output
    app.type("\r")
    app.until("quantizer")
    leave(app)


def test_from_nothing_to_a_first_answer(
    on_terminal: Terminals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no library, the app says how to begin, and begins one; by keys alone."""
    monkeypatch.setenv("QUIRE_HOME", str(tmp_path / "fresh"))
    lines = [json.dumps({"title": title, "abstract": text}) for title, text in CODECS]
    (tmp_path / "own papers.jsonl").write_text("\n".join(lines))
    app = on_terminal()
    app.until("No papers yet")
    app.until("no model: answers are sentences")
    app.type("a")
    app.until("Add papers:")
    app.type(f"{tmp_path / 'own'}\t")
    app.until("own papers.jsonl")
    app.type("\r")
    app.until("2 unread")
    app.until("OwlCodec")
    app.type("\x1bOR")
    app.until("Ask 2 papers")
    app.type(f"{QUESTION}\r")
    app.until("needs a single quantizer")
    app.until("✓")
    leave(app)


def test_thirty_papers_are_gone_through_and_what_is_kept_is_written(
    on_terminal: Terminals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From thirty papers unread to a file of those kept; by keys alone."""
    papers = [(f"Study {at} of owls", f"Owl {at} hoots at night.") for at in range(30)]
    monkeypatch.setenv("QUIRE_HOME", str(stock(tmp_path / "thirty", papers)))
    bib = tmp_path / "kept.bib"
    app = on_terminal()
    app.until("Ask 30 papers")
    app.type("\x1bOQ")
    app.until("Study 9 of owls")
    app.type("T")
    app.until("0 of 30 gone through")
    app.until("Owl 0 hoots")
    for keys in ["*xl*r"] * 6:
        app.type(keys)
    app.until("That was the last one unread")
    app.type("T")
    app.until("30 papers")
    app.type("/is:kept")
    app.until("12 of 30 papers")
    so_far = len(app.output)
    app.type("\x1b[B")
    app.until(" filter", after=so_far)  # the keys of the list
    app.type("e")
    app.until("Write 12 papers to a file")
    app.type(f"\x15{bib}\r")
    app.until("Wrote 12 papers")
    written = bib.read_text()
    assert written.count("\n@") + written.startswith("@") == 12
    assert "Study 3 of owls" in written
    assert "Study 1 of owls" not in written
    leave(app)


def test_an_answer_is_checked_against_its_sentence(on_terminal: Terminals) -> None:
    """From a question to the sentence that its claim rests on, in its paper, and back."""
    app = on_terminal()
    app.until("Ask 2 papers")
    app.type(f"{QUESTION}\r")
    app.until("✓")
    app.type("\x1b")
    app.until("claim")  # the keys of the answer
    app.type("j\r")
    app.until("cited in")
    app.until("▌")
    so_far = len(app.output)
    app.type("q")
    app.until(" claim", after=so_far)
    leave(app)


LEAVING: list[tuple[str | signal.Signals, int]] = [
    ("\x11", 0),
    ("how m\x03", 130),
    (signal.SIGTERM, -signal.SIGTERM),
    (signal.SIGHUP, -signal.SIGHUP),
]


@pytest.mark.parametrize(("told", "code"), LEAVING)
def test_ctrl_q_ctrl_c_or_a_signal_while_the_app_starts_leaves_a_whole_terminal(
    on_terminal: Terminals, told: str | signal.Signals, code: int
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


_DROPPED = """
import os, signal, sys, time, weakref
from tui.entry import press_again

class Module:
    pass

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.unraisablehook = press_again
module = Module()
lock = weakref.ref(module, lambda _: os.kill(os.getpid(), signal.SIGINT))
try:
    del module
    time.sleep(30)
except KeyboardInterrupt:
    print("interrupted")
"""


def test_ctrl_c_in_a_finalizer_is_not_lost() -> None:
    """An import ends with one, as of Python 3.11: there the app went on as if nothing was."""
    ran = subprocess.run(
        [sys.executable, "-c", _DROPPED], cwd=ROOT, capture_output=True, text=True, timeout=25
    )
    assert (ran.stdout, ran.stderr) == ("interrupted\n", "")


def test_a_start_that_fails_gives_the_terminal_back_and_no_command_to_the_shell(
    tmp_path: Path, on_terminal: Terminals
) -> None:
    damaged = tmp_path / "config.toml"
    damaged.write_bytes(bytes(40))
    for arguments, code, says in (
        (["--library", str(tmp_path / "none")], 3, "no library at"),
        (["--config", str(damaged)], 2, "(line 1)"),
    ):
        app = on_terminal(*arguments)
        is_taken(app)
        app.type("rm -r everything\r")
        assert app.end() == code
        assert app.attributes == app.before
        app.type("\n")
        app.read(0.2)
        shown = app.output.replace("\r\n", " ")
        assert says in shown
        assert "rm" not in shown.partition(says)[2]
        assert "\x1b[?1049h" not in shown


def test_only_what_opens_the_app_takes_the_terminal() -> None:
    compare(table(__file__, "opens_app.jsonl"), lambda row: opens_app(row["arguments"]))


# What libraries write.


def test_what_descriptor_2_gets_is_not_on_the_screen(log: Path, on_terminal: Terminals) -> None:
    """Nor what a process does that was started meanwhile; a stop gives it back until the shell
    goes on."""
    app = on_terminal(program=CHILDREN + NOISY)
    app.until("2 papers", 60)
    app.process.send_signal(signal.SIGTSTP)
    _, status = os.waitpid(app.process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    app.read_for(0.3)
    assert app.attributes == app.before
    assert "panicked" not in app.drawn
    app.process.send_signal(signal.SIGCONT)
    app.read_for(1)
    app.type(f"{QUESTION}\r")
    app.until("quantizer")
    assert read_until(app, lambda: CHILD in log.read_text())
    leave(app)
    again = app.output.rpartition("\x1b[?1049h")[2].partition("\x1b[?1049l")[0]
    assert not [word for word in ("panicked", CHILD) if word in again]
    assert "as before: True" in app.output
    assert NOISE in log.read_text()
    assert log.stat().st_size < 200_000
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_crash_gives_all_back_and_is_a_line_and_a_log(log: Path, on_terminal: Terminals) -> None:
    """Case 85: a line on the terminal, without the values of variables."""
    app = on_terminal(program=CRASHING + NOISY)
    assert app.end(60) == 70
    assert "panicked" not in app.drawn
    line = app.output.rpartition("\x1b[?1049l")[2].replace("\r\n", "")
    assert "error: quire stopped on an unexpected RuntimeError (details in" in line
    assert "as before: True" in line
    assert line.count("error:") == 1
    assert app.attributes == app.before
    assert [stat.S_IMODE(one.stat().st_mode) for one in (log, log.parent)] == [0o600, 0o700]
    assert "unforeseen" in log.read_text()
    assert not [word for word in ("Traceback", SECRET) if word in line]
    assert SECRET not in log.read_text()


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


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command without a terminal."""
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["ask", QUESTION], 0, "extractive: these are sentences"),
        (["show", "nothing of this name"], 2, "error: "),
        ([], 2, "error: the app needs a terminal"),
    ],
)
def test_a_command_says_only_what_is_its_own(arguments: list[str], code: int, says: str) -> None:
    ran = run(sys.executable, "-c", NOISY_COMMAND, *arguments)
    assert ran.returncode == code, ran.stderr
    # One may fall between the end of the program and that of the noise.
    assert ran.stderr.count("panicked") <= 1
    assert ran.stderr.startswith(says)
    assert "as before: True" in ran.stdout


def test_with_debug_everything_is_shown() -> None:
    ran = run(sys.executable, "-c", NOISY_COMMAND, "ask", QUESTION, "--debug")
    assert ran.returncode == 0
    assert ran.stderr.count("panicked") > 5
    ran = run("sh", "-c", f'exec "{sys.executable}" -m tui list 2>&-')
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "FoxCodec" in ran.stdout
