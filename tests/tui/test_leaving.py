"""The app on a real terminal: how it ends, and what it leaves there."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from terminal_fixture import ROOT, OnTerminal

pytestmark = pytest.mark.slow
Start = Callable[..., OnTerminal]
RESTORED = "\x1b[?1049l"

PROGRAM = """
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
        program = PROGRAM.format(support=support, closed=str(closed), scripts=scripts)
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


def test_suspended_brought_back_and_left_in_mid_stream(terminal: Start, closed: Path) -> None:
    """Cases 72, 79, 84: nothing of a model reaches the terminal as what a terminal obeys."""
    app = terminal("hostile", "whole", "forever", size=(120, 40))
    put(app, "go?", "812")
    put(app, "and then?", "Nobody")
    app.type("\x1b2")  # Alt with a digit, as legacy terminals send it: it chooses a source
    app.until("Tides move sediment")
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


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_being_told_to_end(terminal: Start, closed: Path, number: signal.Signals) -> None:
    app = terminal("forever")
    put(app, "go?", "reef")
    app.process.send_signal(number)
    assert app.end() == 128 + number
    assert closed.read_text() == "['go?']"
    assert left_in_order(app)


@pytest.mark.parametrize("controls", [True, False])
def test_a_terminal_that_is_gone(terminal: Start, closed: Path, controls: bool) -> None:
    app = terminal("forever", controls=controls)
    put(app, "go?", "reef")
    app.hang_up()
    assert app.process.wait(30) != 0
    assert closed.read_text() == "['go?']"
