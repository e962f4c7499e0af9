"""An open ledger with its folder, and what a reader is told of it when it is opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from store.ledger.database import Ledger
from store.ledger.lost_changes import ERASING, note_lost_changes
from store.types import Narrate


class Door:
    """What of an open library needs its ledger alone; `narrate` receives lines for the reader."""

    def __init__(self, ledger: Ledger, folder: Path, narrate: Narrate) -> None:
        self.ledger = ledger
        self.folder = folder
        self._teller = narrate
        self.lost = ""
        """One line on changes that the ledger has lost; empty when it has all."""

    @classmethod
    def _opened(cls, ledger: Ledger, make: Callable[[], Self]) -> Self:
        """What is made of a ledger just opened, once the reader was told of it."""
        try:
            door = make()
            door.lost = note_lost_changes(ledger, door.folder)
            door.say_what_is_lost()
            door.say_what_is_left()
        except BaseException:
            ledger.close()
            raise
        return door

    def close(self) -> None:
        """Close the ledger."""
        self.ledger.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def narrating(self, narrate: Narrate) -> Iterator[None]:
        """Send the lines for the reader elsewhere for a while."""
        before, self._teller = self._teller, narrate
        try:
            yield
        finally:
            self._teller = before

    def _narrate(self, line: str) -> None:
        self._teller(line)

    def say_what_is_lost(self) -> None:
        """Tell the reader, until the loss is accepted, of changes that the ledger has lost."""
        if self.lost:
            self._narrate(f"note: {self.lost}; see: quire doctor")

    def say_what_is_left(self) -> None:
        """Tell the reader, until it is ended, of a removal for good that was broken off."""
        if self.ledger.meta(ERASING) is not None:
            self._narrate(
                "note: files may still hold papers that were removed for good;"
                " run: quire doctor --fix"
            )
