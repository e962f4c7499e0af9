"""`quire man`: the manual pages, shown or installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import click

from assistant.cli.frame import Frame, global_options, json_option


@click.command("man")
@click.argument("words", nargs=-1, metavar="[COMMAND]...")
@click.option(
    "--install",
    "folder",
    metavar="FOLDER",
    is_flag=False,
    flag_value="",
    help="Write the pages of all commands, to your data folder where no FOLDER is named.",
)
@json_option
@global_options
@click.pass_obj
def man_command(frame: Frame, words: tuple[str, ...], folder: str | None) -> None:
    """Show the manual page of a command, or install the pages of all.

    On a terminal man shows the page; elsewhere its text for man is printed. Installed, it is there
    as man quire-ask.

    Example: quire man ask
    """
    from assistant.cli.manual import page_of

    if folder is not None:
        if words:
            raise click.UsageError("--install writes the pages of all commands: name none")
        _install(frame, folder)
        return
    page = page_of(words)
    if frame.json:
        frame.document({"name": page.name, "section": 1, "text": page.text})
    elif not (frame.is_terminal and _is_shown(page.text)):
        frame.data(page.text)


def _is_shown(text: str) -> bool:
    """True when man has shown a page; False where there is none on this machine."""
    import tempfile

    viewer = shutil.which("man")
    if viewer is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "quire.1")
        path.write_text(text, "utf-8")
        return subprocess.run([viewer, "-l", str(path)]).returncode == 0


def _install(frame: Frame, named: str) -> None:
    """Write all pages into a folder, `man1` below it where it is not one of that name itself."""
    from assistant.cli.manual import pages
    from store.files import written_whole

    data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    folder = Path(os.path.expanduser(named)) if named else Path(data, "man", "man1")
    folder.mkdir(parents=True, exist_ok=True)
    made = list(pages())
    for page in made:
        with written_whole(folder / page.file) as file:
            file.write(page.text.encode())
    if frame.json:
        document = {"folder": str(folder), "pages": [one.file for one in made]}
        frame.document(document)
        return
    frame.line(f"{len(made)} pages written to {folder}")
    if folder.name != "man1":
        frame.narrate(f"to read one: man -l {folder / made[0].file}")
    elif not _is_found(folder.parent):
        frame.narrate(f"man does not look there yet: export MANPATH={folder.parent}:")


def _is_found(folder: Path) -> bool:
    """True where man looks for pages in a folder; also where it cannot be asked."""
    asked = shutil.which("manpath")
    if asked is None:
        return str(folder) in os.environ.get("MANPATH", "").split(":")
    ran = subprocess.run([asked], capture_output=True, text=True)
    return str(folder) in ran.stdout.strip().split(":")
