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
import asyncio
import fcntl
import gc
import json
import os
import pty
import random
import signal
import sqlite3
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TICK = 0.005
LONG = 0.03
LOST = 10.0
IDLE_SECONDS = 8.0
PATIENCE = 600.0
"""Seconds that one adding may take."""
KEY_SECONDS = 0.12
KEYS = "¤§¶ø¿æþß"
"""Typed one after another: nothing else on the screen holds them."""
QUESTION = "Which method lowers the energy use of a sparse encoder?"

Gap = tuple[float, float, float, float, float]
"""When it ended, by how much it came late, and what was worked, queued, and worked by others."""


# In the app's process.


class Clock:
    """A clock in an event loop that notes when it comes late, and why."""

    def __init__(self, trace: Path, frames: bool) -> None:
        self._trace = trace
        self._gaps: list[Gap] = []
        self._collections: list[tuple[float, float, int]] = []
        self._frames: dict[str, int] = {}
        self._beat = time.perf_counter()
        self._ended = threading.Event()
        self._collecting = 0.0
        gc.callbacks.append(self._collected)
        if frames:
            threading.Thread(target=self._watch, args=(threading.get_ident(),), daemon=True).start()

    async def run(self) -> None:
        """Tick until cancelled, then write everything down."""
        statistics_file = Path("/proc/thread-self/schedstat")
        queue = statistics_file.open() if statistics_file.exists() else None
        try:
            before = self._now(queue)
            while True:
                await asyncio.sleep(TICK)
                now = self._now(queue)
                late, worked, others, queued = (b - a for a, b in zip(before, now, strict=True))
                self._gaps.append((now[0], late - TICK, worked, queued, others - worked))
                self._beat, before = now[0], now
        finally:
            self._ended.set()
            if queue:
                queue.close()
            trace = {"gaps": self._gaps, "frames": self._frames, "gc": self._collections}
            self._trace.write_text(json.dumps(trace))

    def _collected(self, phase: str, info: dict[str, int]) -> None:
        now = time.thread_time()
        if phase == "stop" and now - self._collecting > 0.01:
            taken = now - self._collecting
            self._collections.append((time.perf_counter(), taken, info["generation"]))
        self._collecting = now

    def _now(self, queue: Any) -> tuple[float, float, float, float]:
        waited = 0.0
        if queue:
            queue.seek(0)
            waited = int(queue.read().split()[1]) / 1e9
        return time.perf_counter(), time.thread_time(), time.process_time(), waited

    def _watch(self, thread: int) -> None:
        seen = 0.0
        while not self._ended.wait(0.01):
            beat = self._beat
            if time.perf_counter() - beat - TICK > LONG and beat != seen:
                seen = beat
                self._note(thread)

    def _note(self, thread: int) -> None:
        """Count where every thread stands that does anything."""
        for one, frame in sys._current_frames().items():
            places: list[str] = []
            while frame is not None and len(places) < 40:
                code = frame.f_code
                places.append(f"{Path(code.co_filename).name}:{frame.f_lineno} {code.co_name}")
                frame = frame.f_back  # type: ignore[assignment]
            where = " < ".join(one for one in places if not one.startswith(_DULL))
            idle = places[0].startswith(("threading.py", "selectors.py", "thread.py"))
            if one == thread or not (idle or one == threading.get_ident()):
                where = f"{'loop' if one == thread else 'other'}: {where[:300]}"
                self._frames[where] = self._frames.get(where, 0) + 1


_DULL = (
    "threading.py",
    "base_events.py",
    "runners.py",
    "events.py",
    "thread.py",
    "message_pump.py",
    "_callback.py",
    "<frozen",
)


def run_app(folder: Path, trace: Path, frames: bool, inside: bool) -> int:
    """Open the app over a library as `quire` does, with the clock in its loop."""
    from assistant.desk import Desk, open_desk
    from assistant.settings import Settings
    from tui.app import QuireApp

    async def open_this_desk() -> Desk:
        desk = await open_desk(folder, None, Settings(), lambda line: None)
        if inside:
            desk.add = lambda request, narrate: AddingInside(desk, request)  # type: ignore[method-assign, assignment]
        return desk

    class Watched(QuireApp):
        CSS_PATH = str(ROOT / "tui" / "styles.tcss")

        async def on_mount(self) -> None:
            self._ticking = asyncio.create_task(Clock(trace, frames).run())

        async def on_unmount(self) -> None:
            self._ticking.cancel()

    return Watched(open_this_desk).run_to_exit()


class AddingInside:
    """Adding in a thread of the app's own process: what the bench compares with."""

    def __init__(self, desk: Any, request: Any) -> None:
        self._desk, self._request = desk, request

    async def events(self) -> Any:
        from assistant.adding import AddDone, Gathered, in_short

        library = self._desk._library
        items = Gathered(self._request.sources).items()
        report = await asyncio.to_thread(lambda: library.ingest().run(items))
        yield AddDone(report=in_short(report, skipped=0, stopped=False))

    def stop(self) -> None:
        """It cannot be stopped."""


# Beside the app.


def run_bare(trace: Path) -> int:
    """The clock in a loop that has nothing else to do."""

    async def tick() -> None:
        task = asyncio.create_task(Clock(trace, False).run())
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        try:
            await task
        except asyncio.CancelledError:
            pass

    asyncio.run(tick())
    return 0


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
        limit = _after(PATIENCE)
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
