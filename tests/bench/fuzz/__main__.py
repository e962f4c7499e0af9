"""Spoiled texts for all readers: nothing but a named refusal may come of them, in linear time.

`python -m tests.bench.fuzz [--minutes 10] [--reader NAME] [--seed 1] [--keep FOLDER] [--places]`

Takes the valid texts of the readers' tests, spoils them in up to four ways, and reads them as
what they seem to be or with the reader's name. Held to the rules of `invariants.py`: no exception
but UnusableSource, 2 s of CPU time and 150 MB for a megabyte, clean records with a title at a line
of the text, each once; and in formats whose records begin clearly, an intact record is lost
neither behind a spoiled one nor before it. Prints each rule that is broken once, with the
shortest text that was found to break it; `--keep` writes those into a folder. Exit code 1 if
there is any. With `--places` each sign and mark is repeated in turn in each field of a record of
each format (`places.toml`) instead, which takes some ten minutes.
"""

from __future__ import annotations

import argparse
import faulthandler
import random
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.fuzz.invariants import INTACT, Problem, lost, problem_of
from tests.bench.fuzz.mutations import pumped_everywhere, spoiled
from tests.bench.fuzz.seeds import seeds

_HANGS_AFTER = 300
_MEMORY = 3 * 2**30
Check = Callable[[bytes], Problem | None]


def main() -> int:
    """Run as the arguments say; returns the exit code."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--minutes", type=float, default=10)
    asked.add_argument("--reader")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--keep", type=Path)
    asked.add_argument("--places", action="store_true")
    options = asked.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    found: dict[str, bytes] = {}
    if options.places:
        return _told(found, _everywhere(found), options.keep)
    draw = random.Random(options.seed)
    every = seeds()
    taken = [one for one in every if options.reader in (None, one.reader)]
    end = time.monotonic() + 60 * options.minutes
    count = 0
    while time.monotonic() < end:
        seed = draw.choice(taken)
        data = spoiled(draw, seed.data, draw.choice(every).data)
        for format in {None, seed.reader}:
            _look(found, data, lambda data, format=format: problem_of(data, format))
        if seed.reader in INTACT and _begins_as(str(seed.reader), data):
            _look(found, data, lambda data, format=str(seed.reader): lost(data, format))
        count += 1
    return _told(found, count, options.keep)


def _everywhere(found: dict[str, bytes]) -> int:
    """Read a record of each format with 60 000 characters of one kind at one place; how many."""
    count = 0
    for told, data in pumped_everywhere(60_000):
        problem = problem_of(data, None)
        if problem is not None and problem.key not in found:
            print(f"{problem.key}: {problem.told}\n{told}", file=sys.stderr, flush=True)
            found[problem.key] = data
        count += 1
    return count


def _told(found: dict[str, bytes], count: int, keep: Path | None) -> int:
    for number, (key, data) in enumerate(sorted(found.items())):
        print(f"\n== {key}\n{len(data)} bytes: {data[:300]!r}")
        if keep:
            keep.mkdir(exist_ok=True)
            (keep / f"{number}").write_bytes(data)
    print(f"\n{count} texts, {len(found)} rules broken")
    return 1 if found else 0


def _begins_as(format: str, data: bytes) -> bool:
    """True for a text in UTF-8 that begins as records do; of JSON, on a single line."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    is_line = format != "jsonl" or not {10, 13}.intersection(data)
    return is_line and data.startswith(INTACT[format][: 5 if format in ("ris", "nbib") else 1])


def _look(found: dict[str, bytes], data: bytes, check: Check) -> None:
    """Note a rule that is broken, with a text as short as can be found in some seconds."""
    faulthandler.dump_traceback_later(_HANGS_AFTER, exit=True)
    problem = check(data)
    faulthandler.cancel_dump_traceback_later()
    if problem is None:
        return
    if problem.key not in found:
        print(f"{problem.key}: {problem.told}", file=sys.stderr, flush=True)
        data = _shortened(data, problem.key, check)
    if problem.key not in found or len(data) < len(found[problem.key]):
        found[problem.key] = data


def _shortened(data: bytes, key: str, check: Check) -> bytes:
    """A shorter text that breaks the same rule."""
    end = time.monotonic() + 10
    step = max(1, len(data) // 2)
    while step and time.monotonic() < end:
        at = 0
        while at < len(data) and time.monotonic() < end:
            tried = data[:at] + data[at + step :]
            problem = check(tried)
            if problem is not None and problem.key == key:
                data = tried
            else:
                at += step
        step //= 2
    return data


if __name__ == "__main__":
    sys.exit(main())
