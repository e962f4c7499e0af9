"""What a command costs before it has done anything: two checkouts, run in turn.

    python tests/bench/startup.py BEFORE [AFTER] [--runs N] [--pages FOLDER]

Runs both checkouts (AFTER is this one unless named) with this interpreter, whose installed
libraries they share, each against a library of its own in a temporary folder. Prints medians of
CPU seconds (user and system, children included) and of the peak memory of the process, and
their ratios; at the end the time of --help as a multiple of the bare interpreter's. Commands that
BEFORE lacks are held against its `list` (--new alone runs these; --pages may hold any papers).
Modules are compiled once, into that folder, and read from there, as in an installed quire.
"""

from __future__ import annotations

import argparse
import json
import os
import pty
import select
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = {
    "search": ["search", "audio codec tokenizers"],
    "ask, extractive": ["ask", "How many tokens does the codec need?"],
    "ask --all, extractive": ["ask", "--all", "Does it need labels?"],
    "summarize, extractive": ["summarize", "--topic", "audio codec"],
    "tldr, extractive": ["tldr", "PAPER"],
    "similar": ["similar", "PAPER"],
    "list": ["list"],
    "list --json": ["list", "--json"],
    "show": ["show", "PAPER"],
    "status": ["status"],
    "models list": ["models", "list"],
    "doctor": ["doctor"],
}
NEW = {
    "list --ids": ["list", "--ids"],
    "tag": ["tag", "PAPER", "--add", "bench"],
    "mark": ["mark", "kept", "PAPER"],
    "note": ["note", "PAPER", "read again"],
    "sessions list": ["sessions", "list"],
    "export, BibTeX": ["export", "--format", "bibtex"],
    "export, RIS": ["export", "--format", "ris"],
    "export, CSL-JSON": ["export", "--format", "csljson"],
    "export, CSV": ["export", "--format", "csv"],
    "config get": ["config", "get", "check"],
    "library list": ["library", "list"],
    "backup": ["backup", "BACKUP"],
}
"""Commands that BEFORE may lack: they are held against its `list`."""
_PAINTED = b"sk the library"
"""The question box; its first letter stands under the cursor and is drawn apart."""
_PAINT_SECONDS = 30.0


@dataclass(frozen=True)
class Cost:
    """CPU seconds of a process and its children, and the peak of its memory in MB."""

    cpu: float
    memory: float


@dataclass
class Checkout:
    """A checkout with a library of its own; `cache` holds the compiled modules of all.

    `paper` is the id of the first paper, once the library is there.
    """

    folder: Path
    home: Path
    cache: Path
    paper: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """The environment of its commands: nothing of the caller's changes what is imported."""
        unset = ("PYTHONDONTWRITEBYTECODE", "PYTHONSAFEPATH", "PYTHONPATH", "QUIRE_CONFIG")
        kept = {name: value for name, value in os.environ.items() if name not in unset}
        return {
            **kept,
            "QUIRE_HOME": str(self.home / "library"),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_STATE_HOME": str(self.home / "state"),
            "PYTHONPYCACHEPREFIX": str(self.cache),
            "TERM": "xterm-256color",
        }

    def run(self, arguments: list[str]) -> Cost:
        """Run the interpreter with some arguments to its end; raises CalledProcessError."""
        with open(os.devnull, "r+b") as null:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=self.folder,
                env=self.environment,
                stdin=null,
                stdout=null,
                stderr=null,
            )
            _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 1, 5):  # done, in part, not in the collection
            raise subprocess.CalledProcessError(process.returncode, arguments)
        return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)

    def output(self, arguments: list[str]) -> str:
        """What the interpreter writes, run with some arguments."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    def prepare(self, pages: Path) -> None:
        """Make the library, and see that it is this checkout's code that runs."""
        where = self.output(["-c", "import assistant, store, tui; print(tui.__file__)"]).strip()
        if not Path(where).is_relative_to(self.folder):
            raise SystemExit(f"{self.folder}: the code that runs is {where}")
        self.run(["-m", "tui", "add", str(pages)])
        self.paper = json.loads(self.output(["-m", "tui", "list", "--json"]))["papers"][0]["id"]

    def first_paint(self) -> Cost:
        """Open the app on a terminal, and end it once its question box is painted."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execve(sys.executable, [sys.executable, "-m", "tui"], self.environment)
        seen, end = b"", time.monotonic() + _PAINT_SECONDS
        while _PAINTED not in seen and time.monotonic() < end:
            if select.select([terminal], [], [], 0.05)[0]:
                seen += os.read(terminal, 65536)
        os.kill(pid, signal.SIGKILL)
        _, _, used = os.wait4(pid, 0)
        os.close(terminal)
        if _PAINTED not in seen:
            raise SystemExit(f"{self.folder}: no question box after {_PAINT_SECONDS:.0f} s")
        return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)

    def cost(self, name: str) -> Cost:
        """What one thing that is measured costs now."""
        match name:
            case "first paint":
                return self.first_paint()
            case "bare interpreter":
                return self.run(["-c", "pass"])
        values = {"PAPER": self.paper, "BACKUP": str(self.home / f"{time.monotonic_ns()}.quire")}
        arguments = [values.get(one, one) for one in (COMMANDS | NEW).get(name, [name])]
        return self.run(["-m", "tui", *arguments])


def medians(costs: list[Cost]) -> Cost:
    """The medians of both figures."""
    return Cost(
        statistics.median(one.cpu for one in costs), statistics.median(one.memory for one in costs)
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path, nargs="?", default=ROOT)
    parser.add_argument("--runs", type=int, default=9)
    shared = ROOT.parent / "shared" / "pages"
    sample = ROOT / "assistant" / "sample" / "landmarks.jsonl"
    parser.add_argument("--new", action="store_true")
    parser.add_argument("--pages", type=Path, default=shared if shared.is_dir() else sample)
    options = parser.parse_args()
    print(f"pages: {options.pages.name}, {options.runs} runs in turn, medians")
    print(f"{'':<22}{'CPU ms':>14}{'ratio':>7}{'peak MB':>14}{'ratio':>7}")
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "cache"
        both = [
            Checkout(one.resolve(), Path(folder) / name, cache)
            for name, one in (("before", options.before), ("after", options.after))
        ]
        for one in both:
            one.prepare(options.pages.resolve())
        shown: dict[str, Cost] = {}
        old = () if options.new else (*COMMANDS, "first paint")
        for name in (*old, *NEW, "--help", "bare interpreter"):
            costs: tuple[list[Cost], list[Cost]] = ([], [])
            for run in range(options.runs + 1):
                for one, found in zip(both, costs, strict=True):
                    cost = one.cost("list" if name in NEW and one is both[0] else name)
                    if run:  # the first one compiles what is imported
                        found.append(cost)
            before, after = map(medians, costs)
            shown[name] = after
            print(
                f"{name:<22}{before.cpu * 1e3:7.0f}{after.cpu * 1e3:7.0f}"
                f"{after.cpu / before.cpu:7.2f}{before.memory:7.0f}{after.memory:7.0f}"
                f"{after.memory / before.memory:7.2f}",
                flush=True,
            )
    multiple = shown["--help"].cpu / shown["bare interpreter"].cpu
    print(f"--help takes {multiple:.2f} times the bare interpreter")


if __name__ == "__main__":
    main()
