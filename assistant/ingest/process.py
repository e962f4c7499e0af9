"""This side of the pipe to the process that adds papers."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from assistant.ingest.add import AddDone, AddEvent, AddProgress, AddReport, AddRequest
from store.errors import StoreError
from store.types import Narrate

_ROOT = str(Path(__file__).resolve().parents[2])
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from assistant.ingest.worker import serve; serve()"
)

if TYPE_CHECKING:
    from assistant.config.tables import EmbedderSettings, ServiceSettings
_LONGEST_LINE = 1 << 28
"""A report holds the ids of all papers taken where they are wanted: 20 bytes each."""
_END_SECONDS = 5.0
"""How long the process may take to commit what it has once it is told to stop."""


class Adding:
    """One adding, in a process of its own.

    Taking papers in is Python work, for seconds or for hours: in a thread it would hold the
    interpreter's lock against the screen. `better` is the embedder that a new library
    is to use. Raises StoreError.
    """

    def __init__(
        self,
        folder: Path,
        request: AddRequest,
        narrate: Narrate,
        embedders: Mapping[str, EmbedderSettings] = MappingProxyType({}),
        services: ServiceSettings | None = None,
        better: str | None = None,
    ) -> None:
        self._folder = folder
        self._embedders = embedders
        self._request = request
        self._services = services
        self._better = better
        self._narrate = narrate
        self._process: Process | None = None
        self._is_stopped = False

    def stop(self) -> None:
        """Take no further record; what was read is kept, and `events` ends with its report."""
        self._is_stopped = True
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    async def events(self) -> AsyncGenerator[AddEvent, None]:
        """Add, and tell how far it has come; closing the stream early stops it as well."""
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-c",
            _START,
            _ROOT,
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            start_new_session=True,
            limit=_LONGEST_LINE,
        )
        is_done = False
        try:
            self._send(process)
            while process.stdout and (line := await process.stdout.readline()):
                event = self._read(json.loads(line))
                if event is not None:
                    is_done = isinstance(event, AddDone)
                    yield event
            if not is_done:
                code = await process.wait()
                raise StoreError(
                    f"the process that adds papers ended early ({code})",
                    "what it acknowledged is kept; add the same again to go on",
                )
        finally:
            await _end(process, is_done)

    def _send(self, process: Process) -> None:
        if process.stdin is None:
            raise AssertionError("the process was started with a pipe")
        job = {
            "folder": str(self._folder),
            "embedders": {name: one.model_dump() for name, one in self._embedders.items()},
            "sources": self._request.sources,
            "tags": self._request.tags,
            "keep_ids": self._request.keep_ids,
            "pasted": self._request.pasted,
            "is_sample": self._request.is_sample,
            "services": self._services and self._services.model_dump(),
            "better": self._better,
        }
        process.stdin.write(json.dumps(job).encode() + b"\n")
        if self._is_stopped:
            process.stdin.close()

    def _read(self, message: dict[str, Any]) -> AddEvent | None:
        match message:
            case {"progress": progress}:
                return AddProgress.model_validate(progress)
            case {"report": report}:
                return AddDone(report=AddReport.model_validate(report))
            case {"note": note}:
                self._narrate(str(note))
            case {"error": error}:
                raise StoreError(error["message"], error["hint"])
        return None


async def _end(process: Process, is_done: bool) -> None:
    """See the process end; what it still does after its report can be done at any time."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(0 if is_done else _END_SECONDS):
            await process.wait()
    except TimeoutError:
        pass
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
