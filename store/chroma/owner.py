"""This side of the pipe to the process that owns Chroma."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from store.chroma.worker import LARGE, Message, receive, send
from store.errors import EmbedderMismatch, LibraryBusy, ProjectionFailed, UnsafeCollection

LOCK_FILE = "chroma.lock"
"""The file in the library folder whose lock the worker holds for as long as it lives."""
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from store.chroma.worker import serve; serve(sys.argv[2])"
)
_END_SECONDS = 10.0
_ANSWER_SECONDS = 120.0
_OPEN_SECONDS, _ROWS_A_SECOND = 12.0, 20_000
"""How long opening and a query may take: a damaged index may keep Chroma for ever."""


class ChromaMissing(ProjectionFailed):
    """There is no collection where one is expected."""


class WorkerDied(ProjectionFailed):
    """The worker ended, or did not answer in time and was ended."""


class ChromaOwner:
    """The worker process of one library, and the requests to it.

    Raises LibraryBusy when another process owns Chroma, UnsafeCollection,
    EmbedderMismatch, ChromaMissing, and ProjectionFailed when the worker fails or dies.
    """

    def __init__(self, library: Path, lock_file: str = LOCK_FILE) -> None:
        self._library = library
        self._lock = threading.Lock()
        library = library.resolve()
        root = str(Path(__file__).resolve().parents[2])
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _START, root, str(library / lock_file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            # Chroma takes settings, a server's address among them, from variables and from
            # a .env file where it stands: neither may say where abstracts go.
            cwd=library,
            env={
                name: value
                for name, value in os.environ.items()
                if not name.upper().startswith(("CHROMA", "OTEL", "OPENAI"))
            }
            # onnxruntime, which Chroma may import, reports to its maker unless told before.
            | {"ORT_DISABLE_TELEMETRY": "1"},
        )
        self._greeted = False
        self.batch = 1000
        self.is_known = False
        """True when the files opened were those closed before: nothing but quire wrote to them."""
        self._rows, self._large = 0, False

    def greet(self) -> None:
        """Wait until the worker holds the lock; raises LibraryBusy when another one does."""
        if self._greeted:
            return
        reply, _ = self._receive()
        if "busy" in reply:
            self.close()
            raise LibraryBusy(
                f"Chroma is in use by process {reply['busy'] or 'unknown'}",
                "close that quire, or run this command when it is done",
            )
        self._greeted = True

    def open(
        self,
        folder: Path,
        fingerprint: str,
        dimension: int,
        *,
        must_exist: bool,
        seq: int = 0,
        rows: int = 0,
        deep: bool = False,
    ) -> int:
        """Open the collection in a folder, and return how many rows it has.

        `seq` is the change of the ledger that it goes up to, `rows` about how many it should
        have. With `deep` every file is read and held against its seal. Raises LibraryBusy,
        ProjectionFailed, UnsafeCollection, EmbedderMismatch, ChromaMissing.
        """
        self.greet()
        reply, _ = self._ask(
            {
                "do": "open",
                "folder": str(folder),
                "fingerprint": fingerprint,
                "dimension": dimension,
                "must_exist": must_exist,
                "seq": seq,
                "deep": deep,
            },
            within=_OPEN_SECONDS + rows / _ROWS_A_SECOND,
        )
        if "spoiled" in reply:
            raise ProjectionFailed(
                f"Chroma's files are damaged ({reply['spoiled']} is gone or not what was written)",
                "run: quire doctor",
            )
        if "unsafe" in reply:
            raise UnsafeCollection(
                f"the Chroma folder {folder} names an embedding function ({reply['unsafe']});"
                " it was not opened",
                "run: quire doctor (it sets the folder aside and rebuilds from the ledger)",
            )
        if "other" in reply:
            name, size = reply["other"]
            raise EmbedderMismatch(
                f"the Chroma folder {folder} was made with {name} ({size}),"
                f" you use {fingerprint} ({dimension})",
                "use the embedder it was made with, or run: quire doctor"
                " (it rebuilds from the ledger)",
            )
        if "missing" in reply:
            raise ChromaMissing(f"no collection in {folder}", "run: quire doctor")
        self.batch = min(int(reply["batch"]), 1000)
        self._rows, self._large = int(reply["count"]), bool(reply["large"])
        self.is_known = bool(reply["unbroken"])
        return self._rows

    @property
    def has_outgrown(self) -> bool:
        """True when so much was added that opening anew would fit the collection better."""
        return not self._large and self._rows >= LARGE

    def upsert(
        self,
        ids: Sequence[str],
        documents: Sequence[str],
        metadatas: Sequence[dict[str, str | int]],
        vectors: bytes,
        seq: int = 0,
    ) -> None:
        """Write rows; `vectors` are the float32 bytes of all rows one after another.

        `seq` is the change of the ledger that they go up to.
        """
        self._ask(
            {
                "do": "upsert",
                "ids": list(ids),
                "documents": list(documents),
                "metadatas": list(metadatas),
                "seq": seq,
            },
            vectors,
        )
        self._rows += len(ids)

    def delete(self, ids: Sequence[str], seq: int = 0) -> None:
        """Delete rows; ids that are not there do nothing."""
        self._ask({"do": "delete", "ids": list(ids), "seq": seq})

    def query(self, vector: bytes, k: int) -> list[tuple[str, float]]:
        """The k nearest rows to a float32 vector: ids with cosine similarity, best first."""
        within = _OPEN_SECONDS + self._rows / _ROWS_A_SECOND
        reply, _ = self._ask({"do": "query", "k": k}, vector, within)
        return list(zip(reply["ids"], reply["scores"], strict=True))

    def same(self, ids: Sequence[str], vectors: bytes) -> set[str]:
        """Those of some rows that are there with these float32 vectors."""
        reply, _ = self._ask({"do": "same", "ids": list(ids)}, vectors)
        return set(reply["ids"])

    @property
    def pid(self) -> int:
        """The process id of the worker."""
        return self._process.pid

    def discard(self) -> None:
        """End the worker at once: its files are not used again, and not sealed as whole."""
        self._process.kill()
        self.close()

    def close(self) -> None:
        """Close the pipe and wait for the worker to seal its files and end."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    pass
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _ask(
        self, message: Message, payload: bytes = b"", within: float = _ANSWER_SECONDS
    ) -> tuple[Message, bytes]:
        with self._lock:
            try:
                if self._process.stdin is None:
                    raise BrokenPipeError
                send(self._process.stdin, message, payload)  # type: ignore[arg-type]
            except (OSError, ValueError) as failure:
                raise self._died() from failure
            reply, data = self._receive(within)
        if "failed" in reply:
            raise ProjectionFailed(f"Chroma failed: {reply['failed']}", "run: quire doctor")
        return reply, data

    def _receive(self, within: float = _OPEN_SECONDS) -> tuple[Message, bytes]:
        try:
            if self._process.stdout is None:
                raise BrokenPipeError
            if not select.select([self._process.stdout], [], [], within)[0]:
                self._process.kill()
            answer = receive(self._process.stdout)  # type: ignore[arg-type]
        except (OSError, ValueError) as failure:
            raise self._died() from failure
        if answer is None:
            raise self._died()
        return answer

    def _died(self) -> WorkerDied:
        code = self._process.poll()
        return WorkerDied(
            f"the process that owns Chroma ended{'' if code is None else f' ({code})'}",
            "run: quire doctor",
        )
