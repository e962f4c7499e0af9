"""What the word index is asked, with what it lacks read from the ledger."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from store.errors import ProjectionFailed
from store.ledger import outbox
from store.ledger.database import Ledger
from store.ledger.papers import papers_by_id, texts_by_id
from store.ledger.selection import Selection
from store.lexical.fuzzy import is_unknown, near_words
from store.lexical.held import HeldName
from store.lexical.index import LexicalIndex, WordHits
from store.lexical.upkeep import NAME, LexicalUpkeep
from store.types import Narrate, Paper, TermMatch, Words

Answer = TypeVar("Answer")

_JUST_NOW = 0.05
"""Seconds for which an index that was looked at is not looked at again."""
_SCORE_AT_MOST = 5000
"""With more papers than this pending, an index in memory serves instead of a tail."""
_NAMED_AT_MOST, _NAMED_FROM = 20_000, 2000
"""At most so many papers are named to the index, when more ranks than this would be read."""


class LexicalProjection(LexicalUpkeep):
    """The searches of the word index.

    Where the index on the disk is not whole, one in memory, made from the ledger, answers the
    same until another generation stands.
    """

    def __init__(self, ledger: Ledger, folder: Path, narrate: Narrate) -> None:
        super().__init__(ledger, folder, narrate)
        self._stand_in: tuple[int, LexicalIndex] | None = None
        self._looked: tuple[float, outbox.Mark] | None = None

    def search(self, text: str, k: int, within: Selection | None) -> WordHits:
        """The k best papers by BM25, papers not yet projected included."""

        def ask(index: LexicalIndex, behind: Sequence[outbox.Pending]) -> WordHits:
            stale = {one.id for one in behind}
            ranked = _within(index, text, k + len(stale), within, stale)
            live = [one.id for one in behind if not one.deleted]
            wanted = live if within is None else list(within.among(live))
            if wanted:
                tail = papers_by_id(self._ledger, wanted)
                ranked = ranked + index.score(text, list(tail.values()))
            ranked.sort(key=lambda pair: (-pair[1], pair[0]))
            return WordHits(ranked[:k], index.spread(text))

        return self._asked(ask, most=_SCORE_AT_MOST)

    def matching(self, required: Sequence[Words], excluded: Sequence[Words]) -> list[str]:
        """The ids of the papers that hold all of `required` and none of `excluded`.

        Papers not yet projected are read from the ledger.
        """

        def ask(index: LexicalIndex, behind: Sequence[outbox.Pending]) -> list[str]:
            projected = index.matching(required, excluded)
            stale = {one.id for one in behind}
            tail = papers_by_id(self._ledger, [one.id for one in behind if not one.deleted])
            fresh = [name for name, paper in tail.items() if index.holds(paper, required, excluded)]
            return [name for name in projected if name not in stale] + fresh

        return self._asked(ask)

    def unknown_words(self, words: Sequence[str]) -> set[str]:
        """Those of some words for which `near_words` may give others."""
        return self._asked(lambda index, _: {one for one in words if is_unknown(one, index)})

    def near_words(self, word: str) -> tuple[str, ...]:
        """The nearest words to one that no paper holds."""

        def ask(index: LexicalIndex, behind: Sequence[outbox.Pending]) -> tuple[str, ...]:
            near = near_words(word, index, lambda ids: texts_by_id(self._ledger, ids))
            tail = [one.id for one in behind if not one.deleted] if near else []
            stems = set(index.stems(word))
            texts = texts_by_id(self._ledger, tail)
            held = any(not stems.isdisjoint(index.stems(text)) for text in texts)
            return () if held else near

        return self._asked(ask)

    def matches(self, text: str, paper: Paper) -> tuple[TermMatch, ...]:
        """The words of a question with how often a paper has each."""
        return self._asked(lambda index, _: index.matches(text, paper), current=True)

    def holding_names(self, text: str, ids: Sequence[str]) -> list[HeldName]:
        """The names that a question asks for, with those of some papers that have them.

        Papers not yet projected are read from the ledger.
        """

        def ask(index: LexicalIndex, behind: Sequence[outbox.Pending]) -> list[HeldName]:
            changed = {one.id for one in behind}.intersection(ids)
            return index.holding_names(
                text, ids, [*papers_by_id(self._ledger, sorted(changed)).values()]
            )

        asks = self._asked(lambda index, _: index.names(text), current=True)
        return self._asked(ask) if asks else []

    def hyphenated(self, text: str) -> str:
        """A question with hyphens in its compounds where most papers write these."""
        return self._asked(lambda index, _: index.hyphenated(text), current=True)

    def author_frequency(self, word: str) -> int:
        """In how many papers a word is a part of an author's name; more where that is not known.

        A paper that is not projected yet may have an author of any name.
        """
        mark = outbox.mark(self._ledger, NAME)
        behind = outbox.pending_count(self._ledger, mark.watermark)
        return behind + self._asked(lambda index, _: index.author_frequency(word), current=True)

    def with_author(self, words: Sequence[str], limit: int) -> list[str]:
        """Ids of some papers whose authors' names may hold all of some words.

        Papers not yet projected are among them.
        """

        def ask(index: LexicalIndex, behind: Sequence[outbox.Pending]) -> list[str]:
            live = [one.id for one in behind if not one.deleted]
            return [*live, *index.with_author(words, limit)]

        return self._asked(ask, most=_SCORE_AT_MOST)

    def document_frequency(self, word: str) -> int:
        """In how many papers a word occurs."""
        return self._asked(lambda index, _: index.document_frequency(word), current=True)

    def _asked(
        self,
        ask: Callable[[LexicalIndex, Sequence[outbox.Pending]], Answer],
        *,
        most: int | None = None,
        current: bool = False,
    ) -> Answer:
        """What an index says, given the changes that it lacks: the one on the disk, or in memory.

        With more than `most` changes lacking, all papers are read anew instead. With `current`
        the index is asked as it was last looked at, for what is asked word by word.
        """
        if current and self._index is not None:
            index: LexicalIndex | None = self._index
            behind: list[outbox.Pending] = []
        else:
            mark = outbox.mark(self._ledger, NAME)
            index = self._index
            if not self._has_just_looked(mark):
                index = self.look()
                self._looked = (time.monotonic(), mark)
            behind = [] if current else outbox.pending(self._ledger, mark.watermark)
        if index is not None and (most is None or len(behind) <= most):
            try:
                return ask(index, behind)
            except ProjectionFailed as failure:
                self._give_up(failure)
        return ask(self._in_memory(), [])

    def _has_just_looked(self, mark: outbox.Mark) -> bool:
        """True where the index was looked at for this question, and nothing was projected since.

        One question asks several times, and each look reads the states of all files.
        """
        if self._index is None or self._looked is None or self._looked[1] != mark:
            return False
        return time.monotonic() - self._looked[0] < _JUST_NOW

    def _in_memory(self) -> LexicalIndex:
        """An index of all papers in memory, kept until a paper changes; raises ProjectionFailed."""
        seq = outbox.last_seq(self._ledger)
        if self._stand_in is None or self._stand_in[0] != seq:
            index = LexicalIndex(None, create=True)
            self._fill(index)
            self._stand_in = (seq, index)
        return self._stand_in[1]


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
