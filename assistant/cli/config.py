"""`quire config`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from assistant.cli.frame import Frame, global_options, json_option

if TYPE_CHECKING:
    from assistant.config.choices import Choice
    from assistant.config.descriptions import Description
    from assistant.config.file import ConfigFile


@click.group("config", invoke_without_command=True)
@json_option
@global_options
@click.pass_context
def config_command(context: click.Context) -> None:
    """What is set, and where from: the configuration file, or the environment.

    Settings have dotted names: max_cost, models.big.total_s, services.arxiv. Keys are never
    shown: the configuration names the variable that holds one, or the command that prints it.

    \b
    Example: quire config
             quire config set max_cost 0.05
             quire config explain check
    """
    if context.invoked_subcommand is None:
        _list(context.ensure_object(Frame))


@config_command.command("get")
@click.argument("name")
@json_option
@global_options
@click.pass_obj
def get_setting(frame: Frame, name: str) -> None:
    """Print the value of a setting that is in force; with -v where it is from.

    A table, such as models.big, prints what is set in it.

    Example: quire config get max_cost
    """
    from assistant.config.choices import chosen

    config = _file(frame)
    found = chosen(config, name, os.environ)
    is_table = not (len(found) == 1 and found[0].name == name)
    if frame.json:
        rows = [_row(one) for one in found]
        frame.document({"name": name, "settings": rows} if is_table else rows[0])
        return
    if not found:
        frame.narrate(f"nothing is set in {name}; see: quire config explain {name}")
    for one in found:
        text = _text(one.value)
        said = f"{one.name} = {text}" if is_table else text
        frame.line(f"{said}  ({_origin(one, config)})" if frame.verbose else said)


@config_command.command("set", context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("value", required=False)
@click.option("--unset", is_flag=True, help="Take the setting out: its default is in force.")
@json_option
@global_options
@click.pass_obj
def set_setting(frame: Frame, name: str, value: str | None, unset: bool) -> None:
    """Set a setting in the configuration file, whose comments and order stay.

    A value that the setting does not take is refused, and nothing is written.

    \b
    Example: quire config set check off
             quire config set models.big.total_s 1200
             quire config set max_cost --unset
    """
    if unset:
        if value is not None:
            raise click.UsageError("--unset takes no value")
        _unset(frame, name)
        return
    if value is None:
        raise click.UsageError(f"which value? quire config set {name} VALUE, or --unset")
    from assistant.config.choices import set_value
    from assistant.config.descriptions import descriptions, general, parts_of, shown

    parts, config = parts_of(name), _file(frame)
    now = set_value(config, parts, value)
    text = shown(name, now, os.environ)
    over = descriptions()[general(parts)].environment
    if over and os.environ.get(over):
        frame.narrate(f"note: {over} is set and comes first: {os.environ[over]}")
    if frame.json:
        frame.document({"name": ".".join(parts), "value": text, "config": str(config.path)})
    else:
        frame.line(f"{'.'.join(parts)} = {_text(text)}")


@config_command.command("unset")
@click.argument("name")
@json_option
@global_options
@click.pass_obj
def unset_setting(frame: Frame, name: str) -> None:
    """Take a setting out of the configuration file: its default is in force.

    Example: quire config unset max_cost
    """
    _unset(frame, name)


@config_command.command("edit")
@json_option
@global_options
@click.pass_obj
def edit_settings(frame: Frame) -> None:
    """Open the configuration file in $VISUAL or $EDITOR; it is checked before it is taken.

    What is edited is a copy. A mistake is told with its line: on a terminal you may edit again;
    else the text is kept beside the file, which stays as it was.

    Example: EDITOR=nano quire config edit
    """
    from assistant.cli.config_editor import edit

    edit(frame, _file(frame))


@config_command.command("path")
@json_option
@global_options
@click.pass_obj
def print_path(frame: Frame) -> None:
    """Print where the configuration file is, or would be.

    Example: cat "$(quire config path)"
    """
    path = _file(frame).path
    if frame.json:
        frame.document({"config": str(path), "exists": path.exists()})
        return
    frame.line(str(path))
    if not path.exists():
        frame.narrate("it is not there yet: all settings are as they come")


@config_command.command("explain")
@click.argument("name", required=False)
@json_option
@global_options
@click.pass_obj
def explain_setting(frame: Frame, name: str | None) -> None:
    """Say what a setting does, what it takes, its default, and what uses it; without NAME, of all.

    Variables of the environment are explained too.

    Example: quire config explain models.NAME.total_s
    """
    from assistant.config.descriptions import descriptions, general, parts_of

    known = descriptions()
    if name is None:
        if frame.json:
            frame.document({"settings": [_about(one) for one in known.values()]})
            return
        width = max(map(len, known))
        for one in known.values():
            frame.line(f"{one.name:<{width}}  {_first_sentence(one.about)}")
        return
    described = [known[name]] if name in known else _below(name, known)
    described = described or [known[general(parts_of(name))]]
    if frame.json:
        rows = [_about(one) for one in described]
        frame.document(rows[0] if len(rows) == 1 else {"settings": rows})
        return
    for at, one in enumerate(described):
        if at:
            frame.line()
        _explain(frame, one)


def _below(name: str, known: dict[str, Description]) -> list[Description]:
    """The settings of a table."""
    return [one for one in known.values() if one.name.startswith(f"{name}.")]


def _explain(frame: Frame, one: Description) -> None:
    from assistant.cli.render import paragraph

    frame.line(one.name, bold=True)
    paragraph(frame, one.about)
    if not one.is_variable:
        paragraph(frame, f"takes    {one.allowed}", hanging="         ")
    paragraph(frame, f"default  {one.default}", hanging="         ")
    paragraph(frame, f"used by  {one.used_by}", hanging="         ")
    if one.environment:
        frame.line(f"before   ${one.environment}, where it is set")
    example = one.example
    if not one.is_variable:
        from shlex import quote

        example = f"quire config set {one.name} {quote(example)}"
    elif "quire" not in example:
        example = f"{one.name}={example} quire …"
    paragraph(frame, f"example  {example}", hanging="         ")


def _about(one: Description) -> dict[str, Any]:
    return {
        "name": one.name,
        "about": one.about,
        "takes": one.allowed,
        "default": one.default,
        "example": one.example,
        "used_by": one.used_by.split(", "),
        "environment": one.environment or None,
        "variable": one.is_variable,
    }


def _first_sentence(text: str) -> str:
    return text.split(". ")[0].split(": ")[0].rstrip(".")


def _list(frame: Frame) -> None:
    """What is set, and where from."""
    from assistant.config.choices import choices, variables

    config = _file(frame)
    set_ = list(choices(config, os.environ))
    there = list(variables(os.environ))
    exists = config.path.exists()
    if frame.json:
        settings, environment = [_row(one) for one in set_], [_row(one) for one in there]
        frame.document(
            {
                "config": str(config.path),
                "exists": exists,
                "settings": settings,
                "environment": environment,
            }
        )
        return
    frame.line(f"{config.path}{'' if exists else ' (not there yet)'}")
    if not set_:
        frame.line("nothing is set: all is as it comes; see: quire config explain")
    for one in [*set_, *there]:
        from_ = f"  ({_origin(one, config)})" if one.origin == "environment" else ""
        frame.line(f"{one.name} = {_text(one.value)}{from_}")


def _unset(frame: Frame, name: str) -> None:
    from assistant.config.choices import unset
    from assistant.config.descriptions import parts_of

    config, parts = _file(frame), parts_of(name)
    was_set = unset(config, parts)
    if frame.json:
        frame.document({"name": name, "was_set": was_set, "config": str(config.path)})
    else:
        frame.line(f"{name} is {'no longer' if was_set else 'not'} set")


def _file(frame: Frame) -> ConfigFile:
    from assistant.config.file import ConfigFile
    from assistant.config.settings import config_file

    return ConfigFile(config_file(frame.config, os.environ))


def _row(one: Choice) -> dict[str, Any]:
    return {"name": one.name, "value": one.value, "from": one.origin}


def _origin(one: Choice, config: ConfigFile) -> str:
    return str(config.path) if one.origin == "file" else one.origin


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(str, value)) + "]"
    return "none" if value is None else str(value)
