"""Keeping the tantivy index behind the ledger: opened, held against its files, rebuilt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from store.errors import LibraryBusy, ProjectionFailed
from store.files import try_lock
from store.ledger import outbox
from store.ledger.database import Ledger
from store.ledger.papers import papers_after, papers_as_indexed
from store.ledger.points import reach
from store.lexical.index import LexicalIndex
from store.lexical.segment_files import SegmentFiles
from store.lexical.writer import MEND
from store.types import Narrate, Paper

NAME: outbox.ProjectionName = "lexical"
"""The projection, and the folder of its generations."""
_LOCK = "lexical.lock"
_BATCH = 2000


class LexicalUpkeep:
    """The word index of a library: opened when first needed, rebuilt when it is not whole.

    Its files are held against their seal before each use. One that fails in use is not used
    again by this process.
    """

    def __init__(self, ledger: Ledger, folder: Path, narrate: Narrate) -> None:
        self._ledger = ledger
        self._folder = folder
        self._narrate = narrate
        self._index: LexicalIndex | None = None
        self._files = SegmentFiles(folder)
        self._generation = 0
        self._given_up = -1
        self.trouble = ""

    def folder(self, generation: int) -> Path:
        """Where a generation lives."""
        return self._folder / NAME / str(generation)

    def look(self) -> LexicalIndex | None:
        """The index as it now stands, or None when it is not whole; `trouble` says why."""
        mark = outbox.mark(self._ledger, NAME)
        if mark.generation == self._given_up:
            return None
        try:
            self._open(mark)
        except ProjectionFailed as failure:
            self._give_up(failure)
            return None
        # What was projected since `mark` was read counts as pending here: the index may hold it.
        counted = 0 if self._index is None else self._index.count()
        if not outbox.plausible_count(self._ledger, mark.watermark, counted):
            self.trouble = f"the word index holds {counted} papers, the ledger says otherwise"
            return None
        self.trouble = ""
        if mark.watermark and not self._files.is_sealed:
            self._seal_anew()
        return self._index

    def _open(self, mark: outbox.Mark) -> None:
        folder = self.folder(mark.generation)
        another = self._index is None or mark.generation != self._generation
        if another:
            self._index, self._generation = None, mark.generation
            self._files = SegmentFiles(folder)
        if mark.watermark or (folder / "meta.json").exists():
            self._examine()
        if self._index is None:
            fresh = mark.watermark == 0 and not self._ledger.read_only
            self._index = LexicalIndex(folder, create=fresh)
        else:
            self._index.refresh()

    def _examine(self, *, deep: bool = False) -> None:
        """Hold the files against their seal; raises ProjectionFailed."""
        fault = self._files.fault(deep=deep)
        if fault:
            raise ProjectionFailed(f"the word index is damaged ({fault})", MEND)
        if self._files.is_outdated:
            raise ProjectionFailed("the word index is of another version of quire", MEND)

    def _give_up(self, failure: ProjectionFailed) -> None:
        """Use this generation no more: what failed once would fail at the next question."""
        self._index, self._given_up, self.trouble = None, self._generation, failure.message

    def _seal_anew(self) -> None:
        """Seal what was found whole: the library is a copy, or an older quire wrote it."""
        with self._writing() as mine:
            if mine and not self._files.fault():
                self._files.seal(outbox.mark(self._ledger, NAME).watermark)

    def examine(self, sample: Sequence[str]) -> str:
        """What is wrong with the index, read whole; a sample of ids is looked up. Empty: nothing.

        An index that is found wrong is given up.
        """
        index = self.look()
        if index is None:
            return self.trouble
        try:
            self._examine(deep=True)
            index.search("the of and method results", 10)
            absent = [name for name in sample if not index.has(name)]
            if absent:
                lacks = f"the word index lacks {len(absent)} of {len(sample)} papers looked up"
                raise ProjectionFailed(lacks, MEND)
        except ProjectionFailed as failure:
            self._give_up(failure)
        return self.trouble

    def catch_up(self, limit: int | None = None) -> bool:
        """Project a batch of what is pending; True when more is left.

        With a limit, nothing is done when more than that is pending.
        """
        if self._ledger.read_only or self.look() is None:
            return False
        waiting = outbox.pending_count(self._ledger, outbox.mark(self._ledger, NAME).watermark)
        if waiting == 0 or (limit is not None and waiting > limit):
            return False
        with self._writing() as mine:
            index = self.look() if mine else None
            if index is None:
                return False  # whoever writes projects this too; until then it is scanned
            try:
                return self._project(index)
            except ProjectionFailed as failure:
                self._give_up(failure)
                return False

    def _project(self, index: LexicalIndex) -> bool:
        mark = outbox.mark(self._ledger, NAME)
        batch = outbox.pending(self._ledger, mark.watermark, _BATCH)
        papers = papers_as_indexed(self._ledger, [one.id for one in batch])
        writer = index.writer()
        try:
            for one in batch:
                if one.id in papers:
                    writer.put(papers[one.id])
                else:
                    writer.delete(one.id)
            reach("lexical.added")
            writer.commit()
            reach("lexical.committed")
            if batch:
                outbox.advance(self._ledger, NAME, mark.generation, batch[-1].seq)
            reach("lexical.watermark")
        finally:
            writer.close()
        index.refresh()
        self._files.seal(batch[-1].seq if batch else mark.watermark)
        return len(batch) == _BATCH

    def _writing(self) -> AbstractContextManager[bool]:
        """The right to write to any generation, as long as the context lasts; False: not now.

        With it nobody else projects or rebuilds, so the generation and the watermark stand
        still, and no tombstone above the watermark is taken away.
        """
        return try_lock(self._folder / _LOCK)

    def rebuild(self, trouble: str = "") -> None:
        """Build a new generation from the ledger; the old folder stays as it is.

        Raises LibraryBusy when another process writes to the index, ProjectionFailed.
        """
        with self._writing() as mine:
            if not mine:
                raise LibraryBusy(
                    "another process is writing the word index", "try again when it is done"
                )
            if not trouble and self.look() is not None:
                return  # a neighbour has rebuilt it meanwhile
            self.trouble = trouble or self.trouble
            self._rebuild()

    def _rebuild(self) -> None:
        mark = outbox.mark(self._ledger, NAME)
        generation = mark.generation + 1
        while self.folder(generation).exists():
            generation += 1
        self._narrate(f"rebuilding the word index from the ledger ({self.trouble})")
        target = outbox.last_seq(self._ledger)
        self._fill(LexicalIndex(self.folder(generation), create=True))
        SegmentFiles(self.folder(generation)).seal(target)
        outbox.start_generation(self._ledger, NAME, generation, target)
        self._index = None

    def _fill(self, index: LexicalIndex) -> None:
        writer = index.writer()
        try:
            for paper in self._everything():
                writer.put(paper)
            writer.commit()
        finally:
            writer.close()
        index.refresh()

    def _everything(self) -> Iterator[Paper]:
        after = 0
        while found := papers_after(self._ledger, after, _BATCH):
            after, papers = found
            yield from papers
