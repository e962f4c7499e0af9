"""Takes records in until it is killed at a named place; run by test_kills.py.

Arguments: library folder, number of records, place, how often the place is passed before.
The place `flush` is Chroma's own writing of its vector index, seen from outside. Every
acknowledged count is printed.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))

folder, number, place, passes = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4])

from kill_points import kill_at  # noqa: E402

kill_at(place, passes)

from papers import made_up  # noqa: E402

from store.library.library import Library  # noqa: E402


def watch_flush(opened: Library) -> None:
    """Kill worker and process when the vector index begins to be written."""
    sizes: dict[Path, int] = {}
    while True:
        for file in (folder / "chroma").glob("*/*/data_level0.bin"):
            size = file.stat().st_size
            if file in sizes and size != sizes[file]:
                owner = opened.chroma._owner
                if owner is not None:
                    os.kill(owner.pid, signal.SIGKILL)
                os.kill(os.getpid(), signal.SIGKILL)
            sizes[file] = size
        time.sleep(0.0005)


with Library.open(folder, create=True) as opened:
    if place == "flush":
        threading.Thread(target=watch_flush, args=(opened,), daemon=True).start()
    if place == "random":
        delay = passes / 1000
        threading.Timer(delay, lambda: os.kill(os.getpid(), signal.SIGKILL)).start()
    opened.ingest(advance=lambda count: print(count, flush=True)).run(made_up(number))
    opened.catch_up()
print("done", flush=True)
