"""Inside the app: a clock on its event loop, and what held it up."""

from __future__ import annotations

import asyncio
import gc
import json
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

LONG = 0.03
TICK = 0.005
ROOT = Path(__file__).resolve().parents[3]

Gap = tuple[float, float, float, float, float]
"""When it ended, by how much it came late, and what was worked, queued, and worked by others."""


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
    from assistant.config.settings import Settings
    from assistant.workspace.workspace import Workspace, open_workspace
    from tui.app import QuireApp

    async def open_this_workspace() -> Workspace:
        workspace = await open_workspace(folder, None, Settings(), lambda line: None)
        if inside:
            workspace.add = lambda request, narrate: AddingInside(workspace, request)  # type: ignore[method-assign, assignment]
        return workspace

    class Watched(QuireApp):
        CSS_PATH = str(ROOT / "tui" / "styles.tcss")

        async def on_mount(self) -> None:
            self._ticking = asyncio.create_task(Clock(trace, frames).run())

        async def on_unmount(self) -> None:
            self._ticking.cancel()

    return Watched(open_this_workspace).run_to_exit()


class AddingInside:
    """Adding in a thread of the app's own process: what the bench compares with."""

    def __init__(self, workspace: Any, request: Any) -> None:
        self._workspace, self._request = workspace, request

    async def events(self) -> Any:
        from assistant.ingest.add import AddDone, Gathered, in_short

        library = self._workspace._library
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
