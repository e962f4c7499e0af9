"""Vectors of the tokens of a text, for embedders that can tell them apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeGuard, runtime_checkable

from store.embedders.base import Embedder
from store.tokens.signs import Spans, TokenAxes

if TYPE_CHECKING:
    from store.ledger.vectors import Vectors

ReadTokens = Callable[[int, Spans, "Vectors"], None]
"""Told the place of a text among others, and of tokens of it the spans and vectors, (n, d)."""


@dataclass(frozen=True, eq=False)
class TokenVectors:
    """A text as an embedder reads it: its own vector, shape (d,), and one a token, shape (n, d).

    All are of length 1.
    """

    whole: Vectors
    spans: Spans
    tokens: Vectors


@runtime_checkable
class TokenEmbedder(Protocol):
    """An embedder that reads each token in its context."""

    def token_vectors(self, texts: Sequence[str]) -> list[TokenVectors]:
        """The vectors of texts, shape (d,), and of their tokens, (n, d).

        Raises EmbedderUnavailable.
        """
        ...


class LateEmbedder(Embedder, Protocol):
    """An embedder of whose papers' tokens the signs are kept, for late interaction."""

    @property
    def axes_version(self) -> str:
        """Changes whenever the axes do."""
        ...

    def axes(self) -> TokenAxes:
        """What its tokens are turned onto; raises EmbedderUnavailable."""
        ...

    def embed_and_read(self, texts: Sequence[str], read: ReadTokens) -> Vectors:
        """What `embed` gives, and the tokens of the texts from the same runs of the model.

        `read` may be told those of a text in parts, by several threads and in any order.
        """
        ...


def reads_late(embedder: Embedder | None) -> TypeGuard[LateEmbedder]:
    """True for an embedder that has what a `LateEmbedder` has, by its class.

    `isinstance` reads every attribute of a protocol (Python 3.11), and an endpoint is asked for
    the length of its vectors.
    """
    return hasattr(type(embedder), "embed_and_read")
