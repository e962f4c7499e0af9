"""Taking records into the ledger in batches, and accounting for every one of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any

from store.embedders.active import Keeping
from store.embedders.base import Embedder, paper_text
from store.errors import EmbeddingFailed
from store.files import beside_others_in
from store.ledger.database import Ledger
from store.ledger.identity import text_hash
from store.ledger.journal import Change
from store.ledger.mark_texts import tags_typed
from store.ledger.matching import known_texts
from store.ledger.points import reach
from store.ledger.vectors import embedder_key, put_vectors, register_embedder, vectors_at
from store.ledger.write import Written, write_record
from store.library.follow import Following
from store.types import IngestReport, Narrate, Notice, ReadItem, Record, Rejection

BATCH = 256
"""Records in one transaction."""

LISTED = 10_000
"""Rejections, and notices, that a report lists one by one; those after them are counted."""

Advance = Callable[[int], None]
"""Told how many records have been dealt with so far."""


@dataclass
class _Account:
    """What was done so far, in little memory however much it is."""

    counts: dict[str, int] = field(
        default_factory=lambda: {"read": 0, "new": 0, "same": 0, "changed": 0, "refused": 0}
    )
    rejections: list[Rejection] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    more_rejections: int = 0
    more_notices: int = 0
    partial: bool = False
    papers: bytearray = field(default_factory=bytearray)
    """Ids, each with a space after it: a fifth of what as many strings take."""

    def reject(self, rejection: Rejection) -> None:
        self.partial = True
        if len(self.rejections) < LISTED:
            self.rejections.append(rejection)
        else:
            self.more_rejections += 1

    def note(self, notice: Notice) -> None:
        self.partial = self.partial or notice.partial
        if len(self.notices) < LISTED:
            self.notices.append(notice)
        else:
            self.more_notices += 1

    def take(self, written: Sequence[Written], *, keep_ids: bool) -> None:
        """Count a batch of records that are committed."""
        for one in written:
            self.counts[one.change] += 1
            if keep_ids:
                self.papers += f"{one.id} ".encode("ascii")
        self.counts["read"] += len(written)

    def report(self, *, dry_run: bool) -> IngestReport:
        return IngestReport(
            **self.counts,
            rejections=tuple(self.rejections),
            notices=tuple(self.notices),
            more_rejections=self.more_rejections,
            more_notices=self.more_notices,
            partial=self.partial,
            papers=tuple(dict.fromkeys(self.papers.decode("ascii").split())),
            dry_run=dry_run,
        )


class Ingest:
    """One run of taking records in.

    `following` is told when a batch has been committed, and closed at the end.
    Without `keep_ids` the report names no papers, and takes no memory for them.
    A dry run goes the same way over a copy of the ledger in memory; its embedder, if it has one,
    is told the texts that would be embedded, and keeps no vector. With `keeping` that makes the
    vectors, and keeps what comes with them.
    `report` tells the state at any time, also after an interruption. All batches are one change
    that can be taken back.
    """

    def __init__(
        self,
        ledger: Ledger,
        embedder: Embedder | None,
        *,
        tags: Sequence[str] = (),
        dry_run: bool = False,
        advance: Advance | None = None,
        following: Following | None = None,
        keep_ids: bool = True,
        narrate: Narrate = lambda line: None,
        keeping: Keeping | None = None,
    ) -> None:
        self._ledger = ledger.copied() if dry_run else ledger
        self._change = Change(self._ledger, "add", narrate)
        self._embedder = embedder
        self._keeping = None if dry_run else keeping
        self._kept: dict[str, Any] = {}
        self._tags = tags_typed(tags)
        self._dry_run = dry_run
        self._advance = advance
        self._following = following
        self._keep_ids = keep_ids
        self._account = _Account()

    @property
    def report(self) -> IngestReport:
        """What was done with every record so far."""
        return self._account.report(dry_run=self._dry_run)

    def run(self, items: Iterable[ReadItem]) -> IngestReport:
        """Take everything in; an interruption leaves what is acknowledged, and `report`."""
        beside = nullcontext() if self._dry_run else beside_others_in(self._ledger.path.parent)
        with beside, closing(self._following) if self._following else nullcontext():
            self._run(items)
        return self.report

    def _run(self, items: Iterable[ReadItem]) -> None:
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
                    self._account.note(item)
        if batch:
            self._take(batch)

    def _refuse(self, rejection: Rejection) -> None:
        # A source that could not be read at all holds no record to be counted.
        if rejection.record is not None or rejection.line is not None:
            self._account.counts["read"] += 1
            self._account.counts["refused"] += 1
        self._account.reject(rejection)

    def _take(self, batch: list[Record]) -> None:
        vectors = self._embed(batch)
        reach("batch.embedded")
        with self._ledger.write():
            written = [write_record(self._ledger, one, self._tags, self._change) for one in batch]
            touched = self._keep_vectors(written, vectors)
            self._change.flush()
            reach("batch.written")
        # Counted before all else: an interruption is to report what is kept.
        self._account.take(written, keep_ids=self._keep_ids)
        reach("batch.committed")
        if self._keeping:
            hashes = ((one.key, one.text_hash) for one in touched)
            self._keeping.put(
                [(*one, self._kept[one[1]]) for one in hashes if one[1] in self._kept]
            )
        if self._advance:
            self._advance(self._account.counts["read"])
        if self._following:
            self._following.committed()

    def _embed(self, batch: Sequence[Record]) -> dict[str, bytes]:
        """Vectors of the texts of a batch that the ledger does not hold yet, by text hash."""
        self._kept = {}
        if self._embedder is None:
            return {}
        papers = {text_hash(one.title, one.abstract): (one.title, one.abstract) for one in batch}
        known = known_texts(self._ledger, batch)
        missing = {hashed: one for hashed, one in papers.items() if hashed not in known}
        if not missing:
            return {}
        if self._dry_run:
            with suppress(EmbeddingFailed):
                self._embedder.embed([paper_text(*one) for one in missing.values()])
            return {}
        return self._made(missing)

    def _made(self, papers: Mapping[str, tuple[str, str]]) -> dict[str, bytes]:
        """The vectors of papers by the hashes of their texts; what comes with them is remembered.

        Papers are given as title and abstract.
        """
        assert self._embedder is not None
        if self._keeping is None:
            vectors = self._embedder.embed([paper_text(*one) for one in papers.values()])
        else:
            vectors, kept = self._keeping.embed(list(papers.values()))
            self._kept |= zip(papers, kept, strict=True)
        return {hashed: vector.tobytes() for hashed, vector in zip(papers, vectors, strict=True)}

    def _keep_vectors(
        self, written: Sequence[Written], vectors: dict[str, bytes]
    ) -> Collection[Written]:
        """Keep the vectors of papers that lack theirs, inside a write; which those are."""
        if self._embedder is None or self._dry_run:
            return ()
        touched = {one.key: one for one in written if one.change != "same"}
        if not touched:
            return ()
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
            vectors |= self._made({one.text_hash: (one.title, one.abstract) for one in late})
        put_vectors(
            self._ledger,
            key,
            [(one.key, one.text_hash, vectors[one.text_hash]) for one in touched.values()],
        )
        return touched.values()
