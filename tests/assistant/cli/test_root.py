"""How a command is found, run and ended, whatever was typed and wherever its output goes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from cli_fixture import Quire
from tables import Row, for_each, table

from assistant.cli.root import cli
from assistant.cli.top_help import WIDEST, top_help

ROOT = Path(__file__).resolve().parents[3]
SECRETS = ("hunter2", "sk-planted-0123456789abcdef")


def test_wrong_use_is_one_line_that_says_what_is_wrong(
    quire: Quire, stocked: Path, config: Path
) -> None:
    """Case 75 too: what cannot be used is refused before it is written, no secret repeated."""

    def check(row: Row) -> None:
        arguments = [one.replace("{file}", __file__) for one in row["arguments"]]
        ran = quire(*arguments)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("error: ")
        assert ran.err.count("\n") == 1
        assert row["says"] in ran.err
        assert not [one for one in SECRETS if one in ran.err]
        in_json = quire(*arguments, "--json")
        assert in_json.code == 2
        assert set(in_json.json["error"]) == {"code", "message", "hint"}
        assert not config.exists()

    for_each(table(__file__, "wrong_use.jsonl"), check)
    assert quire("list", "--json").json["total"] == 4


def test_a_library_that_is_not_there_is_not_made(quire: Quire, tmp_path: Path) -> None:
    for arguments in (["list"], ["search", "x"], ["ask", "x"], ["status"], ["show", "x"]):
        ran = quire(*arguments)
        assert (ran.code, "quire add" in ran.err) == (3, True), arguments
    assert not (tmp_path / "quire-home").exists()


def test_global_options_stand_anywhere(quire: Quire, stocked: Path, tmp_path: Path) -> None:
    other = str(tmp_path / "other")
    assert quire("--library", other, "list").code == 3
    assert quire("list", "--library", other).code == 3
    assert quire("-q", "ask", "How do bees dance?").err == ""
    assert quire("ask", "How do bees dance?", "-q").err == ""


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


def run_apart(*arguments: str, **options: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tui", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        **options,
    )


def test_a_closed_stdout_is_no_error(stocked: Path) -> None:
    """Case 83."""
    with run_apart("list", "--json") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        process.wait(30)


def test_a_plain_locale_gets_plain_signs(stocked: Path) -> None:
    """Case 83: LANG=C."""
    environment = {**os.environ, "LANG": "C", "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    process = run_apart("ask", "How many tokens does FoxCodec need?", env=environment)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert b"40 tokens a second. [1] +" in out


def test_the_app_needs_a_terminal(stocked: Path) -> None:
    process = run_apart(stdin=subprocess.DEVNULL)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, b"")
    assert b"terminal" in err
