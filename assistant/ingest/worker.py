"""The process that adds papers for a front end which must never wait.

It reads one JSON line, the job, from its standard input: {"folder", "sources", "tags", "keep_ids",
"pasted", "is_sample", "embedders": where embedding models are served, "services", "better": the
embedder that a new library is to use}. It writes JSON lines:
{"progress": AddProgress}, {"note": line}, and at last {"report": AddReport} or
{"error": {"code", "message", "hint"}}. When its input closes it stops: it takes no further
record, commits what it has, and reports. So it also ends when the front end does.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

from assistant.config.settings import Settings
from assistant.errors import AssistantError
from assistant.ingest.add import AddProgress, AddRequest, Gathered, fetching_of, in_short
from assistant.ingest.sample import sample_items
from assistant.wiring.embedders import AllEmbedders
from assistant.wiring.models import open_library
from store.errors import StoreError
from store.readers.source import STANDARD_INPUT
from store.types import ReadItem

_PROGRESS_SECONDS = 0.2
_NICENESS = 5
"""Whoever types comes first: on two busy cores a key's echo would wait for this work."""


def serve() -> None:
    """Do the one job that the standard input names."""
    with suppress(AttributeError, OSError):
        os.nice(_NICENESS)
    job = json.loads(_line())
    stop = threading.Event()
    threading.Thread(target=_watch, args=(stop,), daemon=True).start()
    try:
        settings = Settings.model_validate(
            {"embedders": job.get("embedders", {}), "services": job.get("services")}
        )
        request = AddRequest(
            sources=tuple(job["sources"]),
            tags=tuple(job["tags"]),
            keep_ids=bool(job["keep_ids"]),
            pasted=str(job["pasted"]),
            is_sample=bool(job["is_sample"]),
        )
        _add(Path(job["folder"]), request, settings, stop, job.get("better"))
    except (AssistantError, StoreError) as failure:
        _say(error={"code": failure.code, "message": failure.message, "hint": failure.hint})
    except BrokenPipeError:
        # Nobody listens any more; what was committed stays. Nothing is left to be flushed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _line() -> bytes:
    """The first line of the standard input, read without a buffer that a thread would share."""
    line = b""
    while not line.endswith(b"\n") and (piece := os.read(0, 1)):
        line += piece
    return line


def _watch(stop: threading.Event) -> None:
    while os.read(0, 1):
        pass
    stop.set()


def _add(
    folder: Path,
    request: AddRequest,
    settings: Settings,
    stop: threading.Event,
    better: str | None,
) -> None:
    def narrate(line: str) -> None:
        _say(note=line)

    pasted = BytesIO(request.pasted.encode("utf-8", "replace")) if request.pasted else None
    gathered = Gathered(
        (STANDARD_INPUT,) if pasted else request.sources,
        stdin=pasted,
        hint="name a file or a folder of papers",
        fetching=lambda: fetching_of(settings, narrate),
    )
    begun = last = time.monotonic()

    def advance(records: int) -> None:
        nonlocal last
        at = time.monotonic()
        if at - last >= _PROGRESS_SECONDS:
            last = at
            now = AddProgress(records=records, seconds=at - begun, share=gathered.share)
            _say(progress=now.model_dump())

    with open_library(folder, narrate, AllEmbedders(settings, narrate)) as library:
        if better is not None:
            library.want_embedder(better)
        run = library.ingest(tags=request.tags, advance=advance, keep_ids=request.keep_ids)
        run.run(_until(stop, sample_items() if request.is_sample else gathered.items()))
        report = run.report
        if not stop.is_set():
            gathered.refuse_nothing(report)
        short = in_short(report, skipped=len(gathered.skipped), stopped=stop.is_set())
        _say(report=short.model_dump())
        if not stop.is_set():
            # The papers are in the ledger and told: what follows it may fail, or be left to
            # the front end, which looks after the indexes too.
            with suppress(StoreError):
                library.catch_up()


def _until(stop: threading.Event, items: Iterator[ReadItem]) -> Iterator[ReadItem]:
    for item in items:
        if stop.is_set():
            return
        yield item


def _say(**message: Any) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()
