"""The app on a real terminal: how it ends, and what it leaves there."""

from __future__ import annotations

import signal
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from terminal_fixture import ROOT, OnTerminal

pytestmark = pytest.mark.slow
Start = Callable[..., OnTerminal]
SECRET = "sk-local-value-of-a-variable"
RESTORED = "\x1b[?1049l"

SCRIPT = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
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
scripts = dict(forever=forever, hostile=whole_answer(answer), whole=whole_answer())
service = Service(scripts=[scripts[name] for name in {scripts!r}])
sys.exit(QuireApp(opener(service)).run_to_exit())
"""


@pytest.fixture
def terminal(
    on_terminal: Callable[..., OnTerminal], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Start:
    """Opens the app with scripts on a terminal, and waits until it is ready."""
    monkeypatch.setenv("PYTHONDEVMODE", "1")

    def start(
        *scripts: str,
        size: tuple[int, int] = (80, 24),
        controls: bool = True,
    ) -> OnTerminal:
        source = SCRIPT.format(
            tests=str(ROOT / "tests" / "support"),
            closed=str(tmp_path / "closed"),
            secret=SECRET,
            scripts=scripts,
        )
        app = on_terminal(program=source, size=size, controls=controls)
        app.until("2 papers")
        return app

    return start


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """Where the service writes what was closed when it closes itself."""
    return tmp_path / "closed"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """The log of unexpected errors."""
    return tmp_path / "xdg-state" / "quire" / "crash.log"


def left_in_order(terminal: OnTerminal) -> bool:
    """True when the terminal was restored and nothing complained."""
    after = terminal.output.rpartition(RESTORED)[2]
    return RESTORED in terminal.output and not any(
        word in after for word in ("Traceback", "destroyed", "Warning", "never retrieved")
    )


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
def test_being_told_to_end(
    terminal: Start, log: Path, closed: Path, number: signal.Signals
) -> None:
    app = terminal("forever")
    app.type("go?\r")
    app.until("reef")
    app.process.send_signal(number)
    assert app.end() == 128 + number, log.read_text()
    assert closed.read_text() == "['go?']"
    assert left_in_order(app)


@pytest.mark.parametrize("controls", [True, False])
def test_a_terminal_that_is_gone(terminal: Start, closed: Path, controls: bool) -> None:
    app = terminal("forever", controls=controls)
    app.type("go?\r")
    app.until("reef")
    app.hang_up()
    assert app.process.wait(30) != 0
    assert closed.read_text() == "['go?']"


def test_an_unexpected_error_is_one_line_and_a_log(
    terminal: Start, log: Path, closed: Path
) -> None:
    """Case 85."""
    app = terminal("whole")
    app.type("fault\r")
    assert app.end() == 70
    line = app.output.rpartition(RESTORED)[2]
    assert "error: quire stopped on an unexpected RuntimeError (details in" in line
    assert line.replace("\r\n", "").count("error:") == 1
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.parent.stat().st_mode) == 0o700
    assert "unforeseen" in log.read_text()
    assert SECRET not in line
    assert SECRET not in log.read_text()
    assert "Traceback" not in line
    assert closed.exists()
