"""An OpenAI-compatible server on loopback that makes vectors, for tests of embedders."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from endpoint_fixture import Handler, servers
from hashed_embedder import Hashed

Change = Callable[[list[Any]], Any]


@dataclass
class VectorEndpoint:
    """A running server; its vectors are those of `Hashed`, three times as long.

    `change` turns the list of entries into what is sent as `data`. `refusals` are taken one by
    one before a request is answered: (status, message, Retry-After). `fail_after` requests
    everything fails with 500; `delay` are seconds before each answer. A text of more than
    `reads` characters is refused as too long.
    """

    base_url: str
    change: Change = list
    refusals: list[tuple[int, str, str]] = field(default_factory=list)
    fail_after: int | None = None
    delay: float = 0.0
    reads: int | None = None
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """Every text that was sent."""
        return [text for one in self.requests for text in one["input"]]


class _Embeddings(Handler):
    def do_POST(self) -> None:
        own, body = self.own, self.body()
        own.headers.append(self.named)
        if not self.path.endswith("/embeddings"):
            return self.send_error_text(404, "no such path")
        time.sleep(own.delay)
        if own.refusals:
            status, message, wait = own.refusals.pop(0)
            headers = {"Retry-After": wait} if wait else {}
            return self.send_error_text(status, message, **headers)
        if own.fail_after is not None and len(own.requests) >= own.fail_after:
            return self.send_error_text(500, "out of memory")
        if own.reads is not None and max(map(len, body["input"])) > own.reads:
            error = {"message": "maximum context length", "code": "context_length_exceeded"}
            return self.send(400, {"error": error})
        own.requests.append(body)
        rows = Hashed().embed(body["input"]) * 3
        entries = [
            {"object": "embedding", "index": at, "embedding": row.tolist()}
            for at, row in enumerate(rows)
        ]
        return self.send(200, {"object": "list", "data": own.change(entries)})


@pytest.fixture
def vector_endpoint() -> Iterator[VectorEndpoint]:
    """A healthy server; its fields may be set at any time."""
    with servers(_Embeddings, VectorEndpoint) as start:
        yield start()
