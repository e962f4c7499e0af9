"""The embedder `openai:MODEL`: vectors from any OpenAI-compatible endpoint."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assistant.config.endpoint_address import CheckedAddress, check_base_url, check_key
from assistant.errors import CONTEXT_TOO_LONG, EndpointError
from assistant.generation.loops import run_loop
from assistant.generation.openai.client import Guard, make_client, unsent
from assistant.generation.openai.failures import Failure, Failures
from assistant.generation.openai.limits import EndpointSettings
from assistant.generation.openai.reading import Trouble
from assistant.generation.openai.retry import Clock, Tries, count_down
from assistant.generation.openai.vectors import UnusableVectors, vectors_of_reply
from assistant.types.wire import WireRequest
from store.embedders.base import fingerprint_of_model
from store.errors import EmbeddingFailed
from store.types import Narrate

if TYPE_CHECKING:
    import openai

    from store.ledger.vectors import Vectors

TEXTS_A_REQUEST, CHARACTERS_A_REQUEST = 64, 100_000
"""The most that one request carries; small enough for a local server."""
BATCH_SECONDS, QUESTION_SECONDS = 120.0, 30.0
"""How long a batch of texts, and one text alone, is waited for, tries included: where a
question gets no vector, words alone are there at once."""
_LONGEST_TEXT, _SHORTEST_TEXT = 20_000, 500
_PROBE = "A paper."


class EndpointEmbedder:
    """Turns texts into vectors of length 1 by asking an endpoint, in batches.

    `dimension` is what earlier vectors of the model have, None before there are any. What is
    waited for is told to `narrate`. Raises WrongUse when the address or the key cannot be used.
    """

    def __init__(self, settings: EndpointSettings, dimension: int | None, narrate: Narrate) -> None:
        self._settings = settings
        self._address = check_base_url(settings.base_url)
        self._key = check_key(settings.api_key, settings.key_name)
        self._failures = Failures(
            self._address, settings.model, self._key, settings.address_name, settings.key_name
        )
        self._dimension = dimension
        self._narrate = narrate
        self._lock = threading.Lock()
        self._told = False

    @property
    def name(self) -> str:
        """The name a reader uses."""
        return f"openai:{self._settings.model}"

    @property
    def fingerprint(self) -> str:
        """What the vectors were made with."""
        return fingerprint_of_model(self._settings.model)

    @property
    def address(self) -> CheckedAddress:
        """Where texts go."""
        return self._address

    @property
    def dimension(self) -> int:
        """The length of a vector, asked of the endpoint when no vector is known yet.

        Raises EmbeddingFailed.
        """
        if self._dimension is None:
            self.embed([_PROBE])
        if self._dimension is None:
            raise AssertionError("vectors have a size")
        return self._dimension

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of the texts: float32, shape (n, d), every row of length 1.

        Not for a thread that runs an event loop. Raises EmbeddingFailed.
        """
        import numpy as np

        if not texts:
            return np.empty((0, self._dimension or 0), dtype=np.float32)
        with self._lock:
            try:
                return run_loop(self._embed(list(texts)))
            except EndpointError as failure:
                raise EmbeddingFailed(failure.message, failure.hint) from None

    async def request_for(self, texts: Sequence[str]) -> WireRequest:
        """The request for a batch of texts, as `embed` sends it; nothing is, and no key told."""

        async def ask(client: Any) -> None:
            await client.embeddings.with_raw_response.create(
                **self._arguments([one[:_LONGEST_TEXT] or " " for one in texts])
            )

        return await unsent(self._settings, self._address, self._key is not None, ask)

    def _arguments(self, texts: list[str]) -> dict[str, Any]:
        return {"model": self._settings.model, "input": texts, "encoding_format": "float"}

    async def _embed(self, texts: list[str]) -> Vectors:
        import numpy as np

        if self._key is None and self._address.reach == "public":
            raise self._failures.no_key()
        client = make_client(self._settings, self._address, self._key)
        if not self._told and not self._address.is_loopback:
            self._told = True
            self._narrate(f"note: text is sent to {self._address.host}, where vectors are made")
            if self._address.warning:
                self._narrate(f"note: {self._address.warning}")
        if client is None:
            raise self._failures.unreachable("proxy").error
        async with client:
            parts = []
            for batch in batches(texts):
                parts.append(await self._batch(client, batch))
            return np.concatenate(parts)

    async def _batch(self, client: openai.AsyncOpenAI, texts: list[str]) -> Vectors:
        """One request, tried again while its failure may pass."""
        most = QUESTION_SECONDS if len(texts) == 1 else BATCH_SECONDS
        seconds = min(most, self._settings.total_s)
        limits = replace(self._settings, total_s=seconds, first_token_s=seconds)
        started = asyncio.get_running_loop().time()
        tries = Tries(limits, started)
        longest = _LONGEST_TEXT
        while True:
            found = await self._ask(
                client, [one[:longest] or " " for one in texts], Clock(limits, started)
            )
            if not isinstance(found, Failure):
                return found
            if found.error.code == CONTEXT_TOO_LONG and longest > _SHORTEST_TEXT:
                longest = max(_SHORTEST_TEXT, min(longest, max(map(len, texts))) // 2)
                self._narrate(
                    f"{self._settings.model} reads no more: embedding the first {longest}"
                    " characters of longer abstracts"
                )
                continue
            if tries.asks_too_much(found):
                raise self._failures.waits_too_long(found)
            wait = tries.next_wait(found)
            if wait is None:
                if found.passes:
                    raise self._failures.given_up(found, tries.failed)
                raise found.error
            async with aclosing(count_down(found.error.message, wait)) as waits:
                async for waiting in waits:
                    self._narrate(waiting.text)

    async def _ask(
        self, client: openai.AsyncOpenAI, texts: list[str], clock: Clock
    ) -> Vectors | Failure:
        response = await Guard(self._failures, clock)(
            client.embeddings.with_raw_response.create(**self._arguments(texts))
        )
        if isinstance(response, Failure):
            return response
        body = response.http_response.content
        if len(body) > self._settings.max_bytes:
            return self._failures.too_many_bytes()
        try:
            vectors = vectors_of_reply(body, len(texts), self._dimension)
        except UnusableVectors as problem:
            return self._failures.trouble(Trouble("garbled", str(problem)))
        if vectors is None:
            kind = response.headers.get("content-type", "")
            return self._failures.document(body, kind, wanted="list of vectors")
        self._dimension = vectors.shape[1]
        return vectors


def batches(texts: Sequence[str]) -> list[list[str]]:
    """The texts in order, in as many requests as they need."""
    found: list[list[str]] = []
    room = 0
    for text in texts:
        size = min(len(text), _LONGEST_TEXT)
        if not found or len(found[-1]) >= TEXTS_A_REQUEST or size > room:
            found.append([])
            room = CHARACTERS_A_REQUEST
        found[-1].append(text)
        room -= size
    return found
