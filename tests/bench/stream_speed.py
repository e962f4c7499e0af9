"""What a streamed answer costs in two checkouts of quire, run in turn.

    python -m tests.bench.stream_speed --other CHECKOUT [--other-python PYTHON] [--runs N]

One server on loopback streams the same answer of 400 words, word by word, to this checkout and
to the other, each with a library and a configuration of its own. Prints medians of

    ask          CPU seconds of a whole `quire ask`, children included
    reading      CPU seconds of citations and signs alone, in a process that has loaded what it
                 needs (stream_reading.py, which knows both shapes of the code)
    check        CPU seconds of the check of its sentences, a part of that
    first word   wall seconds from the start of `quire ask` to the first word that it shows

and the ratios of this checkout to the other, and the verdicts, which tell whether both read
the same. On a busy machine CPU seconds still hold; the first word does in its ratio.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.endpoint_fixture import scripted_endpoints

ROOT = Path(__file__).resolve().parents[2]
SCRIPT: dict[str, Any] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
READING = Path(__file__).with_name("stream_reading.py")
TITLES = {one["key"]: one["title"] for one in SCRIPT["papers"]}


@dataclass
class Checkout:
    """A checkout, its interpreter, a home of its own, and what was measured of it."""

    folder: Path
    python: Path
    home: Path
    seconds: dict[str, list[float]] = field(default_factory=dict)
    verdicts: dict[str, int] = field(default_factory=dict)

    @property
    def library(self) -> Path:
        return self.home / "library"

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of the caller's changes what is imported or read."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        places = {f"XDG_{one}_HOME": str(self.home / one) for one in ("CONFIG", "DATA", "STATE")}
        own = {"HOME": str(self.home), "QUIRE_HOME": str(self.library)}
        return {**kept, **places, **own, "PYTHONPATH": str(self.folder)}

    def start(self, *arguments: str, loud: bool = False) -> subprocess.Popen[bytes]:
        """Start its interpreter; `loud` leaves stderr as it is."""
        return subprocess.Popen(
            [self.python, "-u", *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if loud else subprocess.DEVNULL,
        )

    def add_papers(self) -> None:
        """Make the library."""
        self.home.mkdir()
        papers = self.home / "papers.jsonl"
        rows = [{name: one[name] for name in ("title", "abstract")} for one in SCRIPT["papers"]]
        papers.write_text("".join(json.dumps(one) + "\n" for one in rows))
        self._quire("add", str(papers))

    def connect(self, base_url: str) -> None:
        """Make the configuration."""
        self._quire("models", "add", "scripted", "--url", base_url, "--model", "scripted")

    def _quire(self, *command: str) -> None:
        process = self.start("-m", "tui", *command)
        process.communicate()
        if process.returncode:
            raise SystemExit(f"{self.folder}: {' '.join(command)} ended in failure")

    def ask(self) -> None:
        """Ask once, and note the CPU of the process and the time to its first word."""
        begun = time.monotonic()
        process = self.start("-m", "tui", "ask", "-m", "scripted", "--no-cache", "--jsonl",
                             SCRIPT["question"], "-n", str(len(TITLES)))  # fmt: skip
        assert process.stdout is not None
        first = 0.0
        for line in process.stdout:
            if not first and line.startswith(b'{"event": "delta"'):
                first = time.monotonic() - begun
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode or not first:
            raise SystemExit(f"{self.folder}: ask ended with {process.returncode}")
        self._note("ask", used.ru_utime + used.ru_stime)
        self._note("first word", first)

    def read(self) -> None:
        """Read the answer once without a model, and note the CPU."""
        numbers = {key: str(number) for number, key in enumerate(TITLES, 1)}
        task = {
            "question": SCRIPT["question"],
            "titles": list(TITLES.values()),
            "pieces": re.findall(r"\s*\S+|\s+$", _answer(numbers)),
        }
        process = self.start("-P", str(READING), str(self.library), loud=True)
        out, _ = process.communicate(json.dumps(task).encode())
        if process.returncode:
            raise SystemExit(f"{self.folder}: stream_reading.py does not fit this checkout")
        found = json.loads(out)
        self._note("reading", found["cpu"])
        self._note("check", found["check"])
        self.verdicts = found["verdicts"]

    def _note(self, name: str, seconds: float) -> None:
        self.seconds.setdefault(name, []).append(seconds)


def _answer(numbers: Mapping[str, str]) -> str:
    """The answer, with the papers numbered so."""
    return re.sub(r"\{(\w)\}", lambda found: numbers[found[1]], SCRIPT["answer"])


def _reply(body: Mapping[str, Any]) -> str:
    """The answer to a prompt, with the numbers that the papers have there."""
    prompt = "\n".join(str(one["content"]) for one in body["messages"])
    numbers = {}
    for key, title in TITLES.items():
        found = re.search(rf"\[(\d+)[^\]\s]*\] *{re.escape(title)}", prompt)
        if found is None:
            raise SystemExit(f"a prompt without “{title}”")
        numbers[key] = found[1]
    return _answer(numbers)


def arguments(description: str) -> argparse.Namespace:
    """What is compared with what: other, other_python, runs."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--other", type=Path, required=True, help="a checkout to compare with")
    parser.add_argument("--other-python", type=Path, help="its interpreter, if not this one")
    parser.add_argument("--runs", type=int, default=9)
    return parser.parse_args()


def checkouts(options: argparse.Namespace, folder: Path) -> list[Checkout]:
    """The other checkout and this one, each with a home in a folder."""
    this_python = Path(sys.executable)
    other = Checkout(options.other.resolve(), options.other_python or this_python, folder / "a")
    return [other, Checkout(ROOT, this_python, folder / "b")]


def main() -> None:
    """Measure in turn, and print the table."""
    options = arguments(__doc__ or "")
    with tempfile.TemporaryDirectory() as folder, scripted_endpoints() as start:
        both = checkouts(options, Path(folder))
        server = start(_reply)
        for one in both:
            one.add_papers()
            one.connect(server.base_url)
        for run in range(options.runs + 1):
            for one in both if run % 2 else reversed(both):
                one.ask()
                one.read()
        for one in both:
            for seconds in one.seconds.values():
                del seconds[0]  # that run compiles what is imported
    print(f"an answer of 400 words, {options.runs} runs in turn, medians of seconds")
    print(f"{'':<12}{'other':>8}{'this':>8}{'ratio':>7}")
    for name in ("ask", "reading", "check", "first word"):
        before, after = (statistics.median(one.seconds[name]) for one in both)
        print(f"{name:<12}{before:8.3f}{after:8.3f}{after / before:7.2f}")
    for name, one in zip(("other", "this"), both, strict=True):
        print(f"verdicts, {name}: {json.dumps(one.verdicts)}")


if __name__ == "__main__":
    main()
