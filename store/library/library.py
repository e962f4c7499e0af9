"""A library: the ledger, its projections, and the embedder, behind one door."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from store.embedders.active import META, Keeping, settle
from store.embedders.base import Embedder, Embedders, embedder_name
from store.files import disk_bytes
from store.ledger import named, outbox
from store.ledger import sessions as stored
from store.ledger.citation_keys import DEFAULT_PATTERN
from store.ledger.database import Ledger
from store.ledger.papers import (
    find_paper,
    lacking,
    sampled_ids,
    titles_and_abstracts,
    untold,
)
from store.ledger.papers import original_text as _original_text
from store.ledger.papers import papers_by_filter as _papers_by_filter
from store.ledger.papers import papers_by_id as _papers_by_id
from store.ledger.vectors import embedder_key, vectors_of
from store.library.changes import Changes
from store.library.follow import Following
from store.library.marking import Marking
from store.library.searches import Searches
from store.library.upkeep import READ_LIMIT
from store.types import Filter, LibraryStatus, Narrate, Paper, PaperText

if TYPE_CHECKING:
    from store.ledger.vectors import Vectors
    from store.library.ingest import Advance, Ingest
    from store.library.kept_readings import MakeReader
    from store.sentences.readings import Readings

__all__ = ["READ_LIMIT", "Library"]


class Library(Searches, Changes, Marking):
    """An open library.

    Methods are synchronous and safe to call from several threads; what a method raises is
    below StoreError. `narrate` receives lines for the reader: what is rebuilt and why.
    `embedders` are those it may use, without them the built-in one alone.
    """

    key_pattern: str = DEFAULT_PATTERN
    """What citation keys are made by (`store/library/key_pattern.py`)."""

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        create: bool = False,
        narrate: Narrate = lambda line: None,
        embedders: Embedders | None = None,
        reader: MakeReader | None = None,
    ) -> Library:
        """Open the library in a folder, or make one.

        What a `reader` reads of papers is kept; without one there are no `readings`.

        Raises LibraryMissing, LibraryDamaged, LibraryNewer, LibraryReadOnly.
        """
        ledger = Ledger.open(folder, create=create, narrate=narrate)
        return cls._opened(ledger, lambda: cls(ledger, folder, narrate, embedders, reader))

    def close(self) -> None:
        """End what was started and close the ledger."""
        with self._words_lock, self._chroma_lock:
            if self._chroma is not None:
                self._chroma.close()
            if (readings := self.__dict__.get("kept_readings")) is not None:
                readings.close()
            if self._tokens is not None:
                self._tokens.close()
            self.ledger.close()

    # Papers.

    def papers(self, wanted: Filter | None = None, limit: int | None = None) -> tuple[Paper, ...]:
        """The papers a filter leaves, in the order added."""
        return _papers_by_filter(self.ledger, wanted or Filter(), limit)

    def original_text(self, paper: str) -> tuple[str, str] | None:
        """Title and abstract of a paper as its source has them; None where nothing differs."""
        return _original_text(self.ledger, paper)

    def citation_keys(self, ids: Sequence[str], *, renew: bool = False) -> dict[str, str]:
        """What the reader's texts cite these papers by; who has no key gets one, and keeps it.

        With `renew` those that were made are made anew.
        """
        from store.library import citation_keys

        give = citation_keys.renew if renew else citation_keys.citation_keys
        return give(self.ledger, ids, self.key_pattern)

    def papers_by_id(self, ids: Sequence[str]) -> dict[str, Paper]:
        """The papers with these ids; ids that are not there are left out."""
        return _papers_by_id(self.ledger, ids)

    def texts(self, ids: Sequence[str]) -> dict[str, PaperText]:
        """Title and abstract of the papers with these ids; ids that are not there are left out."""
        return titles_and_abstracts(self.ledger, ids)

    def readings(self, ids: Sequence[str]) -> Readings | None:
        """What was read of the papers with these ids, each once; ids that are gone are left out.

        None for a library that was opened without a reader.
        """
        kept = self.kept_readings
        return None if kept is None else kept.of(ids)

    def sample(self, number: int) -> list[str]:
        """At most so many ids, evenly spread over the papers in the order added."""
        return sampled_ids(self.ledger, number)

    def paper(self, name: str) -> Paper:
        """The paper with this id, prefix, DOI, arXiv id or title; raises UnknownPaper."""
        return find_paper(self.ledger, name)

    def ids_by_date(self, wanted: Filter, *, newest: bool, limit: int) -> list[str]:
        """The first ids a filter leaves by date, newest or oldest first; the undated come last."""
        return named.ids_by_date(self.ledger, wanted, newest=newest, limit=limit)

    def ids_identified(self, text: str) -> tuple[str, ...]:
        """The ids of the papers with this DOI, arXiv id or address."""
        return named.ids_identified(self.ledger, text)

    def venues(self) -> tuple[str, ...]:
        """The venues of all papers, each once, as the records write them."""
        return named.venues(self.ledger)

    def tags(self) -> tuple[str, ...]:
        """The tags of all papers, each once."""
        return named.tags(self.ledger)

    def held_by_both(self, one: Filter, other: Filter) -> Filter:
        """A filter that leaves the papers which both leave; an entry of either list does alone."""
        if one.leaves_all or other.leaves_all:
            return other if one.leaves_all else one
        there = set(self.ids(other))
        # An id that no paper has keeps a filter that leaves nothing from leaving all.
        ids = tuple(name for name in self.ids(one) if name in there) or ("",)
        return one.model_copy(update={"papers": ids})

    def vectors(self, ids: Sequence[str]) -> tuple[list[str], Vectors] | None:
        """Ids that have a vector, and their vectors, shape (n, d); None without any."""
        key = embedder_key(self.ledger, self._active.fingerprint)
        if key is None:
            return None
        chroma = self.chroma
        if chroma is None:
            return vectors_of(self.ledger, key, ids)
        with self._chroma_lock:
            return chroma.vectors(ids)

    def token_signs(self, ids: Sequence[str]) -> dict[str, bytes]:
        """The signs of the tokens of these papers, by id, of those that have some."""
        kept = self.tokens
        return {} if kept is None else kept.of(ids)

    def untold(self, wanted: Filter) -> int:
        """How many papers that a filter leaves have no abstract; costs nothing where none has."""
        return untold(self.ledger, wanted)

    def lacking(self, wanted: Filter) -> tuple[tuple[str, int], ...]:
        """Fields a filter asks for, with how many papers have none."""
        return lacking(self.ledger, wanted)

    # Writing.

    def ingest(
        self,
        *,
        tags: Sequence[str] = (),
        dry_run: bool = False,
        advance: Advance | None = None,
        keep_ids: bool = True,
        rehearsal: Embedder | None = None,
    ) -> Ingest:
        """A run of taking records in, not started yet; projections follow as it goes.

        Without `keep_ids` its report does not name the papers; a dry run tells a `rehearsal` what
        would be embedded. Raises EmbedderUnavailable when
        the reader chose an embedder that is not here.
        """
        from store.library.ingest import Ingest

        embedder = rehearsal if dry_run else self._active.for_writing()
        if not dry_run and embedder is not None and self.ledger.meta(META) is None:
            with self.ledger.write():
                settle(self.ledger, embedder)

        return Ingest(
            self.ledger,
            embedder,
            tags=tags,
            dry_run=dry_run,
            advance=advance,
            keep_ids=keep_ids,
            narrate=self._narrate,
            following=None if dry_run else Following(self._followers),
            keeping=None if embedder is None else self._keeping_by(embedder),
        )

    def _keeping_by(self, embedder: Embedder) -> Keeping | None:
        """What an embedder's vectors are made by where more is kept than those."""
        reads = embedder is self.sentence_embedder
        return self.tokens_by(embedder) or (self.kept_readings if reads else None)

    def changed(self) -> bool:
        """True when another process committed since the last call."""
        version = self.ledger.data_version()
        changed, self._seen_version = version != self._seen_version, version
        return changed

    # Conversations.

    def save_turn(self, session: str | None, turn: stored.StoredTurn, name: str = "") -> str:
        """Add a turn to a conversation, or begin one of this name with it; returns its id."""
        return stored.save_turn(self.ledger, session, turn, name)

    def save_turns(
        self, session: str | None, turns: Sequence[stored.StoredTurn], name: str = ""
    ) -> str:
        """The same with several turns: all are added, or none."""
        return stored.save_turns(self.ledger, session, turns, name)

    def update_turn(self, session: str, question: str, answer: str) -> None:
        """Put another answer in place of that of the last turn with this question."""
        stored.update_turn(self.ledger, session, question, answer)

    def sessions(self) -> tuple[stored.StoredSession, ...]:
        """All conversations, the last one used first."""
        return stored.list_sessions(self.ledger)

    def session(self, name: str) -> tuple[stored.StoredSession, tuple[stored.StoredTurn, ...]]:
        """A conversation and its turns; raises UnknownSession, AmbiguousSession."""
        found = stored.find_session(self.ledger, name)
        return found, stored.turns_of(self.ledger, found.id)

    def rename_session(self, name: str, to: str) -> str:
        """Give a conversation another name; returns it as it is kept. Raises InputError."""
        found = stored.find_session(self.ledger, name)
        return stored.rename_session(self.ledger, found.id, to)

    def delete_session(self, name: str) -> None:
        """Forget a conversation; raises UnknownSession, AmbiguousSession."""
        stored.delete_sessions(self.ledger, [stored.find_session(self.ledger, name).id])

    # Standing.

    def status(self) -> LibraryStatus:
        """How the library stands, by the ledger and a look at the files: no index is opened."""
        papers = self.count()
        marks = {name: outbox.mark(self.ledger, name) for name in ("lexical", "chroma")}
        if self.ledger.meta(META) is None:
            lowest = marks["lexical"].watermark
        else:
            lowest = min(mark.watermark for mark in marks.values())
        waiting = int(
            self.ledger.value(
                "SELECT count(*) FROM outbox WHERE seq > ? AND deleted = 0", (lowest,)
            )
        )
        return LibraryStatus(
            library=str(self.folder),
            papers=papers,
            indexed=papers - waiting,
            pending=waiting,
            embedder=embedder_name(self.ledger.meta(META) or "none"),
            chroma=self._standing("chroma", marks["chroma"]),
            lexical=self._standing("lexical", marks["lexical"]),
            disk_bytes=disk_bytes(self.folder),
        )
