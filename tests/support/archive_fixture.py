"""A server on loopback that plays the place of an archive, healthy or not."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@dataclass
class ArchiveServer:
    """A running server.

    It sends `data`, but `cut` bytes at most in one answer when that is set; with `ranges`
    False it sends everything from the start whatever is asked for, with `status` it only
    refuses. `asked` holds the Range of each request.
    """

    address: str
    data: bytes
    cut: int | None = None
    ranges: bool = True
    status: int = 200
    asked: list[str | None] = field(default_factory=list)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_: ArchiveServer

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        own = self.server_
        wanted = self.headers.get("Range")
        own.asked.append(wanted)
        self.close_connection = True
        start = 0
        match = re.fullmatch(r"bytes=(\d+)-", wanted or "") if own.ranges else None
        if match:
            start = int(match[1])
        if own.status != 200 or start >= len(own.data):
            self.send_response(own.status if own.status != 200 else 416)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        rest = own.data[start:]
        self.send_response(206 if match else 200)
        if match:
            last = len(own.data) - 1
            self.send_header("Content-Range", f"bytes {start}-{last}/{len(own.data)}")
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest if own.cut is None else rest[: own.cut])


@pytest.fixture
def archive_server() -> Iterator[Callable[[bytes], ArchiveServer]]:
    """Start servers: `archive_server(data)`; its fields may be set at any time."""
    running: list[tuple[ThreadingHTTPServer, threading.Thread]] = []

    def start(data: bytes) -> ArchiveServer:
        handler = type("Handler", (_Handler,), {})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        own = ArchiveServer(f"http://127.0.0.1:{server.server_address[1]}/onnx.tar.gz", data)
        handler.server_ = own  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        running.append((server, thread))
        return own

    yield start
    for server, thread in running:
        server.shutdown()
        server.server_close()
        thread.join()
