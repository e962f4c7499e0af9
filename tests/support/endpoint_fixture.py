"""A scripted OpenAI-compatible server on loopback, for every test that needs a model."""

from __future__ import annotations

import json
import re
import select
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

ChatEvent = str | dict[str, Any]
"""Text as it is, or what the delta of a chunk holds, with its finish reason as "finish"; a
chunk as it is where it has `choices`."""
Reply = str | tuple[int, Any] | list[ChatEvent]
Script = Reply | Callable[[dict[str, Any]], Reply]


@dataclass(frozen=True)
class Asked:
    """One request: its JSON body, as bytes too, and its headers, their names in lower case."""

    body: dict[str, Any]
    headers: dict[str, str]
    path: str
    raw: bytes = b""

    @property
    def prompt(self) -> str:
        """The contents of all messages, one after another."""
        return "\n".join(str(one.get("content")) for one in self.body.get("messages", []))


@dataclass
class ScriptedEndpoint:
    """A running server.

    `reply` is the text that is streamed word by word, a list of events, (status, JSON body), or
    a function of the request's body that gives one of them; it may be replaced between questions.
    `counts` gives the prompt tokens that are reported for a body; `thinks` is sent as
    reasoning before the text. `delay` are seconds before each word. `finish` is the finish
    reason, None cuts the stream.
    `models` are their ids, or their entries in the list; `paths` is what others than those of
    the protocol answer. `requests` holds each question, `closed_early` each one that the client
    left.
    """

    base_url: str
    reply: Script
    delay: float = 0.0
    finish: str | None = "stop"
    models: tuple[str | dict[str, Any], ...] = ("scripted",)
    paths: dict[str, Any] = field(default_factory=dict)
    counts: Callable[[dict[str, Any]], int] | None = None
    thinks: str = ""
    requests: list[Asked] = field(default_factory=list)
    closed_early: list[Asked] = field(default_factory=list)


Endpoints = Callable[..., ScriptedEndpoint]
"""Starts servers, each with its reply."""


class Handler(BaseHTTPRequestHandler):
    """One connection of a server that tests script; `own` is what they have of the server."""

    protocol_version = "HTTP/1.1"
    own: Any
    stopping: threading.Event

    def log_message(self, format: str, *args: object) -> None:
        pass

    @property
    def named(self) -> dict[str, str]:
        """The headers of the request, their names in lower case."""
        return {name.lower(): value for name, value in self.headers.items()}

    def body(self) -> Any:
        """The JSON of the request."""
        return json.loads(self.raw() or b"{}")

    def raw(self) -> bytes:
        """The bytes of the request's body."""
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def begin(self, status: int, headers: dict[str, object]) -> None:
        """Send the head of an answer that is the last of its connection."""
        self.send_response(status)
        for name, value in {**headers, "Connection": "close"}.items():
            self.send_header(name, str(value))
        self.end_headers()

    def send(self, status: int, value: Any, **headers: object) -> None:
        """Answer with JSON."""
        data = json.dumps(value).encode()
        sizes = {"Content-Type": "application/json", "Content-Length": len(data)}
        self.begin(status, sizes | headers)
        self.wfile.write(data)

    def send_error_text(self, status: int, message: str, **headers: object) -> None:
        """Answer with an error as OpenAI words it."""
        self.send(status, {"error": {"message": message}}, **headers)


@contextmanager
def servers(handler: type[Handler], own: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """What starts servers in threads: `start(...)` gives `own(address, ...)`; all end with it."""
    with ExitStack() as running:

        def start(*arguments: Any, **options: Any) -> Any:
            bound = type("Bound", (handler,), {"stopping": threading.Event()})
            server = running.enter_context(_Server(("127.0.0.1", 0), bound))
            server.daemon_threads = False  # to close it is to wait for them
            address = f"http://127.0.0.1:{server.server_address[1]}/v1"
            bound.own = own(address, *arguments, **options)
            thread = threading.Thread(target=server.serve_forever, args=(0.02,))
            thread.start()
            running.callback(thread.join)
            running.callback(server.shutdown)
            running.callback(bound.stopping.set)
            return bound.own

        yield start


class _Chat(Handler):
    def do_GET(self) -> None:
        if self.path in self.own.paths:
            return self.send(200, self.own.paths[self.path])
        if not self.path.endswith("/models"):
            return self.send_error_text(404, "no such path")
        data = [
            {"id": one, "object": "model"} if isinstance(one, str) else one
            for one in self.own.models
        ]
        return self.send(200, {"object": "list", "data": data})

    def do_POST(self) -> None:
        raw = self.raw()
        asked = Asked(json.loads(raw or b"{}"), self.named, self.path, raw)
        if self.path in self.own.paths:
            return self.send(200, self.own.paths[self.path])
        if not self.path.endswith("/chat/completions"):
            return self.send_error_text(404, "no such path")
        self.own.requests.append(asked)
        script = self.own.reply
        answer = script(asked.body) if callable(script) else script
        if isinstance(answer, tuple):
            return self.send(*answer)
        try:
            self._stream(answer, asked.body)
        except OSError:
            self.own.closed_early.append(asked)
        return None

    def _stream(self, text: str | list[ChatEvent], body: dict[str, Any]) -> None:
        self.begin(200, {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"})
        if isinstance(text, list):
            for event in text:
                is_whole = isinstance(event, str) and event.startswith("event:")
                self._chunk(f"{'' if is_whole else 'data: '}{written(event)}\n\n".encode())
            self.wfile.write(b"0\r\n\r\n")
            return
        for word in _words(self.own.thinks):
            self._event({"choices": [{"index": 0, "delta": {"reasoning_content": word}}]})
        for word in _words(text):
            self._wait(self.own.delay)
            self._event({"choices": [{"index": 0, "delta": {"content": word}}]})
        if self.own.finish is None:
            self.wfile.write(b"0\r\n\r\n")
            return
        self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": self.own.finish}]})
        if (body.get("stream_options") or {}).get("include_usage"):
            prompt = sum(len(str(one.get("content"))) for one in body.get("messages", [])) // 4
            if self.own.counts is not None:
                prompt = self.own.counts(body)
            usage = {"prompt_tokens": prompt, "completion_tokens": len(_words(text))}
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
            gone = readable and not self.connection.recv(1, socket.MSG_PEEK)
            if gone or self.stopping.is_set():
                raise BrokenPipeError


def _words(text: str) -> list[str]:
    return re.findall(r"\s*\S+|\s+$", text)


def scripted_endpoints() -> AbstractContextManager[Callable[..., ScriptedEndpoint]]:
    """What starts servers, as the fixture does; they end with the context."""
    return servers(_Chat, ScriptedEndpoint)


class _Server(ThreadingHTTPServer):
    """Says nothing of a client that has left, which is the client's right."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@pytest.fixture
def scripted_endpoint() -> Iterator[Callable[..., ScriptedEndpoint]]:
    """Start servers: `scripted_endpoint(reply, delay=0.0, finish="stop", models=(...))`."""
    with scripted_endpoints() as start:
        yield start


def written(event: ChatEvent) -> str:
    """The data of an event."""
    if isinstance(event, str):
        return event
    if "choices" in event:
        return json.dumps(event)
    delta = {name: value for name, value in event.items() if name != "finish"}
    choice = {"index": 0, "delta": delta, "finish_reason": event.get("finish")}
    return json.dumps({"choices": [choice]})
