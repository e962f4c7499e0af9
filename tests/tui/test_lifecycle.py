"""What the app does with its own process, how it leaves a terminal, its log of what went wrong."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from desk import Desk
from terminal_fixture import ROOT, OnTerminal
from textual.worker import WorkerFailed
from waiting import until

from tui.app import QuireApp
from tui.crash import LOG_NAME, note, record
from tui.lifecycle import CRASHED

SAID = "error: quire stopped on an unexpected RuntimeError ({} while writing the log)."
PROGRAM = """
import gc
from tui.lifecycle import Shell
app = Shell()
app._owns_process = True
app.settle()
assert gc.get_freeze_count() > 10_000, gc.get_freeze_count()
collections = gc.get_stats()[2]["collections"]
kept = []
for at in range(400_000):
    kept.append([at])
assert gc.get_stats()[2]["collections"] == collections
app.tidy()
assert gc.get_stats()[2]["collections"] == collections + 1
app.tidy()
assert gc.get_stats()[2]["collections"] == collections + 1
"""


def test_all_objects_are_gone_through_only_when_asked() -> None:
    ran = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def test_a_process_of_others_keeps_its_ways(app: QuireApp) -> None:
    before = gc.get_threshold(), gc.get_freeze_count()
    app.settle()
    assert (gc.get_threshold(), gc.get_freeze_count()) == before


def test_a_log_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """Case 85: no error on top of an error, and no file of others is written to."""
    other = tmp_path / "other"
    other.write_text("untouched")
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / LOG_NAME).symlink_to(other)
    (tmp_path / "folder" / LOG_NAME).mkdir(parents=True)
    for state, failure in (
        ("other", "FileExistsError"),
        ("link", "OSError"),
        ("folder", "IsADirectoryError"),
    ):
        assert record(RuntimeError("x"), tmp_path / state) == SAID.format(failure)
        with pytest.raises(OSError, match="Errno"):
            note(b"x", tmp_path / state)
    assert other.read_text() == "untouched"


def test_a_pipe_in_the_place_of_the_log_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / LOG_NAME)
    said: list[str] = []
    writing = Thread(target=lambda: said.append(record(RuntimeError("x"), tmp_path)), daemon=True)
    writing.start()
    writing.join(10)
    assert said == [SAID.format("OSError")]


def test_the_log_is_begun_anew_when_it_is_long(tmp_path: Path) -> None:
    for _ in range(30):
        note(b"x" * 100_000, tmp_path)
    sizes = {one.name: one.stat().st_size for one in tmp_path.iterdir()}
    assert set(sizes) == {LOG_NAME, f"{LOG_NAME}.1"}
    assert all(size < 1_200_000 for size in sizes.values())


async def test_an_unexpected_error_is_kept_the_service_closed(desk: Desk, tmp_path: Path) -> None:
    async def ask() -> None:
        async with desk.opened():
            await desk.send()
            await until(lambda: desk.app.is_leaving)

    desk.service.scripts = [[RuntimeError("unforeseen")]]
    with pytest.raises(WorkerFailed):
        await ask()
    assert (desk.service.is_closed, desk.app.return_code) == (True, CRASHED)
    assert "RuntimeError: unforeseen" in (tmp_path / "state" / LOG_NAME).read_text()


Start = Callable[..., OnTerminal]
RESTORED = "\x1b[?1049l"

ON_TERMINAL = """
import sys
from pathlib import Path
sys.path.insert(0, {support!r})
from fake_service import FakeService, make_answer, opener, whole_answer
from assistant.types.events import TextDelta
from tui.app import QuireApp

class Service(FakeService):
    async def aclose(self):
        Path({closed!r}).write_text(repr(self.closed))

hostile = "go \\x1b]52;c;c3RvbGVu\\x07\\x1b]0;owned\\x07\\x1b]8;;https://evil.example\\x07z"
hostile += "\\x1b[6n\\x9b31m"
answer = make_answer(text=hostile, claims=(), model=hostile)
forever = [step for _ in range(3000) for step in (TextDelta(text="reef "), 0.005)]
scripts = dict(forever=forever, hostile=whole_answer(answer), whole=whole_answer())
service = Service(scripts=[scripts[name] for name in {scripts!r}])
sys.exit(QuireApp(opener(service)).run_to_exit())
"""


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """Where the service writes what was closed when it closes itself."""
    return tmp_path / "closed"


@pytest.fixture
def terminal(
    on_terminal: Callable[..., OnTerminal], closed: Path, monkeypatch: pytest.MonkeyPatch
) -> Start:
    """Opens the app with scripts on a terminal, and waits until it is ready."""
    monkeypatch.setenv("PYTHONDEVMODE", "1")
    support = str(ROOT / "tests" / "support")

    def start(*scripts: str, **options: Any) -> OnTerminal:
        program = ON_TERMINAL.format(support=support, closed=str(closed), scripts=scripts)
        app = on_terminal(program=program, **options)
        app.until("2 papers")
        return app

    return start


def left_in_order(terminal: OnTerminal) -> bool:
    """True when the terminal was restored and nothing complained."""
    _, restored, after = terminal.output.rpartition(RESTORED)
    complaints = ("Traceback", "destroyed", "Warning", "never retrieved")
    return bool(restored) and not [word for word in complaints if word in after]


def put(app: OnTerminal, question: str, word: str) -> None:
    """Ask, and wait for a word of the answer; Enter waits until the answer before it is done."""
    before = len(app.output)
    app.type(question)
    for _ in range(30):
        app.type("\r")
        app.read_for(1)
        if word in app.output[before:]:
            return
    raise AssertionError(f"{word!r} did not come: {app.output[before:]!r}")


@pytest.mark.slow
def test_suspended_brought_back_and_left_in_mid_stream(terminal: Start, closed: Path) -> None:
    """Cases 72, 79, 84: nothing of a model reaches the terminal as what a terminal obeys."""
    app = terminal("hostile", "whole", "forever", size=(120, 40))
    put(app, "go?", "1 call")
    put(app, "and then?", "Nobody")
    before = len(app.output)
    app.type("\x1b2")  # Alt with a digit, as legacy terminals send it: it chooses a source
    app.until("Tides move sediment", after=before)  # letters right behind it would go first
    put(app, "on?", "reef ")
    app.process.send_signal(signal.SIGTSTP)
    app.until(RESTORED)
    app.read_for(0.3)
    before = len(app.output)
    app.process.send_signal(signal.SIGCONT)
    app.until("\x1b[?1049h", after=before)
    app.until("reef", after=before)
    app.type("\x11")
    assert app.end() == 0
    assert closed.read_text() == "['on?']"
    assert left_in_order(app)
    for bad in ("]52;", "c3RvbGVu", "]0;", "evil.example", "\x1b[6n", "\x9b"):
        assert bad not in app.output


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_being_told_to_end(terminal: Start, closed: Path, number: signal.Signals) -> None:
    app = terminal("forever")
    put(app, "go?", "reef")
    app.process.send_signal(number)
    assert app.end() == 128 + number
    assert closed.read_text() == "['go?']"
    assert left_in_order(app)


@pytest.mark.slow
@pytest.mark.parametrize("controls", [True, False])
def test_a_terminal_that_is_gone(terminal: Start, closed: Path, controls: bool) -> None:
    app = terminal("forever", controls=controls)
    put(app, "go?", "reef")
    app.hang_up()
    assert app.process.wait(30) != 0
    assert closed.read_text() == "['go?']"
