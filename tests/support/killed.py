"""Processes that are killed at a named place while they work on a library."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_DRIVER = Path(__file__).with_name("kill_driver.py")
_END_SECONDS = 20


@dataclass(frozen=True)
class Ended:
    """How a process ended: by the kill or not, and the last count that it acknowledged."""

    killed: bool
    acknowledged: int


def run_until_killed(folder: Path, place: str, passes: int, *job: int | str) -> Ended:
    """Run the driver of kills; its `job` is how many records to take in, and in how many runs.

    No place, no kill. Returns once its workers have ended too, one that was only starting
    included: each holds an end of a pipe.
    """
    ours, theirs = os.pipe()
    try:
        ran = subprocess.run(
            [sys.executable, str(_DRIVER), str(folder), place, str(passes), *map(str, job)],
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "QUIRE_TEST_PIPE": str(theirs)},
            pass_fds=(theirs,),
        )
        os.close(theirs)
        assert ran.returncode in (0, -9), ran.stderr
        assert select.select([ours], [], [], _END_SECONDS)[0], "Chroma stays in use"
    finally:
        os.close(ours)
    counts = [int(line) for line in ran.stdout.split() if line.isdigit()]
    return Ended(ran.returncode == -9, max(counts, default=0))
