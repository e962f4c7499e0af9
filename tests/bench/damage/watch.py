"""A watched process that runs jobs: it is ended when it hangs, and begun anew when it is gone."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tests.bench.damage.driver import Job, Ran

ROOT = Path(__file__).resolve().parents[3]
AT_MOST_SECONDS = 20.0
"""How long one command may take; on a machine with other work, longer in proportion to it."""


class Watched:
    """A process of `tests.bench.damage.driver`, started when a job needs one."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, job: Job) -> Ran:
        """Run a job; one that hangs or ends its process is named so in what is returned."""
        if self._process is None:
            self._process = self._start()
        process = self._process
        begun, most = time.monotonic(), _timeout()
        line = self._exchange(process, json.dumps(job).encode() + b"\n", begun + most)
        if line.endswith(b"\n"):
            return Ran(**json.loads(line))
        seconds = round(time.monotonic() - begun, 1)
        hung = process.poll() is None and seconds >= round(most, 1)
        self.close(at_once=True)
        code = process.returncode
        if hung:
            return Ran(-1, "", "", seconds, f"hung for more than {most:.0f} s")
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        return Ran(-1, "", "", seconds, f"the process ended ({how})")

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.bench.damage.driver"],
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def _exchange(self, process: subprocess.Popen[bytes], job: bytes, until: float) -> bytes:
        """Send a job and read the answer; what lacks its line end was cut short."""
        assert process.stdin is not None
        assert process.stdout is not None
        parts: list[bytes] = []
        try:
            process.stdin.write(job)
            process.stdin.flush()
            while not (parts and parts[-1].endswith(b"\n")):
                left = until - time.monotonic()
                if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
                    break
                part = os.read(process.stdout.fileno(), 1 << 20)
                if not part:
                    break
                parts.append(part)
        except BrokenPipeError:
            pass
        return b"".join(parts)

    def close(self, *, at_once: bool = False) -> None:
        """End the process: by the end of its jobs, or at once with all that it has started."""
        process, self._process = self._process, None
        if process is None:
            return
        started = _descendants(process.pid) if at_once and process.poll() is None else []
        if at_once:
            process.kill()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            process.wait(AT_MOST_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        for pid in started:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


def _timeout() -> float:
    """How many seconds a command may take as the machine is loaded now."""
    return AT_MOST_SECONDS * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def _descendants(pid: int) -> list[int]:
    """The processes below one, where the system tells them in /proc."""
    found: list[int] = []
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(one) for one in file.read_text().split()]
        except OSError:
            continue
        for child in children:
            found += [child, *_descendants(child)]
    return found
