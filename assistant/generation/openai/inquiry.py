"""Asks a server that is near what it states of a model: its window, how its template ends.

It is asked before a question, whose answer may be kept from before: openai's client, which takes
half a second to import, is not used for it.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from assistant.config.endpoint_address import CheckedAddress
from assistant.generation.openai.error_text import ListedModel, listed_models
from assistant.generation.openai.marks import ends_in_thought
from assistant.generation.openai.windows import (
    OLLAMA_CONTEXT,
    llama_window,
    running_window,
    shown_window,
    stated_window,
)

_SECONDS = 1.0
"""How long all of it may take: such a server answers at once, or is busy."""
_LAST_SECONDS = 0.1
"""How much of it is left for what was stated before a path that says nothing in time."""
_MOST_BYTES = 4_000_000
_SLICE = 65_536
_OLLAMA, _LM_STUDIO, _LLAMA = ("library", 11434), ("organization_owner", 1234), ("llamacpp", 0)
"""How a program names the owner of its models, and the port that it listens at by itself."""

_VLLM = "vllm"
_HELLO = [{"role": "user", "content": "Hello"}]
_BYTE_LEVEL = str.maketrans({"Ġ": " ", "Ċ": "\n", "▁": " "})
"""How tokens of byte-level and SentencePiece vocabularies write white space."""


@dataclass(frozen=True)
class Stated:
    """What a server states of a model, None where it does not.

    `window` are the tokens of its context, `trained` the most that it may have, `source` says who
    states them. `opens_thought` says that the template ends with the tag that opens a thought,
    `settled` that the server will state no more, however often it is asked, `late` that it had
    not said all in time.
    """

    window: int | None = None
    trained: int | None = None
    source: str = ""
    opens_thought: bool = False
    settled: bool = False
    late: bool = False


class Inquiry:
    """What one server states of one model, to be asked once.

    Only `/models` is asked of every server, other paths only of the program that has them. All lie
    where the address does: a proxy may have other servers beside it, which get no key.
    """

    def __init__(self, address: CheckedAddress, key: str | None, model: str) -> None:
        self._parts = urlsplit(address.url)
        self._root = self._parts.path.removesuffix("/v1")
        self._key = key
        self._model = model
        self._ends = 0.0
        self._connection: http.client.HTTPConnection | None = None
        self._answered = False

    async def stated(self) -> Stated:
        """What the server has stated after a second at most; nothing where it cannot be asked."""
        self._ends = time.monotonic() + _SECONDS
        loop = asyncio.get_running_loop()
        told: asyncio.Future[Stated] = loop.create_future()

        def tell(stated: Stated) -> None:
            if not told.done():
                told.set_result(stated)

        def ask() -> None:
            stated = self._stated()
            with suppress(RuntimeError):  # nobody listens any more: the loop is closed
                loop.call_soon_threadsafe(tell, stated)

        # A name that is looked up cannot be left: a daemon does not keep the program with it.
        threading.Thread(target=ask, name="inquiry", daemon=True).start()
        try:
            return await asyncio.wait_for(asyncio.shield(told), _SECONDS - _LAST_SECONDS)
        except TimeoutError:
            self._hang_up()
            with suppress(TimeoutError):
                stated = await asyncio.wait_for(told, _LAST_SECONDS)
                settled = stated.settled and stated.window is not None
                return replace(stated, settled=settled, late=True)
            return Stated(late=True)
        finally:
            self._hang_up()

    def _hang_up(self) -> None:
        """Let the thread end, whatever it waits for: its time-out begins anew with each byte."""
        self._ends = 0.0
        connected = self._connection.sock if self._connection else None
        if connected is not None:
            with suppress(OSError):
                # Not the method of TLS, which takes the session from under the thread.
                socket.socket.shutdown(connected, socket.SHUT_RDWR)

    def _stated(self) -> Stated:
        listed = self._listed()
        if listed is None:
            loads = self._parts.port in (_OLLAMA[1], _LM_STUDIO[1])
            return Stated(settled=self._answered and not loads)
        opens = self._opens_thought(listed.owner)
        if listed.context_tokens is not None:
            source = "as the server's list of models says"
            return Stated(listed.context_tokens, None, source, opens, settled=True)
        if self._is(_OLLAMA, listed):
            return self._ollama()
        if self._is(_LM_STUDIO, listed):
            return self._lm_studio()
        window = None
        if listed.trained_tokens is not None or self._is(_LLAMA, listed):
            window = llama_window(self._json("/props"))
        source = "as llama.cpp's server says"
        return Stated(window, listed.trained_tokens, source, opens, settled=True)

    def _opens_thought(self, owner: str) -> bool:
        """Whether the prompt that a template makes ends in a thought: the two that render one."""
        if owner == _LLAMA[0]:
            made = self._json("/apply-template", {"messages": _HELLO})
            prompt = made.get("prompt") if isinstance(made, dict) else None
            return isinstance(prompt, str) and ends_in_thought(prompt)
        if owner == _VLLM:
            body = {"model": self._model, "messages": _HELLO, "return_token_strs": True}
            made = self._json("/tokenize", body)
            tokens = made.get("token_strs") if isinstance(made, dict) else None
            last = tokens[-12:] if isinstance(tokens, list) else []
            return ends_in_thought("".join(map(str, last)).translate(_BYTE_LEVEL))
        return False

    def _listed(self) -> ListedModel | None:
        models = listed_models(self._body(f"{self._parts.path}/models")) or ()
        names = (self._model, f"{self._model}:latest")
        named = [one for one in models if one.id in names]
        # A server of one model answers with it, whatever name it is asked for.
        return next(iter(named or (models if len(models) == 1 else ())), None)

    def _is(self, program: tuple[str, int], listed: ListedModel) -> bool:
        owner, port = program
        return listed.owner == owner or self._parts.port == port

    def _ollama(self) -> Stated:
        """The window of a model that runs; before, the one that it would be given."""
        source = "as Ollama says"
        running = running_window(self._json("/api/ps"), self._model)
        if running is not None:
            return Stated(running, None, source, settled=True)
        shown = self._json("/api/show", {"model": self._model})
        by_file, trained = shown_window(shown)
        window = by_file or ollama_default(os.environ)
        return Stated(min(window, trained or window), trained, source)

    def _lm_studio(self) -> Stated:
        listed = self._json("/api/v0/models")
        models = listed.get("data") if isinstance(listed, dict) else None
        for one in models if isinstance(models, list) else ():
            if isinstance(one, dict) and one.get("id") == self._model:
                window, trained = stated_window(one)
                settled = window is not None or one.get("state") != "not-loaded"
                return Stated(window, trained, "as LM Studio says", settled=settled)
        return Stated(settled=True)

    def _json(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        try:
            return json.loads(self._body(f"{self._root}{path}", body))
        except (ValueError, RecursionError):
            return None

    def _body(self, path: str, body: Mapping[str, Any] | None = None) -> bytes:
        """What a path answers, empty for nothing in time; no proxy, no redirect."""
        left = self._ends - time.monotonic()
        if left <= 0:
            return b""
        is_tls = self._parts.scheme == "https"
        kind = http.client.HTTPSConnection if is_tls else http.client.HTTPConnection
        connection = kind(self._parts.hostname or "", self._parts.port, timeout=left)
        self._connection = connection
        headers = {"Accept": "application/json", "User-Agent": "quire"}
        if self._key is not None:
            headers["Authorization"] = f"Bearer {self._key}"
        sent = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            sent = json.dumps(body)
        try:
            with closing(connection):
                connection.connect()
                if time.monotonic() >= self._ends:
                    return b""
                connection.request("GET" if sent is None else "POST", path, sent, headers)
                response = connection.getresponse()
                # One that loads its model says so by this status, and states it afterwards.
                self._answered = response.status != http.HTTPStatus.SERVICE_UNAVAILABLE
                return self._read(response) if response.status == http.HTTPStatus.OK else b""
        except (OSError, http.client.HTTPException, ValueError):
            return b""

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        came = bytearray()
        while len(came) < _MOST_BYTES and time.monotonic() < self._ends:
            piece = response.read1(_SLICE)
            if not piece:
                return bytes(came)
            came += piece
        return b""


def ollama_default(environment: Mapping[str, str]) -> int:
    """The context that Ollama gives a model where its file sets none."""
    told = environment.get("OLLAMA_CONTEXT_LENGTH", "")
    return max(int(told), 512) if told.isdecimal() and len(told) < 9 else OLLAMA_CONTEXT
