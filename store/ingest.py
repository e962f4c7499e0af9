"""Taking records into the ledger in batches, and accounting for every one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from store.embedders import Embedder, paper_text
from store.identity import text_hash
from store.ledger import Ledger
from store.model import IngestReport, Notice, ReadItem, Record, Rejection
from store.points import reach
from store.vectors import embedder_key, put_vectors, register_embedder, vectors_at
from store.writing import Written, write_record

BATCH = 256
"""Records in one transaction."""

Advance = Callable[[int], None]
"""Told how many records have been dealt with so far."""


@dataclass
class _Account:
    counts: dict[str, int] = field(
        default_factory=lambda: {"read": 0, "new": 0, "same": 0, "changed": 0, "refused": 0}
    )
    rejections: list[Rejection] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    papers: dict[str, None] = field(default_factory=dict)

    def report(self, *, dry_run: bool) -> IngestReport:
        return IngestReport(
            **self.counts,
            rejections=tuple(self.rejections),
            notices=tuple(self.notices),
            papers=tuple(self.papers),
            dry_run=dry_run,
        )


class Ingest:
    """One run of taking records in.

    `after_batch` is called when a batch has been committed: the projections follow there.
    A dry run goes the same way over a copy of the ledger in memory, and embeds nothing.
    `report` tells the state at any time, also after an interruption.
    """

    def __init__(
        self,
        ledger: Ledger,
        embedder: Embedder | None,
        *,
        tags: Sequence[str] = (),
        dry_run: bool = False,
        advance: Advance | None = None,
        after_batch: Callable[[], None] | None = None,
    ) -> None:
        self._ledger = ledger.copied() if dry_run else ledger
        self._embedder = None if dry_run else embedder
        self._tags = tuple(tags)
        self._dry_run = dry_run
        self._advance = advance
        self._after_batch = after_batch
        self._account = _Account()

    @property
    def report(self) -> IngestReport:
        """What was done with every record so far."""
        return self._account.report(dry_run=self._dry_run)

    def run(self, items: Iterable[ReadItem]) -> IngestReport:
        """Take everything in."""
        batch: list[Record] = []
        for item in items:
            match item:
                case Record():
                    batch.append(item)
                    if len(batch) >= BATCH:
                        self._take(batch)
                        batch = []
                case Rejection():
                    self._refuse(item)
                case Notice():
                    self._account.notices.append(item)
        if batch:
            self._take(batch)
        return self.report

    def _refuse(self, rejection: Rejection) -> None:
        # A source that could not be read at all holds no record to be counted.
        if rejection.record is not None or rejection.line is not None:
            self._account.counts["read"] += 1
            self._account.counts["refused"] += 1
        self._account.rejections.append(rejection)

    def _take(self, batch: list[Record]) -> None:
        vectors = self._embed(batch)
        reach("batch.embedded")
        with self._ledger.write():
            written = [write_record(self._ledger, one, self._tags) for one in batch]
            self._keep_vectors(written, vectors)
            reach("batch.written")
        reach("batch.committed")
        for one in written:
            self._account.counts[one.change] += 1
            self._account.papers[one.id] = None
        self._account.counts["read"] += len(batch)
        if self._advance:
            self._advance(self._account.counts["read"])
        if self._after_batch and not self._dry_run:
            self._after_batch()

    def _embed(self, batch: Sequence[Record]) -> dict[str, bytes]:
        """Vectors of the texts of a batch that the ledger does not hold yet, by text hash."""
        if self._embedder is None:
            return {}
        texts = {
            text_hash(one.title, one.abstract): paper_text(one.title, one.abstract) for one in batch
        }
        known = {
            row[0]
            for row in self._ledger.rows_in(
                "SELECT text_hash FROM papers WHERE text_hash IN ({})", list(texts)
            )
        }
        missing = [hashed for hashed in texts if hashed not in known]
        if not missing:
            return {}
        vectors = self._embedder.embed([texts[hashed] for hashed in missing])
        return {hashed: vector.tobytes() for hashed, vector in zip(missing, vectors, strict=True)}

    def _keep_vectors(self, written: Sequence[Written], vectors: dict[str, bytes]) -> None:
        if self._embedder is None:
            return
        touched = {one.key: one for one in written if one.change != "same"}
        if not touched:
            return
        key = embedder_key(self._ledger, self._embedder.fingerprint)
        if key is None:
            key = register_embedder(
                self._ledger, self._embedder.fingerprint, self._embedder.dimension
            )
        there = vectors_at(self._ledger, key, list(touched))
        touched = {at: one for at, one in touched.items() if there.get(at) != one.text_hash}
        # A merged abstract, or one deleted by a neighbour since, was not embedded above.
        late = [one for one in touched.values() if one.text_hash not in vectors]
        if late:
            made = self._embedder.embed([paper_text(one.title, one.abstract) for one in late])
            vectors = vectors | {
                one.text_hash: vector.tobytes() for one, vector in zip(late, made, strict=True)
            }
        put_vectors(
            self._ledger,
            key,
            [(one.key, one.text_hash, vectors[one.text_hash]) for one in touched.values()],
        )
