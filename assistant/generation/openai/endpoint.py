"""The adapter to any OpenAI-compatible endpoint.

openai shapes and sends the request. The stream is read here, because openai's own reader
takes an answer that was cut for a whole one, and reads without bounds.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assistant.config.endpoint_address import CheckedAddress, check_base_url, check_key
from assistant.errors import EndpointError, WrongUse
from assistant.generation.base import (
    Finished,
    ModelPart,
    ModelTask,
    Piece,
    Reasoning,
    Voided,
    Waiting,
)
from assistant.generation.openai.chat_request import ChatRequest
from assistant.generation.openai.client import Guard, make_client, unsent
from assistant.generation.openai.course import Course
from assistant.generation.openai.error_text import ListedModel, listed_models
from assistant.generation.openai.exchange import Exchange
from assistant.generation.openai.failures import Failure, Failures
from assistant.generation.openai.habits import OVERFLOW, Habits, Memory
from assistant.generation.openai.inquiry import Inquiry
from assistant.generation.openai.limits import EndpointSettings
from assistant.generation.openai.reading import Part
from assistant.generation.openai.redaction import StreamRedactor, redact
from assistant.generation.openai.retry import Clock, Pauses, count_down
from assistant.types.wire import WireRequest

if TYPE_CHECKING:
    import openai

_MODELS_S = 3.0
_LATE_INQUIRIES = 3
"""How many questions wait a second for what a server states: one that starts is busy."""


class EndpointModel:
    """A chat model behind an OpenAI-compatible endpoint.

    A connection is made for each question and closed after it; `habits` are what was learned
    meanwhile, some of it kept in a `memory`. Raises WrongUse when the address, the key or the
    model's name cannot be used.
    """

    def __init__(self, settings: EndpointSettings, memory: Memory | None = None) -> None:
        self._settings = settings
        self._memory = memory
        self._kept: str | None = None
        self._address = check_base_url(settings.base_url)
        self._key = check_key(settings.api_key, settings.key_name)
        if not settings.model.strip():
            raise WrongUse("the model has no name", "name one with -m")
        self._failures = Failures(
            self._address, settings.model, self._key, settings.address_name, settings.key_name
        )
        self.habits = Habits(configured=settings.context_tokens)
        self._request = ChatRequest(settings, self.habits)
        self._inquiries = _LATE_INQUIRIES
        self._lock = threading.Lock()
        self._client: openai.AsyncOpenAI | None = None

    @property
    def name(self) -> str:
        """The name shown on answers."""
        return self._settings.name

    @property
    def context_tokens(self) -> int:
        """How many tokens prompt and answer may have together, as far as it is known."""
        return self.habits.context_tokens

    @property
    def is_extractive(self) -> bool:
        """False: this model reads a prompt."""
        return False

    @property
    def address(self) -> CheckedAddress:
        """Where the questions go, with a warning if there is one."""
        return self._address

    async def get_ready(self) -> None:
        """Ask a server that is near what it states of the model, a second at most.

        It is asked until it states what it will, or was late for as many questions as it may.
        """
        is_known = self.habits.window_from == OVERFLOW
        if self._inquiries == 0 or is_known or self._address.reach == "public":
            return
        stated = await Inquiry(self._address, self._key, self._settings.model).stated()
        if stated.settled:
            self._inquiries = 0
        elif stated.late:
            self._inquiries -= 1
        self.habits.state(stated.window, stated.trained, stated.source)
        self.habits.unopened = self.habits.unopened or stated.opens_thought

    async def stream(self, task: ModelTask) -> AsyncGenerator[ModelPart, None]:
        """Answer a task; closing the iterator closes the connection.

        Raises EndpointError: AnswerCut when words of the answer were yielded before.
        """
        self._require_key()
        started = asyncio.get_running_loop().time()
        client = await asyncio.to_thread(self._recalled)
        limits = self._settings
        if self._address.is_loopback:
            limits = limits.for_prompt(sum(len(one.content) for one in task.messages))
        course = Course(task, limits, self._request, self.habits, self._failures, started)
        pauses = Pauses()
        while True:
            failure: Failure | None = None
            wrote = begun = False
            arguments = course.next_request()
            clock = Clock(limits, started)
            guard = Guard(self._failures, clock)
            exchange = Exchange(limits, self._failures, clock, guard, self.habits)
            create: Any = client.chat.completions.with_streaming_response.create
            async with aclosing(without(self._key, exchange.parts(create(**arguments)))) as parts:
                async for part in parts:
                    if isinstance(part, Failure):
                        failure = part
                        break
                    begun = True
                    if isinstance(part, Piece):
                        wrote = wrote or not part.text.isspace()
                    elif isinstance(part, Voided):
                        wrote = False
                    elif isinstance(part, Finished):
                        part = course.ended(part)
                    yield part
                    await pauses.pause()
            await self._remember()
            if failure is None:
                return
            step = course.after(failure, wrote=wrote, begun=begun)
            if isinstance(step, EndpointError):
                final = await self._explained(failure, step)
                final.requests = course.requests
                raise final
            before = course.ended(Finished("stop"))
            if step.line:
                yield Waiting(step.line, before)
            if step.wait_s is not None:
                told = count_down(failure.error.message, step.wait_s, course.requests)
                async with aclosing(told) as waits:
                    async for waiting in waits:
                        yield replace(waiting, before=before)

    def _recalled(self) -> openai.AsyncOpenAI:
        """The client, with what is known of the model from before; for a thread."""
        if self._memory is not None and self._kept is None:
            self._kept = self._memory.read()
            self.habits.recall(self._kept)
        return self._ready()

    async def _remember(self) -> None:
        memory = self.habits.memory()
        if self._memory is None or memory == (self._kept or Habits().memory()):
            return
        self._kept = memory
        await asyncio.to_thread(self._memory.write, memory)

    async def request_for(self, task: ModelTask) -> WireRequest:
        """The first request for a task, as `stream` sends it; nothing is sent, and no key told.

        What the server would state of the model first is not known here: a model that thinks may
        be given more room.
        """
        await asyncio.to_thread(self._recalled)
        arguments = self._request.arguments(task)

        async def ask(client: Any) -> None:
            async with client.chat.completions.with_streaming_response.create(**arguments):
                pass

        return await unsent(self._settings, self._address, self._key is not None, ask)

    async def list_models(self) -> tuple[str, ...]:
        """The ids of the models that the server offers; raises EndpointError."""
        return tuple(one.id for one in await self.offered())

    async def offered(self) -> tuple[ListedModel, ...]:
        """The models that the server offers.

        Raises EndpointError.
        """
        models = await self._listing()
        if isinstance(models, Failure):
            raise models.error
        return models

    async def _listing(self) -> tuple[ListedModel, ...] | Failure:
        self._require_key()
        client = await asyncio.to_thread(self._ready)
        now = asyncio.get_running_loop().time()
        seconds = self._settings.connect_s + _MODELS_S
        clock = Clock(EndpointSettings("", "", "", total_s=seconds), now)
        response = await Guard(self._failures, clock)(client.models.with_raw_response.list())
        if isinstance(response, Failure):
            return response
        body = response.http_response.content
        models = listed_models(body)
        if models is None:
            kind = response.headers.get("content-type", "")
            return self._failures.document(body, kind, wanted="list of models")
        return tuple(one for one in models if redact(one.id, self._key) == one.id)

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

    async def _explained(self, failure: Failure, error: EndpointError) -> EndpointError:
        """An error with what else the server knows: its other models, another path."""
        if error is not failure.error:
            return error
        if failure.unknown_model:
            with suppress(EndpointError):
                return self._failures.unknown_model(failure, await self.list_models())
        if failure.lacks_version and await self._answers_at(self._failures.versioned):
            return self._failures.without_version(failure)
        return error

    async def _answers_at(self, base_url: str) -> bool:
        """True when models are listed, or a key is asked for, at another path of the server."""
        elsewhere = EndpointModel(replace(self._settings, base_url=base_url))
        try:
            listing = await elsewhere._listing()
        finally:
            await elsewhere.aclose()
        return not isinstance(listing, Failure) or listing.status in (401, 403)


async def without(
    key: str | None, parts: AsyncGenerator[Part | Finished | Failure, None]
) -> AsyncGenerator[Part | Finished | Failure, None]:
    """The parts of an answer without the key, should a server put it there."""
    text, thoughts = StreamRedactor(key), StreamRedactor(key)
    async with aclosing(parts):
        async for part in parts:
            match part:
                case Piece():
                    if passed := text.feed(part.text):
                        yield Piece(passed)
                case Reasoning():
                    if passed := thoughts.feed(part.text):
                        yield Reasoning(passed)
                case Voided():
                    text = StreamRedactor(key)
                    yield part
                case _:
                    if held := thoughts.finish():
                        yield Reasoning(held)
                    if held := text.finish():
                        yield Piece(held)
                    yield part
