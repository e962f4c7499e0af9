"""An endpoint's embedder that makes its requests and sends none, for dry runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.generation.loops import run_loop
from assistant.generation.openai.embedding import EndpointEmbedder, batches
from assistant.types.wire import WireRequest
from store.errors import EmbeddingFailed

if TYPE_CHECKING:
    from store.ledger.vectors import Vectors


@dataclass
class UnsentTexts:
    """What would be sent for vectors: to which embedder, at which address, how much, what first."""

    embedder: str = ""
    address: str = ""
    texts: int = 0
    calls: int = 0
    request: WireRequest | None = None


class UnsentEmbedder:
    """Stands for an endpoint's embedder; what it is asked for is kept in `unsent`."""

    def __init__(
        self, behind: EndpointEmbedder, dimension: int | None, unsent: UnsentTexts
    ) -> None:
        self._behind = behind
        self._unsent = unsent
        self.name = behind.name
        self.fingerprint = behind.fingerprint
        self.dimension = dimension or 1

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Raises EmbeddingFailed; not for a thread that runs an event loop."""
        parts, unsent = batches(texts), self._unsent
        unsent.embedder, unsent.address = self.name, self._behind.address.url
        if parts and unsent.request is None:
            unsent.request = run_loop(self._behind.request_for(parts[0]))
        unsent.texts += len(texts)
        unsent.calls += len(parts)
        raise EmbeddingFailed(
            f"nothing is sent to {self._behind.address.host} for vectors in a dry run",
            "what is found may differ",
        )
