"""The process that owns Chroma: the only place where chromadb is imported.

It runs as `serve(folder, lock)`, holds the library's Chroma lock for life, answers requests
on its standard input with replies on its standard output, and ends when the input
closes. One message is a frame: two big-endian 32-bit lengths, a JSON object, raw bytes
(float32 vectors). Upserts hold the interpreter's lock for their whole length and a damaged
index can end the process: both are why this is a process of its own.
"""

from __future__ import annotations

import json
import os
import sqlite3
import struct
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from store.integrity.seal import Seal, break_seal, read_seal, seal_files, write_seal

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.collection_configuration import UpdateCollectionConfiguration
    from chromadb.api.models.Collection import Collection

COLLECTION = "papers"
"""The name of the one collection in a folder of Chroma."""
EF_CONSTRUCTION, NEIGHBORS, EF_SEARCH = 100, 24, 400
"""The shape of the HNSW graph. On 60 000 made-up abstracts, k = 100: recall .78 with Chroma's
own 16 neighbours and ef_search 200, .91 so, for 0.1 ms more an abstract and 1 ms a query."""
SAME_COSINE = 0.999
"""Least cosine of a vector and what Chroma keeps of it."""
LARGE = 30_000
"""Rows from which on a collection is flushed less often."""
_SYNC, _SYNC_LARGE = 1000, 5000
Message = dict[str, Any]
_HEAD = struct.Struct(">II")
_DATABASE = "chroma.sqlite3"


def send(stream: BinaryIO, message: Message, payload: bytes = b"") -> None:
    """Write one frame: two lengths in bytes as big-endian uint32, a JSON object, the payload.

    Raises OSError, ValueError when the stream is closed.
    """
    body = json.dumps(message).encode("ascii")
    stream.write(_HEAD.pack(len(body), len(payload)) + body + payload)
    stream.flush()


def receive(stream: BinaryIO) -> tuple[Message, bytes] | None:
    """Read one frame as `send` writes it, or None at the end of the stream."""
    head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    size, payload_size = _HEAD.unpack(head)
    body, payload = stream.read(size), stream.read(payload_size)
    if len(body) < size or len(payload) < payload_size:
        return None
    message: Message = json.loads(body)
    return message, payload


def unsafe_configuration(folder: Path) -> str:
    """The embedding function that a stored collection names, or an empty line.

    Read from Chroma's database before Chroma itself is opened: with a key in the environment
    a text query would send it to whatever address stands there. Chroma's own markers for
    "none" ("legacy", and "unknown" without a name) are let through. A database that cannot
    be read yields an empty line: it will be found damaged.
    """
    columns = [
        name
        for _, name, *_ in _stored(folder, "PRAGMA table_info(collections)")
        if name in ("config_json_str", "schema_str")
    ]
    rows = _stored(folder, f"SELECT {', '.join(columns)} FROM collections") if columns else []
    for text in (text for row in rows for text in row if text):
        try:
            found = _named_function(json.loads(text))
        except (ValueError, RecursionError):
            return "something that cannot be read"
        if found:
            return found
    return ""


def stored_embedder(folder: Path) -> tuple[str, int] | None:
    """The fingerprint and the dimension that a stored collection names; None where it does not.

    Read before Chroma is opened, as `unsafe_configuration` is.
    """
    rows = _stored(
        folder,
        "SELECT key, coalesce(str_value, int_value) FROM collection_metadata"
        " WHERE key IN ('fingerprint', 'dimension') AND collection_id ="
        f" (SELECT id FROM collections WHERE name = '{COLLECTION}' LIMIT 1)",
    )
    found = dict(rows)
    if isinstance(found.get("fingerprint"), str) and isinstance(found.get("dimension"), int):
        return found["fingerprint"], found["dimension"]
    return None


def _stored(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query to Chroma's database, opened for reading; none where it cannot be."""
    path = folder / _DATABASE
    if not path.is_file():
        return []
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            return database.execute(query).fetchall()
    except sqlite3.Error:
        return []


def _named_function(value: object) -> str:
    if isinstance(value, list):
        return next(filter(None, map(_named_function, value)), "")
    if not isinstance(value, dict):
        return ""
    for key, inner in value.items():
        if key == "embedding_function" and inner not in (None, {}, {"type": "unknown"}):
            if not isinstance(inner, dict):
                return str(inner)
            kind = inner.get("type")
            if kind != "legacy" or "name" in inner or inner.get("config"):
                return str(inner.get("name") or kind)
        if key in ("api_base", "api_key_env_var") and inner:
            return str(inner)
        found = _named_function(inner)
        if found:
            return found
    return ""


class _Worker:
    """One open collection; each method answers one request."""

    def __init__(self) -> None:
        self._client: ClientAPI | None = None
        self._collection: Collection | None = None
        self._at_least = 0
        self._folder: Path | None = None
        self._sealed: Seal | None = None
        self._seq = 0

    def open(self, message: Message, _: bytes) -> tuple[Message, bytes]:
        """Open or make the collection; what must not be opened is reported, not opened.

        That is another fingerprint, an embedding function, and files that are not those sealed
        when they were last closed.
        """
        folder = Path(message["folder"])
        named = unsafe_configuration(folder)
        if named:
            return {"unsafe": named}, b""
        wanted = (message["fingerprint"], message["dimension"])
        other = stored_embedder(folder)
        if other is not None and other != wanted:
            return {"other": list(other)}, b""
        found = None
        if self._folder != folder:
            self._sealed = found = read_seal(folder)
            spoiled = found.spoiled(folder, deep=bool(message.get("deep"))) if found else []
            if spoiled:
                return {"spoiled": spoiled[0]}, b""
        if message.get("must_exist") and not (folder / _DATABASE).is_file():
            return {"missing": True}, b""
        unbroken = self._folder == folder or (found is not None and found.is_known(folder))
        self._seq = max(int(message.get("seq", 0)), found.seq if found else self._seq)
        self._folder = None
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        break_seal(folder)  # opening alone writes to most of its files
        import chromadb
        from chromadb.config import Settings
        from chromadb.errors import NotFoundError

        # A .env file in the current folder could name a server to send everything to.
        settings = Settings(_env_file=None, anonymized_telemetry=False)  # type: ignore[call-arg]
        self._client = chromadb.PersistentClient(path=str(folder), settings=settings)
        try:
            collection = self._client.get_collection(COLLECTION, embedding_function=None)
        except NotFoundError:
            if message.get("must_exist"):
                return {"missing": True}, b""
            collection = self._client.create_collection(
                COLLECTION,
                embedding_function=None,
                configuration={
                    "hnsw": {
                        "space": "cosine",
                        "ef_construction": EF_CONSTRUCTION,
                        "max_neighbors": NEIGHBORS,
                        "ef_search": EF_SEARCH,
                        "sync_threshold": _SYNC,
                    }
                },
                metadata={
                    "fingerprint": message["fingerprint"],
                    "dimension": message["dimension"],
                },
            )
        kept = collection.metadata or {}
        named_in = (kept.get("fingerprint"), kept.get("dimension"))
        if named_in != wanted:
            return {"other": list(named_in)}, b""
        self._collection = collection
        rows = self._at_least = collection.count()
        self._tune(collection, rows)
        batch = self._client.get_max_batch_size()
        self._folder = folder
        reply = {"count": rows, "batch": batch, "large": rows >= LARGE, "unbroken": unbroken}
        return reply, b""

    def close(self) -> None:
        """Seal the files as they are, for the next opening; nothing may be asked afterwards."""
        if self._client is None or self._folder is None:
            return
        self._client.close()  # type: ignore[attr-defined]  # not in its interface
        names = [
            path.relative_to(self._folder).as_posix()
            for path in self._folder.rglob("*")
            if path.is_file()
        ]
        seal = seal_files(self._folder, names, self._seq, self._sealed)
        if seal is not None:
            write_seal(self._folder, seal)

    @staticmethod
    def _tune(collection: Collection, rows: int) -> None:
        """Fit search and flushing to the size; it holds once the vectors are read again.

        Each flush writes the whole graph, which adds up with the square of the size; what is
        not flushed is indexed anew at each opening.
        """
        sync = _SYNC_LARGE if rows >= LARGE else _SYNC
        kept = collection.configuration.get("hnsw") or {}
        if (kept.get("ef_search"), kept.get("sync_threshold")) != (EF_SEARCH, sync):
            wanted: UpdateCollectionConfiguration = {
                "hnsw": {"ef_search": EF_SEARCH, "sync_threshold": sync}
            }
            collection.modify(configuration=wanted)

    def upsert(self, message: Message, payload: bytes) -> tuple[Message, bytes]:
        """Write rows: ids, documents, metadatas, and float32 vectors as the payload."""
        import numpy as np

        ids = message["ids"]
        vectors = np.frombuffer(payload, dtype=np.float32).reshape(len(ids), -1)
        self._open.upsert(
            ids=ids,
            documents=message["documents"],
            metadatas=message["metadatas"],
            embeddings=vectors,
        )
        self._seq = max(self._seq, int(message.get("seq", 0)))
        return {}, b""

    def delete(self, message: Message, _: bytes) -> tuple[Message, bytes]:
        """Delete rows; ids that are not there do nothing."""
        self._at_least -= len(message["ids"])
        self._open.delete(ids=message["ids"])
        self._seq = max(self._seq, int(message.get("seq", 0)))
        return {}, b""

    def query(self, message: Message, payload: bytes) -> tuple[Message, bytes]:
        """The k nearest rows to one float32 vector: ids and cosine similarities."""
        import numpy as np

        vector = np.frombuffer(payload, dtype=np.float32).reshape(1, -1)
        k = int(message["k"])
        if k > self._at_least:  # counting takes ten times as long as searching a million rows
            self._at_least = self._open.count()
            k = min(k, self._at_least)
        if k == 0:
            return {"ids": [], "scores": []}, b""
        found = self._open.query(query_embeddings=vector, n_results=k, include=["distances"])
        distances = found["distances"]
        if distances is None:
            raise ValueError("Chroma gave no distances")
        return {"ids": found["ids"][0], "scores": [1.0 - one for one in distances[0]]}, b""

    def same(self, message: Message, payload: bytes) -> tuple[Message, bytes]:
        """Ids, of those asked for, whose row has the float32 vector given for it."""
        import numpy as np

        ids = message["ids"]
        wanted = np.frombuffer(payload, dtype=np.float32).reshape(len(ids), -1)
        found = self._open.get(ids=ids, include=["embeddings"])
        vectors = found["embeddings"]
        rows = {} if vectors is None else dict(zip(found["ids"], vectors, strict=True))
        near = [
            name
            for name, vector in zip(ids, wanted, strict=True)
            if name in rows and float(np.dot(rows[name], vector)) >= SAME_COSINE
        ]
        return {"ids": near}, b""

    @property
    def _open(self) -> Collection:
        if self._collection is None:
            raise ValueError("the collection is not open")
        return self._collection


def serve(lock_file: str) -> None:
    """Hold the lock and answer requests until the input closes."""
    from filelock import FileLock, Timeout

    requests = sys.stdin.buffer
    replies = os.fdopen(os.dup(1), "wb")
    # Nothing that a library prints may stand between two replies.
    os.dup2(2, 1)
    os.umask(0o077)
    lock = FileLock(lock_file, mode=0o600)
    owner = Path(lock_file + ".pid")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        busy = owner.read_text("ascii", "replace") if owner.is_file() else ""
        send(replies, {"busy": busy})
        return
    owner.write_text(str(os.getppid()), "ascii")
    send(replies, {"ready": os.getpid()})
    worker = _Worker()
    actions = {
        "open": worker.open,
        "upsert": worker.upsert,
        "delete": worker.delete,
        "query": worker.query,
        "same": worker.same,
    }
    whole = True
    while (request := receive(requests)) is not None:
        message, payload = request
        try:
            reply, data = actions[message["do"]](message, payload)
        except BaseException as failure:  # every failure of Chroma is answered, panics too
            reply, data = {"failed": f"{type(failure).__name__}: {failure}"[:500]}, b""
            whole = False
        try:
            send(replies, reply, data)
        except BrokenPipeError:
            break
    if whole:  # what has failed is looked at closely at the next opening
        with suppress(BaseException):
            worker.close()
    lock.release()
    os._exit(0)
