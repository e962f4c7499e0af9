"""The figures a reader feels: CPU seconds of commands, first paint, adding, memory, size.

    python tests/bench/figures.py [--runs N] [--pages FOLDER]

Runs the installed `quire` as whole processes against a library of its own in a temporary
folder, and prints the median of several runs (CPU seconds count child processes too, wall
seconds do not tell much on a busy machine). FOLDER holds saved pages; without one the
bundled sample is used and said.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import pty
import resource
import select
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

QUIRE = [sys.executable, "-m", "tui"]


def run(arguments: list[str], home: Path, runs: int) -> tuple[float, float]:
    """Median CPU and wall seconds of a command, children included."""
    cpu, wall = [], []
    for _ in range(runs):
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run(
            [*QUIRE, *arguments],
            env={**os.environ, "QUIRE_HOME": str(home)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        wall.append(time.monotonic() - begun)
    return statistics.median(cpu), statistics.median(wall)


def peak(arguments: list[str], home: Path) -> float:
    """Peak memory in MB of the largest process of a command, by a parent of its own."""
    program = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, *QUIRE, *arguments],
        env={**os.environ, "QUIRE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(ran.stdout) / 1024


def first_paint(home: Path, runs: int) -> float:
    """Median wall seconds from the start of the app until its question box is painted."""
    seconds = []
    for _ in range(runs):
        begun = time.monotonic()
        pid, terminal = pty.fork()
        if pid == 0:
            environment = {**os.environ, "QUIRE_HOME": str(home), "TERM": "xterm-256color"}
            os.execve(sys.executable, [*QUIRE], environment)
        seen = b""  # the first letter stands under the cursor and is drawn apart
        while b"sk the library" not in seen and time.monotonic() - begun < 20:
            if select.select([terminal], [], [], 0.05)[0]:
                seen += os.read(terminal, 65536)
        seconds.append(time.monotonic() - begun)
        os.write(terminal, b"\x11")
        until = time.monotonic() + 10
        while time.monotonic() < until and os.waitpid(pid, os.WNOHANG)[0] == 0:
            if select.select([terminal], [], [], 0.05)[0]:
                try:
                    os.read(terminal, 65536)
                except OSError:
                    os.waitpid(pid, 0)
                    break
        os.close(terminal)
    return statistics.median(seconds)


def packages() -> tuple[int, float]:
    """How many distributions are installed here, and their size in MB."""
    number, size = 0, 0
    for distribution in importlib.metadata.distributions():
        number += 1
        for file in distribution.files or ():
            try:
                size += Path(str(distribution.locate_file(file))).stat().st_size
            except OSError:
                continue
    return number, size / 1e6


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    shared = Path(__file__).resolve().parents[2].parent / "shared" / "pages"
    sample = Path(__file__).resolve().parents[2] / "assistant" / "sample" / "landmarks.jsonl"
    parser.add_argument("--pages", type=Path, default=shared if shared.is_dir() else sample)
    options = parser.parse_args()
    print(f"pages: {options.pages.name}, {options.runs} runs, medians")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        fresh = [
            run(["add", str(options.pages)], Path(folder) / f"add{n}", 1)
            for n in range(options.runs)
        ]
        cpu, wall = (statistics.median(one[at] for one in fresh) for at in (0, 1))
        print(f"add                 {cpu:6.2f} CPU s  {wall:6.2f} s wall")
        run(["add", str(options.pages)], home, 1)
        rows = {
            "--help": ["--help"],
            "list": ["list"],
            "add again": ["add", str(options.pages)],
            "search, cold": ["search", "audio codec tokenizers"],
            "ask, extractive": ["ask", "How many tokens does the codec need?"],
            "status": ["status"],
        }
        for name, arguments in rows.items():
            cpu, wall = run(arguments, home, options.runs)
            print(f"{name:<19} {cpu:6.2f} CPU s  {wall:6.2f} s wall")
        print(f"first paint         {first_paint(home, options.runs):6.2f} s wall")
        for name in ("search, cold", "ask, extractive"):
            print(f"peak, {name:<15} {peak(rows[name], home):5.0f} MB (largest process)")
        print(
            f"peak, add            {peak(['add', str(options.pages)], Path(folder) / 'p'):5.0f} MB"
        )
    number, size = packages()
    print(f"installed           {number} distributions, {size:.0f} MB")


if __name__ == "__main__":
    main()
