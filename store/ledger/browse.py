"""Looking through a library of any size: how many papers there are, and a window of rows."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from store.ledger.database import Ledger, Row
from store.ledger.looked import Looked, held
from store.ledger.papers import details_column
from store.ledger.row_values import details_of, number_or_none, status, text, text_or_none, texts
from store.ledger.scan import Scan, among, begun, gone_on
from store.ledger.sorting import SortField, in_order
from store.types import Status
from store.value import Value

Told = Literal["author", "year", "tag"]
"""What a column of a list may tell of its papers."""


class PaperLine(Value):
    """What a list shows of a paper; fields as in `Paper`."""

    id: str
    title: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    venue: str | None = None
    status: Status = "unread"
    is_retracted: bool = False
    tags: tuple[str, ...] = ()


class Order(Value):
    """The order of a list: by a field, the last one first where it is reversed.

    "nearness" is the order of whoever can tell how near papers are; a list by it is made in the
    order added, and put in order by its keys.
    """

    by: SortField | Literal["nearness"] = "added"
    reverse: bool = False


AS_ADDED = Order()


class Progress(Value):
    """How many papers have a mark, of how many."""

    done: int
    total: int


@dataclass(frozen=True, eq=False)
class Listing:
    """The papers that have what was looked for, in an order.

    `text` is what was typed for it. `total` counts all papers of the library. `keys` are the
    ledger's keys of those found, 8 bytes each; None for all papers in the order added, which
    need no list. `told` are the columns that some of them have something for; `notes` are lines
    on what was looked for. `through` is set where the list is there to be gone through paper by
    paper: what those have that it began with, marked by now or not. `is_part` is True where more
    papers may have it, which have not been looked through yet.
    """

    text: str
    total: int
    keys: array[int] | None = None
    order: Order = AS_ADDED
    told: frozenset[Told] = frozenset(get_args(Told))
    notes: tuple[str, ...] = ()
    through: Looked | None = None
    is_part: bool = False

    def __len__(self) -> int:
        return self.total if self.keys is None else len(self.keys)


class Browser:
    """Lists papers over a connection of its own, so that nobody waits for a long look.

    Safe to use from several threads one after another. Raises StoreError.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._scan: Scan | None = None

    @classmethod
    def open(cls, folder: Path) -> Browser:
        """Look through the library in a folder; raises LibraryMissing, LibraryDamaged."""
        ledger = Ledger.open(folder)
        # What is looked through once gains nothing by being kept, and many papers are much.
        ledger.rows(f"PRAGMA cache_size=-{_CACHE_KB}")
        return cls(ledger)

    def close(self) -> None:
        """Close the connection."""
        self._ledger.close()

    def listing(
        self,
        text: str = "",
        looked: Looked | None = None,
        order: Order = AS_ADDED,
        seconds: float | None = None,
    ) -> Listing:
        """The papers that have what is looked for; `text` is what was typed for that.

        Without `looked` every word of the text is. 100 000 abstracts take about 0.4 s, some
        milliseconds where a list of them is narrowed. With `seconds` a list in the order added is
        a part of it, `is_part`, where more than that is needed and some are found: asked for once
        more, it goes on from there.
        """
        looked = looked or Looked(words=tuple(text.split()))
        total = int(self._ledger.value("SELECT count(*) FROM papers"))
        if looked == Looked() and order == AS_ADDED:
            return Listing(text, total, None, order, self._told(None))
        by, ledger = order.by, self._ledger
        scan = begun(ledger, looked, self._scan)
        self._scan = scan = gone_on(ledger, scan, seconds if order == AS_ADDED else None)
        found = scan.found
        if order != AS_ADDED and by != "nearness":
            found = array("q", in_order(ledger, "key", among(found), by, reverse=order.reverse))
        told = self._told(found)
        return Listing(text, total, found, order, told, is_part=not scan.is_done)

    def _told(self, keys: Sequence[int] | None) -> frozenset[Told]:
        """The columns that papers have something for; very many are taken for all of them."""
        few = keys if keys is not None and len(keys) <= _FEW else None
        return frozenset(one for one, (sql, key) in _HAS.items() if self._tells(sql, key, few))

    def _tells(self, sql: str, key: str, few: Sequence[int] | None) -> bool:
        if few is None:
            return bool(self._ledger.counted(f"SELECT EXISTS ({sql})"))
        return bool(self._ledger.rows_in(f"{sql} AND {key} IN ({{}}) LIMIT 1", few))

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
        tags: dict[int, list[str]] = {}
        sql = "SELECT paper, tag FROM tags WHERE paper IN ({}) ORDER BY paper, tag"
        for key, tag in self._ledger.rows_in(sql, keys):
            tags.setdefault(key, []).append(tag)
        with self._ledger.reading():
            return tuple(_line(rows[key], tags.get(key, ())) for key in keys if key in rows)

    def marked(self) -> dict[Status, int]:
        """How many papers have which mark; 100 000 take about .2 s."""
        rows = self._ledger.rows("SELECT status, count(*) FROM papers GROUP BY status")
        with self._ledger.reading():
            return {status(name): number for name, number in rows}

    def progress(self, listing: Listing) -> Progress | None:
        """How far what a list is gone through has come; None where it is not there for that."""
        if listing.through is None:
            return None
        where, values = held(listing.through)
        counted = "count(*), count(CASE status WHEN 'unread' THEN 1 END)"
        total, left = self._ledger.rows(f"SELECT {counted} FROM papers WHERE {where}", values)[0]
        return Progress(done=total - left, total=total)

    def place(self, listing: Listing, paper_id: str) -> int | None:
        """The place of a paper in a listing, counted from 0; None where it is not in it."""
        keys = [row[0] for row in self._ledger.rows_in(_KEY, [paper_id])]
        if not keys:
            return None
        if listing.keys is None:
            sql = (
                "SELECT count(*) FROM papers, (SELECT added_at AS at, key AS own FROM papers"
                " WHERE key = ?) WHERE added_at < at OR (added_at = at AND key < own)"
            )
            return int(self._ledger.rows(sql, keys)[0][0])
        try:
            return listing.keys.index(keys[0])
        except ValueError:
            return None

    def by_id(self, listing: Listing) -> dict[str, int]:
        """The keys of the papers of a listing by their ids, in the order of the listing."""
        keys = listing.keys
        if keys is None:
            return dict(self._ledger.rows("SELECT id, key FROM papers ORDER BY added_at, key"))
        sql = "SELECT key, id FROM papers WHERE key IN ({})"
        ids: dict[int, str] = dict(self._ledger.rows_in(sql, keys))
        return {ids[key]: key for key in keys if key in ids}

    def ids(self, listing: Listing) -> tuple[str, ...]:
        """The ids of the papers of a listing, in the order of their keys."""
        if listing.keys is None:
            rows = self._ledger.rows("SELECT id FROM papers ORDER BY key")
        else:
            sql = "SELECT id FROM papers WHERE key IN ({}) ORDER BY key"
            rows = self._ledger.rows_in(sql, sorted(listing.keys))
        return tuple(row[0] for row in rows)


def _line(row: Row, tags: Sequence[str]) -> PaperLine:
    return PaperLine(
        id=text(row[1]),
        title=text(row[2]),
        authors=texts(row[3]),
        year=number_or_none(row[4]),
        venue=text_or_none(row[5]),
        status=status(row[6]),
        is_retracted=details_of(row[7]).retracted,
        tags=tuple(text(tag) for tag in tags),
    )


_FEW = 2000
_CACHE_KB = 2000
_KEY = "SELECT key FROM papers WHERE id IN ({})"
_HAS: dict[Told, tuple[str, str]] = {
    "author": ("SELECT 1 FROM papers WHERE authors != '[]'", "key"),
    "year": ("SELECT 1 FROM papers WHERE year IS NOT NULL", "key"),
    "tag": ("SELECT 1 FROM tags WHERE 1", "paper"),
}
