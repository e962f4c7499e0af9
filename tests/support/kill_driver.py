"""Works on a library until it is killed at a named place; run by the tests of kills.

Arguments: library folder, place, how often the place is passed before; then either how many
records to take in, and in how many runs, or `undo`: the last change is taken back, or
`restore FILE`: a backup takes its place, or nothing: the library changes its embedder.
The place `flush` is Chroma's own writing of its vector index, seen from outside, `random` so
many milliseconds from now. Every acknowledged count is printed. The workers get the pipe named
by QUIRE_TEST_PIPE, so that whoever started this sees when the last of them has ended.
"""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

folder, place, passes = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])

subprocess.Popen = functools.partial(  # type: ignore[misc,assignment]
    subprocess.Popen, pass_fds=(int(os.environ["QUIRE_TEST_PIPE"]),)
)

import store.ledger.points  # noqa: E402

passed = 0


def reach(name: str) -> None:
    """Kill this process at the place, once it was passed so often."""
    global passed
    if name == place:
        passed += 1
        if passed > passes:
            os.kill(os.getpid(), signal.SIGKILL)


store.ledger.points.reach = reach  # before what calls it is imported

from hashed_embedder import Hashed, TestEmbedders  # noqa: E402
from papers import made_up  # noqa: E402

from store.library.backup_file import BackupFile  # noqa: E402
from store.library.library import Library  # noqa: E402
from store.library.restore import restore  # noqa: E402


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


def take_in(opened: Library, number: int, runs: int) -> None:
    """Take records in, and let the indexes follow after each run."""
    records, size = made_up(number), number // runs
    for done in range(0, number, size):
        ingest = opened.ingest(advance=lambda count, done=done: print(done + count, flush=True))
        ingest.run(records[done : done + size])
        opened.catch_up()


with Library.open(folder, create=True, embedders=TestEmbedders(Hashed())) as library:
    if place == "flush":
        threading.Thread(target=watch_flush, args=(library,), daemon=True).start()
    if place == "random":
        later = threading.Timer(passes / 1000, lambda: os.kill(os.getpid(), signal.SIGKILL))
        later.start()
    if sys.argv[4:] == ["undo"]:
        library.undo(library.next_undo().number)
    elif sys.argv[4:5] == ["restore"]:
        with BackupFile(Path(sys.argv[5])) as backup:
            restore(backup, folder)
    elif len(sys.argv) > 4:
        take_in(library, int(sys.argv[4]), int(sys.argv[5]))
    else:
        library.use_embedder("hashed")
print("done", flush=True)
