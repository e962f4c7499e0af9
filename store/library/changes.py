"""Changes of a library that can be taken back: removals, merges, splits; and taking back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from store.errors import EmbedderUnavailable, EmbeddingFailed, InputError
from store.ledger.naming import removals
from store.library.upkeep import Upkeep
from store.value import Value
from store.wording import counted

if TYPE_CHECKING:
    from store.ledger.undo import Undoing
    from store.library.duplicates import Likely


class Removal(Value):
    """When a paper went, ISO 8601 in UTC, and how: "rm", "undo", "merge" or "forever"."""

    at: str
    how: str


class Changes(Upkeep):
    """What changes which papers there are, beside adding."""

    def remove(self, ids: Sequence[str]) -> int:
        """Take papers out of the ledger and of what follows it; returns how many."""
        from store.ledger.images import remove_paper
        from store.ledger.journal import Change

        removed = 0
        names = list(dict.fromkeys(ids))
        with self.ledger.write():
            rows = self.ledger.rows_in("SELECT key FROM papers WHERE id IN ({})", names)
            change = Change(self.ledger, "rm", self._narrate, counted(len(rows), "paper"))
            look = change.look([row[0] for row in rows])
            for name in names:
                removed += remove_paper(self.ledger, name)
            change.wrote(look)
            change.flush()
        self._follow()
        return removed

    def merge(self, ids: Sequence[str]) -> None:
        """Make papers into the first of them; raises InputError for fewer than two."""
        from store.ledger.joining import merge
        from store.ledger.journal import Change

        names = list(dict.fromkeys(ids))
        if len(names) < 2:
            raise InputError("a merge takes two papers or more", "name them by id: quire merge A B")
        with self.ledger.write():
            words = f"{counted(len(names), 'paper')} into {names[0]}"
            merge(self.ledger, names, Change(self.ledger, "merge", self._narrate, words))
        self._follow()

    def split(self, name: str) -> tuple[str, ...]:
        """Part a paper, by its id, into its records; their ids, its own first.

        Raises NothingToPart.
        """
        from store.ledger.joining import split
        from store.ledger.journal import Change

        with self.ledger.write():
            names = split(self.ledger, name, Change(self.ledger, "split", self._narrate, name))
        self._follow()
        return names

    def next_undo(self) -> Undoing:
        """What `undo` would do; raises NothingToUndo."""
        from store.ledger.undo import next_undo

        return next_undo(self.ledger)

    def undo(self, number: int) -> Undoing:
        """Take back the last change, by its number; raises NothingToUndo."""
        from store.ledger.journal import MARKING
        from store.ledger.undo import take_back

        done = take_back(self.ledger, number)
        if done.kind not in MARKING:  # marks stand in no projection
            self._follow()
        return done

    def duplicates(self) -> tuple[Likely, ...]:
        """Groups of papers that may be one; seconds for 100 000 papers."""
        from store.library.duplicates import likely_duplicates

        return likely_duplicates(self.ledger, self.fingerprint)

    def removals(self, ids: Sequence[str]) -> dict[str, Removal]:
        """When and how papers went, of those that are not here; others are left out."""
        return {name: Removal(at=at, how=how) for name, at, how in removals(self.ledger, ids)}

    def _follow(self) -> None:
        """Let the projections follow; vectors that cannot be made now are made later."""
        try:
            self.catch_up()
        except (EmbedderUnavailable, EmbeddingFailed) as failure:
            self._narrate(f"{failure.message}; {failure.hint}")
