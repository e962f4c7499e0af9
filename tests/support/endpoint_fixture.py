"""A scripted OpenAI-compatible server on loopback, for every test that needs a model."""

from __future__ import annotations

import json
import re
import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

Script = str | tuple[int, Any] | Callable[[dict[str, Any]], "str | tuple[int, Any]"]


@dataclass(frozen=True)
class Asked:
    """One request: its JSON body and its headers, their names in lower case."""

    body: dict[str, Any]
    headers: dict[str, str]
    path: str

    @property
    def prompt(self) -> str:
        """The contents of all messages, one after another."""
        return "\n".join(str(one.get("content")) for one in self.body.get("messages", []))


@dataclass
class ScriptedEndpoint:
    """A running server.

    `reply` is the text that is streamed word by word, or (status, JSON body), or a function
    of the request's body that gives one of them; it may be replaced between questions.
    `counts` gives the prompt tokens that are reported for a body; `thinks` is sent as
    reasoning before the text. `delay` are seconds before each word. `finish` is the finish
    reason, None cuts the stream.
    `requests` holds each question, `closed_early` each one that the client left.
    """

    base_url: str
    reply: Script
    delay: float = 0.0
    finish: str | None = "stop"
    models: tuple[str, ...] = ("scripted",)
    counts: Callable[[dict[str, Any]], int] | None = None
    thinks: str = ""
    requests: list[Asked] = field(default_factory=list)
    closed_early: list[Asked] = field(default_factory=list)
    listed: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)


Endpoints = Callable[..., ScriptedEndpoint]
"""Starts servers, each with its reply."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    endpoint: ScriptedEndpoint

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        if not self.path.endswith("/models"):
            return self._json(404, {"error": {"message": "no such path"}})
        self.endpoint.listed += 1
        data = [{"id": name, "object": "model"} for name in self.endpoint.models]
        return self._json(200, {"object": "list", "data": data})

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(length) or b"{}")
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(body, headers, self.path)
        if not self.path.endswith("/chat/completions"):
            return self._json(404, {"error": {"message": "no such path"}})
        self.endpoint.requests.append(asked)
        script = self.endpoint.reply
        answer = script(body) if callable(script) else script
        if not isinstance(answer, str):
            return self._json(*answer)
        try:
            self._stream(answer, body)
        except OSError:
            self.endpoint.closed_early.append(asked)
        return None

    def _json(self, status: int, value: Any) -> None:
        data = json.dumps(value).encode()
        self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)

    def _stream(self, text: str, body: dict[str, Any]) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Connection", "close")
        self.end_headers()
        for word in re.findall(r"\s*\S+|\s+$", self.endpoint.thinks):
            self._event({"choices": [{"index": 0, "delta": {"reasoning_content": word}}]})
        words = re.findall(r"\s*\S+|\s+$", text)
        for word in words:
            self._wait(self.endpoint.delay)
            self._event({"choices": [{"index": 0, "delta": {"content": word}}]})
        if self.endpoint.finish is None:
            self.wfile.write(b"0\r\n\r\n")
            return
        self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": self.endpoint.finish}]})
        if (body.get("stream_options") or {}).get("include_usage"):
            prompt = sum(len(str(one.get("content"))) for one in body.get("messages", [])) // 4
            if self.endpoint.counts is not None:
                prompt = self.endpoint.counts(body)
            usage = {"prompt_tokens": prompt, "completion_tokens": len(words)}
            self._event({"choices": [], "usage": usage})
        self._chunk(b"data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def _event(self, value: Any) -> None:
        self._chunk(b"data: " + json.dumps(value).encode() + b"\n\n")

    def _chunk(self, data: bytes) -> None:
        self._wait(0)
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))

    def _wait(self, seconds: float) -> None:
        """Wait, and raise BrokenPipeError as soon as the client is gone."""
        steps = max(1, round(seconds / 0.02))
        for _ in range(steps):
            readable, _, _ = select.select([self.connection], [], [], seconds / steps)
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                raise BrokenPipeError
            if self.endpoint.stopping.is_set():
                raise BrokenPipeError


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True


@pytest.fixture
def scripted_endpoint() -> Iterator[Callable[..., ScriptedEndpoint]]:
    """Start servers: `scripted_endpoint(reply, delay=0.0, finish="stop", models=(...))`."""
    with scripted_endpoints() as start:
        yield start


@contextmanager
def scripted_endpoints() -> Iterator[Callable[..., ScriptedEndpoint]]:
    """What starts servers, as the fixture does; they end with the context."""
    running: list[tuple[_Server, threading.Thread, ScriptedEndpoint]] = []

    def start(reply: Script, delay: float = 0.0, **options: Any) -> ScriptedEndpoint:
        handler = type("Handler", (_Handler,), {})
        server = _Server(("127.0.0.1", 0), handler)
        address = f"http://127.0.0.1:{server.server_address[1]}/v1"
        endpoint = ScriptedEndpoint(address, reply, delay, **options)
        handler.endpoint = endpoint  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        running.append((server, thread, endpoint))
        return endpoint

    try:
        yield start
    finally:
        for server, thread, endpoint in running:
            endpoint.stopping.set()
            server.shutdown()
            server.server_close()
            thread.join()
