"""An OpenAI-compatible server on loopback that makes vectors, for tests of embedders."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hashed_embedder import Hashed

Change = Callable[[list[Any]], Any]


@dataclass
class VectorEndpoint:
    """A running server; its vectors are those of `Hashed`, three times as long.

    `change` turns the list of entries into what is sent as `data`. `refusals` are taken one by
    one before a request is answered: (status, message, Retry-After). `fail_after` requests
    everything is refused with 503; `delay` are seconds before each answer. A text of more than
    `reads` characters is refused as too long.
    """

    base_url: str
    dimension: int = 48
    change: Change = list
    refusals: list[tuple[int, str, str]] = field(default_factory=list)
    fail_after: int | None = None
    delay: float = 0.0
    reads: int | None = None
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """Every text that was sent."""
        return [text for one in self.requests for text in one["input"]]


class _Handler(BaseHTTPRequestHandler):
    own: VectorEndpoint

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        own = self.own
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        own.headers.append({name.lower(): value for name, value in self.headers.items()})
        if not self.path.endswith("/embeddings"):
            return self._send(404, {"error": {"message": "no such path"}})
        time.sleep(own.delay)
        if own.refusals:
            status, message, wait = own.refusals.pop(0)
            return self._send(status, {"error": {"message": message}}, wait)
        if own.fail_after is not None and len(own.requests) >= own.fail_after:
            return self._send(500, {"error": {"message": "out of memory"}})
        if own.reads is not None and max(map(len, body["input"])) > own.reads:
            error = {"message": "maximum context length", "code": "context_length_exceeded"}
            return self._send(400, {"error": error})
        own.requests.append(body)
        rows = Hashed(dimension=own.dimension).embed(body["input"]) * 3
        entries = [
            {"object": "embedding", "index": at, "embedding": row.tolist()}
            for at, row in enumerate(rows)
        ]
        return self._send(200, {"object": "list", "data": own.change(entries)})

    def _send(self, status: int, value: Any, wait: str = "") -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if wait:
            self.send_header("Retry-After", wait)
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def vector_endpoint() -> Iterator[VectorEndpoint]:
    """A healthy server; its fields may be set at any time."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    own = VectorEndpoint(f"http://127.0.0.1:{server.server_address[1]}/v1")
    handler.own = own  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield own
    server.shutdown()
    server.server_close()
    thread.join()
