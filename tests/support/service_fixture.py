"""A service of papers on loopback: scripted answers by path, and what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Reply:
    """An answer: `cut` bytes are promised and never come, `drop` ends the connection at once."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0
    drop: bool = False


@dataclass
class Service:
    """A running service: its address, and the paths and headers of what it was asked."""

    url: str
    answers: dict[str, Reply | list[Reply]]
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def service(answers: dict[str, Reply | list[Reply]]) -> Iterator[Service]:
    """Serve answers by path; of a list one after another, the last one for ever; else 404."""
    running = Service("", answers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            running.asked.append(self.path)
            running.headers.append({name.lower(): one for name, one in self.headers.items()})
            found = answers.get(self.path, Reply(b"not here", 404))
            if isinstance(found, list):
                found = found.pop(0) if len(found) > 1 else found[0]
            if found.drop:
                self.close_connection = True
                return
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(found.body) + found.cut))
            self.end_headers()
            self.wfile.write(found.body)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    running.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
