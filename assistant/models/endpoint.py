"""The adapter to any OpenAI-compatible endpoint; the only module that knows openai's client.

openai shapes and sends the request. The stream is read here, because openai's own reader
takes an answer that was cut for a whole one, and reads without bounds.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from assistant.errors import EndpointError, WrongUse
from assistant.models.address import CheckedAddress, check_base_url, check_key
from assistant.models.base import ModelPart, ModelTask, Piece
from assistant.models.causes import causes_of
from assistant.models.chat_request import ChatRequest
from assistant.models.exchange import Exchange
from assistant.models.failures import Failure, Failures, Unreachable
from assistant.models.limits import EndpointSettings
from assistant.models.patience import Clock, DeadlinePassed, Tries, count_down
from assistant.models.words import model_names

if TYPE_CHECKING:
    import httpx2
    import openai

_T = TypeVar("_T")
_MAX_ERROR_BODY = 65_536
_MAX_MODELS_BODY = 4_000_000
_MODELS_S = 3.0
_MAX_ADAPTATIONS = 3
_LOGGERS = ("openai", "httpx2", "httpcore2")


class Compressed(ValueError):
    """A body came compressed though plain text was asked for; it could grow without bound."""


class EndpointModel:
    """A chat model behind an OpenAI-compatible endpoint.

    A connection is made for each question and closed after it. Raises WrongUse when the
    address, the key or the model's name cannot be used.
    """

    def __init__(self, settings: EndpointSettings) -> None:
        self._settings = settings
        self._address = check_base_url(settings.base_url)
        self._key = check_key(settings.api_key)
        if not settings.model.strip():
            raise WrongUse("the model has no name", "name one with -m")
        self._failures = Failures(self._address, settings.model, self._key)
        self._request = ChatRequest(settings)
        self._lock = threading.Lock()
        self._client: openai.AsyncOpenAI | None = None

    @property
    def name(self) -> str:
        """The name shown on answers."""
        return self._settings.name

    @property
    def context_tokens(self) -> int:
        """How many tokens prompt and answer may have together."""
        return self._settings.context_tokens

    @property
    def is_extractive(self) -> bool:
        """False: this model reads a prompt."""
        return False

    @property
    def address(self) -> CheckedAddress:
        """Where the questions go, with a warning if there is one."""
        return self._address

    async def stream(self, task: ModelTask) -> AsyncGenerator[ModelPart, None]:
        """Answer a task; closing the iterator closes the connection.

        Raises EndpointError: AnswerCut when words of the answer were yielded before.
        """
        self._require_key()
        started = asyncio.get_running_loop().time()
        client = await asyncio.to_thread(self._ready)
        tries = Tries(self._settings, started)
        adaptations = 0
        while True:
            failure: Failure | None = None
            begun = wrote = False
            arguments = self._request.arguments(task)
            clock = Clock(self._settings, started)
            exchange = Exchange(self._settings, self._failures, clock, Guard(self._failures, clock))
            create: Any = client.chat.completions.with_streaming_response.create
            async with aclosing(exchange.parts(create(**arguments))) as parts:
                async for part in parts:
                    if isinstance(part, Failure):
                        failure = part
                        break
                    begun = True
                    wrote = wrote or (isinstance(part, Piece) and not part.text.isspace())
                    yield part
            if failure is None:
                return
            if wrote:
                raise self._failures.cut(failure)
            if begun:
                raise failure.error
            if failure.status in (400, 422) and adaptations < _MAX_ADAPTATIONS:
                adaptations += 1
                if self._request.adapt(arguments, failure.words):
                    continue
            if tries.asks_too_much(failure):
                raise self._failures.waits_too_long(failure)
            wait = tries.next_wait(failure)
            if wait is None:
                raise await self._given_up(failure, tries.failed)
            async with aclosing(count_down(failure.error.message, wait)) as waits:
                async for waiting in waits:
                    yield waiting

    async def list_models(self) -> tuple[str, ...]:
        """The ids of the models that the server offers.

        Raises EndpointError.
        """
        self._require_key()
        client = await asyncio.to_thread(self._ready)
        now = asyncio.get_running_loop().time()
        seconds = self._settings.connect_s + _MODELS_S
        clock = Clock(EndpointSettings("", "", "", total_s=seconds), now)
        response = await Guard(self._failures, clock)(client.models.with_raw_response.list())
        if isinstance(response, Failure):
            raise response.error
        body = response.http_response.content
        names = model_names(body)
        if names is None:
            kind = response.headers.get("content-type", "")
            raise self._failures.document(body, kind, wanted="list of models").error
        return names

    async def aclose(self) -> None:
        """Close what is open."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    def _require_key(self) -> None:
        if self._key is None and self._address.reach == "public":
            raise self._failures.no_key()

    def _ready(self) -> openai.AsyncOpenAI:
        """The client, made at the first use: the import alone takes half a second."""
        with self._lock:
            if self._client is None:
                self._client = make_client(self._settings, self._address, self._key)
            if self._client is None:
                raise self._failures.unreachable("proxy").error
            return self._client

    async def _given_up(self, failure: Failure, attempts: int) -> EndpointError:
        if failure.passes:
            return self._failures.given_up(failure, attempts)
        if failure.unknown_model:
            with suppress(EndpointError):
                return self._failures.unknown_model(failure, await self.list_models())
        return failure.error


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
    causes = causes_of(error)
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


def make_client(
    settings: EndpointSettings, address: CheckedAddress, key: str | None
) -> openai.AsyncOpenAI | None:
    """openai's client with our limits; None when the proxies of the environment are unusable."""
    import httpx2
    import openai

    for name in _LOGGERS:
        # At DEBUG these log what is asked; whoever wants that sets their level by name.
        if logging.getLogger(name).level == logging.NOTSET:
            logging.getLogger(name).setLevel(logging.WARNING)
    timeout = httpx2.Timeout(None, connect=settings.connect_s, write=settings.total_s)
    try:
        http_client = httpx2.AsyncClient(
            timeout=timeout,
            follow_redirects=False,
            trust_env=not address.is_loopback,
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
        # These tell the server about this machine, which no answer needs. The one that stays
        # is how openai's client itself remembers that a raw response was asked for.
        for name in [name for name in request.headers if name.startswith("x-stainless-")]:
            if name != "x-stainless-raw-response":
                del request.headers[name]
        if request.url.host != "api.openai.com":
            for name in ("openai-organization", "openai-project"):
                request.headers.pop(name, None)
        request.headers.pop("authorization", None)
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
