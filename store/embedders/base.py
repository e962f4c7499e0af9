"""Embedders: what turns texts into vectors, behind one seam."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from store.ledger.vectors import Vectors

Preference = Literal["auto", "wordllama"]
"""What new libraries are searched with: the best that is on this machine, or the built-in one."""
TEXT_VERSION = "title.abstract/1"
"""The end of every fingerprint: what of a paper is embedded, see `paper_text`."""


class Embedder(Protocol):
    """Turns texts into vectors of length 1."""

    @property
    def name(self) -> str:
        """The name a reader uses."""
        ...

    @property
    def fingerprint(self) -> str:
        """What the vectors were made with; vectors of two fingerprints are never mixed."""
        ...

    @property
    def dimension(self) -> int:
        """The length d of a vector."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of the texts: float32, shape (n, d), every row of length 1.

        Raises EmbedderUnavailable, EmbeddingFailed.
        """
        ...


class PartEmbedder(Embedder, Protocol):
    """One that embeds texts together with parts of them in less time than apart."""

    def embed_with_parts(
        self, texts: Sequence[str], parts: Sequence[Sequence[Sequence[str]]]
    ) -> tuple[Vectors, Vectors]:
        """What `embed` gives for texts, shape (n, d), and for all parts of them, shape (m, d).

        Each text has one part or more. A part is given as what its spaces part. Raises as
        `embed` does.
        """
        ...


class Embedders(Protocol):
    """Where a library gets its embedder from."""

    def fingerprint(self, name: str) -> str:
        """The fingerprint of the embedder with this name; raises UnknownEmbedder."""
        ...

    def make(self, fingerprint: str, dimension: int | None) -> Embedder:
        """The embedder with this fingerprint; `dimension` is the length of its vectors so far.

        Raises EmbedderUnavailable when it is not on this machine.
        """
        ...


def paper_text(title: str, abstract: str) -> str:
    """The text of a paper that is embedded."""
    return f"{title}. {abstract}" if abstract else title


def fingerprint_of_model(model: str) -> str:
    """The fingerprint of the vectors of a model behind an endpoint.

    Its id alone stands for them, wherever it is served: a library moves from one machine to
    another, and the same id means the same weights.
    """
    return f"openai:{model}/{TEXT_VERSION}"


def embedder_name(fingerprint: str) -> str:
    """The name that a reader uses for the embedder with a fingerprint.

    A fingerprint is the name, then for a model that quire carries its own name and form,
    then `TEXT_VERSION`. Of `openai:MODEL` the model's id is all that is known; it may hold
    slashes itself.
    """
    if fingerprint.startswith("openai:"):
        return fingerprint.removesuffix(f"/{TEXT_VERSION}")
    return fingerprint.split("/")[0]


REINSTALL = "reinstall the package wordllama"
"""What to do where its files are damaged."""
