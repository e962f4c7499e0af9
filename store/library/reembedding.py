"""Changing the embedder of a library, while the old one goes on serving.

The vectors of the new one are made batch by batch beside the old ones, which stay: they are
kept by embedder and text, so that going back makes nothing anew. Then Chroma is filled in a
folder of its own. Once no paper lacks a vector, one transaction changes the embedder and the
folder that is read; every process looks at both with each question. All of it goes on after
an interruption from where it was.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from store.embedders.active import META, WANTED, Keeping, fill_vectors
from store.embedders.base import Embedder
from store.errors import LibraryBusy, ProjectionFailed
from store.files import beside_others_in, try_lock
from store.integrity.seal import break_seal
from store.ledger import outbox
from store.ledger.database import Ledger
from store.ledger.points import reach
from store.ledger.vectors import count_lacking, embedder_key
from store.types import Narrate
from store.value import Value

Progress = Callable[[str, int, int], None]
"""Told the step ("embedding", "indexing" or READING), how many papers are done, of how many."""
READING = "reading"
"""The step in which what is kept of the tokens of papers is made for those that lack it."""

NEXT = "next_embedder"
"""The setting of the ledger that holds the fingerprint a library is changing to."""
LOCK = "embedder.lock"
_TAIL = 200
_WORKER_SECONDS = 20.0


class ChangeReport(Value):
    """What changing the embedder came to.

    `embedded` vectors were made, the others of the `papers` were there. Without `done` it was
    stopped: the library uses the embedder it used before.
    """

    embedder: str
    papers: int
    embedded: int
    done: bool


def change_embedder(
    ledger: Ledger,
    folder: Path,
    embedder: Embedder,
    narrate: Narrate,
    progress: Progress,
    stopped: Callable[[], bool],
    keeping: Keeping | None = None,
) -> ChangeReport:
    """Make all vectors with an embedder, then let the library use it.

    Raises LibraryBusy when another process does the same, and what the embedder raises.
    """
    with beside_others_in(folder), try_lock(folder / LOCK) as alone:
        if not alone:
            raise LibraryBusy(
                "another quire is changing the embedder of this library", "wait until it is done"
            )
        job = _Change(ledger, folder, embedder, narrate, progress, stopped, keeping)
        done = job.run()
        return ChangeReport(
            embedder=embedder.name, papers=job.papers(), embedded=job.embedded, done=done
        )


def vectors_kept(ledger: Ledger, fingerprint: str) -> tuple[int, int]:
    """How many papers have their vector by an embedder in the ledger, and how many there are."""
    total = int(ledger.value("SELECT count(*) FROM papers"))
    key = embedder_key(ledger, fingerprint)
    return total - count_lacking(ledger, -1 if key is None else key), total


@dataclass
class _Change:
    """One run of changing the embedder."""

    _ledger: Ledger
    _folder: Path
    _embedder: Embedder
    _narrate: Narrate
    _progress: Progress
    _stopped: Callable[[], bool]
    _keeping: Keeping | None
    embedded: int = 0

    def papers(self) -> int:
        """How many papers there are now."""
        return int(self._ledger.value("SELECT count(*) FROM papers"))

    def run(self) -> bool:
        """Do it; False when stopped before the end."""
        if self._ledger.meta(META) == self._embedder.fingerprint:
            self._forget()
            # Who asks for the one in use wants no other any more.
            if self._ledger.meta(WANTED) is not None:
                with self._ledger.write():
                    self._ledger.set_meta(WANTED, None)
            return self._fill()
        while True:
            if not self._fill():
                return False
            self._prepare()
            if not self._build():
                return False
            reach("embedder.built")
            if self._swap():
                reach("embedder.swapped")
                return True

    def _fill(self) -> bool:
        total = self.papers()
        begun = total - count_lacking(self._ledger, self._key())
        self._progress("embedding", begun, total)

        def made(number: int) -> None:
            nonlocal begun
            begun += number
            self.embedded += number
            self._progress("embedding", min(begun, total), total)

        return fill_vectors(self._ledger, self._embedder, made, self._stopped, self._keeping)

    def _build(self) -> bool:
        """Bring the Chroma in progress up to the ledger; False when stopped before."""
        from store.chroma.projection import ChromaProjection

        total = self.papers()
        if not total:
            return True
        building = ChromaProjection(
            self._ledger, self._folder, self._embedder, self._narrate, "chroma_next"
        )
        until = time.monotonic() + _WORKER_SECONDS
        try:
            more = True
            while more:
                if self._stopped():
                    return False
                more = building.catch_up()
                waiting = outbox.pending_count(self._ledger, self._mark().watermark)
                self._progress("indexing", max(0, total - waiting), total)
                if building.state == "busy" and time.monotonic() < until:
                    time.sleep(0.2)  # the worker of a run that was killed is still ending
                    building.close()
                    more = True
            if building.look() is None:  # it may have been closed to be opened anew
                with self._ledger.write():
                    outbox.end_generation(self._ledger)
                raise ProjectionFailed(
                    f"the new index could not be built: {building.trouble}",
                    "run the command again; the vectors made so far are kept",
                )
        finally:
            building.close()
        return True

    def _swap(self) -> bool:
        """Let the library use what was made; False when papers have changed meanwhile."""
        with self._ledger.write():
            made = self._mark()
            if count_lacking(self._ledger, self._key()):
                return False
            if self.papers() and outbox.pending_count(self._ledger, made.watermark) > _TAIL:
                return False
            self._ledger.set_meta(META, self._embedder.fingerprint)
            self._ledger.set_meta(WANTED, None)
            self._ledger.run(
                "UPDATE projections SET generation = ?, watermark = ?, dirty = 0"
                " WHERE name = 'chroma'",
                (made.generation, made.watermark),
            )
            outbox.end_generation(self._ledger)
            self._ledger.set_meta(NEXT, None)
            # Whoever keeps vectors in memory sees by the sequence that they are old.
            self._ledger.next_seq()
        return True

    def _prepare(self) -> None:
        """Go on with the Chroma in progress for this embedder, or begin one."""
        there = outbox.mark_in_progress(self._ledger)
        if there is not None and self._ledger.meta(NEXT) == self._embedder.fingerprint:
            return
        self._forget()
        chroma = self._folder / "chroma"
        generation = outbox.mark(self._ledger, "chroma").generation + 1
        while (chroma / str(generation)).exists():
            generation += 1
        with self._ledger.write():
            outbox.begin_generation(self._ledger, generation)
            self._ledger.set_meta(NEXT, self._embedder.fingerprint)

    def _forget(self) -> None:
        """Drop what an earlier run left in progress."""
        there = outbox.mark_in_progress(self._ledger)
        if there is None:
            return
        with self._ledger.write():
            outbox.end_generation(self._ledger)
            self._ledger.set_meta(NEXT, None)
        if there.generation != outbox.mark(self._ledger, "chroma").generation:
            begun = self._folder / "chroma" / str(there.generation)
            shutil.rmtree(begun, ignore_errors=True)
            break_seal(begun)

    def _mark(self) -> outbox.Mark:
        return outbox.mark(self._ledger, "chroma_next")

    def _key(self) -> int:
        key = embedder_key(self._ledger, self._embedder.fingerprint)
        return -1 if key is None else key


def remove_replaced(ledger: Ledger, folder: Path, generation: int) -> None:
    """Remove the Chroma folder that was in use before, if no process has Chroma open.

    Else it stays until `doctor --fix` removes it.
    """
    from store.chroma.owner import LOCK_FILE

    with suppress(OSError), try_lock(folder / LOCK_FILE) as alone:
        if alone and generation != outbox.mark(ledger, "chroma").generation:
            shutil.rmtree(folder / "chroma" / str(generation), ignore_errors=True)
            break_seal(folder / "chroma" / str(generation))
