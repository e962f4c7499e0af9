"""Running quire beside the reader's own, step by step, and noting what does not hold."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.bench.real_server.answer import described, misses

ROOT = Path(__file__).resolve().parents[3]
STEP_SECONDS = 120.0
WALK_SECONDS = 900.0


@dataclass(frozen=True)
class Ran:
    """A command that ended; `first` are the seconds to its first piece of text, where known."""

    code: int
    out: str
    err: str
    seconds: float
    first: float | None = None

    @property
    def json(self) -> Any:
        """What it printed as JSON; an empty object where that is none."""
        try:
            return json.loads(self.out)
        except ValueError:
            return {}


@dataclass
class Walk:
    """The steps of a walk: what came of each, and what did not hold.

    A step is stopped after STEP_SECONDS, and none begins WALK_SECONDS after the first.
    """

    home: Path
    model: str = "tiny"
    report: dict[str, dict[str, Any]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    _step: str = ""
    _end: float = field(default_factory=lambda: time.monotonic() + WALK_SECONDS)

    def step(self, name: str, walk: Callable[[], None]) -> None:
        """Walk a step; what it raises does not hold, and the next one is walked."""
        self._step = name
        if time.monotonic() > self._end:
            self.hold(f"walked within {WALK_SECONDS:.0f} s", holds=False)
            return
        try:
            walk()
        except (ValueError, LookupError, OSError) as error:
            self.hold("what quire prints has its form", holds=False, seen=repr(error))

    def hold(self, what: str, holds: bool, seen: str = "") -> None:
        """Note what has to hold."""
        if not holds:
            self.failed.append(f"{self._step}: {what}")
            print(f"  DOES NOT HOLD: {what}. {' '.join(seen.split())[-300:]}", flush=True)

    def say(self, ran: Ran, **about: object) -> None:
        """Print and keep what came of a command."""
        first = {"first_word": round(ran.first, 1)} if ran.first is not None else {}
        told = {"exit": ran.code, "seconds": round(ran.seconds, 1), **first, **about}
        self.report.setdefault(self._step, {}).update(told)
        shown = [f"{name} {_short(value)}" for name, value in told.items() if value not in ("", {})]
        print(f"{self._step}: {', '.join(shown)}", flush=True)

    def say_answer(self, ran: Ran, document: Any = None, **about: object) -> None:
        """Print what an answer tells of itself, and note what does not hold of it."""
        document = ran.json if document is None else document
        one_sentence = bool(about.pop("one_sentence", False))
        self.say(ran, **about, **described(document), stderr=ran.err.strip().splitlines()[-3:])
        for miss in misses(document, ran.code, one_sentence=one_sentence):
            self.hold(miss, holds=False)

    def library(self, name: str) -> tuple[str, str]:
        """The option that names a library of the walk."""
        return ("--library", str(self.home / name))

    def asking(self, *arguments: str, library: str = "three", model: str = "") -> tuple[str, ...]:
        """The arguments that put a question to the model over a library."""
        return (*self.library(library), "ask", "-m", model or self.model, *arguments)

    def quire(self, *arguments: str, stdin: str = "") -> Ran:
        """Run a command to its end, or until its time is over."""
        begun = time.monotonic()
        process = self.start(*arguments, piped=bool(stdin))
        try:
            out, err = process.communicate(stdin or None, timeout=STEP_SECONDS)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            try:
                out, err = process.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                out, err = process.communicate()
            self.hold(f"ends within {STEP_SECONDS:.0f} s", holds=False, seen=err)
        self.see(out, err)
        return Ran(process.returncode, out, err, time.monotonic() - begun)

    def stream(self, *arguments: str, stop: bool = False) -> Ran:
        """Run a command that prints events, noting when the first text comes.

        With `stop` it gets Ctrl-C then, and `seconds` count from there.
        """
        begun, first, lines = time.monotonic(), None, []
        with (self.home / "stderr").open("w+") as errors:
            process = self.start(*arguments, errors=errors)
            late = threading.Timer(STEP_SECONDS, process.send_signal, (signal.SIGINT,))
            late.start()
            assert process.stdout is not None
            for line in process.stdout:
                lines.append(line)
                if first is None and line.startswith('{"event": "delta"'):
                    first = time.monotonic() - begun
                    if stop:
                        begun = time.monotonic()
                        process.send_signal(signal.SIGINT)
            process.wait()
            self.hold(f"ends within {STEP_SECONDS:.0f} s", late.is_alive())
            late.cancel()
            errors.seek(0)
            err = errors.read()
        out = "".join(lines)
        self.see(out, err)
        return Ran(process.returncode, out, err, time.monotonic() - begun, first)

    def start(
        self, *arguments: str, piped: bool = False, errors: IO[str] | None = None
    ) -> subprocess.Popen[str]:
        """Start a command, among settings and libraries of its own."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        places = {f"XDG_{name}_HOME": str(self.home / name) for name in ("CONFIG", "DATA", "STATE")}
        return subprocess.Popen(
            [sys.executable, "-u", "-m", "tui", *arguments],
            cwd=ROOT,
            env={**kept, **places, "HOME": str(self.home), "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE if piped else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors or subprocess.PIPE,
            text=True,
        )

    def see(self, out: str, err: str) -> None:
        """What holds of anything that a command prints."""
        self.hold("no traceback", "Traceback" not in err, err)
        self.hold("no control character", "\x1b" not in out + err, ascii(out + err))


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return json.dumps(text[:200], ensure_ascii=False) if isinstance(value, str) else text[:600]
