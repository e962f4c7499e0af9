"""Looking through a library of any size: how many papers there are, and a window of rows."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from pathlib import Path

from store.ledger.conditions import like_part
from store.ledger.database import Ledger, Row
from store.ledger.papers import details_column
from store.ledger.row_values import details_of, number_or_none, status, text, text_or_none, texts
from store.types import Status
from store.value import Value


class PaperLine(Value):
    """What a list shows of a paper; fields as in `Paper`."""

    id: str
    title: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    venue: str | None = None
    status: Status = "unread"
    is_retracted: bool = False


@dataclass(frozen=True, eq=False)
class Listing:
    """The papers that hold some words, in the order added.

    `total` counts all papers of the library. `keys` are the ledger's keys of those found,
    8 bytes each; None for all papers, which need no list.
    """

    words: str
    total: int
    keys: array[int] | None = None

    def __len__(self) -> int:
        return self.total if self.keys is None else len(self.keys)


class Browser:
    """Lists papers over a connection of its own, so that nobody waits for a long look.

    Safe to use from several threads one after another. Raises StoreError.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @classmethod
    def open(cls, folder: Path) -> Browser:
        """Look through the library in a folder; raises LibraryMissing, LibraryDamaged."""
        return cls(Ledger.open(folder))

    def close(self) -> None:
        """Close the connection."""
        self._ledger.close()

    def listing(self, words: str = "") -> Listing:
        """The papers that hold every word somewhere: title, abstract, authors, venue, year, tags.

        Words may be parts of words; case does not matter. 300 000 abstracts take about 0.2 s.
        """
        total = int(self._ledger.value("SELECT count(*) FROM papers"))
        if not words.split():
            return Listing(words, total)
        where, values = _holding(words.split())
        rows = self._ledger.rows(f"SELECT key FROM papers WHERE {where} ORDER BY key", values)
        return Listing(words, total, array("q", [row[0] for row in rows]))

    def lines(self, listing: Listing, start: int, limit: int) -> tuple[PaperLine, ...]:
        """A window of a listing, counted from 0; papers removed meanwhile are left out."""
        if listing.keys is not None:
            keys = listing.keys[start : start + limit].tolist()
        else:
            # The index on the time is in the order added and far smaller than the table:
            # row 300 000 is reached in 10 ms.
            keys = [
                row[0]
                for row in self._ledger.rows(
                    "SELECT key FROM papers ORDER BY added_at, key LIMIT ? OFFSET ?", (limit, start)
                )
            ]
        rows = {
            row[0]: row
            for row in self._ledger.rows_in(
                "SELECT key, id, title, authors, year, venue, status,"
                f" {details_column(self._ledger)} FROM papers WHERE key IN ({{}})",
                keys,
            )
        }
        with self._ledger.reading():
            return tuple(_line(rows[key]) for key in keys if key in rows)

    def ids(self, words: str) -> tuple[str, ...]:
        """The ids of the papers that `listing` finds for some words, in the order added."""
        where, values = _holding(words.split()) if words.split() else ("1", [])
        rows = self._ledger.rows(f"SELECT id FROM papers WHERE {where} ORDER BY key", values)
        return tuple(row[0] for row in rows)


def _line(row: Row) -> PaperLine:
    return PaperLine(
        id=text(row[1]),
        title=text(row[2]),
        authors=texts(row[3]),
        year=number_or_none(row[4]),
        venue=text_or_none(row[5]),
        status=status(row[6]),
        is_retracted=details_of(row[7]).retracted,
    )


_COLUMNS = ("title", "abstract", "authors", "venue", "year")


def _holding(words: list[str]) -> tuple[str, list[str]]:
    """Conditions that every word is somewhere in a paper, with their values."""
    parts: list[str] = []
    values: list[str] = []
    for word in words:
        # LIKE folds the case of ASCII letters alone.
        forms = [word] if word.isascii() else sorted({word, word.lower(), word.upper()})
        either = []
        for form in forms:
            either += [f"{column} LIKE ? ESCAPE '\\'" for column in _COLUMNS]
            either.append("key IN (SELECT paper FROM tags WHERE tag LIKE ? ESCAPE '\\')")
            values += [like_part(form)] * (len(_COLUMNS) + 1)
        parts.append(f"({' OR '.join(either)})")
    return " AND ".join(parts), values
