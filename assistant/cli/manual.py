"""Manual pages made from the help of the commands, in the macros of man(7)."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from assistant.cli.printable import PLAIN_SIGNS
from assistant.cli.root import cli
from assistant.cli.top_help import COMMANDS

_SPECIAL = {"\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti"}
_WIDEST = 64
"""Columns of a line of text in a page, where a few of its characters need an escape."""
_EXAMPLES = ("Example:", "Examples:")


@dataclass(frozen=True)
class Page:
    """A manual page: its name, such as quire-ask, and its text."""

    name: str
    text: str

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.name}.1"


def page_of(words: tuple[str, ...]) -> Page:
    """The page of a command named by its words, of quire itself for none; raises UsageError."""
    context = click.Context(cli, info_name="quire", **cli.context_settings)
    for word in words:
        group = context.command
        if not isinstance(group, click.Group):
            raise click.UsageError(f"{context.command_path} has no commands of its own")
        name, command, _ = group.resolve_command(context, [word])
        if command is None:
            raise click.UsageError(f"no command “{word}”; see: quire --help")
        context = click.Context(command, parent=context, info_name=name)
    return _page(context)


def pages() -> Iterator[Page]:
    """The pages of all commands."""
    return _below(click.Context(cli, info_name="quire", **cli.context_settings))


def _below(context: click.Context) -> Iterator[Page]:
    yield _page(context)
    for name, command in _commands(context):
        yield from _below(click.Context(command, parent=context, info_name=name))


def _commands(context: click.Context) -> list[tuple[str, click.Command]]:
    group = context.command
    if not isinstance(group, click.Group):
        return []
    found = ((name, group.get_command(context, name)) for name in group.list_commands(context))
    return [(name, one) for name, one in found if one is not None and not one.hidden]


def _page(context: click.Context) -> Page:
    name = context.command_path.replace(" ", "-")
    lines = list(_lines(context, name))
    return Page(name, "".join(f"{line}\n" for line in (*_fallbacks("".join(lines)), *lines)))


def _lines(context: click.Context, name: str) -> Iterator[str]:
    from importlib.metadata import version

    command = context.command
    made = datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC).date()
    paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    yield f'.TH "{_roff(name.upper())}" 1 "{made}" "quire {version("quire")}" "quire"'
    yield ".SH NAME"
    yield f"{_roff(name)} \\- {_roff(_about(context))}"
    yield ".SH SYNOPSIS"
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"\\fB{_roff(context.command_path)}\\fR {_roff(usage)}"
    yield ".SH DESCRIPTION"
    yield from _text([one for one in paragraphs if not one.startswith(_EXAMPLES)])
    options = [one for one in command.get_params(context) if isinstance(one, click.Option)]
    rows = [one.get_help_record(context) for one in options]
    yield from _section("OPTIONS", [row for row in rows if row is not None])
    commands = [(each, one.get_short_help_str(200)) for each, one in _commands(context)]
    yield from _section("COMMANDS", commands)
    examples = [one for one in paragraphs if one.startswith(_EXAMPLES)]
    if examples:
        yield ".SH EXAMPLES"
        yield from _text([one.partition(":")[2].strip() for one in examples])
    yield ".SH SEE ALSO"
    yield from _see_also(context)


def _about(context: click.Context) -> str:
    """The line that stands behind the name, as in the help of what is above."""
    if context.parent is None:
        return "ask a collection of paper abstracts"
    known = COMMANDS.get(context.info_name or "") if context.parent.parent is None else None
    return (known[1] if known else context.command.get_short_help_str(70)).rstrip(".")


def _see_also(context: click.Context) -> Iterator[str]:
    names = [f"{context.command_path}-{name}" for name, _ in _commands(context)]
    above = [context.parent.command_path] if context.parent is not None else []
    for number, name in enumerate(pages := above + names, 1):
        yield f".BR {_roff(name.replace(' ', '-'))} (1){',' if number < len(pages) else ''}"


def _section(title: str, rows: list[tuple[str, str]]) -> Iterator[str]:
    if rows:
        yield f".SH {title}"
    for first, text in rows:
        yield ".TP"
        yield f"\\fB{_roff(first)}\\fR"
        yield from _folded(text)


def _text(paragraphs: list[str]) -> Iterator[str]:
    """Paragraphs as click folds them: those marked with a backspace stand as they are."""
    for number, paragraph in enumerate(paragraphs):
        if number:
            yield ".PP"
        before, mark, plain = paragraph.partition("\b\n")
        if mark and not before.strip():
            yield from (".nf", *map(_line, plain.splitlines()), ".fi")
        else:
            yield from _folded(paragraph)


def _folded(text: str) -> Iterator[str]:
    lines = textwrap.wrap(
        " ".join(text.split()), _WIDEST, break_long_words=False, break_on_hyphens=False
    )
    return map(_line, lines)


def _line(text: str) -> str:
    """A line of text, which is no request though it begins as one."""
    escaped = _roff(text)
    return f"\\&{escaped}" if escaped.startswith((".", "\\(aq")) else escaped


def _roff(text: str) -> str:
    return "".join(
        _SPECIAL.get(one, one) if one.isascii() else f"\\[u{ord(one):04X}]" for one in text
    )


def _fallbacks(page: str) -> Iterator[str]:
    """What stands for a sign on a device that lacks it; groff alone knows how, and has .x set."""
    for sign, plain in PLAIN_SIGNS.items():
        if (escaped := _roff(chr(sign))) in page:
            yield f".if \\n[.x] .fchar {escaped} {_roff(str(plain))}"
