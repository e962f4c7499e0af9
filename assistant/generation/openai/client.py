"""openai's client under our limits, and what its exceptions mean.

A client is made for each model; nothing of a foreign exception goes further than here.
"""

from __future__ import annotations

import logging
import os
import socket
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from assistant.config.endpoint_address import CheckedAddress
from assistant.generation.openai.failures import Failure, Failures, Unreachable
from assistant.generation.openai.limits import EndpointSettings
from assistant.generation.openai.retry import Clock, DeadlinePassed
from assistant.types.wire import HIDDEN_KEY, WireRequest

if TYPE_CHECKING:
    import httpx2
    import openai

_T = TypeVar("_T")
_MAX_ERROR_BODY = 65_536
_MAX_MODELS_BODY = 4_000_000
_LOGGERS = ("openai", "httpx2", "httpcore2")
_HEADERS = frozenset(
    {
        *("host", "connection", "content-length", "transfer-encoding"),
        # How openai's client itself remembers that a raw response was asked for.
        "x-stainless-raw-response",
    }
)
"""The headers of openai's client that are sent as they are."""


class Compressed(ValueError):
    """A body came compressed though plain text was asked for; it could grow without bound."""


class Guard:
    """Waits for openai's client within deadlines; what it raises comes back as a Failure.

    Its exceptions hold the request with the key: none goes further than here.
    """

    def __init__(self, failures: Failures, clock: Clock) -> None:
        self._failures = failures
        self._clock = clock

    async def __call__(self, work: Awaitable[_T]) -> _T | Failure:
        """Wait for `work`."""
        import httpx2
        import openai

        try:
            return await self._clock.wait(work)
        except DeadlinePassed as passed:
            return self._failures.deadline(passed.which, passed.seconds)
        except (
            openai.OpenAIError,
            httpx2.HTTPError,
            httpx2.InvalidURL,
            httpx2.CookieConflict,
            httpx2.StreamError,
            OSError,
            ValueError,
        ) as error:
            return failure_of(error, self._failures)


def load() -> None:
    """Import what sends requests: half a second, in which no server is to be given up."""
    import httpx2  # noqa: F401
    import openai  # noqa: F401


def failure_of(error: Exception, failures: Failures) -> Failure:
    """The failure behind an exception of openai or of its HTTP layer."""
    import httpx2
    import openai

    if isinstance(error, openai.APIStatusError):
        response = error.response
        body = b""
        with suppress(httpx2.StreamError):
            body = response.content
        return failures.status(response.status_code, response.headers, body)
    kinds: tuple[tuple[type[BaseException], Unreachable], ...] = (
        (Compressed, "compressed"),
        (httpx2.ProxyError, "proxy"),
        (httpx2.ReadError, "dropped"),
        (httpx2.WriteError, "dropped"),
        (httpx2.CloseError, "dropped"),
        (socket.gaierror, "no_name"),
        (ssl.SSLCertVerificationError, "certificate"),
        (ssl.SSLError, "tls"),
        (ConnectionRefusedError, "refused"),
        (httpx2.ConnectTimeout, "no_connection_in_time"),
        (httpx2.TimeoutException, "slow"),
        (httpx2.ConnectError, "lost"),
        (httpx2.HTTPError, "unusable_answer"),
        (openai.APITimeoutError, "slow"),
        (openai.APIConnectionError, "lost"),
        (OSError, "lost"),
    )
    causes = exception_chain(error)
    for cause in causes:
        if isinstance(cause, httpx2.RemoteProtocolError):
            dropped = any(word in str(cause) for word in ("disconnected", "peer closed"))
            return failures.unreachable("dropped" if dropped else "not_http")
    for kind, name in kinds:
        for cause in causes:
            if isinstance(cause, kind):
                detail = getattr(cause, "verify_message", "")
                return failures.unreachable(name, detail if isinstance(detail, str) else "")
    return failures.unreachable("unusable_answer")


@cache
def _tls(address: CheckedAddress, *certificates: str | None) -> ssl.SSLContext:
    """Whom to trust, read once for an address: that takes 46 CPU ms (certifi, Python 3.11).

    Where no TLS is spoken nobody is. `certificates` is what the environment names for it.
    """
    import httpx2

    if address.is_loopback and address.url.startswith("http:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx2.create_ssl_context(trust_env=not address.is_loopback)


def make_client(
    settings: EndpointSettings,
    address: CheckedAddress,
    key: str | None,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> openai.AsyncOpenAI | None:
    """openai's client with our limits; None when the proxies of the environment are unusable.

    A `transport` takes its requests in place of the network.
    """
    import httpx2
    import openai

    for name in _LOGGERS:
        # At DEBUG these log what is asked, and OPENAI_LOG in the environment asks for that.
        logging.getLogger(name).setLevel(logging.WARNING)
    timeout = httpx2.Timeout(None, connect=settings.connect_s, write=settings.total_s)
    try:
        http_client = httpx2.AsyncClient(
            timeout=timeout,
            transport=transport,
            follow_redirects=False,
            trust_env=not (address.is_loopback or transport),
            verify=_tls(address, os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")),
            headers={"Accept-Encoding": "identity"},
            limits=httpx2.Limits(max_keepalive_connections=0),
            event_hooks=_hooks(settings, key),
        )
    except (ImportError, ValueError, httpx2.InvalidURL):
        return None
    return openai.AsyncOpenAI(
        api_key=key or "none",
        base_url=address.url,
        timeout=timeout,
        max_retries=0,
        http_client=http_client,
    )


async def unsent(
    settings: EndpointSettings,
    address: CheckedAddress,
    has_key: bool,
    ask: Callable[[Any], Awaitable[None]],
) -> WireRequest:
    """The request that openai's client makes as it is asked; none is sent."""
    import httpx2

    made: list[httpx2.Request] = []

    def take(request: httpx2.Request) -> httpx2.Response:
        made.append(request)
        return httpx2.Response(200)

    key = "hidden" if has_key else None
    client = make_client(settings, address, key, httpx2.MockTransport(take))
    assert client is not None, "no proxy is asked"
    async with client:
        await ask(client)
    (request,) = made
    headers = {name.lower(): value for name, value in request.headers.items()}
    if has_key:
        headers["authorization"] = HIDDEN_KEY
    return WireRequest(
        method=request.method,
        url=str(request.url),
        headers=headers,
        body=request.content.decode("utf-8"),
    )


def _hooks(settings: EndpointSettings, key: str | None) -> dict[str, list[Any]]:
    """What is done to each request and each response of the HTTP layer."""
    import httpx2

    class Bounded(httpx2.AsyncByteStream):
        """A body that ends at its bound, however long it goes on."""

        def __init__(self, stream: httpx2.AsyncByteStream, room: int) -> None:
            self._stream = stream
            self._chunks = aiter(stream)
            self._room = room

        def __aiter__(self) -> AsyncIterator[bytes]:
            return self

        async def __anext__(self) -> bytes:
            if self._room <= 0:
                raise StopAsyncIteration
            chunk = await anext(self._chunks)
            chunk = chunk[: self._room]
            self._room -= len(chunk)
            return chunk

        async def aclose(self) -> None:
            if isinstance(self._chunks, AsyncGenerator):
                await self._chunks.aclose()
            await self._stream.aclose()

    async def on_request(request: httpx2.Request) -> None:
        # What else openai's client adds tells the server about this machine, or comes from
        # OPENAI_CUSTOM_HEADERS, which may hold secrets of other servers: no answer needs it.
        known = _HEADERS
        if request.url.host == "api.openai.com":
            known = known | {"openai-organization", "openai-project"}
        for name in [name for name in request.headers if name.lower() not in known]:
            del request.headers[name]
        request.headers["accept"] = "application/json"
        request.headers["accept-encoding"] = "identity"
        request.headers["user-agent"] = "quire"
        if request.method == "POST":
            request.headers["content-type"] = "application/json"
        if key is not None:
            request.headers["authorization"] = f"Bearer {key}"

    async def on_response(response: httpx2.Response) -> None:
        coding = response.headers.pop("content-encoding", "identity").strip().lower()
        compressed = coding not in ("", "identity")
        if compressed and response.is_success:
            raise Compressed
        room = settings.max_bytes + 1
        if not response.is_success:
            room = 0 if compressed else _MAX_ERROR_BODY
        elif response.request.method == "GET":
            room = _MAX_MODELS_BODY
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = Bounded(response.stream, room)

    return {"request": [on_request], "response": [on_response]}


_LONGEST_CHAIN = 50


def exception_chain(error: BaseException) -> list[BaseException]:
    """An exception and everything it came from, the nearest first, groups opened."""
    found: list[BaseException] = []
    open_ones: list[BaseException | None] = [error]
    while open_ones and len(found) < _LONGEST_CHAIN:
        one = open_ones.pop(0)
        if one is None or one in found:
            continue
        found.append(one)
        open_ones += [one.__cause__, one.__context__]
        if isinstance(one, BaseExceptionGroup):
            open_ones += one.exceptions
    return found
