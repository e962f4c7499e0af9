"""Vectors of the tokens of a text, for embedders that can tell them apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from store.ledger.vectors import Vectors


@dataclass(frozen=True, eq=False)
class TokenVectors:
    """A text as an embedder reads it: its own vector, shape (d,), and one a token, shape (n, d).

    All are of length 1. `spans` are the places of the tokens in the text, as start and end.
    """

    whole: Vectors
    spans: tuple[tuple[int, int], ...]
    tokens: Vectors


@runtime_checkable
class TokenEmbedder(Protocol):
    """An embedder that reads each token in its context."""

    def token_vectors(self, texts: Sequence[str]) -> list[TokenVectors]:
        """The vectors of texts, shape (d,), and of their tokens, (n, d).

        Raises EmbedderUnavailable.
        """
        ...
