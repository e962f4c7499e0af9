"""Servers and networks that misbehave, and a way to ask them."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from importlib.machinery import SourceFileLoader
from itertools import takewhile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from endpoint_fixture import ScriptedEndpoint

from assistant.errors import EndpointError
from assistant.generation.base import Finished, ModelTask, Piece, Reasoning, Voided, Waiting
from assistant.generation.openai.endpoint import EndpointModel
from assistant.generation.openai.limits import EndpointSettings
from assistant.types.message import Message


@dataclass(frozen=True)
class FaultServer:
    """The fault server of the shared material, in threads of this process."""

    base_url: str
    module: ModuleType

    def log(self, scenario: str) -> list[dict[str, Any]]:
        """The requests that got this scenario."""
        return [one for one in list(self.module.LOG) if one["scenario"] == scenario]

    async def left(self, entry: dict[str, Any]) -> None:
        """Wait until the client has closed the connection of a request."""
        async with asyncio.timeout(5):
            while "ended" not in entry:
                await asyncio.sleep(0.01)
        assert entry["ended"] == "client closed"


@pytest.fixture(scope="session")
def fault_server(shared: Path) -> Iterator[FaultServer]:
    """The fault server; skipped without ../shared."""
    path = shared / "faults" / "fault_server.py"
    module = ModuleType("fault_server")
    SourceFileLoader("fault_server", str(path)).exec_module(module)
    server, port = module.serve(port=0)
    yield FaultServer(f"http://127.0.0.1:{port}/v1", module)
    server.close()


QUICK = {
    "first_token_s": 3.0,
    "between_chunks_s": 3.0,
    "total_s": 10.0,
    "usage_s": 0.3,
    "backoff_s": 0.02,
}
"""Deadlines that a test can wait for."""
TIDES = ModelTask("answer", "What do tides move?", (Message("user", "What do tides move?"),))
"""What `ask_endpoint` asks."""


@dataclass
class Heard:
    """What one question to an endpoint came to."""

    text: str = ""
    reasoning: str = ""
    was_void: bool = False
    waits: list[str] = field(default_factory=list)
    finished: Finished | None = None
    error: EndpointError | None = None


Make = Callable[..., EndpointModel]
"""`endpoint_model`, as a fixture hands it on."""
Ask = Callable[..., Awaitable[Heard]]
"""`ask_endpoint`, as a fixture hands it on."""


@dataclass(frozen=True)
class RawEndpoint:
    """A server that answers each connection with bytes as they are, then closes it."""

    base_url: str
    requests: list[bytes]


@pytest.fixture
async def endpoint_model() -> AsyncIterator[Make]:
    """Make models with short deadlines: `endpoint_model(base_url, model, **settings)`."""
    made: list[EndpointModel] = []

    def make(base_url: str, model: str = "scripted", **settings: Any) -> EndpointModel:
        values = {"name": model, "model": model, "base_url": base_url, **QUICK, **settings}
        made.append(EndpointModel(EndpointSettings(**values)))
        return made[-1]

    yield make
    for one in made:
        await one.aclose()


@pytest.fixture
def ask_endpoint(endpoint_model: Make) -> Ask:
    """Ask one question and keep all that came: `await ask_endpoint(base_url, model, ...)`.

    A model that is made already is asked in place of one at an address.
    """

    async def ask(
        at: str | EndpointModel, model: str = "scripted", task: ModelTask = TIDES, **settings: Any
    ) -> Heard:
        heard = Heard()
        asked = endpoint_model(at, model, **settings) if isinstance(at, str) else at
        try:
            async for part in asked.stream(task):
                assert heard.finished is None, "nothing comes after Finished"
                match part:
                    case Piece(text):
                        heard.text += text
                    case Reasoning(text):
                        heard.reasoning += text
                    case Waiting(text):
                        heard.waits.append(text)
                    case Voided():
                        heard.text, heard.reasoning = "", heard.reasoning + heard.text
                        heard.was_void = True
                    case Finished():
                        heard.finished = part
        except EndpointError as error:
            heard.error = error
        return heard

    return ask


@contextmanager
def _connections(serve: Callable[[socket.socket], object]) -> Iterator[str]:
    """The host and port of a server that hands each connection to a function, then closes it."""
    server = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            connection.settimeout(5)
            with connection, suppress(OSError):
                serve(connection)

    thread = threading.Thread(target=accept)
    thread.start()
    yield f"127.0.0.1:{server.getsockname()[1]}"
    with suppress(OSError):
        server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


@pytest.fixture
def raw_endpoint() -> Iterator[Callable[..., RawEndpoint]]:
    """Start servers of bytes: the n-th connection gets the n-th reply, the last one repeats.

    With `listens=False` the reply comes before the request was read; with `drips=True` its last
    byte comes again and again for some seconds.
    """
    with ExitStack() as running:

        def start(*replies: bytes, listens: bool = True, drips: bool = False) -> RawEndpoint:
            requests: list[bytes] = []

            def serve(connection: socket.socket) -> None:
                requests.append(_request(connection) if listens else b"")
                answer = replies[min(len(requests), len(replies)) - 1]
                connection.sendall(answer)
                for _ in range(80 * drips):
                    time.sleep(0.05)
                    connection.sendall(answer[-1:])

            address = running.enter_context(_connections(serve))
            return RawEndpoint(f"http://{address}/v1", requests)

        yield start


@pytest.fixture
def self_signed(tmp_path: Path) -> Iterator[str]:
    """The address of a server whose certificate nobody signed; skipped without openssl."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with _connections(lambda one: context.wrap_socket(one, server_side=True).close()) as address:
        yield f"https://{address}/v1"


@dataclass(frozen=True)
class Endpoints:
    """What starts endpoints, and what asks one: the fixtures of these names in one."""

    scripted: Callable[..., ScriptedEndpoint]
    raw: Callable[..., RawEndpoint]
    model: Make
    ask: Ask


@pytest.fixture
def endpoints(
    scripted_endpoint: Callable[..., ScriptedEndpoint],
    raw_endpoint: Callable[..., RawEndpoint],
    endpoint_model: Make,
    ask_endpoint: Ask,
) -> Endpoints:
    """Start endpoints and ask them: `endpoints.scripted(...)`, `.raw`, `.model`, `.ask`."""
    return Endpoints(scripted_endpoint, raw_endpoint, endpoint_model, ask_endpoint)


def _request(connection: socket.socket) -> bytes:
    with connection.makefile("rb") as stream:
        head = list(takewhile(bytes.strip, iter(stream.readline, b"")))
        sizes = [line for line in head if line.lower().startswith(b"content-length:")]
        body = stream.read(int(sizes[0].partition(b":")[2])) if sizes else b""
    return b"".join(head) + b"\r\n" + body
