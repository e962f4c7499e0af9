"""A library: the ledger, its projections, and the embedder, behind one door."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from store import outbox
from store import sessions as stored
from store.active import META, ActiveEmbedder, fill_vectors, settle
from store.embedders import (
    Embedder,
    Embedders,
    LocalEmbedders,
    WordLlama,
    built_in_embedder,
    embedder_name,
)
from store.errors import EmbedderUnavailable, EmbeddingFailed, LibraryBusy
from store.files import disk_bytes, tighten
from store.following import CHROMA_BATCH, LEXICAL_BATCH, Follower, Following
from store.ingest import Advance, Ingest
from store.ledger import Ledger
from store.model import Filter, LibraryStatus, Narrate, Paper, TermMatch, Words
from store.papers import count, count_by_filter, find_paper, ids_by_filter, lacking
from store.papers import papers_by_filter as _papers_by_filter
from store.papers import papers_by_id as _papers_by_id
from store.vectors import embedder_dimension, embedder_key, lacks_since, vectors_of
from store.writing import remove_paper

if TYPE_CHECKING:
    from store.lexical import WordHits
    from store.projection_chroma import ChromaProjection, DenseHits
    from store.projection_lexical import LexicalProjection
    from store.reembedding import ChangeReport, Progress
    from store.selection import Selection, Selector
    from store.vectors import Vectors

READ_LIMIT = 200
"""A command that only reads projects at most this many papers."""
_LET_GO_SECONDS = 8.0


class Library:
    """An open library.

    Methods are synchronous and safe to call from several threads; what a method raises is
    below StoreError. `narrate` receives lines for the reader: what is rebuilt and why.
    `embedders` are those it may use, without them the built-in one alone.
    """

    def __init__(
        self, ledger: Ledger, folder: Path, narrate: Narrate, embedders: Embedders | None = None
    ) -> None:
        self.ledger = ledger
        self.folder = folder
        self._teller = narrate
        self._active = ActiveEmbedder(ledger, embedders or LocalEmbedders(), self._narrate)
        self._chroma: ChromaProjection | None = None
        self.words_alone = ""
        """Why the last question was searched by words alone, in one line; empty when it was not."""
        self._words_lock = threading.RLock()
        self._chroma_lock = threading.RLock()
        self._selecting = threading.Lock()
        self._seen_version = ledger.data_version()

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        create: bool = False,
        narrate: Narrate = lambda line: None,
        embedders: Embedders | None = None,
    ) -> Library:
        """Open the library in a folder, or make one.

        Raises LibraryMissing, LibraryDamaged, LibraryNewer, LibraryReadOnly.
        """
        return cls(Ledger.open(folder, create=create), folder, narrate, embedders)

    def close(self) -> None:
        """End what was started and close the ledger."""
        with self._words_lock, self._chroma_lock:
            if self._chroma is not None:
                self._chroma.close()
            self.ledger.close()

    @contextmanager
    def narrating(self, narrate: Narrate) -> Iterator[None]:
        """Send the lines for the reader elsewhere for a while."""
        before, self._teller = self._teller, narrate
        try:
            yield
        finally:
            self._teller = before

    def _narrate(self, line: str) -> None:
        self._teller(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # Parts, made when first needed.

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
        """The embedder that compares sentences: the built-in one, for it is quick and nothing
        leaves this machine, and what is told from similarities was measured with it."""
        return built_in_embedder()

    @property
    def chroma(self) -> ChromaProjection | None:
        """The dense projection, None without an embedder; another one once that changes."""
        from store.projection_chroma import ChromaProjection

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

    @cached_property
    def words(self) -> LexicalProjection:
        """The lexical projection."""
        from store.projection_lexical import LexicalProjection

        return LexicalProjection(self.ledger, self.folder, self._narrate)

    @cached_property
    def _selector(self) -> Selector:
        from store.selection import Selector

        return Selector(self.ledger)

    # Papers.

    def count(self, wanted: Filter | None = None) -> int:
        """How many papers there are, or that a filter leaves."""
        return count(self.ledger) if wanted is None else count_by_filter(self.ledger, wanted)

    def papers(self, wanted: Filter | None = None, limit: int | None = None) -> tuple[Paper, ...]:
        """The papers a filter leaves, in the order added."""
        return _papers_by_filter(self.ledger, wanted or Filter(), limit)

    def papers_by_id(self, ids: Sequence[str]) -> dict[str, Paper]:
        """The papers with these ids; ids that are not there are left out."""
        return _papers_by_id(self.ledger, ids)

    def paper(self, name: str) -> Paper:
        """The paper with this id, prefix, DOI, arXiv id or title; raises UnknownPaper."""
        return find_paper(self.ledger, name)

    def within(self, wanted: Filter) -> Selection | None:
        """The papers a filter leaves, for `lexical` and `dense`; None for no filter at all."""
        if wanted.is_empty:
            return None
        with self._selecting:
            return self._selector.of_filter(wanted)

    def _selection(self, within: Selection | Collection[str] | None) -> Selection | None:
        from store.selection import Selection

        if within is None or isinstance(within, Selection):
            return within
        return self._selector.of_ids(list(within))

    def ids(self, wanted: Filter) -> list[str]:
        """The ids a filter leaves, in the order added."""
        return ids_by_filter(self.ledger, wanted)

    def vectors(self, ids: Sequence[str]) -> tuple[list[str], Vectors] | None:
        """Ids that have a vector, and their vectors, shape (n, d); None without any."""
        key = embedder_key(self.ledger, self._active.fingerprint)
        return None if key is None else vectors_of(self.ledger, key, ids)

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
    ) -> Ingest:
        """A run of taking records in, not started yet; projections follow as it goes.

        Without `keep_ids` its report does not name the papers. Raises EmbedderUnavailable when
        the reader chose an embedder that is not here.
        """
        embedder = None if dry_run else self._active.for_writing()
        if embedder is not None and self.ledger.meta(META) is None:
            with self.ledger.write():
                settle(self.ledger, embedder)

        return Ingest(
            self.ledger,
            embedder,
            tags=tags,
            dry_run=dry_run,
            advance=advance,
            keep_ids=keep_ids,
            following=None if dry_run else Following(self._followers),
        )

    def _followers(self) -> list[Follower]:
        """A thread for each projection, for as long as papers are taken in."""

        def behind(name: outbox.ProjectionName) -> Callable[[], int]:
            return lambda: outbox.distance(self.ledger, name)

        followers = [
            Follower(
                "words",
                behind("lexical"),
                self._project_words,
                batch=LEXICAL_BATCH,
                narrate=self._narrate,
            )
        ]
        if self.embedder is not None:
            followers.append(
                Follower(
                    "chroma",
                    behind("chroma"),
                    self._project_chroma,
                    batch=CHROMA_BATCH,
                    narrate=self._narrate,
                )
            )
        return followers

    def _project_words(self) -> bool:
        """Project a batch into the word index, rebuilt when need be; True when it came further."""
        before = outbox.mark(self.ledger, "lexical")
        with self._words_lock, suppress(LibraryBusy):  # a neighbour rebuilds it already
            if self.words.look() is None:
                self.words.rebuild()
            self.words.catch_up()
        return outbox.mark(self.ledger, "lexical") != before

    def _project_chroma(self) -> bool:
        """Project a batch into Chroma, begun anew when need be; True when it came further."""
        chroma = self.chroma
        if chroma is None:
            return False
        before = outbox.mark(self.ledger, "chroma").watermark
        with self._chroma_lock, suppress(LibraryBusy):
            chroma.catch_up()
            if chroma.state in ("missing", "damaged"):
                chroma.start_over()
                chroma.catch_up()
        return outbox.mark(self.ledger, "chroma").watermark != before

    def remove(self, ids: Sequence[str]) -> int:
        """Take papers out of the ledger and of what follows it; returns how many."""
        removed = 0
        with self.ledger.write():
            for name in ids:
                removed += remove_paper(self.ledger, name)
        try:
            self.catch_up()
        except (EmbedderUnavailable, EmbeddingFailed) as failure:
            self._narrate(f"{failure.message}; {failure.hint}")
        return removed

    # Searching.

    def warm_up(self) -> None:
        """Start what takes long, without waiting for it."""
        chroma = self.chroma
        if chroma is not None and self.count():
            chroma.start()

    def prefer_scan(self) -> None:
        """Answer from the exact scan unless Chroma is open: for a process with one question.

        Importing and opening Chroma takes 0.4 CPU seconds, and seconds at a million papers;
        one scan takes 4 ms for 100 000 papers, and misses none.
        """
        chroma = self.chroma
        if chroma is not None:
            chroma.scans_only = True

    def lexical(
        self, text: str, k: int, within: Selection | Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        """The k best papers by BM25, of a selection or of these ids: best first, with scores."""
        return self.word_hits(text, k, within).ranked

    def worded(
        self, wanted: Filter, required: Sequence[Words], excluded: Sequence[Words]
    ) -> Filter | None:
        """A filter that asks for words too; None when no paper holds what is required.

        What is required and what is excluded become ids, so that every list obeys.
        """
        if not required and not excluded:
            return wanted
        with self._words_lock:
            if required:
                ids = self.words.matching(required, excluded)
                if wanted.papers:
                    ids = [name for name in ids if name in set(wanted.papers)]
                return wanted.model_copy(update={"papers": tuple(ids)}) if ids else None
            out = {name for one in excluded for name in self.words.matching([one], [])}
        return wanted.model_copy(update={"without": (*wanted.without, *sorted(out))})

    def near_words(self, word: str) -> tuple[str, ...]:
        """The nearest words to one that no paper holds, the best first; else empty.

        An English word is what was meant, whether a paper holds it or not.
        """
        with self._words_lock:
            near = self.words.near_words(word)
            words = self.sentence_embedder if near else None
            known = words is not None and words.is_word(word)
        return () if known else near

    def matches(self, text: str, paper: Paper) -> tuple[TermMatch, ...]:
        """The words of a question with how often a paper has each; those it lacks have 0."""
        with self._words_lock:
            return self.words.matches(text, paper)

    def dense(
        self, text: str, k: int, within: Selection | Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        """The k nearest papers, of a selection or of these ids: best first, with cosines.

        Empty without an embedder.
        """
        found = self.dense_hits(text, k, within)
        return [] if found is None else found.ranked

    def word_hits(
        self, text: str, k: int, within: Selection | Collection[str] | None = None
    ) -> WordHits:
        """The k best papers by BM25, and the spread of the question's scores."""
        selection = self._selection(within)
        with self._words_lock:
            return self.words.search(text, k, selection)

    def dense_hits(
        self,
        text: str,
        k: int,
        within: Selection | Collection[str] | None = None,
        also: Collection[str] = (),
    ) -> DenseHits | None:
        """The k nearest papers, and how near the papers in `also` are; None without an embedder."""
        chroma = self.chroma
        if chroma is None or not text.strip():
            self.words_alone = self._active.trouble
            return None
        try:
            vector = chroma.embedder.embed([text])[0]
        except (EmbedderUnavailable, EmbeddingFailed) as failure:
            self.words_alone = f"{failure.message}: searching words alone; {failure.hint}"
            self._narrate(self.words_alone)
            return None
        self.words_alone = ""
        selection = self._selection(within)
        with self._chroma_lock:
            return chroma.search(vector, k, selection, also)

    def nearest(
        self,
        vector: Vectors,
        k: int,
        within: Selection | Collection[str] | None = None,
        also: Collection[str] = (),
    ) -> DenseHits | None:
        """What `dense_hits` gives for a vector, shape (d,) and of length 1.

        None also when the library has changed its embedder, and its vectors are of another size.
        """
        selection = self._selection(within)
        chroma = self.chroma
        if chroma is None or embedder_dimension(self.ledger, chroma.fingerprint) != len(vector):
            return None
        with self._chroma_lock:
            return chroma.search(vector, k, selection, also)

    def embed(self, texts: Sequence[str]) -> Vectors | None:
        """Vectors of sentences, to be compared with one another; None without an embedder."""
        return None if self.sentence_embedder is None else self.sentence_embedder.embed(texts)

    def document_frequency(self, word: str) -> int:
        """In how many papers a word occurs."""
        with self._words_lock:
            return self.words.document_frequency(word)

    # Following the ledger.

    def catch_up(self, limit: int | None = None) -> None:
        """Let the projections follow the ledger.

        Without a limit this also makes missing vectors and rebuilds what is not whole; with
        one, a projection with more than that pending is left to be scanned. Questions get
        their turn between two batches. Raises EmbeddingFailed at the end when vectors that
        are missing could not be made.
        """
        if self.ledger.read_only:
            return
        with self._words_lock, suppress(LibraryBusy):  # a neighbour rebuilds it already
            if self.words.look() is None and limit is None:
                self.words.rebuild()
        self._step(self._words_lock, self.words.catch_up, limit)
        chroma = self.chroma
        if chroma is None or (limit is not None and self._waiting() == 0):
            return  # nothing to project: Chroma opens when a question needs it
        failed: EmbedderUnavailable | EmbeddingFailed | None = None
        if limit is None and self._may_lack_vectors():
            try:
                self.make_vectors()
            except (EmbedderUnavailable, EmbeddingFailed) as failure:
                failed = failure  # what has its vector is projected all the same
        self._step(self._chroma_lock, chroma.catch_up, limit)
        with self._chroma_lock, suppress(LibraryBusy):
            anew = limit is None and chroma.state in ("missing", "damaged")
            if anew:
                chroma.start_over()
        if anew:
            self._step(self._chroma_lock, chroma.catch_up, None)
        if limit is None:
            with self._chroma_lock:
                chroma.bring_up_scan()
        tighten(self.folder)
        if failed is not None:
            raise failed

    @staticmethod
    def _step(
        lock: AbstractContextManager[object],
        project: Callable[[int | None], bool],
        limit: int | None,
    ) -> None:
        more = True
        while more:
            with lock:
                more = project(limit)

    def _may_lack_vectors(self) -> bool:
        """True unless every paper is known to have its vector; only what changed is looked at.

        Looking at all papers reads the whole ledger: gigabytes at a million papers.
        """
        if self.embedder is None:
            return False
        key = embedder_key(self.ledger, self.fingerprint)
        if key is None:
            return True
        name = f"vectors_whole:{key}"
        seen, now = int(self.ledger.meta(name) or 0), outbox.last_seq(self.ledger)
        if seen > now or lacks_since(self.ledger, key, seen):
            return True
        if now - seen > READ_LIMIT:
            with self.ledger.write():
                self.ledger.set_meta(name, str(now))
        return False

    def make_vectors(self) -> None:
        """Embed every paper that has no current vector; raises EmbeddingFailed."""
        embedder = self.embedder
        if embedder is None:
            return
        if self.ledger.meta(META) is None:
            with self.ledger.write():
                settle(self.ledger, embedder)
        fill_vectors(self.ledger, embedder, lambda made: None, lambda: False)

    def use_embedder(
        self,
        name: str,
        progress: Progress = lambda step, done, total: None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> ChangeReport:
        """Make the vectors of all papers with another embedder, then use it.

        For a thread of its own: questions are answered with the old vectors meanwhile, here
        and in other processes. `stopped` is asked between batches; what was made until then
        stays, and the next call goes on from there. Vectors that are there already are not
        made again. Raises UnknownEmbedder, EmbedderUnavailable, EmbeddingFailed, LibraryBusy.
        """
        from store.reembedding import change_embedder, remove_replaced

        embedder = self._active.named(name)
        replaced = outbox.mark(self.ledger, "chroma").generation
        report = change_embedder(
            self.ledger, self.folder, embedder, self._narrate, progress, stopped
        )
        with self._chroma_lock:
            before = self._chroma
            if report.done and before is not None and before.fingerprint != embedder.fingerprint:
                before.close()
                self._chroma = None
        if report.done:
            remove_replaced(self.ledger, self.folder, replaced)
        return report

    def _waiting(self) -> int:
        marks = [outbox.mark(self.ledger, "lexical").watermark]
        if self.embedder is not None:
            marks.append(outbox.mark(self.ledger, "chroma").watermark)
        return outbox.pending_count(self.ledger, min(marks))

    def changed(self) -> bool:
        """True when another process committed since the last call."""
        version = self.ledger.data_version()
        changed, self._seen_version = version != self._seen_version, version
        return changed

    def trouble(self) -> str:
        """One line on a projection that is not whole, empty when both are."""
        if self.ledger.read_only:
            return "the library cannot be written, so its indexes are not used"
        lines = [self.words.trouble] if "words" in self.__dict__ else []
        chroma = self._chroma
        if chroma is not None and chroma.state == "closed":
            # Not opened, for one question is answered by the scan: the reader hears of it still.
            mark = outbox.mark(self.ledger, "chroma")
            if self._standing("chroma", mark, "chroma.sqlite3") == "missing":
                lines.append("Chroma's files are missing or empty")
        elif chroma is not None and chroma.state != "busy":
            lines.append(chroma.trouble)
        return "; ".join(line for line in lines if line)

    # Neighbours.

    def ask_for_chroma(self) -> None:
        """Ask whoever owns Chroma to let go, and wait; raises LibraryBusy when it does not."""
        with self.ledger.write():
            self.ledger.set_meta(
                "chroma_wanted", json.dumps({"pid": os.getpid(), "at": time.time()})
            )
        until = time.monotonic() + _LET_GO_SECONDS
        try:
            while True:
                if self.chroma is None:
                    return
                self.chroma.close()
                self.chroma.look()
                if self.chroma.state != "busy":
                    return
                if time.monotonic() > until:
                    raise LibraryBusy(self.chroma.trouble, "close that quire and try again")
                time.sleep(0.5)
        finally:
            with self.ledger.write():
                self.ledger.set_meta("chroma_wanted", None)

    def let_go_if_asked(self) -> bool:
        """Give Chroma up when a neighbour asks for it; True while it is asked for."""
        wanted = self.ledger.meta("chroma_wanted")
        if wanted is None or time.time() - float(json.loads(wanted)["at"]) > 2 * _LET_GO_SECONDS:
            return False
        with self._chroma_lock:
            if self._chroma is not None:
                self._chroma.close()
        return True

    # Conversations.

    def save_turn(self, session: str | None, turn: stored.StoredTurn) -> str:
        """Add a turn to a conversation, or begin one with it; returns its id."""
        return stored.save_turn(self.ledger, session, turn)

    def sessions(self) -> tuple[stored.StoredSession, ...]:
        """All conversations, the last one used first."""
        return stored.list_sessions(self.ledger)

    def session(self, name: str) -> tuple[stored.StoredSession, tuple[stored.StoredTurn, ...]]:
        """A conversation and its turns; raises InputError."""
        found = stored.find_session(self.ledger, name)
        return found, stored.turns_of(self.ledger, found.id)

    def delete_session(self, name: str) -> None:
        """Forget a conversation; raises InputError."""
        stored.delete_session(self.ledger, stored.find_session(self.ledger, name).id)

    # Standing.

    def status(self) -> LibraryStatus:
        """How the library stands, read from the ledger alone: nothing is opened."""
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
            chroma=self._standing("chroma", marks["chroma"], "chroma.sqlite3"),
            lexical=self._standing("lexical", marks["lexical"], "meta.json"),
            disk_bytes=disk_bytes(self.folder),
        )

    def _standing(self, name: str, mark: outbox.Mark, file: str) -> str:
        path = self.folder / name / str(mark.generation) / file
        if mark.watermark > 0 and not (path.is_file() and path.stat().st_size):
            return "missing"
        return "behind" if outbox.pending_count(self.ledger, mark.watermark) else "ready"
