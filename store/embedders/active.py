"""The embedder that a library's vectors are made with, as it stands at each question."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from store.embedders.base import Embedder, Embedders, embedder_name, paper_text
from store.embedders.wordllama import NO_BUILT_IN, WordLlama
from store.errors import EmbedderUnavailable
from store.ledger.database import Ledger
from store.ledger.points import reach
from store.ledger.vectors import (
    embedder_dimension,
    embedder_key,
    lacking_vectors,
    put_vectors,
    register_embedder,
)
from store.types import Narrate

if TYPE_CHECKING:
    from store.ledger.vectors import Vectors

META = "embedder"
"""The setting of the ledger that holds the fingerprint of the vectors in use."""
WANTED = "wanted_embedder"
"""The setting of the ledger that names the embedder a new library is to use once its papers, which
another one made searchable at once, have their vectors."""
BATCH = 64
"""Papers embedded and committed together when vectors are made later: few, so that an
interruption of a slow embedder loses little."""


class ActiveEmbedder:
    """Looks the embedder up by the fingerprint in the ledger; another process may change it.

    `trouble` is why there was none when it was last asked for, in one line.
    """

    def __init__(self, ledger: Ledger, embedders: Embedders, narrate: Narrate) -> None:
        self._ledger = ledger
        self._embedders = embedders
        self._narrate = narrate
        self._lock = threading.Lock()
        self._found: Embedder | None = None
        self.trouble = ""

    @property
    def fingerprint(self) -> str:
        """The fingerprint in use; the built-in embedder's where none is noted yet."""
        return self._ledger.meta(META) or WordLlama.fingerprint

    def get(self) -> Embedder | None:
        """The embedder, or None where it is not on this machine, which a line then says."""
        try:
            found = self.needed()
        except EmbedderUnavailable as failure:
            self._do_without(failure)
            return None
        self.trouble = ""
        return found

    def _do_without(self, failure: EmbedderUnavailable) -> None:
        hint = "" if failure.message == NO_BUILT_IN else f"; {failure.hint}"
        self.trouble = f"{failure.message}: searching words alone{hint}"
        self._narrate(self.trouble)

    def needed(self) -> Embedder:
        """The embedder; raises EmbedderUnavailable."""
        fingerprint = self.fingerprint
        with self._lock:
            if self._found is None or self._found.fingerprint != fingerprint:
                self._found = self.made(fingerprint)
            return self._found

    def for_writing(self) -> Embedder | None:
        """The embedder for papers that are added; None where the built-in one does not work.

        Raises EmbedderUnavailable where the reader chose one that is not on this machine.
        """
        built_in = self.fingerprint == WordLlama.fingerprint
        try:
            found = self.needed()
            if built_in:
                # Its files are read now: where they are damaged, papers are added all the same.
                found.embed([""])
            return found
        except EmbedderUnavailable as failure:
            if built_in:
                self._do_without(failure)
                return None
            name = embedder_name(self.fingerprint)
            raise EmbedderUnavailable(
                f"this library uses {name}: {failure.message}; nothing was written",
                f"{failure.hint}, or change the embedder: quire models use wordllama",
            ) from failure

    def named(self, name: str) -> Embedder:
        """The embedder with a name; raises UnknownEmbedder, EmbedderUnavailable."""
        return self.made(self._embedders.fingerprint(name))

    def fingerprint_of(self, name: str) -> str:
        """The fingerprint of the embedder with a name; raises UnknownEmbedder."""
        return self._embedders.fingerprint(name)

    def made(self, fingerprint: str) -> Embedder:
        """The embedder with a fingerprint; raises EmbedderUnavailable."""
        return self._embedders.make(fingerprint, embedder_dimension(self._ledger, fingerprint))


def settle(ledger: Ledger, embedder: Embedder) -> None:
    """Note, inside a write, which embedder a library uses, unless one is noted already."""
    if ledger.meta(META) is None:
        ledger.set_meta(META, embedder.fingerprint)


def unembedded(ledger: Ledger, fingerprint: str) -> Iterator[list[str]]:
    """The texts of papers that have no current vector of an embedder, in the batches of `fill`."""
    key, after = embedder_key(ledger, fingerprint), 0
    while missing := lacking_vectors(ledger, -1 if key is None else key, BATCH, after):
        yield [paper_text(title, text) for _, title, text, _ in missing]
        after = missing[-1][0]


class Keeping(Protocol):
    """Keeps what comes with vectors when a text is gone through."""

    def embed(self, papers: Sequence[tuple[str, str]]) -> tuple[Vectors, Sequence[Any]]:
        """The vectors of papers by title and abstract, shape (n, d), and what is kept of each."""
        ...

    def put(self, papers: Sequence[tuple[int, str, Any]]) -> bool:
        """Keep that of papers: key, hash of the text, and what is kept."""
        ...


def fill_vectors(
    ledger: Ledger,
    embedder: Embedder,
    made: Callable[[int], None],
    stopped: Callable[[], bool],
    keeping: Keeping | None = None,
) -> bool:
    """Embed every paper that has no current vector of an embedder; False when stopped before.

    `made` is told how many vectors each commit added. What was committed stays. With `keeping`
    it makes the vectors, and keeps what comes with them.
    """
    key = embedder_key(ledger, embedder.fingerprint)
    after, found = 0, False
    while True:
        missing = lacking_vectors(ledger, -1 if key is None else key, BATCH, after)
        if not missing and not found:
            return True
        if not missing:
            after, found = 0, False  # once more from the start: papers change meanwhile
            continue
        if stopped():
            return False
        kept: Sequence[Any] = ()
        if keeping is None:
            vectors = embedder.embed([paper_text(title, text) for _, title, text, _ in missing])
        else:
            vectors, kept = keeping.embed([(title, text) for _, title, text, _ in missing])
        reach("vectors.made")
        with ledger.write():
            if ledger.meta(META) == embedder.fingerprint:
                # Whoever keeps these vectors in memory sees by the sequence that they are old.
                ledger.next_seq()
            key = register_embedder(ledger, embedder.fingerprint, embedder.dimension)
            rows = [
                (paper, hashed, vector.tobytes())
                for (paper, _, _, hashed), vector in zip(missing, vectors, strict=True)
            ]
            put_vectors(ledger, key, rows)
        reach("vectors.committed")
        if keeping is not None:
            keeping.put(
                [(paper, hashed, one) for (paper, hashed, _), one in zip(rows, kept, strict=True)]
            )
        after, found = missing[-1][0], True
        made(len(missing))
