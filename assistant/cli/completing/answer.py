"""What a shell is answered that asks how a command line may go on.

The protocol of click's own scripts is not used: in bash it cannot complete what has a colon, such
as a DOI, nor quote a tag of two words.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from click.shell_completion import CompletionItem, _resolve_context, _resolve_incomplete

from assistant.cli.completing.command_line import cut, quoted, unquoted
from assistant.cli.completing.values import values_of
from assistant.cli.frame import Frame
from assistant.cli.root import cli

VARIABLE = "_QUIRE_COMPLETE"
"""The environment variable in which a script names its shell."""
_LISTING = ("63", "33", "64")
"""COMP_TYPE of bash where candidates are shown."""
_LONGEST_ABOUT = 60


def script(shell: str) -> str:
    """The script that teaches a shell to complete."""
    return Path(__file__).with_name(f"quire.{shell}").read_text("utf-8")


def answer(shell: str, arguments: Sequence[str]) -> int:
    """Print what may stand at the cursor: kind, value and description, a line each.

    Whatever fails is no business of who types: there is nothing to complete then.
    """
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 2)
    try:
        sys.stdout.write("".join(f"{line}\n" for line in lines(shell, arguments)))
        sys.stdout.flush()
    except BaseException:  # SystemExit and Ctrl-C too
        os.dup2(silent, 1)
    return 0


def lines(shell: str, arguments: Sequence[str]) -> list[str]:
    """Kind, value and description of what may stand at the cursor, a line each.

    `arguments` are the words behind the command, the last one as far as it is typed; for bash the
    line, its COMP_TYPE and COMP_WORDBREAKS.
    """
    return _bash(*arguments) if shell == "bash" else _words(list(arguments), shell)


def items(words: list[str], begin: str) -> list[CompletionItem]:
    """What may stand for `begin` behind these words, each value whole; no text in it is unsafe."""
    frame = Frame(lambda *_: 0, quiet=True)
    try:
        context = _resolve_context(cli, {"obj": frame}, "quire", list(words))
    except click.UsageError:  # no such command
        return []
    if isinstance(context.command, click.Group) and (context._protected_args or context.args):
        return []  # no such command either: nothing is known of what follows
    asked, rest = _resolve_incomplete(context, list(words), begin)
    if isinstance(asked, click.Parameter):
        found = values_of(context, asked, rest)
    else:
        found = asked.shell_complete(context, rest)
    before = begin.removesuffix(rest) if begin.startswith("-") and rest != begin else ""
    for one in found:
        one.value = f"{before}{one.value}"
    return [one for one in found if one.value.isprintable()]


def _words(arguments: list[str], shell: str) -> list[str]:
    *words, begin = arguments or [""]
    begin = unquoted(begin) if shell == "fish" else begin
    return [f"{one.type}\t{one.value}\t{_about(one)}".rstrip("\t") for one in items(words, begin)]


def _bash(line: str, kind: str, breaks: str) -> list[str]:
    """For bash, with descriptions only where they are shown and not put into the line."""
    typed = cut(line, breaks)
    found = items(typed.words, typed.current)
    values = [quoted(one.value, typed) for one in found]
    if kind in _LISTING and len(found) > 1:
        shown = [
            f"{value}  ({_about(one)})" if one.help else value
            for value, one in zip(values, found, strict=True)
        ]
        if _common(shown) == _common(values):
            values = shown
    return [f"{one.type}\t{value}" for one, value in zip(found, values, strict=True)]


def _common(values: list[str]) -> str:
    """What all begin with: so much bash puts into the line."""
    first, last = min(values), max(values)
    same = (at for at, one in enumerate(first) if last[at : at + 1] != one)
    return first[: next(same, len(first))]


def _about(one: CompletionItem) -> str:
    from store.clean import clean_line, shorten

    return shorten(clean_line(one.help or ""), _LONGEST_ABOUT)
