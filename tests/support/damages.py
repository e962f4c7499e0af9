"""Damage done to files, by name, and what stands in them before and after."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

_HEAD = 200

DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda data: data[: len(data) // 2],
    "emptied": lambda data: b"",
    "zeroed": lambda data: bytes(len(data)),
    "its head alone": lambda data: data[:5],
    "flipped in its head": lambda data: bytes([data[0] ^ 0x40]) + data[1:],
    "overwritten": lambda data: os.urandom(min(_HEAD, len(data))) + data[_HEAD:],
}
"""What stands in a file after a damage, by what stood in it."""


def damage(path: Path, how: str) -> None:
    """Damage a file, or every file below a folder, by a name of DAMAGES; or have it "removed"."""
    if how == "removed" and path.is_dir():
        shutil.rmtree(path)
    elif how == "removed":
        path.unlink()
    else:
        for file in [path] if path.is_file() else path.rglob("*"):
            if file.is_file():
                file.write_bytes(DAMAGES[how](file.read_bytes()))


def contents(folder: Path) -> dict[str, bytes]:
    """What stands in every file below a folder, by its path in it."""
    files = (one for one in folder.rglob("*") if one.is_file())
    return {str(one.relative_to(folder)): one.read_bytes() for one in files}
