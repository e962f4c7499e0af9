"""Keeping the tantivy index behind the ledger, and searching what it lacks."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from store import outbox
from store.errors import LibraryBusy, ProjectionFailed
from store.ledger import Ledger
from store.lexical import LexicalIndex
from store.model import Filter, Narrate
from store.papers import papers_by_filter, papers_by_id
from store.points import reach

NAME: outbox.ProjectionName = "lexical"
_BATCH = 2000


class LexicalProjection:
    """The word index of a library: opened when first needed, rebuilt when it is not whole."""

    def __init__(self, ledger: Ledger, folder: Path, narrate: Narrate) -> None:
        self._ledger = ledger
        self._folder = folder
        self._narrate = narrate
        self._index: LexicalIndex | None = None
        self._generation = 0
        self.trouble = ""

    def folder(self, generation: int) -> Path:
        """Where a generation lives."""
        return self._folder / NAME / str(generation)

    def look(self) -> LexicalIndex | None:
        """The index as it now stands, or None when it is not whole; `trouble` says why."""
        mark = outbox.mark(self._ledger, NAME)
        try:
            if self._index is None or mark.generation != self._generation:
                fresh = mark.watermark == 0 and not self._ledger.read_only
                self._index = LexicalIndex(self.folder(mark.generation), create=fresh)
                self._generation = mark.generation
            else:
                self._index.refresh()
        except ProjectionFailed as failure:
            self._index, self.trouble = None, failure.message
            return None
        # A refresh may see a commit whose watermark came after `mark` was read.
        mark = outbox.mark(self._ledger, NAME)
        counted = self._index.count()
        if not outbox.plausible_count(self._ledger, mark.watermark, counted):
            self.trouble = f"the word index holds {counted} papers, the ledger says otherwise"
            return None
        self.trouble = ""
        return self._index

    def catch_up(self, limit: int | None = None) -> None:
        """Project what is pending; with a limit, nothing when more than that is pending."""
        index = self.look()
        if index is None or self._ledger.read_only:
            return
        waiting = outbox.pending_count(self._ledger, outbox.mark(self._ledger, NAME).watermark)
        if waiting == 0 or (limit is not None and waiting > limit):
            return
        try:
            writer = index.writer()
        except LibraryBusy:
            return  # whoever writes projects this too; until then it is scanned
        try:
            mark = outbox.mark(self._ledger, NAME)
            while batch := outbox.pending(self._ledger, mark.watermark, _BATCH):
                papers = papers_by_id(self._ledger, [one.id for one in batch])
                for one in batch:
                    if one.id in papers:
                        writer.put(papers[one.id])
                    else:
                        writer.delete(one.id)
                reach("lexical.added")
                writer.commit()
                reach("lexical.committed")
                outbox.advance(self._ledger, NAME, mark.generation, batch[-1].seq)
                reach("lexical.watermark")
                mark = outbox.mark(self._ledger, NAME)
        finally:
            writer.close()
        index.refresh()

    def rebuild(self) -> None:
        """Build a new generation from the ledger; the old folder stays as it is."""
        mark = outbox.mark(self._ledger, NAME)
        generation = mark.generation + 1
        while self.folder(generation).exists():
            generation += 1
        self._narrate(f"rebuilding the word index from the ledger ({self.trouble or 'asked for'})")
        target = outbox.last_seq(self._ledger)
        index = LexicalIndex(self.folder(generation), create=True)
        writer = index.writer()
        try:
            at = 0
            while papers := papers_by_filter(self._ledger, Filter(), _BATCH, at):
                for paper in papers:
                    writer.put(paper)
                at += len(papers)
            writer.commit()
        finally:
            writer.close()
        outbox.start_generation(self._ledger, NAME, generation, target)
        self._index = None
        self.catch_up()

    def search(self, text: str, k: int, within: Collection[str] | None) -> list[tuple[str, float]]:
        """The k best papers by BM25, papers not yet projected included.

        Without an index that is whole, the ledger's papers are scored one by one.
        """
        mark = outbox.mark(self._ledger, NAME)
        index = self.look()
        if index is None:
            return self._scan(text, k, within)
        behind = outbox.pending(self._ledger, mark.watermark)
        stale = {one.id for one in behind}
        ranked = _within(index, text, k + len(stale), within, stale)
        tail = papers_by_id(self._ledger, [one.id for one in behind if not one.deleted])
        wanted = [paper for name, paper in tail.items() if within is None or name in within]
        if wanted:
            ranked = ranked + index.score(text, wanted)
        return sorted(ranked, key=lambda pair: (-pair[1], pair[0]))[:k]

    def document_frequency(self, word: str) -> int:
        """In how many papers a word occurs, 0 when the index cannot say."""
        index = self._index or self.look()
        return index.document_frequency(word) if index else 0

    def _scan(self, text: str, k: int, within: Collection[str] | None) -> list[tuple[str, float]]:
        """BM25 from an index in memory, made for this question from the ledger."""
        from tempfile import TemporaryDirectory

        with TemporaryDirectory(prefix="quire-") as folder:
            index = LexicalIndex(Path(folder), create=True)
            writer = index.writer()
            at = 0
            while papers := papers_by_filter(self._ledger, Filter(), _BATCH, at):
                for paper in papers:
                    writer.put(paper)
                at += len(papers)
            writer.commit()
            writer.close()
            index.refresh()
            return _within(index, text, k, within, set())[:k]


def _within(
    index: LexicalIndex, text: str, k: int, within: Collection[str] | None, without: set[str]
) -> list[tuple[str, float]]:
    """The k best that are wanted: more is asked for until enough of them are."""
    asked = k
    total = index.count()
    while True:
        ranked = index.search(text, min(asked, max(total, 1)))
        kept = [
            (name, score)
            for name, score in ranked
            if name not in without and (within is None or name in within)
        ]
        if len(kept) >= k or len(ranked) < asked or asked >= total:
            return kept[:k]
        asked *= 8
