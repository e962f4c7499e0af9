"""`quire library`: libraries by name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from assistant.cli.frame import Frame, global_options, json_option


@click.group("library", invoke_without_command=True)
@json_option
@global_options
@click.pass_context
def library_command(context: click.Context) -> None:
    """Libraries by name, and which is used.

    --library NAME means one of them for one command; $QUIRE_HOME and --library come before the
    one that use chose. A path is always taken with a slash: ./NAME.

    \b
    Example: quire library new thesis
             quire library use thesis
    """
    if context.invoked_subcommand is None:
        _list(context.ensure_object(Frame))


@library_command.command("list")
@json_option
@global_options
@click.pass_obj
def list_libraries(frame: Frame) -> None:
    """List the libraries by name, how many papers each holds, and which is used.

    Example: quire library list --json
    """
    _list(frame)


@library_command.command("new")
@click.argument("name")
@click.argument("path", required=False)
@json_option
@global_options
@click.pass_obj
def new_library(frame: Frame, name: str, path: str | None) -> None:
    """Make an empty library and name it; a library that is at PATH gets the name.

    Without PATH it is made in your data folder.

    \b
    Example: quire library new thesis
             quire library new shared ~/papers/shared
    """
    from assistant.config.libraries import check_name, folder_at, registry
    from assistant.errors import WrongUse
    from store.ledger.database import FILE_NAME
    from store.library.library import Library

    names = registry()
    check_name(name)
    known = names.read()
    if name in known.folders:
        raise WrongUse(
            f"there is a library {name} already: {known.folders[name]}", "choose another name"
        )
    folder = names.data / "libraries" / name if path is None else folder_at(path)
    is_there = (folder / FILE_NAME).is_file()
    if not is_there and folder.is_dir() and any(folder.iterdir()):
        raise WrongUse(f"{folder} is not empty, and no library", "name a folder of its own")
    Library.open(folder, create=True, narrate=frame.narrate).close()
    names.add(name, folder)
    if frame.json:
        frame.document({"name": name, "path": str(folder), "made": not is_there})
        return
    frame.line(f"{name}: {'named the' if is_there else 'made a'} library at {folder}")
    frame.narrate(f"to use it from now on: quire library use {name}")


@library_command.command("use")
@click.argument("name")
@json_option
@global_options
@click.pass_obj
def use_library(frame: Frame, name: str) -> None:
    """Make a library the one that is used where none is named; default: the one without a name.

    Example: quire library use thesis
    """
    from assistant.config.libraries import DEFAULT, library_folder, registry

    registry().use(None if name == DEFAULT else name)
    folder = library_folder(None, {})
    if home := os.environ.get("QUIRE_HOME"):
        frame.narrate(f"note: QUIRE_HOME is set and comes first: {home}")
    if frame.json:
        frame.document({"name": None if name == DEFAULT else name, "path": str(folder)})
    else:
        frame.line(f"{name} is used from now on: {folder}")


@library_command.command("path")
@click.argument("name", required=False)
@json_option
@global_options
@click.pass_obj
def print_path(frame: Frame, name: str | None) -> None:
    """Print where a library is; without NAME, the one that is used.

    Example: du -sh "$(quire library path thesis)"
    """
    from assistant.config.libraries import DEFAULT, registry

    names = registry()
    if name is None:
        folder = frame.folder
    else:
        folder = names.data / "library" if name == DEFAULT else names.read().folder(name)
    if frame.json:
        frame.document({"name": name or frame.library_name, "path": str(folder)})
    else:
        frame.line(str(folder))


@library_command.command("rename")
@click.argument("name")
@click.argument("new")
@json_option
@global_options
@click.pass_obj
def rename_library(frame: Frame, name: str, new: str) -> None:
    """Give a library another name; its files stay where they are.

    Example: quire library rename thesis phd
    """
    from assistant.config.libraries import registry

    registry().rename(name, new)
    if frame.json:
        frame.document({"name": new, "was": name})
    else:
        frame.line(f"{name} is now {new}")


@library_command.command("forget")
@click.argument("name")
@json_option
@global_options
@click.pass_obj
def forget_library(frame: Frame, name: str) -> None:
    """Take a name away; the library itself stays, and can be named again.

    Example: quire library forget thesis
    """
    from assistant.config.libraries import registry

    folder = registry().forget(name)
    if frame.json:
        frame.document({"forgotten": name, "path": str(folder)})
    else:
        frame.line(f"{name} is forgotten; the library stays: {folder}")


def _list(frame: Frame) -> None:
    from assistant.config.libraries import registry

    names = registry()
    known = names.read()
    used = frame.folder
    rows: list[dict[str, Any]] = [_row(None, names.data / "library", used)]
    rows += [_row(name, folder, used) for name, folder in sorted(known.folders.items())]
    if frame.json:
        frame.document({"libraries": rows, "in_use": str(used)})
        return
    width = max(len(row["name"] or "(default)") for row in rows)
    for row in rows:
        held = "not there" if row["papers"] is None else f"{row['papers']} papers"
        sign = "*" if row["in_use"] else " "
        frame.line(f"{sign} {row['name'] or '(default)':<{width}}  {held:<14}  {row['path']}")
    if not any(row["in_use"] for row in rows):
        frame.line(f"* {used}")


def _row(name: str | None, folder: Path, used: Path) -> dict[str, Any]:
    return {
        "name": name,
        "path": str(folder),
        "papers": _papers(folder),
        "in_use": folder == used,
    }


def _papers(folder: Path) -> int | None:
    """How many papers a library holds, None where there is none that can be read."""
    from store.errors import StoreError
    from store.ledger.glimpse import glimpse

    try:
        with glimpse(folder) as ledger:
            return ledger.count()
    except StoreError:
        return None
