"""The parts of an open library, made when first needed: ledger, projections, embedders."""

from __future__ import annotations

import threading
from collections.abc import Collection
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from store.embedders.active import WANTED, ActiveEmbedder
from store.embedders.base import Embedder, Embedders
from store.embedders.local import LocalEmbedders
from store.embedders.wordllama import WordLlama, built_in_embedder
from store.errors import EmbedderUnavailable
from store.ledger.database import Ledger
from store.ledger.papers import count
from store.library.door import Door
from store.types import Filter, Narrate

if TYPE_CHECKING:
    from store.chroma.projection import ChromaProjection
    from store.ledger.selection import Selection, Selector
    from store.lexical.projection import LexicalProjection
    from store.library.kept_readings import KeptReadings, MakeReader
    from store.library.kept_tokens import KeptTokens


class Parts(Door):
    """What an open library is made of, with the locks that guard it."""

    def __init__(
        self,
        ledger: Ledger,
        folder: Path,
        narrate: Narrate,
        embedders: Embedders | None = None,
        reader: MakeReader | None = None,
    ) -> None:
        super().__init__(ledger, folder, narrate)
        self._active = ActiveEmbedder(ledger, embedders or LocalEmbedders(), self._narrate)
        self._chroma: ChromaProjection | None = None
        self._make_reader = reader
        self._tokens: KeptTokens | None = None
        self.words_alone = ""
        """Why the last question was searched by words alone, in one line; empty when it was not."""
        self._words_lock = threading.RLock()
        self._chroma_lock = threading.RLock()
        self._selecting = threading.Lock()
        self._seen_version = ledger.data_version()

    @property
    def embedder(self) -> Embedder | None:
        """The embedder that the library's vectors are made with now, or None: words alone."""
        return self._active.get()

    @property
    def fingerprint(self) -> str:
        """What the library's vectors are made with; the built-in embedder where there are none."""
        return self._active.fingerprint

    def needed_embedder(self) -> Embedder:
        """The embedder that the library's vectors are made with; raises EmbedderUnavailable."""
        return self._active.needed()

    @cached_property
    def sentence_embedder(self) -> WordLlama | None:
        """The embedder that compares sentences: the built-in one, whatever the library uses.

        It is quick, nothing leaves this machine, and what is told from similarities was
        measured with it. minilm takes a second for the sentences of 20 abstracts where this
        takes some milliseconds, and finds the evidence sentence no more often. Where minilm
        is the library's embedder it does the check of claims, by tokens: see `token_vectors`.
        Where the library uses the built-in one too it is the same: its files are read once.
        """
        found = built_in_embedder()
        if found is not None and self.fingerprint == found.fingerprint:
            with suppress(EmbedderUnavailable):
                used = self._active.needed()
                if isinstance(used, WordLlama) and used.folder == found.folder:
                    return used
        return found

    @cached_property
    def kept_readings(self) -> KeptReadings | None:
        """What is kept of the texts of papers; None where the library was given no reader."""
        from store.library.kept_readings import KeptReadings

        make = self._make_reader
        if make is None:
            return None
        return KeptReadings(
            self.ledger, self.folder, make, lambda: self.sentence_embedder, self._narrate
        )

    @property
    def chroma(self) -> ChromaProjection | None:
        """The dense projection, None without an embedder; another one once that changes."""
        from store.chroma.projection import ChromaProjection

        embedder = self.embedder
        if embedder is None:
            return None
        with self._chroma_lock:
            before = self._chroma
            if before is None or before.fingerprint != embedder.fingerprint:
                self._chroma = ChromaProjection(self.ledger, self.folder, embedder, self._narrate)
                if before is not None:
                    before.close()
                    self._chroma.scans_only = before.scans_only
            return self._chroma

    @property
    def tokens(self) -> KeptTokens | None:
        """What is kept of the tokens of papers; None where the embedder does not tell them apart.

        Looking does not ask whether the embedder is here: it is in use, or nothing is embedded.
        """
        embedder = self.embedder
        return None if embedder is None else self.tokens_by(embedder)

    def tokens_by(self, embedder: Embedder) -> KeptTokens | None:
        """What is kept, by an embedder, of the tokens of papers; None where it keeps nothing."""
        from store.embedders.token_vectors import reads_late

        if not reads_late(embedder):
            return None
        from store.library.kept_tokens import KeptTokens

        with self._chroma_lock:
            before = self._tokens
            if before is None or before.embedder is not embedder:
                self._tokens = KeptTokens(self.ledger, self.folder, embedder)
                if before is not None:
                    before.close()
            assert self._tokens is not None
            return self._tokens

    @cached_property
    def words(self) -> LexicalProjection:
        """The lexical projection."""
        from store.lexical.projection import LexicalProjection

        return LexicalProjection(self.ledger, self.folder, self._narrate)

    @cached_property
    def _selector(self) -> Selector:
        from store.ledger.selection import Selector

        return Selector(self.ledger)

    def within(self, wanted: Filter) -> Selection | None:
        """The papers a filter leaves, for `lexical` and `dense`; None for no filter at all."""
        if wanted.leaves_all:
            return None
        with self._selecting:
            return self._selector.of_filter(wanted)

    def _selection(self, within: Selection | Collection[str] | None) -> Selection | None:
        from store.ledger.selection import Selection

        if within is None or isinstance(within, Selection):
            return within
        return self._selector.of_ids(list(within))

    def warm_up(self) -> None:
        """Start what takes long, without waiting for it."""
        chroma = self.chroma
        if chroma is not None and chroma.is_asked:
            chroma.start()

    @property
    def wanted_embedder(self) -> str:
        """The name of the embedder that the library is to use once it has its vectors; else ""."""
        return self.ledger.meta(WANTED) or ""

    def want_embedder(self, name: str) -> bool:
        """Note which embedder a library without papers is to use; False where it has some.

        They are added with the built-in one, as fast as ever, and searched with it until
        `use_embedder` has been called with that name and is done. A library that was given
        another embedder keeps it: False. Raises UnknownEmbedder.
        """
        self._active.fingerprint_of(name)
        is_given = self.fingerprint != WordLlama.fingerprint
        if self.ledger.read_only or is_given or count(self.ledger):
            return False
        with self.ledger.write():
            self.ledger.set_meta(WANTED, name)
        return True

    def prefer_scan(self) -> None:
        """Answer from the exact scan however many papers there are: for one question.

        Importing and opening Chroma takes 0.4 CPU seconds, and seconds at a million papers.
        """
        chroma = self.chroma
        if chroma is not None:
            chroma.scans_only = True
