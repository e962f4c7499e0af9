"""What holds whatever is read: named refusals, linear time, bounded memory, clean text."""

from __future__ import annotations

import io
import re
import resource
import signal
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from types import FrameType

from store.errors import UnusableSource
from store.readers.options import ReadOptions
from store.readers.registry import read_source
from store.readers.source import Source
from store.types import Notice, ReadItem, Record, Rejection

MOST_SECONDS = 2.0
"""Most CPU time for a text of a megabyte or less, and for every further one."""
_GIVEN_UP = 20.0
MOST_MEMORY = 150
"""Most MB by which a text may let the process grow."""
_SLOW = 0.25
_MOST_GROWTH = 3.0
INTACT = {
    "bibtex": b"@article{intact,\n title = {Intact},\n abstract = {We weigh gravel.}\n}\n",
    "ris": b"TY  - JOUR\nTI  - Intact\nAB  - We weigh gravel.\nER  - \n",
    "nbib": b"PMID- 77\nTI  - Intact\nAB  - We weigh gravel.\n",
    "jsonl": b'{"title": "Intact", "abstract": "We weigh gravel."}\n',
}
"""Records of formats whose records begin clearly: nothing before or behind one may cost it."""
_A_ITEM = 2e-5
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class Overdue(BaseException):
    """Reading took too long; no reader may catch it."""


@dataclass(frozen=True)
class Problem:
    """A rule that does not hold: `key` is the same for what has the same cause."""

    key: str
    told: str


@dataclass(frozen=True)
class Reading:
    """What came of a text: items, or why it was refused, and the CPU seconds that took."""

    items: tuple[ReadItem, ...]
    refused: str
    seconds: float

    @property
    def titles(self) -> list[str]:
        """Those of the records."""
        return [item.title for item in self.items if isinstance(item, Record)]


def read(data: bytes, format: str | None) -> Reading:
    """Read a text; raises Overdue, and whatever a reader raises but should not."""
    items: list[ReadItem] = []
    refused = ""
    before = time.process_time()
    with _limited():
        try:
            for item in read_source(
                Source("-", None, io.BytesIO(data)), ReadOptions(format=format)
            ):
                items.append(item)
        except UnusableSource as failure:
            refused = failure.message
    return Reading(tuple(items), refused, time.process_time() - before)


@contextmanager
def _limited() -> Iterator[None]:
    def overdue(number: int, frame: FrameType | None) -> None:
        raise Overdue("".join(traceback.format_stack(frame)[-4:]))

    before = signal.signal(signal.SIGPROF, overdue)
    signal.setitimer(signal.ITIMER_PROF, _GIVEN_UP)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def problem_of(data: bytes, format: str | None) -> Problem | None:
    """The first rule that reading these bytes breaks."""
    peak = _peak()
    try:
        reading = read(data, format)
    except Overdue as failure:
        return Problem(f"overdue {_place(str(failure))}", f"{_GIVEN_UP} s\n{failure}")
    except Exception as failure:
        where = traceback.format_exc(limit=-4)
        return Problem(f"{type(failure).__name__} {_place(where)}", where)
    if _peak() - peak > MOST_MEMORY:
        return Problem(f"memory {format}", f"{_peak() - peak} MB more")
    return _slow(data, format, reading) or next(_wrong(data, reading), None)


def _slow(data: bytes, format: str | None, reading: Reading) -> Problem | None:
    """Time beyond the limit for a megabyte, or that grows more than thrice from half of a text."""
    if reading.seconds < _SLOW:
        return None
    seconds = min(reading.seconds, read(data, format).seconds)
    told = f"{seconds:.2f} s for {len(data)} bytes"
    if seconds > MOST_SECONDS * max(1, len(data) / 2**20) + _A_ITEM * len(reading.items):
        return Problem(f"slow {format}", told)
    return Problem(f"growth {format}", told) if seconds > _SLOW and _grows(data, format) else None


def _grows(data: bytes, format: str | None) -> bool:
    """True where the most repeated part of a text costs more than thrice when it is doubled."""
    run = max(
        re.finditer(rb"(?s)(.{1,40}?)\1{99,}", data), key=lambda one: len(one[0]), default=None
    )
    if run is None:
        return False
    times = []
    for share in (1, 2, 4):
        part = run[1] * max(1, len(run[0]) // len(run[1]) // 4 * share)
        times.append(read(data[: run.start()] + part + data[run.end() :], format).seconds)
    return times[0] > 0.02 and all(b > _MOST_GROWTH * a for a, b in pairwise(times))


def lost(spoiled: bytes, format: str) -> Problem | None:
    """An intact record that is lost behind a spoiled one, or before it."""
    whole = INTACT[format]
    for name, data in (("behind", spoiled + b"\n" + whole), ("before", whole + b"\n" + spoiled)):
        came = read(data, format)
        is_text = not came.refused.startswith("not ")
        if is_text and "Intact" not in came.titles:
            return Problem(f"lost {name} {format}", f"{came.refused}{came.items[:3]}"[:900])
    return None


def _wrong(data: bytes, reading: Reading) -> Iterator[Problem]:
    """Items that are not as they have to be."""
    if not reading.items and not reading.refused:
        yield Problem("silence", "neither an item nor a refusal")
    lines = data.count(b"\n") + data.count(b"\r") + 1
    last = 0
    counted: set[int] = set()
    for item in reading.items:
        name = getattr(item, "reader", "-")
        if isinstance(item, Notice):
            text = item.message
        elif isinstance(item, Rejection):
            text = item.reason
        else:
            text = item.model_dump_json()
        if _unclean(text):
            yield Problem(f"unclean {type(item).__name__} {name}", text[:300])
        if item.line is not None and not 1 <= item.line <= lines and b"\x00" not in data[:64]:
            yield Problem(f"line {name}", f"line {item.line} of {lines}: {text[:200]}")
        if isinstance(item, Record) and not item.title.strip():
            yield Problem(f"title {name}", text[:300])
        if isinstance(item, Record) and item.record is not None:
            # In BibTeX what refers to another entry waits for it.
            if item.record <= last and name != "bibtex":
                yield Problem(f"order {name}", f"{item.record} after {last}")
            last = item.record
        if isinstance(item, Record | Rejection) and item.record is not None:
            if item.record in counted:
                yield Problem(f"twice {name}", f"record {item.record}")
            counted.add(item.record)


def _unclean(text: str) -> bool:
    return _CONTROL.search(text) is not None


def _place(where: str) -> str:
    """The last line of a traceback that names a place in the store."""
    places = [line.strip() for line in where.splitlines() if "/store/" in line]
    return places[-1].rpartition("/store/")[2] if places else "?"


def _peak() -> int:
    """The most MB that this process held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
