"""A small embedder of its own kind for tests: words hashed into a vector."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from store.embedders.base import TEXT_VERSION, Embedder
from store.embedders.local import LocalEmbedders
from store.errors import EmbedderUnavailable


class Hashed:
    """Counts each word at the place of its hash; `asked` holds every text it was given.

    `before` is called before each batch, with the number of texts made so far.
    """

    def __init__(
        self,
        name: str = "hashed",
        dimension: int = 48,
        before: Callable[[int], None] = lambda made: None,
    ) -> None:
        self.name = name
        self.dimension = dimension
        self.fingerprint = f"{name}/{dimension}/{TEXT_VERSION}"
        self.asked: list[str] = []
        self.before = before

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.before(len(self.asked))
        self.asked += texts
        vectors = np.full((len(texts), self.dimension), 0.01, dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                vectors[row, zlib.crc32(word.encode()) % self.dimension] += 1
        unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


class TestEmbedders:
    """The embedders of this machine, and those given here; one that is `absent` is only known."""

    __test__ = False

    def __init__(self, *embedders: Hashed, absent: Sequence[Hashed] = ()) -> None:
        self._local = LocalEmbedders()
        self._mine = (*embedders, *absent)
        self._absent = absent

    def fingerprint(self, name: str) -> str:
        mine = [one.fingerprint for one in self._mine if one.name == name]
        return mine[0] if mine else self._local.fingerprint(name)

    def make(self, fingerprint: str, dimension: int | None) -> Embedder:
        for one in self._mine:
            if one.fingerprint == fingerprint:
                if one in self._absent:
                    raise EmbedderUnavailable(f"{one.name} is not on this machine", "get it")
                return one
        return self._local.make(fingerprint, dimension)
