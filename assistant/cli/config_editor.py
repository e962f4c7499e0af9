"""Editing the configuration: a copy in the reader's editor, taken once it makes sense."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.errors import WrongUse

if TYPE_CHECKING:
    from assistant.cli.frame import Frame
    from assistant.config.file import ConfigFile

_USUAL = ("sensible-editor", "nano", "vim", "vi")
_NEW = """# quire's configuration. Every setting is optional; what each does: quire config explain
"""


def edit(frame: Frame, config: ConfigFile) -> None:
    """Let the reader edit the configuration; raises WrongUse, and leaves it as it was then."""
    before = _text(config.path)
    command = _editor()
    with tempfile.TemporaryDirectory(prefix="quire-config-") as folder:
        copy = Path(folder, "config.toml")
        copy.write_bytes(before.encode("utf-8", "surrogateescape") or _NEW.encode())
        started = copy.read_bytes()
        while True:
            _run(frame, command, copy)
            if copy.read_bytes() == started:
                return _tell(frame, config, "nothing was changed", changed=False)
            after = copy.read_bytes().decode("utf-8", "surrogateescape")
            try:
                _take(config, after, before)
            except WrongUse as failure:
                if not _again(frame, failure):
                    raise _kept(config, after, failure) from None
            else:
                return _tell(frame, config, f"{config.path} is changed", changed=True)


def _text(path: Path) -> str:
    """The text of the file as it is, which may be no TOML or UTF-8; empty where there is none."""
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return ""
    except OSError as failure:
        why = failure.strerror or str(failure)
        raise WrongUse(f"the configuration {path} cannot be read: {why}", "") from failure


def _take(config: ConfigFile, after: str, before: str) -> None:
    try:
        after.encode()
    except UnicodeEncodeError:
        raise WrongUse(f"the configuration {config.path} would not be UTF-8", "") from None
    config.replace(after, before)


def _editor() -> list[str]:
    """The command of the reader's editor; raises WrongUse."""
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if named:
        try:
            command = shlex.split(named)
        except ValueError:
            command = []
        if not command or shutil.which(command[0]) is None:
            raise WrongUse(f"the editor “{named}” is not found", "set VISUAL or EDITOR to one")
        return command
    found = next((one for one in _USUAL if shutil.which(one)), None)
    if found is None:
        raise WrongUse("no editor is found", "set VISUAL or EDITOR to one")
    return [found]


def _run(frame: Frame, command: list[str], copy: Path) -> None:
    """Run the editor until it ends; what it draws is no data. Raises WrongUse."""
    out = sys.stderr if frame.json else None
    try:
        ended = subprocess.run([*command, str(copy)], stdout=out, stderr=_stderr(), check=False)
    except OSError as failure:
        why = failure.strerror or str(failure)
        raise WrongUse(f"the editor {command[0]} cannot be run: {why}", "") from failure
    if ended.returncode != 0:
        raise WrongUse(
            f"the editor ended with exit code {ended.returncode}: nothing was changed",
            "edit again: quire config edit",
        )


def _stderr() -> int | None:
    try:
        return sys.stderr.fileno()
    except (OSError, ValueError):
        return None


def _again(frame: Frame, failure: WrongUse) -> bool:
    """Whether the reader mends a mistake; nobody is asked where there is no terminal."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    frame.tell(f"error: {failure.message}")
    return click.confirm("edit again?", default=True, err=True)


def _kept(config: ConfigFile, text: str, failure: WrongUse) -> WrongUse:
    """The failure, with where the text is that was not taken."""
    from store.errors import StoreError
    from store.files import FILE_MODE, written_whole

    beside = config.path.with_name(f"{config.path.name}.rejected")
    try:
        beside.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with written_whole(beside, mode=FILE_MODE) as stream:
            stream.write(text.encode("utf-8", "surrogateescape"))
    except (OSError, StoreError):
        return WrongUse(f"not taken: {failure.message}", "the file is as it was")
    return WrongUse(f"not taken: {failure.message}", f"your text is kept: {beside}")


def _tell(frame: Frame, config: ConfigFile, line: str, *, changed: bool) -> None:
    if frame.json:
        frame.document({"changed": changed, "config": str(config.path)})
    else:
        frame.line(line)
