"""Outside the app: its terminal, the papers it gets, and whoever types."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import random
import sqlite3
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LOST = 10.0
IDLE_SECONDS = 8.0
TIMEOUT = 600.0
"""Seconds that one adding may take."""
KEY_SECONDS = 0.12
KEYS = "¤§¶ø¿æþß"
"""Typed one after another: nothing else on the screen holds them."""
QUESTION = "Which method lowers the energy use of a sparse encoder?"
ROOT = Path(__file__).resolve().parents[3]


_WORDS = (
    "sparse|dense|robust|neural|causal|latent|linear|spectral|adaptive|modular|encoder|decoder|"
    "kernel|prior|graph|token|margin|query|corpus|energy|recall|latency|coverage|variance|error|"
    "method|model|dataset|training|inference|baseline|gradient|retrieval|speech|image"
)


def write_papers(file: Path, number: int, seed: int) -> None:
    """JSON lines of made-up papers, each of about 150 words with a few of its own."""
    chance, words = random.Random(seed), _WORDS.split("|")
    own = [
        f"{a}{b}{c}" for a in ("mi", "ta", "ro", "le") for b in "bdfgklmnp" for c in ("on", "ex")
    ]
    with file.open("w", encoding="utf-8") as out:
        for at in range(number):
            sentences = [
                " ".join(chance.choices(words, k=12) + chance.choices(own, k=3)).capitalize()
                + f" by {chance.randint(2, 98)}%."
                for _ in range(10)
            ]
            record = {
                "title": f"{chance.choice(own).capitalize()} {seed}.{at}: "
                + " ".join(chance.choices(words, k=6)),
                "abstract": " ".join(sentences),
                "authors": [f"Author {chance.randint(1, 5000)}" for _ in range(3)],
                "year": chance.randint(1990, 2025),
            }
            out.write(json.dumps(record) + "\n")


class Terminal:
    """The app on a pseudo-terminal; what it writes is read all the time."""

    def __init__(self, command: Sequence[str], home: Path, size: tuple[int, int]) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        environ = os.environ | {
            "TERM": "xterm-256color",
            "QUIRE_HOME": str(home),
            "XDG_STATE_HOME": str(home.parent / "state"),
        }
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=environ, start_new_session=True
        )
        os.close(slave)
        self._wanted: bytes | None = None
        self._tail = b""
        self._seen_at = 0.0
        self._found = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                piece = os.read(self._master, 65536)
            except OSError:
                return
            at = time.perf_counter()
            if not piece:
                return
            self._tail = (self._tail + piece)[-200_000:]
            if self._wanted is not None and self._wanted in self._tail:
                self._wanted, self._seen_at = None, at
                self._found.set()

    def press(self, keys: str) -> None:
        """Send keys."""
        os.write(self._master, keys.encode())

    def echo(self, keys: str, wanted: str, seconds: float = LOST) -> float:
        """Send keys; seconds until a text was written after that, or the limit."""
        self._found.clear()
        self._tail = b""
        self._wanted = wanted.encode()
        begun = time.perf_counter()
        self.press(keys)
        return self._seen_at - begun if self._found.wait(seconds) else seconds

    def end(self) -> int:
        """Quit by key; returns the exit code."""
        self.press("\x11")
        try:
            return self.process.wait(30)
        finally:
            if self.process.poll() is None:
                self.process.kill()
            os.close(self._master)


@dataclass
class Phase:
    """What was measured between two instants."""

    name: str
    begun: float
    ended: float = 0.0
    keys: list[float] = field(default_factory=list)
    note: str = ""


class Typist:
    """Types into the app's question box and measures every echo."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._at = 0

    def type_for(self, phase: Phase, done: Callable[[], bool]) -> None:
        """Type until something holds."""
        while not done():
            key = KEYS[self._at % len(KEYS)]
            if self._at % len(KEYS) == 0:
                self._terminal.press("\x15")
                time.sleep(KEY_SECONDS)
            self._at += 1
            took = self._terminal.echo(key, key)
            if took >= LOST:
                phase.note += f" a key without echo at {time.perf_counter() - phase.begun:.0f} s;"
            phase.keys.append(took)
            time.sleep(KEY_SECONDS)

    def ask_and_browse(self, phase: Phase) -> None:
        """Ask a question, then look through the list of papers and come back."""
        self._at = 0
        self._terminal.press("\x15")
        self._terminal.press(QUESTION + "\r")
        self.type_for(phase, _after(3.0))
        phase.note += f" list {1000 * self._terminal.echo(chr(27) + 'OQ', 'Enter reads'):.0f} ms;"
        for key in ("\x1b[6~", "\x1b[6~", "G", "g"):
            self._terminal.press(key)
            time.sleep(0.2)
        for key in "/" + "sparse":
            self._terminal.press(key)
            time.sleep(0.1)
        time.sleep(1.0)
        self._terminal.press("\x1bOQ")
        time.sleep(0.5)
        self._at = 0


def _after(seconds: float) -> Callable[[], bool]:
    until = time.monotonic() + seconds
    return lambda: time.monotonic() > until


def stored(home: Path) -> tuple[int, int]:
    """How many papers the ledger holds, and how many wait for a projection."""
    address = f"{(home / 'ledger.sqlite3').resolve().as_uri()}?mode=ro"
    ledger = sqlite3.connect(address, uri=True, timeout=5)
    try:
        (papers,) = ledger.execute("SELECT count(*) FROM papers").fetchone()
        (waiting,) = ledger.execute(
            "SELECT count(*) FROM outbox WHERE seq > (SELECT min(watermark) FROM projections)"
        ).fetchone()
    finally:
        ledger.close()
    return int(papers), int(waiting)


def run_phases(terminal: Terminal, home: Path, files: Sequence[Path], number: int) -> list[Phase]:
    """Go through all phases; returns what was measured outside the app."""
    typist = Typist(terminal)
    phases: list[Phase] = []
    base = stored(home)[0]

    def follow(phase: Phase, target: int) -> None:
        limit = _after(TIMEOUT)
        half = base + target - number // 2
        typist.type_for(phase, lambda: stored(home)[0] >= half or limit())
        typist.ask_and_browse(phase)
        whole = (base + target, 0)
        typist.type_for(phase, lambda: stored(home) == whole or limit())
        phase.note += f" {(time.perf_counter() - phase.begun):.0f} s"

    def begin(name: str) -> Phase:
        now = time.perf_counter()
        if phases:
            phases[-1].ended = now
        phases.append(Phase(name, now))
        return phases[-1]

    typist.type_for(begin("idle"), _after(IDLE_SECONDS))
    phase = begin("itself")
    terminal.echo("\x1b[15~", "Add papers")
    time.sleep(0.5)
    phase.note += (
        f" add dialog to progress {1000 * terminal.echo(f'{files[0]}' + chr(13), 'Adding'):.0f} ms;"
    )
    follow(phase, number)
    typist.type_for(begin("idle again"), _after(IDLE_SECONDS))
    phase = begin("another")
    other = subprocess.Popen(
        [sys.executable, "-m", "tui", "--library", str(home), "add", str(files[1])],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        follow(phase, 2 * number)
    finally:
        other.wait(60)
    typist.type_for(begin("idle last"), _after(IDLE_SECONDS))
    phases[-1].ended = time.perf_counter()
    return phases


# What it comes to.
