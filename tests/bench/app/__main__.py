"""How fast the app is on a terminal, beside an older checkout and other programs.

    python -m tests.bench.app --library FOLDER [--before CHECKOUT PYTHON LIBRARY]
        [--beside "NAME=WORDS=COMMAND"]... [--rounds 7] [--out FILE]

Each round starts every program once, in turn, on a pseudo-terminal of 120 by 40: seconds and CPU
seconds to the first paint (of quire: the question box; of another: WORDS), memory of the whole
process tree two seconds later. Then, of this checkout alone: F2 to the first rows, keys typed into
the filter (seconds to the first thing drawn, and until the rows and their number stand there, which
holds the pause before a filter is applied), Enter there, and walking down the list. Told are
medians of the rounds, of keys the 95th percentile too. An older checkout has a library of its own,
of the same papers.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench.app.terminal import NotDrawn, Terminal
from tests.bench.scale.measure import percentile

ROOT = Path(__file__).resolve().parents[3]
_BOX = b"sk the library"
"""The question box; its first letter stands under the cursor and is drawn apart."""
_AT_REST_S = 0.6
"""Seconds between keys of the filter, in which what a paper leads to is drawn, too."""
_F2, _ENTER, _DOWN = b"\x1bOQ", b"\r", b"\x1b[B"
_TYPED = ("n", "e", "t", "w", "o", "r", "k")


@dataclass(frozen=True)
class Program:
    """What is started: its name, its command, where, and what its first paint holds."""

    name: str
    command: tuple[str, ...]
    cwd: Path
    painted: bytes = _BOX

    def start(self, home: str) -> Terminal:
        """Start it; nothing of the caller's configuration is read."""
        environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            "PYTHONPATH": str(self.cwd),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "XDG_CONFIG_HOME": f"{home}/config",
            "XDG_STATE_HOME": f"{home}/state",
        }
        return Terminal(self.command, cwd=self.cwd, environment=environment)


def main() -> None:
    """Run the rounds, print the figures."""
    options = _options()
    here = _quire("quire", sys.executable, ROOT, options.library)
    programs = [here]
    if options.before:
        checkout, python, library = options.before
        programs.append(_quire("before", python, Path(checkout), Path(library)))
    for one in options.beside:
        name, words, command = one.split("=", 2)
        programs.append(Program(name, tuple(shlex.split(command)), Path.cwd(), words.encode()))
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as home:
        for _ in range(options.rounds):
            for program in programs:
                _first_paint(program, home, found)
            _keys(here, home, found)
    told = {name: _told(values) for name, values in sorted(found.items())}
    for name, values in told.items():
        print(f"{name}: " + ", ".join(f"{how} {value:g}" for how, value in values.items()))
    if options.out:
        options.out.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def _quire(name: str, python: str, checkout: Path, library: Path) -> Program:
    command = (python, "-m", "tui", "--library", str(library))
    return Program(name, command, checkout.resolve())


def _first_paint(program: Program, home: str, found: dict[str, list[float]]) -> None:
    terminal = program.start(home)
    try:
        seconds = terminal.until(program.painted)
        values = {"first paint, s": seconds, "first paint, CPU s": terminal.cpu_s()}
        time.sleep(2)
        values["memory, MB"] = terminal.memory_mb()
    except NotDrawn as why:
        raise SystemExit(f"{program.name}: nothing was painted; at the end stood {why}") from None
    finally:
        terminal.close()
    for what, value in values.items():
        found.setdefault(f"{program.name}: {what}", []).append(value)


def _keys(program: Program, home: str, found: dict[str, list[float]]) -> None:
    terminal = program.start(home)

    def keep(what: str, seconds: float) -> None:
        found.setdefault(f"{program.name}: {what}", []).append(seconds)

    try:
        terminal.until(program.painted)
        terminal.until(b" papers")  # the library is open
        terminal.press(b" ")  # until it is quiet
        first, whole = terminal.press(_F2)
        keep("F2 to something drawn, s", first)
        keep("F2 to all rows, s", whole)
        terminal.press(b"/")
        for letter in _TYPED:
            first, rows = terminal.press_until(letter.encode(), b" of ")
            keep("a key in the filter drawn, s", first)
            keep("a key in the filter to its rows, s", rows)
            terminal.rest(_AT_REST_S)
        keep("Enter ranks by meaning, s", terminal.press(_ENTER)[1])
        for _ in range(10):
            keep("a step down drawn, s", terminal.press(_DOWN)[0])
        keep("memory at the end, MB", terminal.memory_mb())
    finally:
        terminal.close()


def _told(values: list[float]) -> dict[str, float]:
    told = {"median": round(statistics.median(values), 4), "n": len(values)}
    if len(values) > 20:
        told["p95"] = round(percentile(values, 0.95), 4)
    return told


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--before", nargs=3, metavar=("CHECKOUT", "PYTHON", "LIBRARY"))
    parser.add_argument("--beside", action="append", default=[], metavar="NAME=WORDS=COMMAND")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--out", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
