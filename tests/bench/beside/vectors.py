"""Vectors of texts, made once by one of quire's embedders and kept in a file; tokens counted."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from store.embedders.base import Embedder
from store.embedders.local import LocalEmbedders
from store.embedders.wordllama import WordLlama

Floats = NDArray[np.float32]
_BATCH = 64


class Vectors:
    """Vectors by text, from `file` or made now; what is made is kept when `keep` is called."""

    def __init__(self, file: Path, embedder: Embedder) -> None:
        self._file = file
        self._embedder = embedder
        self._lock = threading.Lock()
        self._known: dict[str, Floats] = {}
        self.made = 0
        if file.is_file():
            with np.load(file) as held:
                self._known = dict(zip(held["names"].tolist(), held["vectors"], strict=True))

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._embedder.dimension

    def of(self, texts: Sequence[str]) -> Floats:
        """Vectors of length 1, shape (n, d)."""
        names = [sha256(text.encode("utf-8", "replace")).hexdigest() for text in texts]
        with self._lock:
            lacking = {n: t for n, t in zip(names, texts, strict=True) if n not in self._known}
            wanted = list(lacking)
            for start in range(0, len(wanted), _BATCH):
                part = wanted[start : start + _BATCH]
                rows = self._embedder.embed([lacking[name] for name in part])
                self._known.update(zip(part, rows, strict=True))
            self.made += len(wanted)
            return np.stack([self._known[name] for name in names])

    def keep(self) -> None:
        """Write all vectors to the file."""
        if not self._known:
            return
        partial = self._file.with_suffix(".part.npz")
        names = np.array(list(self._known))
        np.savez(partial, names=names, vectors=np.stack(list(self._known.values())))
        partial.replace(self._file)


def embedder_named(name: str, models: Path) -> Embedder:
    """An embedder of this machine by its name; raises a StoreError where there is none."""
    found = LocalEmbedders(models)
    return found.make(found.fingerprint(name))


def token_count(texts: Sequence[str]) -> int:
    """Tokens of texts, counted by the tokenizer of the built-in embedder (Llama 2's, 32 000)."""
    return sum(len(one.ids) for one in _tokenizer().encode_batch(list(texts)))


@lru_cache(maxsize=1)
def _tokenizer() -> Tokenizer:
    found = WordLlama.find()
    if found is None:
        raise SystemExit("tokens are counted with the tokenizer of wordllama, which is not here")
    tokenizer = Tokenizer.from_file(str(found._tokenizer_file))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer
