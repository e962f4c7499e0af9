"""The filters of a command line, and what they mean."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from assistant.cli.frame import Frame

if TYPE_CHECKING:
    from store.library.marking import Marking
    from store.types import Filter

STATUSES = ("unread", "read", "later", "kept", "skipped")

_OPTIONS: dict[str, dict[str, Any]] = {
    "--year": {
        "metavar": "A..B",
        "help": "Only papers of these years: 2020, 2020..2023, 2020.., ..2019.",
    },
    "--undated": {"is_flag": True, "help": "With --year: keep papers that have no year."},
    "--tag": {
        "multiple": True,
        "help": "Only papers with this tag (repeat for any of several).",
    },
    "--author": {"multiple": True, "help": "Only papers by this author (part of a name)."},
    "--venue": {"multiple": True, "help": "Only papers of this venue (part of its name)."},
    "--status": {
        "multiple": True,
        "type": click.Choice(STATUSES),
        "help": "Only papers with this mark of yours.",
    },
    "--source": {"multiple": True, "help": "Only papers from this source (part of its name)."},
    "--paper": {
        "multiple": True,
        "metavar": "PAPER",
        "help": "Only this paper (repeat for several; - reads them from stdin).",
    },
    "--added-since": {
        "metavar": "WHEN",
        "help": "Only papers added since a date (2026-01-31) or an age (7d, 2w).",
    },
}


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Take the filters; they reach the command together as `asked`, a dictionary by option."""

    @functools.wraps(command)
    def gathered(*positional: Any, **values: Any) -> Any:
        asked = {option: values.pop(_parameter(option)) for option in _OPTIONS}
        frame = click.get_current_context().find_object(Frame)
        if asked["--paper"] and frame is not None:  # else it is no command line of a reader
            from assistant.cli.names import names_given

            asked["--paper"] = names_given(frame, asked["--paper"])
        return command(*positional, asked=asked, **values)

    wrapped: Callable[..., Any] = gathered
    for option, settings in reversed(_OPTIONS.items()):
        wrapped = click.option(option, _parameter(option), **settings)(wrapped)
    return wrapped


def parsed_filter(arguments: Sequence[str], library: Marking) -> Filter:
    """What the filters of a command line mean; raises UsageError."""

    @click.command()
    @filter_options
    def command(asked: dict[str, Any]) -> Filter:
        return make_filter(asked, library)

    found: Filter = command.main(args=list(arguments), prog_name="ask", standalone_mode=False)
    return found


def _parameter(option: str) -> str:
    """The name of a filter among all parameters of a command."""
    return f"only_{option.lstrip('-').replace('-', '_')}"


def make_filter(asked: dict[str, Any], library: Marking) -> Filter:
    """A filter from what was asked; raises UsageError, QuerySyntaxError, UnknownPaper."""
    from store.types import Filter

    first = last = added = None
    if asked["--added-since"]:
        from assistant.query.since import instant

        added = instant(asked["--added-since"])
    if asked["--year"] is not None:
        from assistant.query.syntax import year_range

        first, last = year_range(asked["--year"])
    return Filter(
        year_from=first,
        year_to=last,
        undated=asked["--undated"],
        tags=asked["--tag"],
        authors=asked["--author"],
        venues=asked["--venue"],
        statuses=asked["--status"],
        sources=asked["--source"],
        papers=tuple(library.named(asked["--paper"])),
        added_since=added,
    )
