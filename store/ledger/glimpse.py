"""A look into a ledger that makes, changes and waits for nothing, for values to complete."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from store.errors import StoreError
from store.ledger.conditions import like_part
from store.ledger.database import FILE_NAME, Ledger
from store.ledger.named import tags, venues
from store.ledger.row_values import texts

_BUSY_SECONDS = 0.1
_SCANNED = 2_000


class Glimpse:
    """Names that a ledger holds and that begin with some text, in any case of its letters."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def count(self) -> int:
        """How many papers there are."""
        return int(self._ledger.value("SELECT count(*) FROM papers"))

    def tags(self, begin: str) -> list[str]:
        """Tags, sorted."""
        return _beginning(begin, tags(self._ledger))

    def venues(self, begin: str) -> list[str]:
        """Venues, sorted."""
        return _beginning(begin, venues(self._ledger))

    def authors(self, begin: str, limit: int) -> list[str]:
        """At most `limit` authors, sorted."""
        rows = self._ledger.rows(
            "SELECT authors FROM papers WHERE authors LIKE ? ESCAPE '\\' LIMIT ?",
            (like_part(begin), _SCANNED),
        )
        names = {name for (authors,) in rows for name in texts(authors)}
        return _beginning(begin, sorted(names))[:limit]

    def sources(self, begin: str) -> list[str]:
        """Names of sources, sorted."""
        rows = self._ledger.rows("SELECT DISTINCT source FROM provenance ORDER BY source")
        return _beginning(begin, [str(name) for (name,) in rows])

    def sessions(self, begin: str) -> list[tuple[str, str]]:
        """Names of saved conversations with their first questions, the last one first, and ids.

        One that has no name of its own has its id alone, which stands with its question.
        """
        from store.ledger.sessions import list_sessions

        first: dict[str, str] = dict(
            self._ledger.rows(
                "SELECT session, question FROM turns JOIN (SELECT session, min(number) AS number"
                " FROM turns GROUP BY session) USING (session, number)"
            )
        )
        told = list_sessions(self._ledger)
        named = [(one.title, str(first.get(one.id, ""))) for one in told if one.is_named]
        every = [*named, *((one.id, one.title) for one in told)]
        return [one for one in every if _begins(one[0], begin)]

    def papers(self, begin: str, limit: int) -> list[tuple[str, str]]:
        """At most `limit` ids of papers, each with its title, those added last first."""
        rows = self._ledger.rows(
            "SELECT id, title FROM papers WHERE id LIKE ? ESCAPE '\\' ORDER BY key DESC LIMIT ?",
            (like_part(begin)[1:], limit),
        )
        return [(str(name), str(title)) for name, title in rows]

    def titles(self, ids: list[str]) -> dict[str, str]:
        """The titles of papers by their ids."""
        rows = self._ledger.rows_in("SELECT id, title FROM papers WHERE id IN ({})", ids)
        return {str(name): str(title) for name, title in rows}


@contextmanager
def glimpse(folder: Path) -> Iterator[Glimpse]:
    """Look into the ledger of a library folder; raises StoreError where that cannot be done."""
    uri = (folder / FILE_NAME).resolve().as_uri()
    try:
        connection = sqlite3.connect(f"{uri}?mode=ro", uri=True, timeout=_BUSY_SECONDS)
    except sqlite3.Error as failure:
        raise StoreError(f"{folder} cannot be looked into: {failure}") from failure
    try:
        yield Glimpse(Ledger(connection, folder / FILE_NAME, read_only=True))
    finally:
        connection.close()


def _beginning(begin: str, names: list[str] | tuple[str, ...]) -> list[str]:
    return [name for name in names if _begins(name, begin)]


def _begins(name: str, begin: str) -> bool:
    return name.casefold().startswith(begin.casefold())
