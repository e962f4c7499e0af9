"""Every command of quire as a whole process at one size, and adding that is stopped and gone on."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.bench.scale.generator import FIRST_YEAR, LAST_YEAR, Generator
from tests.bench.scale.measure import held_papers, run

ROOT = Path(__file__).resolve().parents[3]
QUIRE = [sys.executable, "-m", "tui"]
LIMIT_SECONDS = 540.0
"""A command that takes longer is ended, and told as such."""
STOPPED_AT = 0.3
"""The share of the papers at which adding is stopped."""
_RUNS, _FEW_RUNS, _LONG_SECONDS = 3, 1, 20.0
_MIDDLE = f"{(FIRST_YEAR + LAST_YEAR) // 2}..{LAST_YEAR - 3}"
_TLDR_PAPERS = 100

Figures = dict[str, Any]
_Arguments = Callable[[list[str], str, Path], list[str]]

COMMANDS: Mapping[str, _Arguments] = {
    "quire list": lambda ids, text, scratch: ["list"],
    "quire list --tag": lambda ids, text, scratch: ["list", "--tag", "survey", "--year", _MIDDLE],
    "quire show": lambda ids, text, scratch: ["show", ids[0]],
    "quire search": lambda ids, text, scratch: ["search", text],
    "quire search filtered": lambda ids, text, scratch: [
        "search",
        "--tag",
        "survey",
        "--year",
        _MIDDLE,
        text,
    ],
    "quire similar": lambda ids, text, scratch: ["similar", ids[0]],
    "quire ask": lambda ids, text, scratch: ["ask", "-m", "extractive", text],
    "quire ask --all": lambda ids, text, scratch: ["ask", "--all", "-m", "extractive", text],
    "quire summarize": lambda ids, text, scratch: ["summarize", "-m", "extractive"],
    "quire summarize --topic": lambda ids, text, scratch: [
        "summarize",
        "-m",
        "extractive",
        "--topic",
        text,
    ],
    f"quire tldr of {_TLDR_PAPERS}": lambda ids, text, scratch: [
        "tldr",
        "-m",
        "extractive",
        *ids[:_TLDR_PAPERS],
    ],
    "quire export": lambda ids, text, scratch: ["export", "-o", str(scratch / "all.bib")],
    "quire status": lambda ids, text, scratch: ["status"],
    "quire doctor": lambda ids, text, scratch: ["doctor"],
    "quire tag": lambda ids, text, scratch: ["tag", ids[0], "--add", f"t{time.monotonic_ns()}"],
    "quire mark": lambda ids, text, scratch: ["mark", "read", ids[time.monotonic_ns() % len(ids)]],
    "quire mark filtered": lambda ids, text, scratch: ["mark", "later", "--tag", "survey"],
    "quire backup": lambda ids, text, scratch: [
        "backup",
        str(scratch / f"papers-{time.monotonic_ns()}.zip"),
    ],
}
"""Arguments by the name of a row, from ids of the library, a query, and a folder to write into."""


def measured(name: str, library: Path) -> Figures:
    """CPU seconds with children, wall seconds and peak memory of a command, medians of its runs.

    A command that takes long is run once. The bytes it wrote are told where it writes a file.
    """
    ids = _ids(library)
    queries = Generator().queries(_RUNS)
    scratch = library.with_name(f"{library.name}-scratch")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    runs = []
    for text in queries:
        arguments = COMMANDS[name](ids, text, scratch)
        ran = run(
            [*QUIRE, "--library", str(library), *arguments], cwd=ROOT, limit_seconds=LIMIT_SECONDS
        )
        runs.append(ran)
        if ran.wall > _LONG_SECONDS or ran.was_ended:
            break
    written = sum(path.stat().st_size for path in scratch.rglob("*") if path.is_file())
    shutil.rmtree(scratch)
    return {
        "cpu_s": round(statistics.median(one.cpu for one in runs), 3),
        "wall_s": round(statistics.median(one.wall for one in runs), 3),
        "peak_mb": max(one.peak_mb.get("all", 0.0) for one in runs),
        "own_mb": max(one.peak_mb.get("own", 0.0) for one in runs),
        "written_mb": round(written / len(runs) / 1e6, 2),
        "codes": [one.code for one in runs],
        "ended": any(one.was_ended for one in runs),
        "load": round(os.getloadavg()[0], 1),
    }


def _ids(library: Path) -> list[str]:
    """Ids spread over the library."""
    ledger = sqlite3.connect(f"file:{library}/ledger.sqlite3?mode=ro", uri=True)
    try:
        last = int(ledger.execute("SELECT max(key) FROM papers").fetchone()[0])
        step = max(1, last // _TLDR_PAPERS)
        rows = ledger.execute("SELECT id FROM papers WHERE key % ? = 0 ORDER BY key", (step,))
        return [str(row[0]) for row in rows]
    finally:
        ledger.close()


def stopped(records: Path, library: Path, size: int) -> Figures:
    """Adding that is stopped by Ctrl-C at 30 %, killed at 60 %, and gone on with to its end.

    `kept` are the papers after each stop, `papers` those at the end, `once` says that each
    record is there once; `peak_mb` is the memory of each of the three runs.
    """
    shutil.rmtree(library, ignore_errors=True)
    command = [*QUIRE, "--library", str(library), "add", str(records)]
    kept, codes, peaks, seconds = [], [], [], []
    for share, how in ((STOPPED_AT, signal.SIGINT), (2 * STOPPED_AT, signal.SIGKILL)):
        code = _stop(command, library, int(share * size), how)
        codes.append(code)
        kept.append(held_papers(library))
    ran = run(command, cwd=ROOT)
    codes.append(ran.code)
    seconds.append(round(ran.wall, 1))
    peaks.append(ran.peak_mb)
    found = {
        "kept": kept,
        "codes": codes,
        "seconds": seconds,
        "peak_mb": peaks[0],
        "papers": held_papers(library),
        "once": _held_once(library, size),
        "said": ran.output.strip().splitlines()[-1],
    }
    shutil.rmtree(library, ignore_errors=True)
    return found


def _stop(command: list[str], library: Path, papers: int, how: signal.Signals) -> int:
    """Run a command until the library holds so many papers, then send it a signal."""
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while process.poll() is None and held_papers(library) < papers:
        time.sleep(0.02)
    if process.poll() is None:
        process.send_signal(how)
    return process.wait()


def _held_once(library: Path, size: int) -> bool:
    ledger = sqlite3.connect(f"file:{library}/ledger.sqlite3?mode=ro", uri=True)
    try:
        papers, titles = ledger.execute(
            "SELECT count(*), count(DISTINCT title || abstract) FROM papers"
        ).fetchone()
    finally:
        ledger.close()
    return papers == titles == size
