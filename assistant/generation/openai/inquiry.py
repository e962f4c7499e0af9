"""Asks a server that is near how many tokens prompt and answer may have together.

It is asked before a question, whose answer may be kept from before: openai's client, which takes
half a second to import, is not used for it.
"""

from __future__ import annotations

import http.client
import json
import os
import time
from collections.abc import Mapping
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

from assistant.config.endpoint_address import CheckedAddress
from assistant.generation.openai.error_text import ListedModel, listed_models
from assistant.generation.openai.windows import (
    OLLAMA_CONTEXT,
    llama_window,
    running_window,
    shown_window,
    stated_window,
)

_SECONDS = 1.0
"""How long all of it may take: such a server answers at once, or is busy."""
_MOST_BYTES = 4_000_000
_SLICE = 65_536
_OLLAMA, _LM_STUDIO, _LLAMA = ("library", 11434), ("organization_owner", 1234), ("llamacpp", 0)
"""How a program names the owner of its models, and the port that it listens at by itself."""

Stated = tuple[int | None, int | None, str]
"""The window, the longest that there may be (None: not stated), and who says so."""


class WindowInquiry:
    """What one server states of one model; synchronous, for a thread.

    Only `/models` is asked of every server, other paths only of the program that has them.
    """

    def __init__(self, address: CheckedAddress, key: str | None, model: str) -> None:
        self._parts = urlsplit(address.url)
        self._key = key
        self._model = model
        self._ends = 0.0

    def stated(self) -> Stated:
        """What the server states, within a second; nothing where it cannot be asked."""
        self._ends = time.monotonic() + _SECONDS
        listed = self._listed()
        if listed is None:
            return None, None, ""
        if listed.context_tokens is not None:
            return listed.context_tokens, None, "as the server's list of models says"
        if self._is(_OLLAMA, listed):
            return *self._ollama(), "as Ollama says"
        if self._is(_LM_STUDIO, listed):
            return *self._lm_studio(), "as LM Studio says"
        window = None
        if listed.trained_tokens is not None or self._is(_LLAMA, listed):
            window = llama_window(self._json("/props"))
        return window, listed.trained_tokens, "as llama.cpp's server says"

    def _listed(self) -> ListedModel | None:
        models = listed_models(self._body(f"{self._parts.path}/models")) or ()
        names = (self._model, f"{self._model}:latest")
        named = [one for one in models if one.id in names]
        # A server of one model answers with it, whatever name it is asked for.
        return next(iter(named or (models if len(models) == 1 else ())), None)

    def _is(self, program: tuple[str, int], listed: ListedModel) -> bool:
        owner, port = program
        return listed.owner == owner or self._parts.port == port

    def _ollama(self) -> tuple[int | None, int | None]:
        running = running_window(self._json("/api/ps"), self._model)
        if running is not None:
            return running, None
        shown = self._json("/api/show", {"model": self._model})
        by_file, trained = shown_window(shown)
        window = by_file or ollama_default(os.environ)
        return min(window, trained or window), trained

    def _lm_studio(self) -> tuple[int | None, int | None]:
        listed = self._json("/api/v0/models")
        models = listed.get("data") if isinstance(listed, dict) else None
        for one in models if isinstance(models, list) else ():
            if isinstance(one, dict) and one.get("id") == self._model:
                return stated_window(one)
        return None, None

    def _json(self, path: str, body: Mapping[str, str] | None = None) -> Any:
        try:
            return json.loads(self._body(path, body))
        except (ValueError, RecursionError):
            return None

    def _body(self, path: str, body: Mapping[str, str] | None = None) -> bytes:
        """What a path answers, empty for nothing in time; no proxy, no redirect."""
        left = self._ends - time.monotonic()
        if left <= 0:
            return b""
        is_tls = self._parts.scheme == "https"
        kind = http.client.HTTPSConnection if is_tls else http.client.HTTPConnection
        connection = kind(self._parts.hostname or "", self._parts.port, timeout=left)
        headers = {"Accept": "application/json", "User-Agent": "quire"}
        if self._key is not None:
            headers["Authorization"] = f"Bearer {self._key}"
        sent = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            sent = json.dumps(body)
        try:
            with closing(connection):
                connection.request("GET" if sent is None else "POST", path, sent, headers)
                response = connection.getresponse()
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
