"""What papers are named on a command line: as typed, %3 for the third of a list, - for stdin."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from assistant.cli.frame import Frame
from store.errors import PaperRemoved, UnknownPaper

STDIN = "-"
_MOST = 32_000_000
"""Characters that are read of stdin."""


def names_given(frame: Frame, names: Sequence[str]) -> tuple[str, ...]:
    """Names as they were typed, with those on stdin for `-`, and the id for %3.

    Raises UsageError where stdin names no paper, or is asked for twice.
    """
    if names.count(STDIN) > 1:
        raise click.UsageError("- stands twice: stdin is read once")
    given: list[str] = []
    for name in names:
        if name == STDIN:
            given += _names_on_stdin()
        elif name.startswith("%"):
            from assistant.cli.lastlist import resolve

            given.append(resolve(frame, name))
        else:
            given.append(name)
    return tuple(given)


@contextmanager
def meant_otherwise(names: Sequence[str], offer: str) -> Iterator[None]:
    """Offer another use of a name that is no paper's: "to give a tag: quire tag PAPER --add"."""
    try:
        yield
    except UnknownPaper as failure:
        meant = next((one for one in names if f"“{one}”" in failure.message), "")
        if meant and not isinstance(failure, PaperRemoved):
            from shlex import quote

            failure.hint = f"{offer} {quote(meant)}"
        raise


def read_stdin(what: str) -> str:
    """All of stdin; on a terminal `what` is read is said. Raises UsageError where it cannot be."""
    if sys.stdin is None or sys.stdin.closed:
        raise click.UsageError("stdin is closed: there is nothing to read")
    if sys.stdin.isatty():
        print(f"reading {what} from the terminal; end with Ctrl-D", file=sys.stderr)
    try:
        text = sys.stdin.read(_MOST + 1)
    except OSError as failure:
        raise click.UsageError(f"stdin cannot be read: {failure.strerror or failure}") from None
    if any("\ud800" <= letter <= "\udfff" for letter in set(text)):
        raise click.UsageError("stdin is not text in UTF-8")
    if len(text) > _MOST:
        raise click.UsageError(f"stdin holds more than {_MOST // 1_000_000} million characters")
    return text


def _names_on_stdin() -> list[str]:
    """The name at the beginning of each line that is no comment; raises UsageError for none."""
    text = read_stdin("papers, one a line,")
    names = [name for line in text.split("\n") if (name := _name_in(line))]
    if not names:
        raise click.UsageError("stdin names no paper")
    return names


def _name_in(line: str) -> str:
    """The name that a line begins with; in a line of `quire list` it stands behind its number."""
    columns = line.removeprefix("\ufeff").split()
    is_row = len(columns) > 3 and columns[0].isdecimal() and not columns[1].isdecimal()
    if not columns or columns[0] == "#":  # a comment
        return ""
    return columns[1] if is_row else columns[0]
