"""Cases 51 to 77 of the fault matrix at the command line: `quire ask -m`."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli_fixture import CONFIG, Quire, Walk, interrupted
from tables import Row, for_each, table

from assistant.sessions import Conversations
from assistant.types.answers import Answer
from store.library.library import Library

ROOT = Path(__file__).resolve().parents[3]
KEY = "sk-planted-0123456789abcdef"
QUESTION = "How many quantizers do audio codecs need?"
NAMED = 'key_variable = "FAULTY_KEY"\n'
HIDDEN = (KEY, "secret plan", "still thinking", "more thinking", "thinking...")
"""The key, and what models only think (case 68)."""


@pytest.fixture
def configured(
    stocked: Path, fault_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., str]:
    """Make a configuration whose model plays a scenario, with a key; returns its name.

    There is a library with four papers.
    """

    config = tmp_path / CONFIG

    def make(scenario: str, settings: str = "", base_url: str = "", key: str = NAMED) -> str:
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(
            f'check = "off"\n[models.faulty]\nbase_url = "{base_url or fault_server.base_url}"\n'
            f'model = "fault:{scenario}"\n{key}{settings}'
        )
        monkeypatch.setenv("FAULTY_KEY", KEY)
        # What a scenario does may depend on how often it was asked.
        fault_server.module.COUNT.clear()
        return "faulty"

    return make


Configured = Callable[..., str]


def last_answer(folder: Path) -> Answer:
    """The last answer that was kept."""
    with Library.open(folder) as library:
        conversations = Conversations(library)
        return conversations.open(conversations.lines()[0].id).turns[-1].answer


# The server that plays the faults ends a thread whose client has left by an exception.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_becomes_of_a_fault(
    quire: Quire, fault_server: Any, configured: Configured, tmp_path: Path
) -> None:
    """Cases 53 to 70: exit code, words, what is kept."""

    def check(row: Row) -> None:
        scenario, code = row["scenario"], row.get("code", 4)
        name = configured(scenario, row.get("settings", ""))
        before = len(fault_server.log(scenario))
        ran = quire("ask", "-m", name, "--no-cache", QUESTION, "--json")
        assert ran.code == code, ran.err
        document = ran.json
        outcome, text = row.get("outcome", ""), row.get("text", "")
        asked = 2 if outcome == "uncited" else 1  # once more where nothing is cited
        assert len(fault_server.log(scenario)) - before == row.get("requests", asked)
        assert ("error" in document) == (code == 4)
        assert document.get("outcome", "") == outcome
        assert document.get("text", "").strip().startswith(text)
        assert bool(document.get("text", "").strip()) == bool(text)
        assert not [one for one in ("GHOST", "LATE", "UN") if one in document.get("text", "")]
        assert document.get("replaced", 0) == (2 if scenario == "invalid_utf8" else 0)
        if text:
            assert document["session"], "what came is kept in its conversation"
        assert row.get("says", "") in ran.err
        errors = [line for line in ran.err.splitlines() if line.startswith("error: ")]
        assert len(errors) == (code == 4)
        assert outcome or "(127.0.0.1:" in ran.err
        assert not [one for one in HIDDEN if one in ran.out + ran.err]

    for_each(table(__file__, "faults.jsonl"), check)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            held = path.read_bytes()
            assert not [one for one in HIDDEN if one.encode() in held], path


def test_a_cut_answer_says_so_beside_its_text_and_in_its_conversation(
    quire: Quire, walk: Walk, stocked: Path, configured: Configured
) -> None:
    """So do bytes that are no UTF-8, however it is printed."""
    mark = "cut: the stream ended before the answer did"
    ran = quire("ask", "-m", configured("end_no_finish"), QUESTION)
    assert ran.code == 4
    assert "The method in" in ran.out
    assert mark in ran.out
    kept = last_answer(stocked)
    assert (kept.outcome, kept.note.startswith(mark)) == ("interrupted", True)
    configured("invalid_utf8")
    walk(__file__, "no_utf8.jsonl")


def test_what_cannot_be_reached_or_used_is_named_and_no_secret_is(
    walk: Walk, stocked: Path, fault_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_connection(*_: object, **__: object) -> None:
        raise AssertionError("a connection was begun")

    def refuse(*_: object, **__: object) -> None:
        raise ConnectionRefusedError(111, "refused")

    begun = time.monotonic()
    walk(__file__, "refused.jsonl")
    assert time.monotonic() - begun < 15
    monkeypatch.setattr(socket.socket, "connect", refuse)
    walk(__file__, "refused.jsonl", "private")
    monkeypatch.setattr(socket, "getaddrinfo", no_connection)
    monkeypatch.setattr(socket.socket, "connect", no_connection)
    for ran in walk(__file__, "refused.jsonl", "unconnected", url=fault_server.base_url):
        assert not [one for one in (KEY, "X-Evil", "hunter2") if one in ran.out + ran.err]


# Programs of their own: how they end, and what they take.

STOPPED_SECONDS = 0.5
TRIES = 3
"""A machine that is busy with other things may hold one try up."""


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["slow_headers?delay=60", "stall", "http_429_100s"])
def test_ctrl_c_ends_every_kind_of_waiting(
    scenario: str, stocked: Path, fault_server: Any, configured: Configured
) -> None:
    """Cases 59, 62 and 71: the server sees the close, what came is printed and kept, in 0.5 s.

    Before the first word, between words, in a wait before another try (a flood of the same words
    is stopped without). The
    time is that from Ctrl-C to the end of the whole program, the interpreter's included.
    """
    command = ("ask", "-m", configured(scenario), "--no-cache", QUESTION)
    scenario = scenario.partition("?")[0]
    waits = scenario == "http_429_100s"

    def stopped() -> float:
        before = len(fault_server.log(scenario))
        come = lambda: len(fault_server.log(scenario)) - before  # noqa: E731
        ran = interrupted(command, come, 1, pause=1.0 if waits else 0.4)
        assert ran.code == 130
        assert ran.err.count("error: interrupted") == 1
        assert ("retrying in 100 s" in ran.err) == waits
        assert "Traceback" not in ran.err
        assert "destroyed" not in ran.err
        assert ("The method in" in ran.out) == (scenario == "stall")
        entry = fault_server.log(scenario)[before]
        end = time.monotonic() + 20
        while "ended" not in entry:
            assert time.monotonic() < end
            time.sleep(0.02)
        assert waits or entry["ended"] == "client closed"
        if scenario == "stall":
            assert "stopped by the reader" in ran.out
            kept = last_answer(stocked)
            assert (kept.outcome, kept.text[:13]) == ("interrupted", "The method in")
        return ran.seconds

    took = [stopped()]
    while took[-1] >= STOPPED_SECONDS and len(took) < TRIES:
        took.append(stopped())
    assert took[-1] < STOPPED_SECONDS, took


MEASURED = """
import sys
from pathlib import Path
from tui.__main__ import main
code = main()
# Not ru_maxrss, in which a child begins with what its parent has.
lines = Path("/proc/self/status").read_text().splitlines()
print(next(one for one in lines if one.startswith("VmHWM")), file=sys.stderr)
sys.exit(code)
"""
HUGE = {"endless": 0} | dict.fromkeys(
    ["huge_line?mb=80", "gzip_bomb?mb=80", "huge_delta", "header_flood"], 4
)
"""What a server sends without end, and how the command ends with it."""


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the peak is told by /proc")
def test_memory_stays_bounded(configured: Configured) -> None:
    """Case 69: no body takes 60 MB more than a short answer, in the whole command."""

    def peak(scenario: str, code: int) -> int:
        asked = ("ask", "-m", configured(scenario), "--no-cache", QUESTION)
        command = [sys.executable, "-c", MEASURED, *asked]
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
        assert ran.returncode == code, ran.stderr
        return int(ran.stderr.splitlines()[-1].split()[1]) // 1024

    most = peak("ok", 0) + 60
    came = {scenario: peak(scenario, code) for scenario, code in HUGE.items()}
    assert not [one for one in came.values() if one > most], came
