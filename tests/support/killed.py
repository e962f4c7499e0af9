"""Processes that are killed at a named place while they work on a library."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from store.chroma.owner import LOCK_FILE
from store.files import try_lock

_DRIVER = Path(__file__).with_name("kill_driver.py")


@dataclass(frozen=True)
class Ended:
    """How a process ended: by the kill or not, and the last count that it acknowledged."""

    killed: bool
    acknowledged: int


def run_until_killed(folder: Path, place: str, passes: int, *job: int | str) -> Ended:
    """Run the driver of kills; its `job` is how many records to take in, and in how many runs.

    No place, no kill. Returns once the worker of a killed process has let Chroma go: it ends when
    its upsert does.
    """
    ran = subprocess.run(
        [sys.executable, str(_DRIVER), str(folder), place, str(passes), *map(str, job)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode in (0, -9), ran.stderr
    counts = [int(line) for line in ran.stdout.split() if line.isdigit()]
    killed = ran.returncode == -9
    for name in (LOCK_FILE, "chroma_next.lock") if killed and folder.is_dir() else ():
        _wait_for(folder / name)
    return Ended(killed, max(counts, default=0))


def _wait_for(lock: Path) -> None:
    until = time.monotonic() + 20
    while True:
        with try_lock(lock) as alone:
            if alone:
                return
        assert time.monotonic() < until, "Chroma stays in use"
        time.sleep(0.02)
