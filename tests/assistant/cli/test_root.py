"""How a command is found, run and ended, whatever was typed and wherever its output goes."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from cli_fixture import Quire, Walk
from tables import Row, for_each, table

from assistant.checking.verdicts import SIGNS
from assistant.cli.printable import PLAIN_SIGNS
from assistant.cli.root import cli
from assistant.cli.top_help import WIDEST, top_help

ROOT = Path(__file__).resolve().parents[3]
SECRETS = ("hunter2", "sk-planted-0123456789abcdef")


def test_wrong_use_is_one_line_that_says_why(quire: Quire, walk: Walk, stocked: Path) -> None:
    """Case 75 too: what cannot be used is refused before it is written, no secret repeated."""

    def check_json(row: Row) -> None:
        ran = quire(*(one.replace("{file}", __file__) for one in row["run"]), "--json")
        assert ran.code == 2
        assert set(ran.json["error"]) == {"code", "message", "hint"}

    rows = table(__file__, "wrong_use.jsonl")
    for_each((row for row in rows if "error" in row), check_json)
    told = walk(__file__, "wrong_use.jsonl", file=__file__)
    assert not [ran for ran in told if any(secret in ran.err for secret in SECRETS)]


_LOST = """
import os, signal, time
from assistant.cli.frame import Frame
from assistant.cli.signals import ended_in_order

with ended_in_order(Frame(lambda *_: 99)):
    try:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(9)
    except KeyboardInterrupt:
        time.sleep(1.2)  # whoever catches it goes on
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(9)
"""


def test_a_second_ctrl_c_is_told_where_the_first_was_lost() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _LOST],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        # Where tests run in the background, Ctrl-C is ignored unless it is asked for.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert (ran.returncode, ran.stderr.strip()) == (130, "error: interrupted at once")


_WHILE_MADE = """
import os, selectors, signal, sys
from assistant.cli.frame import Frame
from assistant.cli.signals import ended_in_order, run

class Pressed(selectors.DefaultSelector):
    def __init__(self):
        os.kill(os.getpid(), getattr(signal, sys.argv[1]))
        super().__init__()

async def work():
    print("worked")

selectors.DefaultSelector = Pressed
with ended_in_order(Frame(lambda *_: 99)):
    try:
        run(Frame(lambda *_: 99), work())
    except KeyboardInterrupt:
        print("interrupted")
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interrupt_while_a_loop_is_made_leaves_nothing_half_made(name: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", _WHILE_MADE, name],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "interrupted\n", "")


def test_a_library_that_is_not_there_is_not_made(walk: Walk) -> None:
    walk(__file__, "wrong_use.jsonl", "no library")


def test_global_options_stand_anywhere(walk: Walk, stocked: Path) -> None:
    walk(__file__, "wrong_use.jsonl", "elsewhere")


def test_the_help_written_without_click_is_that_of_click(monkeypatch: pytest.MonkeyPatch) -> None:
    for columns in (1, *range(50, WIDEST + 5)):
        monkeypatch.setenv("COLUMNS", str(columns))
        with click.Context(cli, info_name="quire", **cli.context_settings) as context:
            assert top_help(columns) == cli.get_help(context) + "\n", columns


def test_the_help_takes_no_click_and_goes_to_a_pipe() -> None:
    program = (
        "import sys\n"
        "from tui.__main__ import main\n"
        "sys.argv = ['quire', '-h']\n"
        "code = main()\n"
        "print(code, sorted({'click', 'pydantic', 'typing'} & set(sys.modules)))\n"
    )
    command = [sys.executable, "-S", "-c", program]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("Usage: quire [OPTIONS] [COMMAND] [ARGS]...\n")
    assert ran.stdout.endswith("\n0 []\n")
    assert ran.stderr == ""


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are told on Linux alone")
@pytest.mark.parametrize("asked", ["", "2"])
def test_numbers_are_worked_out_in_one_thread_unless_more_are_asked_for(asked: str) -> None:
    program = (
        "import os\nfrom tui.entry import run\nrun(['--help'])\nimport numpy\n"
        "print(len(os.listdir('/proc/self/task')), os.environ['OPENBLAS_NUM_THREADS'])"
    )
    env = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    env |= {"OPENBLAS_NUM_THREADS": asked} if asked else {}
    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    threads, number = ran.stdout.splitlines()[-1].split()
    assert number == (asked or "1")
    assert asked or threads == "1"


def run_apart(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "tui", *arguments]
    options = {"stdout": subprocess.PIPE, **options}
    return subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, timeout=60, **options)


def test_a_pipe_that_its_reader_closed_is_no_failure(stocked: Path) -> None:
    """Case 83, in a process of its own, to its end; test_manners.py has every command."""
    reading, writing = os.pipe()
    os.close(reading)
    apart = run_apart("list", stdout=writing)
    os.close(writing)
    assert (apart.returncode, apart.stderr) == (0, b"")


def test_another_closed_pipe_fails(
    quire: Quire, stocked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(*_: object, **__: object) -> None:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr("store.library.library.Library.paper", closed)
    ran = quire("show", "Bees and their dances")
    assert (ran.code, ran.out) == (3, "")
    assert "a pipe or connection is closed" in ran.err


def test_a_plain_locale_gets_plain_signs(stocked: Path) -> None:
    """Case 83: LANG=C."""
    environment = {**os.environ, "LANG": "C", "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    ran = run_apart("ask", "How many tokens does FoxCodec need?", env=environment)
    assert ran.returncode == 0, ran.stderr
    assert b"40 tokens a second. [1]+" in ran.stdout
    plain = {sign.symbol.translate(PLAIN_SIGNS) for sign in SIGNS.values()}
    assert len(plain) == len(SIGNS)
    assert "".join(plain).isascii()


def test_a_sign_is_worded_alike_wherever_signs_are_explained(quire: Quire) -> None:
    lines = "".join(f"    {one.symbol:<2}  {one.words}\n" for one in SIGNS.values())
    assert lines in quire("ask", "--help").out
    listed = "; ".join(f"{one.symbol} {one.words}" for one in SIGNS.values())
    assert listed in " ".join((ROOT / "README.md").read_text("utf-8").split())
