"""What is said of a command line that cannot be understood, with what may have been meant."""

from __future__ import annotations

import click

from store.nearest import did_you_mean, nearest
from store.pattern import pattern

_NO_COMMAND = pattern(r"No such command '(.*)'\.")
_NO_CHOICE = pattern(r"'(.*?)' is not one of ")


def message_of(failure: click.ClickException) -> str:
    """One sentence, which begins with a small letter."""
    return _small(_told(failure))


def _told(failure: click.ClickException) -> str:
    context = failure.ctx if isinstance(failure, click.UsageError) else None
    if isinstance(failure, click.NoSuchOption):
        names = _options_meant(failure.option_name, context)
        return _with(f"no such option “{failure.option_name}”", names)
    if isinstance(failure, click.BadParameter):
        found = _NO_CHOICE.match(failure.message)
        if found and failure.param is not None and isinstance(failure.param.type, click.Choice):
            names = nearest(found[1], map(str, failure.param.type.choices))
            return f"{failure.format_message().rstrip('.')}; {did_you_mean(names)}".rstrip("; ")
        return failure.format_message()
    unknown = _NO_COMMAND.match(failure.message)
    if unknown and context is not None and isinstance(context.command, click.Group):
        names = nearest(unknown[1], context.command.list_commands(context))
        return _with(f"no command “{unknown[1]}”", names)
    return failure.format_message()


def _options_meant(name: str, context: click.Context | None) -> list[str]:
    """The options of a command that are called otherwise elsewhere, else those nearly so.

    What is nearly a name from elsewhere means the same. Dashes make no two names alike.
    """
    from store.tables import read_table

    command = context.command if context is not None else None
    there = {one: [one] for each in (command.params if command else ()) for one in each.opts}
    table: dict[str, str] = read_table(__file__, "option_names.toml")
    elsewhere = {
        other: known
        for other, meant in table.items()
        if other not in there and (known := [one for one in meant.split() if one in there])
    }
    if name in elsewhere:
        return elsewhere[name]
    long = {one[2:]: known for one, known in (there | elsewhere).items() if one[:2] == "--"}
    return list(
        dict.fromkeys(known for one in nearest(name.lstrip("-"), long) for known in long[one])
    )


def _with(what: str, names: list[str]) -> str:
    return f"{what}; {did_you_mean(names)}" if names else what


def _small(message: str) -> str:
    text = " ".join(message.split())
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
