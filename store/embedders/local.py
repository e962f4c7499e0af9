"""The embedders of this machine, by name and by fingerprint."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from store.embedders.base import REINSTALL, Embedder, embedder_name
from store.embedders.wordllama import NO_BUILT_IN, WordLlama, built_in_embedder
from store.errors import EmbedderUnavailable, UnknownEmbedder


class LocalEmbedders:
    """The embedders that need no service: `wordllama` and `minilm`.

    `models` is the folder of models that were fetched; without it there is only the
    built-in one.
    """

    names = ("wordllama", "minilm")

    def __init__(self, models: Path | None = None) -> None:
        self._models = models

    def fingerprint(self, name: str) -> str:
        """The fingerprint of the embedder with this name; raises UnknownEmbedder."""
        if name == WordLlama.name:
            return WordLlama.fingerprint
        from store.embedders.minilm.embedder import MiniLM

        if name == MiniLM.name:
            return MiniLM.fingerprint
        raise UnknownEmbedder(
            f"no embedder “{name}”; there is {', '.join(self.names)} and openai:MODEL",
            "see: quire models list",
        )

    def make(self, fingerprint: str, dimension: int | None = None) -> Embedder:
        """The embedder with this fingerprint; raises EmbedderUnavailable.

        `dimension` is not asked for: both know the length of their vectors.
        """
        if fingerprint == WordLlama.fingerprint:
            built_in = built_in_embedder()
            if built_in is None and find_spec("wordllama") is not None:
                raise EmbedderUnavailable("the built-in embedder lacks its files", REINSTALL)
            if built_in is None:
                raise EmbedderUnavailable(NO_BUILT_IN, "use Python 3.11 to 3.13")
            return built_in
        from store.embedders.minilm.embedder import MiniLM
        from store.embedders.minilm.folder import GET_IT, is_installed

        name = embedder_name(fingerprint)
        if fingerprint == MiniLM.fingerprint:
            if self._models is None or not is_installed(self._models):
                raise EmbedderUnavailable(f"the embedder {name} is not on this machine", GET_IT)
            return MiniLM(self._models)
        raise EmbedderUnavailable(
            f"this quire does not know the embedder {fingerprint}",
            "use the quire that made it, or change the embedder: quire models use wordllama",
        )
