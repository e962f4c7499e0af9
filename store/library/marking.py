"""A library as far as papers are named, listed by id and marked: its indexes are not touched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

from store.errors import InputError
from store.ledger.database import Ledger
from store.ledger.naming import ids_named
from store.ledger.papers import count, count_by_filter, ids_by_filter
from store.library.door import Door
from store.types import Filter, Narrate, Status

if TYPE_CHECKING:
    from store.ledger.marks import Marked, NotedPaper
    from store.ledger.sorting import SortField


class Marking(Door):
    """What names, lists and marks papers; opening it takes a fraction of opening a library."""

    @classmethod
    def open(
        cls, folder: Path, *, create: bool = False, narrate: Narrate = lambda line: None
    ) -> Self:
        """Open the library in a folder; raises what `Library.open` does."""
        ledger = Ledger.open(folder, create=create, narrate=narrate)
        return cls._opened(ledger, lambda: cls(ledger, folder, narrate))

    def count(self, wanted: Filter | None = None) -> int:
        """How many papers there are, or that a filter leaves."""
        return count(self.ledger) if wanted is None else count_by_filter(self.ledger, wanted)

    def ids(self, wanted: Filter) -> list[str]:
        """The ids a filter leaves, in the order added."""
        return ids_by_filter(self.ledger, wanted)

    def unmatched(self, wanted: Filter) -> list[tuple[str, str, list[str]]]:
        """Each value of a filter that no paper has: its field, the value, and the nearest ones."""
        from store.ledger.unmatched import unmatched

        return list(unmatched(self.ledger, wanted))

    def leaving_out(self, wanted: Filter, others: Sequence[Filter]) -> Filter:
        """A filter without the papers that any of some others leaves."""
        if not others:
            return wanted
        out = {name for one in others for name in self.ids(one)}
        return wanted.model_copy({"without": (*wanted.without, *sorted(out))})

    def sorted_ids(
        self, wanted: Filter, by: SortField, *, reverse: bool = False, limit: int | None = None
    ) -> list[str]:
        """The first ids a filter leaves by a field; papers without it come last."""
        from store.ledger.sorting import sorted_ids

        return sorted_ids(self.ledger, wanted, by, reverse=reverse)[:limit]

    def named(self, names: Sequence[str]) -> list[str]:
        """The ids behind names, each once, in their order; raises UnknownPaper, AmbiguousPaper."""
        return ids_named(self.ledger, names)

    def set_status(self, wanted: Filter, status: Status) -> Marked:
        """Give the papers that a filter leaves a status, which `undo` takes back."""
        from store.ledger.marks import set_status

        return set_status(self.ledger, wanted, status, self._narrate)

    def change_tags(
        self, wanted: Filter, *, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> Marked:
        """Give tags to the papers that a filter leaves, and take tags; `undo` takes it back.

        Raises InputError for what is no tag, and for one that is to be given and taken.
        """
        from store.ledger.mark_texts import tags_there, tags_typed
        from store.ledger.marks import change_tags

        given = tags_typed(add)
        gone, unknown = tags_there(self.ledger, remove)
        if both := [tag for tag in given if tag in (*gone, *unknown)]:
            raise InputError(f"“{both[0]}” is to be added and removed", "name it once")
        done = change_tags(self.ledger, wanted, given, gone, self._narrate)
        return done.model_copy({"unknown": unknown})

    def add_note(self, wanted: Filter, text: str) -> Marked:
        """Give the papers that a filter leaves a note, which `undo` takes back.

        Raises InputError for what is no note.
        """
        from store.ledger.mark_texts import note_typed
        from store.ledger.marks import add_note

        return add_note(self.ledger, wanted, note_typed(text), self._narrate)

    def change_note(self, paper: str, number: int, text: str | None) -> Marked:
        """Give a note of a paper another text, or take it away; `undo` takes it back.

        `number` counts its notes from 1. Raises InputError where it has none so.
        """
        from store.ledger.mark_texts import note_typed
        from store.ledger.marks import change_note

        given = None if text is None else note_typed(text)
        return change_note(self.ledger, paper, number, given, self._narrate)

    def notes(self, wanted: Filter) -> tuple[NotedPaper, ...]:
        """The notes of the papers that a filter leaves and that have some."""
        from store.ledger.marks import notes_by_paper

        return notes_by_paper(self.ledger, wanted)

    def tags_counted(self, wanted: Filter) -> tuple[tuple[str, int], ...]:
        """Each tag of the papers that a filter leaves, with how many have it, the most first."""
        from store.ledger.marks import tags_counted

        return tags_counted(self.ledger, wanted)
