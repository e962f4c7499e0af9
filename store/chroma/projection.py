"""Keeping Chroma behind the ledger, and the dense search over what it lacks."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from store.chroma.owner import LOCK_FILE, ChromaMissing, ChromaOwner, WorkerDied
from store.chroma.worker import SAME_COSINE
from store.dense.null_similarity import Background, Chance
from store.dense.scan import ExactScan
from store.dense.vector_file import VectorFile
from store.embedders.base import Embedder
from store.errors import EmbedderMismatch, LibraryBusy, ProjectionFailed, UnsafeCollection
from store.ledger import outbox
from store.ledger.database import Ledger
from store.ledger.papers import count, papers_as_indexed
from store.ledger.points import reach
from store.ledger.selection import Selection
from store.ledger.vectors import embedder_dimension, embedder_key, get_vectors
from store.types import Narrate, Paper

if TYPE_CHECKING:
    from store.ledger.vectors import Vectors
    from store.tokens.signs import QuestionTokens

NAME: outbox.ProjectionName = "chroma"
"""The projection in use, and the folder of its generations."""
_PROBES, _DEEP_PROBES = 2, 32
_STRIDE = 2_654_435_761  # a prime (Knuth's): its multiples spread over all sequence numbers
_RETRY_SECONDS = 5.0
_SCAN_AT_MOST = 5000
"""With more papers than this pending, all vectors are scanned instead of Chroma and a tail."""
SCANNED_AT_MOST = 3_000_000
"""Papers up to which no question opens Chroma: the scan of so many takes some 30 ms and the
memory of what it reads, Chroma's graph of 1 000 000 more than 1 GB and seconds to open."""


@dataclass(frozen=True)
class DenseHits:
    """The nearest papers with their cosine similarities, best first.

    `also` holds the similarities of other papers that were asked for, `chance` what
    papers taken at random have.
    """

    ranked: list[tuple[str, float]]
    also: dict[str, float]
    chance: Chance
    question: QuestionTokens | None = None
    """The tokens of the question, where the embedder tells them apart."""


class ChromaProjection:
    """The dense side of a library: Chroma where this process owns it, the exact scan else.

    `state` is "closed" before Chroma was asked for, then "ready", "busy" (another process owns
    it), "missing" or "damaged"; `trouble` says why in words. Questions are answered by the exact
    scan up to `SCANNED_AT_MOST` papers; with `scans_only` always: for one question, the scan is
    there sooner than Chroma. With the name "chroma_next" it is the Chroma in progress, next to
    the one in use, for vectors of another embedder.
    """

    def __init__(
        self,
        ledger: Ledger,
        folder: Path,
        embedder: Embedder,
        narrate: Narrate,
        name: outbox.ProjectionName = NAME,
    ) -> None:
        self._ledger = ledger
        self._folder = folder
        self._embedder = embedder
        self._narrate = narrate
        self._name = name
        self._lock_file = LOCK_FILE if name == NAME else f"{name}.lock"
        self._owner: ChromaOwner | None = None
        self._generation = 0
        self._scan = ExactScan(ledger, folder, narrate)
        self._background = Background(ledger)
        self._retry_at = 0.0
        self._suspicious = False
        self.scans_only = False
        self.state = "closed"
        self.trouble = ""
        self.refusal: UnsafeCollection | EmbedderMismatch | None = None

    @property
    def embedder(self) -> Embedder:
        """The embedder of its vectors."""
        return self._embedder

    @property
    def fingerprint(self) -> str:
        """The fingerprint of its vectors."""
        return self._embedder.fingerprint

    @property
    def is_asked(self) -> bool:
        """True when questions are put to Chroma, and its process is worth keeping for them."""
        return not self.scans_only and count(self._ledger) > SCANNED_AT_MOST

    def folder(self, generation: int) -> Path:
        """Where a generation lives."""
        return self._folder / NAME / str(generation)

    def start(self) -> None:
        """Start the worker process without waiting for it."""
        if self._owner is None and not self._ledger.read_only and self.state == "closed":
            self._owner = ChromaOwner(self._folder, self._lock_file)

    def close(self) -> None:
        """End the worker process; Chroma can be opened again afterwards."""
        owner, self._owner = self._owner, None
        if owner is not None:
            owner.close()
        self.state, self.trouble, self.refusal = "closed", "", None

    def look(self, *, deep: bool = False) -> ChromaOwner | None:
        """The open worker, or None; `state` and `trouble` say why.

        Raises UnsafeCollection, EmbedderMismatch.
        """
        mark = self._current()
        if mark is None:
            self.close()
            return None
        if mark.generation != self._generation and self.state in ("missing", "damaged"):
            self.state, self.trouble, self.refusal = "closed", "", None
        if self.refusal is not None:
            raise self.refusal
        if self.state == "ready" and mark.generation == self._generation and not deep:
            return self._owner
        if self.state in ("missing", "damaged") and not deep:
            return None
        if self.state == "busy" and time.monotonic() < self._retry_at:
            return None
        if self._ledger.read_only:
            self.state, self.trouble = "busy", "the library cannot be written"
            return None
        if self._owner is None:
            self._owner = ChromaOwner(self._folder, self._lock_file)
        self._generation = mark.generation
        try:
            counted = self._owner.open(
                self.folder(mark.generation),
                self._embedder.fingerprint,
                self._embedder.dimension,
                must_exist=mark.watermark > 0,
                seq=mark.watermark,
                rows=self._ledger.counted("SELECT count(*) FROM papers"),
                deep=deep,
            )
            closely = deep or self._suspicious or not self._owner.is_known
            self._probe(self._owner, mark, counted, deep=closely)
        except LibraryBusy as failure:
            self._give_up("busy", failure.message)
            self._retry_at = time.monotonic() + _RETRY_SECONDS
        except (UnsafeCollection, EmbedderMismatch) as failure:
            self._give_up("damaged", failure.message)
            self.refusal = failure
            raise
        except ChromaMissing as failure:
            self._give_up("missing", failure.message)
        except ProjectionFailed as failure:
            self._give_up("damaged", failure.message)
        else:
            self.state, self.trouble, self._suspicious = "ready", "", False
        return self._owner

    def _give_up(self, state: str, trouble: str) -> None:
        owner, self._owner = self._owner, None
        if owner is not None and state == "damaged":
            owner.discard()
        elif owner is not None:
            owner.close()
        self.state, self.trouble = state, trouble

    def _probe(self, owner: ChromaOwner, mark: outbox.Mark, counted: int, *, deep: bool) -> None:
        """Count, and look sampled papers up by their own vectors."""
        if not outbox.plausible_count(self._ledger, mark.watermark, counted):
            raise ProjectionFailed(f"Chroma holds {counted} papers, the ledger says otherwise")
        number = _DEEP_PROBES if deep or mark.dirty else _PROBES
        sample = [1 + at * _STRIDE % max(mark.watermark, 1) for at in range(4 * number)]
        rows = self._ledger.rows_in(
            "SELECT id FROM outbox WHERE deleted = 0 AND seq IN ({})",
            [seq for seq in sample if seq <= mark.watermark],
        )
        vectors = get_vectors(self._ledger, self._key(), [row[0] for row in rows[:number]])
        missed = [name for name, vector in vectors.items() if not _finds(owner, name, vector)]
        if missed and number == _PROBES:
            self._probe(owner, mark, counted, deep=True)
            return
        # The graph does not reach every row: of 30 000 made-up abstracts 2 %. Only a row whose
        # vector is gone, or a graph that finds next to nothing, is damage.
        there = owner.same(missed, b"".join(vectors[name] for name in missed)) if missed else set()
        lost = [name for name in missed if name not in there]
        if lost:
            raise ProjectionFailed(f"Chroma has lost the vector of paper {lost[0]}")
        if len(missed) > len(vectors) / 2:
            raise ProjectionFailed(f"Chroma does not find paper {missed[0]} by its own vector")

    def catch_up(self, limit: int | None = None) -> bool:
        """Project a batch of what is pending; True when more is left.

        With a limit, nothing is done when more than that is pending. A paper that has no
        vector yet, and all that changed after it, stays pending. Raises UnsafeCollection,
        EmbedderMismatch.
        """
        owner = self.look()
        mark = self._current()
        if owner is None or mark is None or mark.generation != self._generation:
            return False
        waiting = outbox.pending_count(self._ledger, mark.watermark)
        if limit is not None and waiting > limit:
            return False
        batch = outbox.pending(self._ledger, mark.watermark, owner.batch)
        if batch and not mark.dirty:
            outbox.set_dirty(self._ledger, self._name, True)
        try:
            done = self._put(owner, batch) if batch else 0
        except ProjectionFailed as failure:
            self._lost(failure)
            return False
        if done:
            outbox.advance(self._ledger, self._name, mark.generation, batch[done - 1].seq)
            reach("chroma.watermark")
            if owner.has_outgrown:
                self.close()
        more = done == len(batch) == owner.batch
        if not more and (batch or mark.dirty):
            outbox.set_dirty(self._ledger, self._name, False)
        return more

    def _put(self, owner: ChromaOwner, batch: list[outbox.Pending]) -> int:
        """Write a batch up to the first paper without a vector; returns how many entries."""
        ids = [one.id for one in batch if not one.deleted]
        papers = papers_as_indexed(self._ledger, ids)
        vectors = get_vectors(self._ledger, self._key(), ids)
        lacking = (at for at, one in enumerate(batch) if one.id in papers and one.id not in vectors)
        batch = batch[: next(lacking, len(batch))]
        ready = [one.id for one in batch if one.id in papers]
        gone = [one.id for one in batch if one.id not in papers]
        reach("chroma.before")
        if ready:
            owner.upsert(
                ready,
                [papers[name].abstract for name in ready],
                [_metadata(papers[name]) for name in ready],
                b"".join(vectors[name] for name in ready),
                batch[-1].seq,
            )
        if gone:
            owner.delete(gone, batch[-1].seq)
        reach("chroma.upserted")
        return len(batch)

    def _lost(self, failure: ProjectionFailed) -> None:
        """Note a failure: a worker that only ended is started anew and looked at closely."""
        if isinstance(failure, WorkerDied) and not self._suspicious:
            self._give_up("closed", failure.message)
            self._suspicious = True
        else:
            self._give_up("damaged", failure.message)

    def rebuild(self) -> None:
        """Build a new generation from the ledger; the old folder stays as it is.

        Raises LibraryBusy when another process owns Chroma, ProjectionFailed.
        """
        self.start_over()
        while self.catch_up():
            pass

    def start_over(self) -> None:
        """Begin a new generation, which `catch_up` fills; raises as `rebuild` does."""
        mark = self._current()
        if mark is None:
            return
        generation = mark.generation + 1
        while self.folder(generation).exists():
            generation += 1
        self._narrate(f"rebuilding Chroma from the ledger ({self.trouble or 'asked for'})")
        self.close()
        self._owner = ChromaOwner(self._folder, self._lock_file)
        try:
            self._owner.greet()
        except LibraryBusy:
            self._owner = None
            raise
        outbox.start_generation(self._ledger, self._name, generation, 0, mark.generation)

    def search(
        self, query: Vectors, k: int, within: Selection | None, also: Collection[str]
    ) -> DenseHits:
        """The k nearest papers by cosine similarity, papers not yet projected included.

        `query` has shape (d,) and length 1. `also` names papers whose similarity is wanted
        wherever they stand. Raises UnsafeCollection, EmbedderMismatch.
        """
        ranked = self._nearest(query, k, within)
        there = {name for name, _ in ranked}
        others = [name for name in also if name not in there]
        found = self._scan.some(self._key(), query, len(others), others) if others else []
        return DenseHits(ranked, dict(found), self._background.of(self._key(), query))

    def _nearest(self, query: Vectors, k: int, within: Selection | None) -> list[tuple[str, float]]:
        embedder = self._key()
        if within is None and not self.is_asked:
            return self._scan.all(embedder, query, k)
        if within is not None:
            return self._scan.some(embedder, query, k, within)
        owner = self.look()
        mark = outbox.mark(self._ledger, self._name)
        waiting = outbox.pending_count(self._ledger, mark.watermark)
        if owner is None or mark.generation != self._generation or waiting > _SCAN_AT_MOST:
            return self._scan.all(embedder, query, k)
        behind = outbox.pending(self._ledger, mark.watermark)
        stale = {one.id for one in behind}
        try:
            ranked = owner.query(query.tobytes(), k + len(stale))
        except ProjectionFailed as failure:
            self._lost(failure)
            return self._scan.all(embedder, query, k)
        ranked = [pair for pair in ranked if pair[0] not in stale]
        live = [one.id for one in behind if not one.deleted]
        ranked += self._scan.some(embedder, query, k, live)
        return sorted(ranked, key=lambda pair: (-pair[1], pair[0]))[:k]

    def vectors(self, ids: Sequence[str]) -> tuple[list[str], Vectors] | None:
        """The ids that have a vector, in order, and the matrix of them, shape (n, d); or None."""
        dimension = embedder_dimension(self._ledger, self._embedder.fingerprint)
        return None if dimension is None else self._scan.vectors(self._key(), dimension, ids)

    def check_scan(self) -> bool:
        """Compare the file of the exact scan with the ledger; a wrong one is written anew."""
        file = VectorFile(self._ledger, self._folder, self._key(), self._embedder.dimension)
        whole = file.is_true()
        if not whole:
            file.set_aside()
            self._scan = ExactScan(self._ledger, self._folder, self._narrate)
        self.bring_up_scan()
        return whole

    def bring_up_scan(self) -> None:
        """Bring the exact scan up to date, so that the next process finds it ready."""
        self._scan.bring_up(self._key(), self._embedder.dimension)

    def _current(self) -> outbox.Mark | None:
        """Where the projection stands; None once the library uses another embedder.

        Both are read at once: a neighbour changes them in one transaction.
        """
        rows = self._ledger.rows(
            "SELECT generation, watermark, dirty, (SELECT value FROM meta WHERE name = 'embedder')"
            " FROM projections WHERE name = ?",
            (self._name,),
        )
        if not rows:
            return None
        generation, watermark, dirty, active = rows[0]
        if self._name == NAME and active not in (None, self._embedder.fingerprint):
            return None
        return outbox.Mark(generation, watermark, bool(dirty))

    def _key(self) -> int:
        key = embedder_key(self._ledger, self._embedder.fingerprint)
        return -1 if key is None else key


def _finds(owner: ChromaOwner, name: str, vector: bytes) -> bool:
    """True when a paper, or another one with its vector, is found by its vector."""
    found = owner.query(vector, 10)
    return bool(found) and (found[0][1] >= SAME_COSINE or name in dict(found))


def _metadata(paper: Paper) -> dict[str, str | int]:
    slim: dict[str, str | int] = {"title": paper.title[:500]}
    if paper.year is not None:
        slim["year"] = paper.year
    return slim
