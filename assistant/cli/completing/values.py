"""The values that an option or an argument can have, as far as they can be known at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from assistant.cli.frame import Frame

if TYPE_CHECKING:
    from store.ledger.glimpse import Glimpse

MOST = 100
"""So many papers or authors are offered at most."""
SHELLS = ("bash", "fish", "zsh")
"""The shells that can be told how to complete."""

Named = Iterable[str | tuple[str, str]]
_Finder = Callable[[Frame, str], Named]


def values_of(
    context: click.Context, parameter: click.Parameter, begin: str
) -> list[CompletionItem]:
    """What can stand where `begin` does; the shell itself completes items of type file and dir."""
    kind = "" if isinstance(parameter.type, click.Choice) else _kind(context, parameter)
    match kind:
        case "":
            return parameter.shell_complete(context, begin)
        case "files" | "folders":
            return [CompletionItem(begin, type="file" if kind == "files" else "dir")]
    frame = context.find_object(Frame)
    if frame is None or kind not in _FINDERS:
        return []
    from store.errors import StoreError

    try:
        found = _FINDERS[kind](frame, begin)
    except StoreError:  # no library, or none that can be read
        return []
    return [
        CompletionItem(one) if isinstance(one, str) else CompletionItem(one[0], help=one[1])
        for one in found
    ]


def _kind(context: click.Context, parameter: click.Parameter) -> str:
    from store.tables import read_table

    known: dict[str, str] = read_table(__file__, "values.toml")
    command = context.command_path.partition(" ")[2]
    word = parameter.metavar or (parameter.name or "").upper()
    names = [*parameter.opts] if isinstance(parameter, click.Option) else []
    names.append(word.strip("[].…"))
    found = (known.get(f"{command} {name}") for name in names)
    return next((one for one in (*found, *map(known.get, names)) if one), "")


def _in_library(look: Callable[[Glimpse, str], Named]) -> _Finder:
    """Find in the ledger, which need not be there."""

    def find(frame: Frame, begin: str) -> Named:
        from store.ledger.glimpse import glimpse

        with glimpse(frame.folder) as ledger:
            return look(ledger, begin)

    return find


def _papers(frame: Frame, begin: str) -> Named:
    """Ids with their titles; behind a percent sign the places in the last list."""
    from assistant.cli.lastlist import last_list
    from store.ledger.glimpse import glimpse

    with glimpse(frame.folder) as ledger:
        if not begin.startswith("%"):
            return ledger.papers(begin, MOST)
        listed = last_list(frame)[:MOST]
        titles = ledger.titles(listed)
    numbered = ((f"%{number}", titles.get(name, name)) for number, name in enumerate(listed, 1))
    return [one for one in numbered if one[0].startswith(begin)]


def _models(frame: Frame, begin: str) -> Named:
    import os
    import tomllib

    from assistant.config.model_choice import EXTRACTIVE
    from assistant.config.settings import config_file, read_config

    # Names alone are wanted: a configuration with a mistake elsewhere has them too.
    tables = tomllib.loads(read_config(config_file(frame.config, os.environ)) or "")
    names = [EXTRACTIVE, *tables.get("models", {})]
    return [name for name in names if name.startswith(begin)]


def _formats(frame: Frame, begin: str) -> Named:
    from store.readers.registry import readers

    return [name for name in readers().names if name.startswith(begin)]


def _exports(frame: Frame, begin: str) -> Named:
    from store.exporters.registry import exporters

    return [name for name in exporters().names if name.startswith(begin)]


def _commands(frame: Frame, begin: str) -> Named:
    from assistant.cli.top_help import COMMANDS

    return [(name, about) for name, (_, about) in COMMANDS.items() if name.startswith(begin)]


def _libraries(frame: Frame, begin: str) -> Named:
    from assistant.config.libraries import registry
    from assistant.errors import WrongUse

    try:
        folders = registry().read().folders
    except WrongUse:
        return []
    return [(name, str(one)) for name, one in folders.items() if name.startswith(begin)]


def _settings(frame: Frame, begin: str) -> Named:
    from assistant.config.descriptions import texts

    return [(name, about) for name, about in texts().items() if name.startswith(begin)]


def _shells(frame: Frame, begin: str) -> Named:
    return [name for name in SHELLS if name.startswith(begin)]


_FINDERS: dict[str, _Finder] = {
    "authors": _in_library(lambda ledger, begin: ledger.authors(begin, MOST)),
    "commands": _commands,
    "exports": _exports,
    "formats": _formats,
    "libraries": _libraries,
    "models": _models,
    "papers": _papers,
    "sessions": _in_library(lambda ledger, begin: ledger.sessions(begin)),
    "settings": _settings,
    "shells": _shells,
    "sources": _in_library(lambda ledger, begin: ledger.sources(begin)),
    "tags": _in_library(lambda ledger, begin: ledger.tags(begin)),
    "venues": _in_library(lambda ledger, begin: ledger.venues(begin)),
}
