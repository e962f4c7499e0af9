"""What every command has and keeps to: its help, its place on the page, its streams."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout, suppress
from functools import cache
from pathlib import Path

import click
import pytest
from cli_fixture import Quire
from tables import Row, for_each, table
from terminal_fixture import Terminals

from assistant.cli.root import cli
from assistant.cli.top_help import COMMANDS

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "assistant" / "cli" / "README.md").read_text("utf-8")
NO_DATA = {"chat", "completion", "mcp"}
"""The app, a group that runs nothing by itself, and a server of a protocol."""


@cache
def commands() -> dict[str, click.Command]:
    """Every command by its words, those of groups too."""
    return dict(_below(cli, ()))


def _below(command: click.Command, words: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    if words:
        yield " ".join(words), command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            one = command.get_command(context, name)
            assert one is not None
            yield from _below(one, (*words, name))


def options(command: click.Command) -> set[str]:
    return {name for one in command.params if isinstance(one, click.Option) for name in one.opts}


def test_the_page_has_every_command_and_every_option() -> None:
    common, *parts = re.split(r"(?m)^## (?=quire )", PAGE)
    sections = {part.split("\n", 1)[0]: part for part in parts}
    assert list(sections) == [f"quire {name}" for name in sorted(COMMANDS)]
    lacking = []
    for name, command in commands().items():
        section = sections[f"quire {name.split()[0]}"]
        told = set(re.findall(r"(?<![\w-])--?[\w-]+", common + section))
        lacking += [f"{name} {one}" for one in sorted(options(command) - told)]
        named = re.search(rf"`(quire (\S+ )?)?\[?{name.split()[-1]}\b", section)
        lacking += [] if named else [f"{name}: not named"]
    assert lacking == []
    assert not [name for name, text in sections.items() if "\n    " not in text], "no example"
    known = set().union(*map(options, commands().values())) | {"--version", "--help", "-h", "--"}
    ours = re.sub(r"`pandoc [^`]*`", "", PAGE)
    named = set(re.findall(r"(?<![\w-])--[a-z][\w-]*", ours))
    assert named <= known, "the page names an option that no command has"


def test_every_command_shows_an_example_that_it_takes() -> None:
    lacking = []
    for name, command in commands().items():
        found = re.search(r"^ *Examples?:\s+(.+)", command.help or "", re.M)
        if found is None or f"quire {name.split()[0]}" not in found[1]:
            lacking.append(name)
            continue
        used = set(re.findall(r"(?<!\S)--[a-z][\w-]*", found[1]))
        if not used <= set().union(*map(options, commands().values())):
            lacking.append(f"{name}: {found[1]}")
    assert not lacking


def test_every_command_that_prints_data_takes_json() -> None:
    assert {name for name, one in commands().items() if "--json" not in options(one)} == NO_DATA


OUTPUTS = {"/dev/full": "No space left on device", "closed": "Bad file descriptor"}


@pytest.mark.parametrize("output", OUTPUTS)
def test_an_output_that_takes_nothing_is_an_error(output: str, quire: Quire, stocked: Path) -> None:
    """One line on stderr and exit 3, where a pipe that its reader closed is none."""
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full")

    def check(row: Row) -> None:
        place, mode = ("/dev/full", os.O_WRONLY) if output == "/dev/full" else (os.devnull, 0)
        descriptor = os.open(place, mode)
        stream = open(descriptor, "w", closefd=False)  # noqa: SIM115 - what is left in it fails once more
        with redirect_stdout(stream):
            ran = quire(*row["run"])
        with suppress(OSError):
            stream.close()
        os.close(descriptor)
        assert ran.code == row.get("code", 3)
        assert ran.err.count("error: ") == ran.err.count("\n") == 1
        assert row.get("code") or OUTPUTS[output] in ran.err

    rows = table(__file__, "no_reader.jsonl")
    for_each(rows if output == "/dev/full" else rows[:6], check)


PROGRAM = """
import os, signal, sys, threading
from tui import __main__ as program

after, again = float(sys.argv.pop(1)), float(sys.argv.pop(1))
for seconds in (after, again):
    timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))
    timer.daemon = True
    timer.start()
sys.exit(program.main())
"""


@pytest.mark.slow
def test_ctrl_c_at_any_moment_leaves_no_traceback(stocked: Path) -> None:
    """At seeded moments, pressed twice: while imports run, at work, on the way out."""
    draw = random.Random(7)
    rows = [row["run"] for row in table(__file__, "no_reader.jsonl") if len(row["run"]) > 1]
    for arguments in [row for row in rows if row[0] not in ("rm", "frobnicate")] * 2:
        after, gap = draw.uniform(0.03, 0.4), draw.choice((0.005, 0.1))
        command = [sys.executable, "-c", PROGRAM, str(after), str(after + gap), *arguments]
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
        came = (arguments, after, gap, ran.returncode, ran.stderr)
        assert ran.returncode in (0, 5, 130), came
        assert "Traceback" not in ran.stderr, came
        assert "ignored" not in ran.stderr, came
        if ran.returncode == 130 and "--json" in arguments:
            assert json.loads(ran.stdout)["error"]["code"] == "interrupted", came


@pytest.mark.parametrize("surroundings", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_plain_text_is_what_it_says(
    surroundings: dict[str, str],
    stocked: Path,
    on_terminal: Terminals,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On a terminal too: no style, and where it is dumb nothing that is drawn anew."""
    for name, text in surroundings.items():
        monkeypatch.setenv(name, text)
    program = f"import os; os.environ.update({surroundings!r})\n" + SEVERAL
    commands = [["list"], ["search", "glaciers"], ["show", "10.1000/ice"], ["status"]]
    shown = on_terminal(json.dumps(commands), program=program)
    assert shown.end() == 0, shown.output
    assert not re.search(r"\x1b\[[0-9;]+m", shown.output), shown.output
    assert "TERM" not in surroundings or "\x1b" not in shown.output


SEVERAL = """
import json, sys
from assistant.cli.root import main

for arguments in json.loads(sys.argv[1]):
    assert main(arguments, lambda *_: 99) == 0
"""


def test_events_end_with_what_is_done(quire: Quire, stocked: Path) -> None:
    source = '{"title": "Kelp", "abstract": "Kelp grows."}\n{"title": "No abstract"}\n'
    cases = [
        (("add", "-"), ["refused", "done"]),
        (("tldr", "10.1000/ice"), ["answer", "done"]),
        (("show", "none"), ["error"]),
    ]
    for arguments, right in cases:
        ran = quire(*arguments, "--jsonl", stdin=source)
        events = [json.loads(line)["event"] for line in ran.out.splitlines()]
        assert events == right, ran.out
    ran = quire("search", "--nope", "--", "--json")
    assert (ran.code, ran.out) == (2, ""), "behind -- nothing is an option"
