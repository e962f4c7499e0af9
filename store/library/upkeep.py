"""Keeping an open library whole: projections follow the ledger, missing vectors are made."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from functools import partial
from typing import TYPE_CHECKING

from store.embedders.active import META, fill_vectors, settle
from store.errors import EmbedderUnavailable, EmbeddingFailed, LibraryBusy
from store.files import tighten
from store.integrity.seal import read_seal
from store.ledger import outbox
from store.ledger.vectors import embedder_key, lacks_since
from store.library.follow import CHROMA_BATCH, LEXICAL_BATCH, Follower
from store.library.parts import Parts
from store.library.standing import standing

if TYPE_CHECKING:
    from store.chroma.projection import ChromaProjection
    from store.library.reembedding import ChangeReport, Progress

READ_LIMIT = 200
"""A command that only reads projects at most this many papers."""
FEW = 1000
"""So many papers Chroma takes in at once, in about two seconds."""
FEW_TOKENS = 64
"""Papers whose tokens are read by the way, in a second or some; those of more have their time."""
_LET_GO_SECONDS = 8.0


class Upkeep(Parts):
    """The upkeep of an open library, and the neighbours that it shares Chroma with."""

    def catch_up(self, limit: int | None = None) -> None:
        """Let the projections follow the ledger.

        Without a limit this also makes missing vectors and rebuilds what is not whole; with
        one, a projection with more than that pending is left to be scanned. Questions get
        their turn between two batches. Raises EmbeddingFailed at the end when vectors that
        are missing could not be made.
        """
        if self.ledger.read_only:
            return
        if limit is None:
            self.say_what_is_lost()
        self._step(self._words_lock, self.words.catch_up, limit)
        if limit is None:
            self._mend_words()
        if (kept := self.kept_readings) is not None:
            kept.bring_up(limit)
        chroma = self.chroma
        if chroma is None or (limit is not None and self._waiting() == 0):
            return  # nothing to project: Chroma opens when a question needs it
        failed: EmbedderUnavailable | EmbeddingFailed | None = None
        if limit is None and self._may_lack_vectors():
            try:
                self.make_vectors()
            except (EmbedderUnavailable, EmbeddingFailed) as failure:
                failed = failure  # what has its vector is projected all the same
        if limit is not None:
            self._step(self._chroma_lock, chroma.catch_up, limit)
        else:
            self._let_chroma_follow(chroma)
            with self._chroma_lock:
                chroma.bring_up_scan()
        if limit is None and (tokens := self.tokens) is not None:
            tokens.catch_up(lambda: False, FEW_TOKENS)
        tighten(self.folder)
        if failed is not None:
            raise failed

    def _let_chroma_follow(self, chroma: ChromaProjection) -> None:
        """Let Chroma follow to the end, and rebuild it where it is not whole.

        Its process, which keeps all vectors in memory, does not stay for questions that the
        scan answers, and is not started where there is nothing to do.
        """
        with self._chroma_lock:
            if not chroma.is_asked and self._rests(chroma):
                return
        self._step(self._chroma_lock, chroma.catch_up, None)
        if chroma.state == "closed":  # its worker died: once more, closely
            self._step(self._chroma_lock, chroma.catch_up, None)
        with self._chroma_lock, suppress(LibraryBusy):
            anew = chroma.state in ("missing", "damaged")
            if anew:
                chroma.start_over()
        if anew:
            self._step(self._chroma_lock, chroma.catch_up, None)
        with self._chroma_lock:
            if chroma.state == "ready" and not chroma.is_asked:
                chroma.close()

    def _rests(self, chroma: ChromaProjection) -> bool:
        """True when Chroma is closed and holds all of the ledger, in files as it left them."""
        mark = outbox.mark(self.ledger, "chroma")
        is_sealed = not mark.watermark or read_seal(chroma.folder(mark.generation)) is not None
        whole = chroma.state == "closed" and not mark.dirty and is_sealed
        return whole and self._standing("chroma", mark) == "ready"

    def be_of_use(self) -> bool:
        """Bring up what a question needs: the words, and the file of vectors that is scanned.

        Chroma, which takes most of the time, follows where no more than `FEW` papers wait for it;
        False where it is left to the next adding, or to an app. Raises as `catch_up` does.
        """
        if outbox.pending_count(self.ledger, outbox.mark(self.ledger, "chroma").watermark) <= FEW:
            self.catch_up()
            return True
        self._step(self._words_lock, self.words.catch_up, None)
        self._mend_words()
        if (kept := self.kept_readings) is not None:
            kept.bring_up(FEW)
        with self._chroma_lock:
            if (chroma := self.chroma) is not None:
                chroma.bring_up_scan()
        tighten(self.folder)
        return False

    def _mend_words(self) -> None:
        """Rebuild a word index that is not whole, or that failed as it was written to."""
        with self._words_lock, suppress(LibraryBusy):  # a neighbour rebuilds it already
            if self.words.look() is not None:
                return
            self.words.rebuild()
        self._step(self._words_lock, self.words.catch_up, None)

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
        seen, now = self.ledger.number(name), outbox.last_seq(self.ledger)
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
        fill_vectors(
            self.ledger, embedder, lambda made: None, lambda: False, self.tokens_by(embedder)
        )

    def papers_unread(self) -> int:
        """How many papers may lack what is kept of their tokens; `use_embedder` makes that.

        They are found all the same. 0 where the embedder does not tell tokens apart.
        """
        kept = None if self.ledger.read_only else self.tokens
        return 0 if kept is None else kept.behind()

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
        made again; what is kept of tokens and lacks is. Raises UnknownEmbedder,
        EmbedderUnavailable, EmbeddingFailed, LibraryBusy.
        """
        from store.library.reembedding import READING, change_embedder, remove_replaced

        embedder = self._active.named(name)
        replaced = outbox.mark(self.ledger, "chroma").generation
        report = change_embedder(
            self.ledger,
            self.folder,
            embedder,
            self._narrate,
            progress,
            stopped,
            self.tokens_by(embedder),
        )
        if report.done and replaced != outbox.mark(self.ledger, "chroma").generation:
            # A question asked meanwhile may have opened the new one already, under the same lock.
            with self._chroma_lock:
                if self._chroma is not None:
                    self._chroma.close()
                    if self._chroma.fingerprint != embedder.fingerprint:
                        self._chroma = None
                remove_replaced(self.ledger, self.folder, replaced)
        if report.done and (kept := self.tokens_by(embedder)) is not None:
            kept.catch_up(stopped, progress=partial(progress, READING))
        return report

    def vectors_kept(self, name: str) -> tuple[int, int]:
        """How many papers have their vector by an embedder, and how many there are.

        Raises UnknownEmbedder.
        """
        from store.library.reembedding import vectors_kept

        return vectors_kept(self.ledger, self._active.fingerprint_of(name))

    def _waiting(self) -> int:
        marks = [outbox.mark(self.ledger, "lexical").watermark]
        if self.embedder is not None:
            marks.append(outbox.mark(self.ledger, "chroma").watermark)
        return outbox.pending_count(self.ledger, min(marks))

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
        if (kept := self.kept_readings) is not None:
            followers.append(kept.follower())
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

    def trouble(self) -> str:
        """One line on a projection that is not whole, empty when both are."""
        if self.ledger.read_only:
            return "the library cannot be written, so its indexes are not used"
        lines = [self.words.trouble] if "words" in self.__dict__ else []
        chroma = self._chroma
        if chroma is not None and chroma.state == "closed":
            # Not opened, for one question is answered by the scan: the reader hears of it still.
            mark = outbox.mark(self.ledger, "chroma")
            match self._standing("chroma", mark):
                case "missing":
                    lines.append("Chroma's files are missing or empty")
                case "damaged":
                    lines.append("Chroma's files are damaged")
        elif chroma is not None and chroma.state != "busy":
            lines.append(chroma.trouble)
        return "; ".join(line for line in lines if line)

    def _standing(self, name: str, mark: outbox.Mark) -> str:
        found = standing(name, self.folder / name / str(mark.generation))
        if mark.watermark > 0 and found != "ready":
            return found
        return "behind" if outbox.pending_count(self.ledger, mark.watermark) else "ready"

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
        if wanted is None:
            return False
        with self.ledger.reading():
            asked_at = float(json.loads(wanted)["at"])
        if time.time() - asked_at > 2 * _LET_GO_SECONDS:
            return False
        with self._chroma_lock:
            if self._chroma is not None:
                self._chroma.close()
        return True
