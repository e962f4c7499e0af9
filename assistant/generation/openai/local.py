"""Looks for model servers on this machine, when the reader asks for it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.errors import EndpointError, EndpointRefused
from assistant.generation.openai.client import load
from assistant.generation.openai.endpoint import EndpointModel
from assistant.generation.openai.error_text import ListedModel
from assistant.generation.openai.inquiry import ollama_default
from assistant.generation.openai.limits import EndpointSettings
from store.pattern import pattern

LOOK_SECONDS = 3.0
"""How long one server is waited for: on this machine it answers at once or not at all."""

_NO_CHAT = pattern(r"embed|rerank|\bbge\b|minilm|whisper|\btts\b", re.IGNORECASE)


@dataclass(frozen=True)
class LocalServer:
    """A server program and the port of this machine that it listens at by itself."""

    program: str
    port: int

    @property
    def base_url(self) -> str:
        """Its address; loopback alone, whatever names the machine has."""
        return f"http://127.0.0.1:{self.port}/v1"


LOCAL_SERVERS = (
    LocalServer("Ollama", 11434),
    LocalServer("LM Studio", 1234),
    LocalServer("llama.cpp", 8080),
    LocalServer("vLLM", 8000),
)
"""The usual ports, by the documentation of each program."""


@dataclass(frozen=True)
class FoundServer:
    """A server that listens, and the models it offers; `trouble` is why it lists none, or empty.

    The program is the one whose usual port it is; another one may listen there.
    """

    server: LocalServer
    models: tuple[ListedModel, ...] = ()
    trouble: str = ""

    @property
    def chat_models(self) -> tuple[ListedModel, ...]:
        """The models that answer, by their names: no embedders and the like."""
        return tuple(one for one in self.models if not _NO_CHAT.search(one.id))

    def context_of(self, model: ListedModel, environment: Mapping[str, str]) -> int | None:
        """The context a model is served with, as far as it is known; it may be set higher."""
        if model.context_tokens is not None:
            return model.context_tokens
        if self.server.program != "Ollama":
            return None
        return ollama_default(environment)


async def find_local(servers: Sequence[LocalServer]) -> tuple[FoundServer, ...]:
    """The servers that listen on loopback, all asked at once for their models, without a key."""
    await asyncio.to_thread(load)
    found = await asyncio.gather(*(_look(one) for one in servers))
    return tuple(one for one in found if one is not None)


async def _look(server: LocalServer) -> FoundServer | None:
    limits = EndpointSettings("local", server.base_url, "any", connect_s=1.0)
    model = EndpointModel(limits)
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            return FoundServer(server, await model.offered())
    except EndpointRefused as failure:
        return FoundServer(server, trouble=failure.message)
    except (EndpointError, TimeoutError):
        return None
    finally:
        await model.aclose()


def name_for(model: str, taken: Sequence[str]) -> str:
    """A name for the configuration made from a model's id, other than those taken."""
    last = model.removesuffix(":latest").rsplit("/", 1)[-1].removesuffix(".gguf")
    base = re.sub(r"[^A-Za-z0-9._:-]+", "-", last).strip("-._:")[:60] or "model"
    names = (base, *(f"{base}-{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)
