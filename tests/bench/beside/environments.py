"""An environment for each tool: made once, its packages counted, its disk measured."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.bench.beside.tools import Tool, pythons

_MINUTES = 30


@dataclass(frozen=True)
class Environment:
    """Where a tool's programs stand, its version, and what came with it."""

    programs: Path
    version: str
    python: str
    packages: int
    disk_mb: float


class NotInstalled(Exception):
    """A tool could not be installed; its text says why."""


def installed(tool: Tool, folder: Path) -> Environment:
    """Install a tool into an environment of its own, unless it is there; raises NotInstalled."""
    place = folder / tool.package
    done = place / "installed"
    if not done.is_file():
        fitting = [path for version, path in sorted(pythons().items()) if version >= tool.python]
        if not fitting:
            wanted = ".".join(map(str, tool.python))
            raise NotInstalled(f"needs Python {wanted} or newer, which is not on this machine")
        _run([str(fitting[0]), "-m", "venv", "--clear", str(place)])
        # What stands in a folder is built from a copy of its files, not tied to them.
        _run([str(place / "bin" / "python"), "-m", "pip", "install", "-q", tool.requirement])
        done.write_text("", "utf-8")
    elif Path(tool.requirement).is_dir():
        # A checkout changes from run to run.
        again = ["-m", "pip", "install", "-q", "--no-deps", "--force-reinstall"]
        _run([str(place / "bin" / "python"), *again, tool.requirement])
    python = place / "bin" / "python"
    listed = _run([str(python), "-m", "pip", "list", "--format", "json"])
    packages = {one["name"].lower(): one["version"] for one in json.loads(listed)}
    own = {"pip", "setuptools", "wheel"}
    return Environment(
        programs=place / "bin",
        version=next(
            (version for name, version in packages.items() if _same(name, tool.package)), "?"
        ),
        python=_run([str(python), "-c", "import platform; print(platform.python_version())"]),
        packages=len(packages.keys() - own),
        disk_mb=round(disk_bytes(place) / 1e6, 1),
    )


def disk_bytes(folder: Path) -> int:
    """Bytes of all files under a folder, links not followed."""
    total = 0
    for at, _, names in os.walk(folder):
        total += sum(os.lstat(os.path.join(at, name)).st_size for name in names)
    return total


def _same(one: str, other: str) -> bool:
    return one.translate(_MARKS) == other.lower().translate(_MARKS)


_MARKS = str.maketrans("_.", "--")


def _run(command: list[str]) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ran = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=60 * _MINUTES,
    )
    if ran.returncode:
        lines = [line for line in ran.stderr.splitlines() if not line.startswith("WARNING")]
        raise NotInstalled(" ".join(lines[-3:]) or f"ended with {ran.returncode}")
    return ran.stdout.strip()
