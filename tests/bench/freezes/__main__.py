"""Freezes of the running app while papers are added, by itself and by another process.

    python -m tests.bench.freezes [--papers N] [--size COLUMNSxROWS] [--keep FOLDER] [--json FILE]

Opens the real app on a pseudo-terminal over a real library in a temporary folder, and goes
through these phases:

    idle         nothing happens: what this machine does to an app that only waits
    itself       the app adds N made-up papers by itself (F5)
    idle again
    another      `quire add` adds N others to the same library, and the app follows
    idle last

In the middle of both addings a question is asked, the list of papers is opened, scrolled and
filtered. All the time keys are typed. For each phase the bench prints

    gaps   by how much a 5 ms clock inside the app's event loop came late: median, 99 %, the
           longest, and how many were over 50 and 100 ms
    keys   from sending a key to its echo on the terminal: median, 99 %, the longest
    bare   the gaps of the same clock in a process that does nothing else, at the same time:
           what is left of a gap when the app is taken away

and for the longest gaps what the loop's thread did meanwhile, as the system counts it:

    worked   it ran itself: work of the loop
    queued   it could have run, but the machine gave the core to others
    waited   it slept: for the interpreter's lock, for another lock or for the disk

with the CPU time that the other threads of the app had. `own` is the longest gap that the app
made itself: what its threads worked, without what the loop's thread was queued. On a machine
that is shared with other work the gaps also tell of that work, `own` does not. Linux alone
tells `queued`. With --frames a line says where the threads stood in gaps of 30 ms and more.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.bench.freezes.clock import TICK, Gap, run_app, run_bare
from tests.bench.freezes.typist import Phase, Terminal, run_phases, stored, write_papers

ROOT = Path(__file__).resolve().parents[3]


def at_share(values: Sequence[float], share: float) -> float:
    """The value below which a share of the others is, in milliseconds."""
    ordered = sorted(values)
    return 1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


def within(gaps: Sequence[Gap], phase: Phase) -> list[Gap]:
    """The gaps that ended in a phase."""
    return [one for one in gaps if phase.begun <= one[0] < phase.ended]


def own(gap: Gap) -> float:
    """Seconds of a gap that are the app's own doing."""
    _, late, worked, queued, others = gap
    return max(min(worked + others, late + TICK - queued), 0.0)


def rows(
    phases: Sequence[Phase], app: Sequence[Gap], bare: Sequence[Gap]
) -> Iterator[dict[str, Any]]:
    """The figures of every phase, times in milliseconds."""
    for phase in phases:
        mine = within(app, phase)
        late = [one[1] for one in mine]
        machine = [one[1] for one in within(bare, phase)]
        longest = sorted(mine, key=lambda one: (-own(one), -one[1]))[:5]
        yield {
            "phase": phase.name,
            "seconds": round(phase.ended - phase.begun, 1),
            "gap_p50": round(at_share(late, 0.5), 1),
            "gap_p99": round(at_share(late, 0.99), 1),
            "gap_longest": round(at_share(late, 1), 1),
            "own_longest": round(1000 * max(map(own, mine), default=0.0), 1),
            "own_over_50": sum(own(one) > 0.05 for one in mine),
            "own_over_100": sum(own(one) > 0.1 for one in mine),
            "gaps_over_50": sum(one > 0.05 for one in late),
            "gaps_over_100": sum(one > 0.1 for one in late),
            "bare_p99": round(at_share(machine, 0.99), 1),
            "bare_longest": round(at_share(machine, 1), 1),
            "keys": len(phase.keys),
            "key_p50": round(1000 * statistics.median(phase.keys), 1) if phase.keys else 0.0,
            "key_p99": round(at_share(phase.keys, 0.99), 1),
            "key_longest": round(at_share(phase.keys, 1), 1),
            "longest": [
                {
                    "at_s": round(one[0] - phase.begun, 1),
                    "late_ms": round(1000 * one[1], 1),
                    "worked_ms": round(1000 * one[2], 1),
                    "queued_ms": round(1000 * one[3], 1),
                    "waited_ms": round(1000 * max(one[1] + TICK - one[2] - one[3], 0), 1),
                    "others_ms": round(1000 * one[4], 1),
                }
                for one in longest
            ],
            "note": phase.note.strip(),
        }


def tell(found: Sequence[dict[str, Any]]) -> None:
    """Print the table, and the longest gaps below it."""
    print(
        f"{'phase':<11}{'s':>6} | {'own':>6}{'>50':>5}{'>100':>6}"
        f" | {'gap p50':>8}{'p99':>7}{'longest':>9}{'>50':>5}{'>100':>6}"
        f" | {'bare p99':>9}{'longest':>9} | {'keys':>5}{'p50':>7}{'p99':>7}{'longest':>9}   (ms)"
    )
    for row in found:
        print(
            f"{row['phase']:<11}{row['seconds']:>6} | {row['own_longest']:>6}"
            f"{row['own_over_50']:>5}{row['own_over_100']:>6}"
            f" | {row['gap_p50']:>8}{row['gap_p99']:>7}"
            f"{row['gap_longest']:>9}{row['gaps_over_50']:>5}{row['gaps_over_100']:>6}"
            f" | {row['bare_p99']:>9}{row['bare_longest']:>9} | {row['keys']:>5}"
            f"{row['key_p50']:>7}{row['key_p99']:>7}{row['key_longest']:>9}   {row['note']}"
        )
    print("\nlongest of the app's own: at second, late by = worked + queued + waited (others)")
    for row in found:
        for one in row["longest"][:3]:
            print(
                f"{row['phase']:<11} at {one['at_s']:>6}: {one['late_ms']:>7} ms = "
                f"{one['worked_ms']} + {one['queued_ms']} + {one['waited_ms']}"
                f" ({one['others_ms']})"
            )


def measure(options: argparse.Namespace, work: Path) -> list[dict[str, Any]]:
    """Do everything in a folder; returns the figures."""
    home = work / "library"
    files = [work / "first.jsonl", work / "second.jsonl"]
    for seed, file in enumerate(files, 1):
        write_papers(file, options.papers, seed)
    start = work / "start.jsonl"
    write_papers(start, 300, 0)
    program = [sys.executable, "-m", "tui", "--library", str(home), "add", str(start)]
    subprocess.run(program, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    me = [sys.executable, "-m", "tests.bench.freezes"]
    flags = [f"--{name}" for name in ("frames", "inside") if getattr(options, name)]
    bare = subprocess.Popen([*me, "--bare", str(work / "bare.json")], cwd=ROOT)
    os.chdir(ROOT)
    columns, lines = map(int, options.size.split("x"))
    terminal = Terminal(
        [*me, "--app", str(home), str(work / "app.json"), *flags], home, (columns, lines)
    )
    try:
        if terminal.echo("", "300 papers", 60) >= 60:
            raise SystemExit(f"the app did not open: {terminal._tail[-500:]!r}")
        time.sleep(4)  # it goes on opening: Chroma's process, the embedder
        phases = run_phases(terminal, home, files, options.papers)
    finally:
        code = terminal.end()
        bare.terminate()
        bare.wait(30)
    print(f"the app ended with {code}; the library holds {stored(home)[0]} papers")
    traces = {name: json.loads((work / f"{name}.json").read_text()) for name in ("app", "bare")}
    for where, number in sorted(traces["app"]["frames"].items(), key=lambda pair: -pair[1])[:15]:
        print(f"{number:>5} × {where}")
    for at, seconds, generation in traces["app"]["gc"]:
        where = next((one.name for one in phases if one.begun <= at < one.ended), "before")
        print(f"garbage collection of generation {generation}: {1000 * seconds:.0f} ms ({where})")
    return list(rows(phases, traces["app"]["gaps"], traces["bare"]["gaps"]))


def main() -> int:
    """Run the bench; returns 1 when the app froze for more than 100 ms of its own doing."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--papers", type=int, default=10_000)
    parser.add_argument("--size", default="120x40")
    parser.add_argument("--keep", type=Path, help="work in this folder and leave it")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    parser.add_argument("--frames", action="store_true", help="say where the loop stood")
    parser.add_argument("--inside", action="store_true", help="add in a thread of the app")
    parser.add_argument("--app", nargs=2, type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--bare", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.bare:
        return run_bare(options.bare)
    if options.app:
        return run_app(*options.app, options.frames, options.inside)
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
        found = measure(options, options.keep.resolve())
    else:
        with tempfile.TemporaryDirectory(prefix="quire-bench-") as folder:
            found = measure(options, Path(folder))
    tell(found)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))
    return int(any(row["own_over_100"] for row in found))


if __name__ == "__main__":
    sys.exit(main())
