"""What every command has and keeps to: its help, its place on the page, its streams."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click

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
