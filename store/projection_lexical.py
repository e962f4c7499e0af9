"""Keeping the tantivy index behind the ledger, and searching what it lacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from store import outbox
from store.errors import LibraryBusy, ProjectionFailed
from store.ledger import Ledger
from store.lexical import LexicalIndex, WordHits, analyzer
from store.model import Narrate, Paper, TermMatch, Words
from store.near_words import near_words
from store.papers import papers_after, papers_by_id, texts_by_id
from store.points import reach
from store.selection import Selection
from store.wording import has_wording

NAME: outbox.ProjectionName = "lexical"
_BATCH = 2000
_SCORE_AT_MOST = 5000
"""With more papers than this pending, an index in memory serves instead of a tail."""
_NAMED_AT_MOST, _NAMED_FROM = 20_000, 2000
"""At most so many papers are named to the index, when more ranks than this would be read."""


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
        # What was projected since `mark` was read counts as pending here: the index may hold it.
        counted = self._index.count()
        if not outbox.plausible_count(self._ledger, mark.watermark, counted):
            self.trouble = f"the word index holds {counted} papers, the ledger says otherwise"
            return None
        self.trouble = ""
        return self._index

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
                self._index, self.trouble = None, failure.message
                return False

    def _project(self, index: LexicalIndex) -> bool:
        mark = outbox.mark(self._ledger, NAME)
        batch = outbox.pending(self._ledger, mark.watermark, _BATCH)
        papers = papers_by_id(self._ledger, [one.id for one in batch])
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
        return len(batch) == _BATCH

    @contextmanager
    def _writing(self) -> Iterator[bool]:
        """The right to write to any generation, as long as the context lasts; False: not now.

        With it nobody else projects or rebuilds, so the generation and the watermark stand
        still, and no tombstone above the watermark is taken away.
        """
        from filelock import FileLock, Timeout

        lock = FileLock(self._folder / "lexical.lock", mode=0o600)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

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

    def search(self, text: str, k: int, within: Selection | None) -> WordHits:
        """The k best papers by BM25, papers not yet projected included.

        Without an index that is whole, the ledger's papers are scored one by one.
        """
        mark = outbox.mark(self._ledger, NAME)
        index = self.look()
        behind = outbox.pending(self._ledger, mark.watermark)
        if index is None or len(behind) > _SCORE_AT_MOST:
            return self._scan(text, k, within)
        stale = {one.id for one in behind}
        try:
            ranked = _within(index, text, k + len(stale), within, stale)
            live = [one.id for one in behind if not one.deleted]
            wanted = live if within is None else list(within.among(live))
            if wanted:
                tail = papers_by_id(self._ledger, wanted)
                ranked = ranked + index.score(text, list(tail.values()))
            spread = index.spread(text)
        except ProjectionFailed as failure:
            self._index, self.trouble = None, failure.message
            return self._scan(text, k, within)
        return WordHits(sorted(ranked, key=lambda pair: (-pair[1], pair[0]))[:k], spread)

    def matching(self, required: Sequence[Words], excluded: Sequence[Words]) -> list[str]:
        """The ids of the papers that hold all of `required` and none of `excluded`.

        Papers not yet projected are read from the ledger, and all are without an index that
        is whole.
        """
        mark = outbox.mark(self._ledger, NAME)
        index = self.look()
        behind = outbox.pending(self._ledger, mark.watermark)
        try:
            projected = None if index is None else index.matching(required, excluded)
        except ProjectionFailed as failure:
            self._index, self.trouble, projected = None, failure.message, None
        analyze = analyzer().analyze
        if projected is None:
            return [
                paper.id
                for paper in self._everything()
                if has_wording(paper, analyze, required, excluded)
            ]
        stale = {one.id for one in behind}
        tail = papers_by_id(self._ledger, [one.id for one in behind if not one.deleted])
        fresh = [
            name for name, paper in tail.items() if has_wording(paper, analyze, required, excluded)
        ]
        return [name for name in projected if name not in stale] + fresh

    def _everything(self) -> Iterator[Paper]:
        after = 0
        while found := papers_after(self._ledger, after, _BATCH):
            after, papers = found
            yield from papers

    def near_words(self, word: str) -> tuple[str, ...]:
        """The nearest words to one that no paper holds; empty when the index cannot say."""
        index = self._index or self.look()
        if index is None:
            return ()
        try:
            near = near_words(word, index, lambda ids: texts_by_id(self._ledger, ids))
            return () if near and self._tail_holds(word, index) else near
        except ProjectionFailed:
            return ()

    def matches(self, text: str, paper: Paper) -> tuple[TermMatch, ...]:
        """The words of a question with how often a paper has each; empty without an index."""
        index = self._index or self.look()
        try:
            return index.matches(text, paper) if index else ()
        except ProjectionFailed:
            return ()

    def _tail_holds(self, word: str, index: LexicalIndex) -> bool:
        """True when a paper not yet projected holds a word."""
        behind = outbox.pending(self._ledger, outbox.mark(self._ledger, NAME).watermark)
        stems = set(index.stems(word))
        tail = texts_by_id(self._ledger, [one.id for one in behind if not one.deleted])
        return any(not stems.isdisjoint(index.stems(text)) for text in tail)

    def document_frequency(self, word: str) -> int:
        """In how many papers a word occurs, 0 when the index cannot say."""
        index = self._index or self.look()
        try:
            return index.document_frequency(word) if index else 0
        except ProjectionFailed:
            return 0

    def _scan(self, text: str, k: int, within: Selection | None) -> WordHits:
        """BM25 from an index in memory, made for this question from the ledger."""
        from tempfile import TemporaryDirectory

        with TemporaryDirectory(prefix="quire-") as folder:
            index = LexicalIndex(Path(folder), create=True)
            self._fill(index)
            return WordHits(_within(index, text, k, within, set())[:k], index.spread(text))


def _within(
    index: LexicalIndex, text: str, k: int, within: Selection | None, without: set[str]
) -> list[tuple[str, float]]:
    """The k best that are wanted: more is asked for until enough of them are.

    A first guess takes the papers wanted to be spread evenly over the ranks. Few papers are
    named to the index instead.
    """
    total = max(index.count(), 1)
    asked = k
    if within is not None:
        asked = 50 + int(1.3 * k * total / max(len(within), 1))
        if len(within) <= _NAMED_AT_MOST and asked > _NAMED_FROM:
            ranked = index.search(text, min(k, total), only=list(within))
            return [pair for pair in ranked if pair[0] not in without]
    while True:
        ranked = index.search(text, min(asked, total))
        names = [name for name, _ in ranked]
        wanted = (set(names) if within is None else within.among(names)) - without
        kept = [pair for pair in ranked if pair[0] in wanted]
        if len(kept) >= k or len(ranked) < asked or asked >= total:
            return kept[:k]
        asked *= 4
