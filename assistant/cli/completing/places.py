"""Where each shell looks for completions of its own accord, and putting ours there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import WrongUse

_MARK = "made by: quire completion"
_LINE_MARK = "# completion of quire"
_UNKNOWN = "give it: bash, fish or zsh"


@dataclass(frozen=True)
class Place:
    """The file that a shell loads, and where it needs to be told of the folder, how.

    `startup` is the shell's own file of settings, to which `line` is added.
    """

    file: Path
    startup: Path | None = None
    line: str = ""

    @property
    def has_line(self) -> bool:
        """True when the line stands in the shell's settings, or none is needed."""
        return self.startup is None or self.line in _text(self.startup).splitlines()


def place_of(shell: str, environment: Mapping[str, str] = os.environ) -> Place:
    """The place for a shell's completion of quire."""
    home = Path(os.path.expanduser("~"))
    data = Path(environment.get("XDG_DATA_HOME") or home / ".local" / "share")
    match shell:
        case "bash":
            own = environment.get("BASH_COMPLETION_USER_DIR") or ""
            folder = Path(own.split(":")[0]) if own else data / "bash-completion"
            return Place(folder / "completions" / "quire")
        case "fish":
            config = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
            return Place(config / "fish" / "completions" / "quire.fish")
    folder = data / "zsh" / "site-functions"
    line = (
        f"fpath=({_quoted(folder)} $fpath); autoload -Uz _quire compinit;"
        f" (( $+functions[compdef] )) || compinit -i; compdef _quire quire  {_LINE_MARK}"
    )
    return Place(folder / "_quire", Path(environment.get("ZDOTDIR") or home) / ".zshrc", line)


def _quoted(folder: Path) -> str:
    import shlex

    return shlex.quote(str(folder))


def shell_in_use(environment: Mapping[str, str] = os.environ) -> str:
    """The shell that $SHELL names, else that which started quire; raises WrongUse."""
    from assistant.cli.completing.values import SHELLS

    named = (Path(environment.get("SHELL") or "").name, _parent())
    for one in named:
        if one in SHELLS:
            return one
    what = f"{named[0]} is no shell that can be told" if named[0] else "which shell is it?"
    raise WrongUse(what, _UNKNOWN)


def _parent() -> str:
    """The name of the program that started this one, empty where the system does not say."""
    import subprocess

    command = ["ps", "-o", "comm=", "-p", str(os.getppid())]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=5)
    except (OSError, subprocess.SubprocessError):
        return ""
    return Path(ran.stdout.strip()).name.lstrip("-")


def install(place: Place, script: str) -> bool:
    """Put the script at its place; False where it stands there as it is already.

    Raises WrongUse for a file that quire did not write, UnwritableTarget, NoSpace.
    """
    there = _text(place.file)
    if there == script:
        return False
    if there and _MARK not in there:
        raise WrongUse(f"{place.file} is there, and not of quire", "move it away first")
    _write(place.file, script)
    return True


def add_line(place: Place) -> None:
    """Add the line to the shell's settings, in the place of one that quire added before."""
    assert place.startup is not None
    kept = _without_line(_text(place.startup))
    _write(place.startup, f"{kept}{place.line}\n")


def uninstall(place: Place) -> list[Path]:
    """Take the script and the line away; returns the files that were changed."""
    changed = []
    if _MARK in _text(place.file):
        place.file.unlink()
        changed.append(place.file)
    if place.startup is not None:
        text = _text(place.startup)
        kept = _without_line(text)
        if _LINE_MARK in text:
            _write(place.startup, kept)
            changed.append(place.startup)
    return changed


def _without_line(text: str) -> str:
    kept = [line for line in text.splitlines() if not line.endswith(_LINE_MARK)]
    return "".join(f"{line}\n" for line in kept)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "surrogateescape")
    except FileNotFoundError:
        return ""


def _write(path: Path, text: str) -> None:
    from store.files import written_whole

    # A folder of the shell's: with the modes that the reader's umask leaves.
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as file:
        file.write(text.encode("utf-8", "surrogateescape"))
