"""The readings of a library's papers: kept ones where their texts stand, else read now.

What is kept follows the ledger by the sequence of its changes; that it is behind, or lacks a
paper, costs time and never an answer.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from store.embedders.base import PartEmbedder
from store.errors import EmbedderUnavailable
from store.kept.file import KeptFile
from store.ledger import outbox
from store.ledger.database import Ledger
from store.ledger.identity import text_hash
from store.library.follow import BACKLOG, Follower
from store.library.text_hashes import all_keys, digest, text_hashes
from store.sentences.readings import PaperReader, Readings
from store.sentences.rows import SENTENCES, Row, is_whole, readings_of, rows_of
from store.types import Narrate

if TYPE_CHECKING:
    from store.ledger.vectors import Vectors

MakeReader = Callable[[PartEmbedder | None], PaperReader]
"""Makes a reader whose vectors are those of an embedder; without one it makes none."""
BATCH = 256
"""Papers that are read and kept at once."""
_MANY = 2000
"""Papers that take a second or more to read: the reader is told."""
_READ = "the sentences of {} papers are read once, so that questions are answered sooner"


class KeptReadings:
    """Reads papers by a reader, and keeps what it read in a file of the library.

    Where the embedder does not work there are no vectors, and nothing is kept. Safe to use from
    several threads.
    """

    def __init__(
        self,
        ledger: Ledger,
        folder: Path,
        make: MakeReader,
        embedder: Callable[[], PartEmbedder | None],
        narrate: Narrate,
    ) -> None:
        self._ledger = ledger
        self._folder = folder
        self._make = make
        self._embedder = embedder
        self._narrate = narrate
        self._lock = threading.RLock()
        self._without_vectors: PaperReader | None = None
        self._some_went = False

    @cached_property
    def _reader(self) -> PaperReader:
        return self._make(self._embedder())

    @cached_property
    def _file(self) -> KeptFile:
        read_only = self._ledger.read_only
        return KeptFile(self._folder, SENTENCES, self._reader.version, read_only=read_only)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()

    def of(self, ids: Sequence[str]) -> Readings:
        """The readings of papers, each once; ids that are not there are left out."""
        names = list(dict.fromkeys(ids))
        found = self._ledger.rows_in(
            "SELECT id, key, text_hash FROM papers WHERE id IN ({})", names
        )
        keys = {str(name): int(key) for name, key, _ in found}
        hashes = {int(key): digest(hashed) for _, key, hashed in found}
        for keeps in (True, False):
            try:
                rows = self._rows(hashes, keeps=keeps)
                there = [name for name in names if keys.get(name, -1) in rows]
                return readings_of(there, [rows[keys[name]] for name in there])
            except (EmbedderUnavailable, ValueError) as failure:
                if isinstance(failure, EmbedderUnavailable) and not self._without_vectors:
                    self._without_vectors = self._make(None)
                elif not keeps:
                    raise
        raise AssertionError("unreachable")

    def _rows(self, hashes: Mapping[int, bytes], *, keeps: bool) -> dict[int, Row]:
        rows: dict[int, Row] = {}
        if keeps and self._is_there():
            with self._lock:
                rows = self._file.rows(hashes)
        lacking = [key for key in hashes if key not in rows]
        with self._lock:
            if keeps and lacking and self._without_vectors is None and self._file.is_missing:
                self._file.begin()  # a library of an older quire, or what was damaged is gone
        for start in range(0, len(lacking), BATCH):
            made = self._read(lacking[start : start + BATCH])
            rows |= {row[0]: row for row in made}
            if keeps:
                self._keep(made)
        return rows

    def _is_there(self) -> bool:
        """True when there is a file to keep readings in, and readings to keep."""
        if self._without_vectors is not None:
            return False
        with self._lock:
            return self._file.look()

    @property
    def _seq(self) -> int:
        """The change of the ledger up to which papers were read."""
        with self._lock:
            return self._file.seq if self._is_there() else 0

    def distance(self) -> int:
        """At most how many changes are yet to follow; quick at any size."""
        last, seq = outbox.last_seq(self._ledger), self._seq
        return last - seq if seq <= last else last

    def waiting(self) -> int:
        """At most how many papers are yet to be read and kept."""
        return outbox.pending_count(self._ledger, outbox.last_seq(self._ledger) - self.distance())

    def catch_up(self, limit: int | None = None) -> bool:
        """Read and keep the next papers that wait; True when more are left.

        With a limit nothing is done where more than that wait.
        """
        try:
            return self._catch_up(limit)
        except EmbedderUnavailable:
            self._without_vectors = self._make(None)
            return False

    def _catch_up(self, limit: int | None) -> bool:
        distance = self.distance()
        if self._ledger.read_only or self._without_vectors or not distance:
            return False
        if limit is not None and distance > limit and self.waiting() > limit:
            return False
        with self._lock:
            if not self._is_there() and not self._file.begin():
                return False
            if not self._seq and distance > _MANY:
                self._narrate(_READ.format(self.waiting()))
        last = outbox.last_seq(self._ledger)
        pending = outbox.pending(self._ledger, last - distance, BATCH)
        live = [one.id for one in pending if not one.deleted]
        found = self._ledger.rows_in("SELECT key FROM papers WHERE id IN ({})", live)
        kept = self._fill([key for (key,) in found], pending[-1].seq if pending else last)
        self._some_went = self._some_went or len(live) < len(pending)
        if kept and len(pending) == BATCH:
            return True
        if self._some_went and limit is None:
            self._some_went = False
            self._sweep()
        return False

    def bring_up(self, limit: int | None) -> None:
        """Read and keep all papers that wait; with a limit none, where more than that do."""
        while self.catch_up(limit):
            pass

    def embed(
        self, papers: Sequence[tuple[str, str]]
    ) -> tuple[Vectors, Sequence[tuple[Readings, int]]]:
        """The vectors of papers by title and abstract, shape (n, d), and what was read of each.

        That is a place in some readings, for `put`. Raises EmbedderUnavailable.
        """
        readings, vectors = self._reader.read_and_embed([("", *one) for one in papers])
        return vectors, [(readings, at) for at in range(len(papers))]

    def put(self, papers: Sequence[tuple[int, str, tuple[Readings, int]]]) -> bool:
        """Keep what was read of papers (key, hash of the text, place); False where that fails.

        What is not kept so is read again as the ledger is followed.
        """
        with self._lock:
            if not (self._is_there() or self._file.begin()):
                return False
        rows: list[Row] = []
        for readings in {id(one): one for _, _, (one, _) in papers}.values():
            keyed: list[tuple[int, bytes] | None] = [None] * len(readings.ids)
            for key, hashed, (own, at) in papers:
                if own is readings:
                    keyed[at] = key, digest(hashed)
            rows += rows_of(readings, keyed)
        return self._keep(rows)

    def follower(self) -> Follower:
        """A thread that reads papers as they are taken in.

        Those of an older quire may wait, too: taking in does not wait for them.
        """

        def step() -> bool:
            before = self.distance()
            self.catch_up()
            return self.distance() < before

        return Follower(
            "sentences",
            lambda: min(self.distance(), BACKLOG),
            step,
            batch=BATCH,
            narrate=self._narrate,
        )

    def examine(self) -> tuple[str, int]:
        """What was wrong with the file, and how many rows were not as they were written.

        These are removed, and the file where it is of no use; `mend` reads them again.
        """
        with self._lock:
            wrong = self._sweep(deep=True) if self._is_there() else 0
            trouble, self._file.trouble = self._file.trouble, ""
            return trouble, wrong

    def mend(self) -> bool:
        """Read and keep every paper that has no row, whatever was followed; False where it fails.

        Raises EmbedderUnavailable.
        """
        with self._lock:
            if not (self._is_there() or self._file.begin()):
                return False
        last = outbox.last_seq(self._ledger)
        whole = all(self._fill(keys, None) for keys in all_keys(self._ledger, BATCH))
        return whole and self._fill([], last)

    def _fill(self, keys: Sequence[int], seq: int | None) -> bool:
        """Read and keep those of some papers that have no row for their text."""
        hashes = text_hashes(self._ledger, keys)
        with self._lock:
            lacking = self._file.lacking(hashes)
        return self._keep(self._read(lacking), seq)

    def _sweep(self, *, deep: bool = False) -> int:
        """Remove rows of papers that are gone; `deep` also those that are not as written."""
        wrong = 0
        with self._lock:
            for rows in self._file.all_rows():
                keys = [row[0] for row in rows]
                broken = {row[0] for row in rows if deep and not is_whole(row)}
                there = self._ledger.rows_in("SELECT key FROM papers WHERE key IN ({})", keys)
                self._file.remove(sorted(broken | set(keys).difference(key for (key,) in there)))
                wrong += len(broken)
        return wrong

    def _read(self, keys: Sequence[int]) -> list[Row]:
        """The rows of papers by what their texts are now; raises EmbedderUnavailable."""
        found = self._ledger.rows_in(
            "SELECT key, id, title, abstract FROM papers WHERE key IN ({})", list(keys)
        )
        if not found:
            return []
        with self._ledger.reading():
            papers = [(str(name), str(title), str(abstract)) for _, name, title, abstract in found]
        hashed = [digest(text_hash(title, abstract)) for _, title, abstract in papers]
        keyed = [(int(row[0]), one) for row, one in zip(found, hashed, strict=True)]
        return rows_of((self._without_vectors or self._reader).read(papers), keyed)

    def _keep(self, rows: Sequence[Row], seq: int | None = None) -> bool:
        """Keep rows where there is a file; False where that fails."""

        def current() -> Collection[tuple[int, bytes]]:
            # Asked while the file is locked: a paper removed for good before is not kept again.
            return set(text_hashes(self._ledger, [row[0] for row in rows]).items())

        if not rows and seq is None:
            return True
        with self._lock:
            return self._file.put(rows, current, seq)
