"""How quire grows: adding, searching, memory and disk at several sizes, measured whole.

    python -m tests.bench.scale --sizes 300,10000,100000 --out FOLDER

Run from the root of the repository, with quire installed. Needs about 25 kB of disk a paper
under FOLDER. Each size is made (`FOLDER/SIZE.jsonl`), added by `quire add`, and measured step
by step; figures already in `FOLDER/figures.json` are not measured again, so a run that was
ended (Ctrl-C) goes on where it was, also within adding. Each command is a step of its own;
`--steps "cold,quire ask --all"` takes commands too. The table (`figures.md`) and the plot
(`growth.svg`) are written beside it. `--sizes "" --fold FILE --out FOLDER` puts the figures of
several runs together.

How long a size takes on two quiet cores: 1 000 papers some 5 minutes, 10 000 some 10, 100 000
some 60 (adding 4, bare 4, rebuilding 5, a command at most 9 minutes), 1 000 000 some 5 hours
(adding 2, its words anew a quarter); `ask --all` and `summarize` of all papers are left out
above 100 000.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.scale.commands import COMMANDS, QUIRE, measured
from tests.bench.scale.commands import stopped as stop_and_go_on
from tests.bench.scale.generator import Generator
from tests.bench.scale.measure import disk_parts, held_papers, run
from tests.bench.scale.report import write_report

ROOT = Path(__file__).resolve().parents[3]
STEP = [sys.executable, "-m", "tests.bench.scale.steps"]
_COLD_RUNS = 5
_BARE_AT_MOST = 100_000
_CHROMA_REBUILT_AT_MOST = 100_000
"""Above, building Chroma anew takes as long as adding did."""
_STOPPED_AT_MOST = 10_000
_WHOLE_AT_MOST = 100_000
"""Above, what reads every paper takes hours."""
_WHOLE = ("quire ask --all", "quire summarize")

Figures = dict[str, Any]


def main() -> None:
    """Measure what is not measured yet, and write the report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", default="300,10000,100000")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", default="add,bare,search,cold,commands,disk,stopped,rebuild")
    parser.add_argument("--again", action="store_true", help="measure these steps anew")
    parser.add_argument(
        "--fold", type=Path, action="append", help="take the figures of another file too"
    )
    options = parser.parse_args()
    folder: Path = options.out.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "figures.json"
    figures: Figures = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    for other in options.fold or ():
        for size, steps in json.loads(other.read_text("utf-8")).items():
            figures.setdefault(size, {}).update(steps)
        _keep(figures, file)
    for size in (int(one) for one in options.sizes.split(",") if one):
        here = figures.setdefault(str(size), {})
        for name in _steps(options.steps):
            if (name in here and not options.again) or _is_left_out(name, size):
                continue
            print(time.strftime("%H:%M:%S"), size, name, flush=True)
            step = _STEPS.get(name)
            library = _library(folder, size)
            here[name] = step(folder, size) if step else measured(name, library)
            print("   ", {k: v for k, v in here[name].items() if k != "points"}, flush=True)
            _keep(figures, file)
    write_report(figures, folder)


def _steps(named: str) -> list[str]:
    """The names of steps, each command one of them."""
    found: list[str] = []
    for name in named.split(","):
        found += COMMANDS if name == "commands" else [name]
    unknown = [name for name in found if name not in _STEPS and name not in COMMANDS]
    if unknown:
        raise SystemExit(f"no step {', '.join(unknown)}; there is {', '.join(_STEPS)}, commands")
    return found


def _is_left_out(name: str, size: int) -> bool:
    most = {
        "bare": _BARE_AT_MOST,
        "stopped": _STOPPED_AT_MOST,
        **dict.fromkeys(_WHOLE, _WHOLE_AT_MOST),
    }
    return size > most.get(name, size)


def _keep(figures: Figures, file: Path) -> None:
    partial = file.with_suffix(".part")
    partial.write_text(json.dumps(figures), "utf-8")
    partial.replace(file)


def _library(folder: Path, size: int) -> Path:
    return folder / f"library-{size}"


def add(folder: Path, size: int) -> Figures:
    """`quire add` of one file: rate, CPU, memory over time.

    `held` are the papers that an earlier run, which was ended, had added; rates are of the rest.
    """
    records = _records(folder, size)
    library = _library(folder, size)
    held = held_papers(library)
    added = max(1, size - held)
    command = [*QUIRE, "--library", str(library), "add", str(records)]
    ran = run(command, cwd=ROOT, library=library)
    if ran.code:
        raise SystemExit(f"quire add ended with {ran.code}: {ran.output[-2000:]}")
    return {
        "said": ran.output.strip().splitlines()[-1],
        "seconds": round(ran.wall, 1),
        "held": held,
        "papers_per_s": round(added / ran.wall, 1),
        "cpu_ms_per_paper": round(1000 * ran.cpu / added, 3),
        "cpu_s": round(ran.cpu, 2),
        "wall_s": round(ran.wall, 2),
        "bytes_per_record": round(records.stat().st_size / size),
        "peak_mb": ran.peak_mb,
        "points": ran.points,
        "load": os.getloadavg()[0],
    }


def _records(folder: Path, size: int) -> Path:
    records = folder / f"{size}.jsonl"
    if not records.is_file():
        Generator().write(records, size)
    return records


def stopped(folder: Path, size: int) -> Figures:
    """Adding stopped by Ctrl-C, killed, and gone on with."""
    return stop_and_go_on(_records(folder, size), folder / f"stopped-{size}", size)


def bare(folder: Path, size: int) -> Figures:
    """Chroma's own upsert of the same rows, and ours as a ratio to it."""
    return _step("bare", _library(folder, size), folder / "bare")


def search(folder: Path, size: int) -> Figures:
    """Warm searches."""
    return _step("search", _library(folder, size))


def cold(folder: Path, size: int) -> Figures:
    """`quire search` as a whole process: CPU seconds with children, wall seconds."""
    queries = Generator().queries(_COLD_RUNS)
    runs = [
        run([*QUIRE, "--library", str(_library(folder, size)), "search", text], cwd=ROOT)
        for text in queries
    ]
    return {
        "cpu_s": round(statistics.median(one.cpu for one in runs), 3),
        "wall_s": round(statistics.median(one.wall for one in runs), 3),
        "peak_mb": max(one.peak_mb.get("all", 0.0) for one in runs),
        "codes": [one.code for one in runs],
    }


def disk(folder: Path, size: int) -> Figures:
    """Bytes a paper, by part."""
    return disk_parts(_library(folder, size), size)


def rebuild(folder: Path, size: int) -> Figures:
    """Seconds to build each projection anew."""
    parts = ["words", "vectors"]
    if size <= _CHROMA_REBUILT_AT_MOST:
        parts.append("chroma")
    return _step("rebuild", _library(folder, size), *parts)


def _step(name: str, *arguments: object) -> Figures:
    ran = run([*STEP, name, *map(str, arguments)], cwd=ROOT)
    if ran.code:
        raise SystemExit(f"step {name} ended with {ran.code}: {ran.output[-3000:]}")
    found: Figures = json.loads(ran.output.strip().splitlines()[-1])
    return {**found, "peak_mb": ran.peak_mb}


_STEPS: dict[str, Callable[[Path, int], Figures]] = {
    "add": add,
    "bare": bare,
    "search": search,
    "cold": cold,
    "disk": disk,
    "stopped": stopped,
    "rebuild": rebuild,
}

if __name__ == "__main__":
    main()
