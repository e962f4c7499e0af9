"""`quire completion`: what a shell completes behind `quire`, told to it by one command."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from assistant.cli.completing.values import SHELLS
from assistant.cli.frame import Frame, global_options, json_option

_SHELL = click.argument("shell", required=False, type=click.Choice(SHELLS), metavar="[SHELL]")


@click.group("completion")
@global_options
def completion_command() -> None:
    """Have a shell complete commands, options, and what the library holds.

    Behind a tab stand commands, options and choices, tags, venues, authors, models, saved
    conversations, and ids of papers with their titles.

    Example: quire completion install
    """


@completion_command.command("install")
@_SHELL
@click.option("--yes", is_flag=True, help="Do not ask before the line is added for zsh.")
@json_option
@global_options
@click.pass_obj
def install_completion(frame: Frame, shell: str | None, yes: bool) -> None:
    """Put the completion where the shell loads it by itself: bash, fish or zsh.

    SHELL is that of $SHELL where none is named, else the one that quire was started from. bash
    needs the package bash-completion. zsh needs a line in its .zshrc: it is added once, and a
    terminal asks before. Done again, it brings the completion up to date.

    Example: quire completion install zsh
    """
    from assistant.cli.completing.answer import script
    from assistant.cli.completing.places import add_line, install, place_of, shell_in_use

    shell = shell or shell_in_use()
    place = place_of(shell)
    is_new = install(place, script(shell))
    if not place.has_line and (yes or _is_agreed(place.startup)):
        add_line(place)
    if not place.has_line:
        frame.tell(f"for zsh to find it, add this line to {place.startup}:")
        frame.tell(place.line)
    elif shell == "bash" and not _has_bash_completion():
        frame.tell(f"note: bash-completion is not here; add to ~/.bashrc: source {place.file}")
    if frame.json:
        startup = str(place.startup) if place.startup is not None and place.has_line else None
        frame.document({"shell": shell, "file": str(place.file), "new": is_new, "startup": startup})
        return
    frame.line(f"{'written' if is_new else 'there already'}: {place.file}")
    if place.startup is not None and place.has_line:
        frame.line(f"loaded by a line in {place.startup}")
    frame.narrate(f"begin a new {shell} to use it; quire completion uninstall takes it away")


def _is_agreed(startup: Path | None) -> bool:
    """True where the reader agrees on a terminal; elsewhere the command itself says it."""
    if not sys.stdin.isatty():
        return True
    return click.confirm(f"add a line to {startup}?", default=True, err=True)


def _has_bash_completion() -> bool:
    folders = ("/usr/share", "/usr/local/share", "/opt/homebrew/share", "/opt/local/share", "/etc")
    places = [Path(one, "bash-completion", "bash_completion") for one in folders]
    return any(one.exists() for one in (*places, Path("/etc/profile.d/bash_completion.sh")))


@completion_command.command("show")
@_SHELL
@json_option
@global_options
@click.pass_obj
def show_completion(frame: Frame, shell: str | None) -> None:
    """Print the script that teaches a shell to complete.

    Example: quire completion show fish
    """
    from assistant.cli.completing.answer import script
    from assistant.cli.completing.places import shell_in_use

    shell = shell or shell_in_use()
    if frame.json:
        frame.document({"shell": shell, "script": script(shell)})
    else:
        frame.data(script(shell))


@completion_command.command("uninstall")
@_SHELL
@json_option
@global_options
@click.pass_obj
def uninstall_completion(frame: Frame, shell: str | None) -> None:
    """Take the completion away, and the line that loads it.

    Example: quire completion uninstall zsh
    """
    from assistant.cli.completing.places import place_of, shell_in_use, uninstall

    shell = shell or shell_in_use()
    changed = uninstall(place_of(shell))
    if frame.json:
        frame.document({"shell": shell, "changed": [str(one) for one in changed]})
        return
    for one in changed:
        frame.line(f"taken out: {one}")
    if not changed:
        frame.narrate(f"there is no completion of quire for {shell}")
