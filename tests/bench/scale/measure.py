"""What a process and its children take: wall time, CPU time, memory; sizes on the disk."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_SAMPLE_SECONDS = 0.1
_MOST_POINTS = 240


@dataclass
class Run:
    """One command: seconds, CPU seconds with children, exit code, and memory over time."""

    wall: float
    cpu: float
    code: int
    output: str
    peak_mb: dict[str, float] = field(default_factory=dict)
    points: list[dict[str, float]] = field(default_factory=list)
    was_ended: bool = False


def run(
    command: Sequence[str],
    *,
    cwd: Path,
    library: Path | None = None,
    env: Mapping[str, str] | None = None,
    limit_seconds: float | None = None,
) -> Run:
    """Run a command to its end, looking at its memory, and at the papers a library holds.

    What takes longer than the limit is killed.
    """
    begun = time.monotonic()
    process = subprocess.Popen(
        command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    watch = Watch(process.pid, library)
    ended = threading.Event()

    def end() -> None:
        ended.set()
        process.kill()

    limit = threading.Timer(limit_seconds or threading.TIMEOUT_MAX, end)
    limit.daemon = True
    limit.start()
    assert process.stdout is not None
    with process.stdout as said:
        output = said.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - begun
    limit.cancel()
    watch.stop()
    return Run(
        wall=wall,
        cpu=usage.ru_utime + usage.ru_stime,
        code=process.returncode,
        output=output,
        peak_mb=watch.peak_mb,
        points=thinned(watch.points),
        was_ended=ended.is_set(),
    )


class Watch:
    """Samples the memory of a process and its children, proportional set size in MB.

    Of pages shared by two processes, as those of libraries, each counts half; so does a file
    mapped into memory. `own` leaves out pages that stand for files.
    """

    def __init__(self, pid: int, library: Path | None = None) -> None:
        self._pid = pid
        self._library = library
        self._ended = threading.Event()
        self._begun = time.monotonic()
        self.peak_mb: dict[str, float] = {}
        self.points: list[dict[str, float]] = []
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End looking."""
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        pause = _SAMPLE_SECONDS
        while not self._ended.wait(pause):
            # Reading the pages of gigabytes takes time itself.
            pause = min(max(_SAMPLE_SECONDS, (time.monotonic() - self._begun) / 300), 5.0)
            now = memory_mb(self._pid)
            if not now["all"]:
                continue
            for name, value in now.items():
                self.peak_mb[name] = max(value, self.peak_mb.get(name, 0.0))
            point = {"seconds": round(time.monotonic() - self._begun, 1), **now}
            if self._library is not None:
                point["papers"] = held_papers(self._library)
            self.points.append(point)


def memory_mb(pid: int) -> dict[str, float]:
    """Proportional set size of a process and all below it: all of it, and without files."""
    found = {"all": 0.0, "own": 0.0}
    for one in (pid, *_below(pid)):
        try:
            text = Path(f"/proc/{one}/smaps_rollup").read_text("ascii")
        except OSError:
            continue
        rows = dict(line.split()[:2] for line in text.splitlines()[1:])
        found["all"] += int(rows["Pss:"]) / 1024
        found["own"] += int(rows["Pss_Anon:"]) / 1024
    return {name: round(value, 1) for name, value in found.items()}


def _below(pid: int) -> list[int]:
    below = []
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            children = [int(one) for one in (task / "children").read_text("ascii").split()]
        except OSError:
            continue
        for child in children:
            below += [child, *_below(child)]
    return below


def held_papers(library: Path) -> int:
    """How many papers the ledger of a library holds, 0 where there is none."""
    try:
        ledger = sqlite3.connect(f"file:{library}/ledger.sqlite3?mode=ro", uri=True, timeout=1)
        try:
            return int(ledger.execute("SELECT count(*) FROM papers").fetchone()[0] or 0)
        finally:
            ledger.close()
    except sqlite3.Error:
        return 0


def thinned(points: list[dict[str, float]]) -> list[dict[str, float]]:
    """Every nth point, so that few are left."""
    return points[:: max(1, len(points) // _MOST_POINTS)]


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which a share of the values lies."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def disk_parts(library: Path, papers: int) -> dict[str, Any]:
    """Bytes a paper takes on the disk, by part."""
    parts: dict[str, int] = {}
    for at, _, names in os.walk(library):
        for name in names:
            path = Path(at, name)
            part = path.relative_to(library).parts[0]
            if part == "chroma":
                part = "chroma: text" if name.startswith("chroma.sqlite3") else "chroma: graph"
            elif part.startswith("ledger"):
                part = "ledger"
            elif path.parent == library:
                part = "vectors" if name.startswith("vectors") else "locks"
            parts[part] = parts.get(part, 0) + path.stat().st_size
    return {part: round(size / max(papers, 1), 1) for part, size in sorted(parts.items())}
