"""What every command has and keeps to: its help, its place on the page, its streams."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest
from cli_fixture import PAPERS, Add, Quire, with_places
from papers import made_up
from tables import Row, for_each, table
from terminal_fixture import Terminals
from vector_fixture import VectorEndpoint

from assistant.cli.root import cli
from assistant.cli.top_help import COMMANDS

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "assistant" / "cli" / "README.md").read_text("utf-8")
Rows = list[Row]
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


OUTPUTS = {
    "/dev/full": "No space left on device (stdout). free some space",
    "closed": "Bad file descriptor (stdout)",
    "left": "",
}
"""What cannot be written to, and why; of a pipe that its reader has left nothing is said."""
QUESTION = {"question": "How do bees dance?", "papers": ["Bees and their dances"]}


@contextmanager
def output(kind: str) -> Iterator[None]:
    """Have stdout be one that takes nothing."""
    if kind == "left":
        reading, descriptor = os.pipe()
        os.close(reading)
    else:
        place, mode = (kind, os.O_WRONLY) if kind == "/dev/full" else (os.devnull, os.O_RDONLY)
        descriptor = os.open(place, mode)
    stream = open(descriptor, "w", closefd=False)  # noqa: SIM115 - what is left in it fails once more
    with redirect_stdout(stream):
        yield
    with suppress(OSError):
        stream.close()
    os.close(descriptor)


@pytest.fixture
def worked(stocked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Rows]:
    """Give the commands of the table, for a library of four papers and files beside it."""
    question = json.dumps(QUESTION)
    (tmp_path / "questions.jsonl").write_text(question + "\n")
    (tmp_path / "queries.jsonl").write_text('{"id": "1", "text": "bees"}\n' * 2)
    (tmp_path / "papers.jsonl").write_text(PAPERS)
    monkeypatch.setenv("EDITOR", "true")
    return lambda: [
        with_places(row, {"tmp": tmp_path}) for row in table(__file__, "no_reader.jsonl")
    ]


def test_every_command_is_held_to_its_streams() -> None:
    ran = {" ".join(row["run"]).removeprefix("-q ") for row in table(__file__, "no_reader.jsonl")}
    lacking = {name for name in commands() if not any(one.startswith(name) for one in ran)}
    assert lacking == {"chat", "mcp"}


@pytest.mark.parametrize(
    ("kind", "once"),
    [*((kind, False) for kind in OUTPUTS), pytest.param("left", True, marks=pytest.mark.slow)],
)
def test_an_output_that_takes_nothing(
    kind: str, once: bool, quire: Quire, worked: Callable[[], Rows]
) -> None:
    """One line on stderr and exit 3; a pipe that its reader closed (case 83) is no failure."""
    if kind == "/dev/full" and not Path(kind).exists():
        pytest.skip("no /dev/full")

    def check(row: Row) -> None:
        with output(kind):
            ran = quire(*row["run"])
        assert ran.code == row.get("code", 3 if OUTPUTS[kind] else 0), ran.err
        if ran.code == 0:
            assert ran.err == ""
            return
        assert ran.err.count("error: ") == ran.err.count("\n") == 1, ran.err
        assert row.get("code") or OUTPUTS[kind] in ran.err, ran.err

    rows = [row for row in worked() if row.get("once", False) is once]
    for_each(rows[:6] if kind == "closed" else rows, check)


def pressed(kind: str, rows: list[list[Any]]) -> list[dict[str, Any]]:
    """What commands do at which Ctrl-C is pressed; tests/support/ctrl_c_driver.py says how."""
    driver = ROOT / "tests" / "support" / "ctrl_c_driver.py"
    command = [sys.executable, str(driver), kind, json.dumps(rows)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280
    )
    came = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(came) == len(rows), ran.stderr
    return [{"run": row, **one} for row, one in zip(rows, came, strict=True)]


def ends_in_order(ran: Row) -> None:
    """Done or interrupted, and then said so, in a line, in valid JSON where that is wanted."""
    assert ran["code"] in (0, 5, 130)
    assert "Traceback" not in ran["err"]
    assert "ignored" not in ran["err"]
    if ran["code"] != 130:
        return
    # A second press on the way out may say so again.
    assert ran["err"].count("error: interrupted") in (1, 2)
    if "--json" in ran["run"]:
        told = json.loads(ran["out"])
        assert "interrupted" in (told.get("error", {}).get("code"), told.get("outcome"))
    if "--jsonl" in ran["run"]:
        assert [json.loads(one)["event"] for one in ran["out"].splitlines()][-1] in (
            "done",
            "error",
        )


@pytest.mark.slow
def test_ctrl_c_while_a_command_starts(stocked: Path) -> None:
    """At seeded moments, pressed twice: while imports run, at work, on the way out."""
    draw = random.Random(7)
    rows = [row["run"] for row in table(__file__, "no_reader.jsonl") if not NAMED & {*row["run"]}]
    safe = [row for row in rows if "{tmp}" not in " ".join(row) and row[0] not in CHANGING]
    draw_row = [(draw.uniform(0, 0.4), draw.choice((0.005, 0.1)), row) for row in safe]
    rows = [[after, gap, "", *row] for after, gap, row in draw_row]
    for_each(pressed("fresh", rows), ends_in_order)


NAMED = {"bees", "hives"}
"""Conversations that are there only where the command before has made them."""
CHANGING = ("rm", "frobnicate", "demo", "library", "models", "config", "merge", "split", "undo")


@pytest.mark.slow
def test_ctrl_c_while_a_command_works(
    quire: Quire,
    added: Add,
    tmp_path: Path,
    vector_endpoint: VectorEndpoint,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At seeded moments of its time: what came is kept, what is written is whole."""
    monkeypatch.setenv("OPENAI_BASE_URL", vector_endpoint.base_url)
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    records = [{"title": one.title, "abstract": one.abstract} for one in made_up(40)]
    added(records)
    (tmp_path / "many.jsonl").write_text("".join(json.dumps(one) + "\n" for one in records))
    (tmp_path / "questions.jsonl").write_text((json.dumps(QUESTION) + "\n") * 5)
    (tmp_path / "queries.jsonl").write_text('{"id": "1", "text": "glacier melt"}\n' * 5)
    before = {one.name for one in tmp_path.iterdir()}
    table_rows = table(__file__, "interrupted.jsonl")

    draw = random.Random(7)
    rows = []
    for number in range(2):
        for row in table_rows:
            run = with_places(row, {"tmp": tmp_path, "n": number})["run"]
            # The command left alone imports too what the next ones have.
            moment = [draw.uniform(0, 0.7), 9] if number else [None, None]
            rows.append([*moment, row["line"], *run])
    for_each(pressed("warm", rows), ends_in_order)
    files = {row["file"] for row in table_rows if "file" in row}
    for one in tmp_path.iterdir():
        name = re.sub(r"\d", "{n}", one.name)
        assert one.name in before or name in files or name == "new{n}", "something is left over"
        if name in files and name != "backup{n}":
            assert one.read_bytes() == (tmp_path / name.format(n=0)).read_bytes()
    assert all(zipfile.ZipFile(one).testzip() is None for one in tmp_path.glob("backup?"))
    again = quire(
        "--library", str(tmp_path / "new1"), "add", str(tmp_path / "many.jsonl"), "--json"
    )
    assert again.json["new"] + again.json["same"] == len(records)


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
