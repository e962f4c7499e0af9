"""The help that is written without click, held against click's own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from assistant.cli.root import cli
from assistant.cli.top_help import WIDEST, top_help

ROOT = Path(__file__).resolve().parents[3]


def test_the_help_is_that_of_click_at_every_width(monkeypatch: pytest.MonkeyPatch) -> None:
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
    ran = subprocess.run(
        [sys.executable, "-S", "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.startswith("Usage: quire [OPTIONS] [COMMAND] [ARGS]...\n")
    assert ran.stdout.endswith("\n0 []\n")
    assert ran.stderr == ""
