"""The journal of changes: what each was made to, so that the last one can be taken back.

A change (an add with all its batches, a removal, a merge, a split) keeps for each paper that it
touched the image of before, nothing for one that was not there, and the reader's marks after it:
what the reader wrote since is told by them. One of marks alone keeps what came and what went. The
newest changes stay, up to a number and a size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from store.ledger.database import Ledger, now
from store.ledger.identity import row_digest
from store.ledger.images import MARKS, images_of
from store.types import Narrate, Record

Kind = Literal["add", "rm", "merge", "split", "mark", "tag", "note"]
MARKING = ("mark", "tag", "note")
"""The kinds that change the reader's marks alone: they keep what came and went, and no images."""

MOST_CHANGES = 1000
"""So many changes can be taken back, the last one first."""
MOST_CHARACTERS = 64_000_000
"""So many characters of images are kept, of one change alone four times as many."""
_ALONE = 4 * MOST_CHARACTERS
_ROW = 40
"""Characters that are counted for a paper without an image."""


@dataclass(frozen=True)
class Look:
    """Papers before they are written to, and how many rows had been changed by then."""

    total: int
    images: dict[str, str]


@dataclass
class _Sources:
    """The first source of a run, and how many others followed it."""

    first: str = ""
    last: str = ""
    others: int = 0

    def see(self, record: Record) -> None:
        if record.source != self.last:
            self.others += bool(self.first)
            self.first, self.last = self.first or record.source, record.source

    @property
    def words(self) -> str:
        name = "standard input" if self.first == "-" else self.first.rstrip("/").split("/")[-1]
        return f"{name} and {self.others} more" if self.others else name


@dataclass
class Change:
    """One change while it is made; `flush` belongs at the end of each of its transactions.

    It gets its number with the first paper that is changed: what changes nothing is none.
    """

    ledger: Ledger
    kind: Kind
    narrate: Narrate = lambda line: None
    words: str = ""
    _sources: _Sources = field(default_factory=_Sources)
    _number: int = 0
    _made: dict[str, int] = field(default_factory=dict)
    _before: dict[str, str] = field(default_factory=dict)
    _is_too_large: bool = False

    def read(self, record: Record) -> None:
        """A record is taken in: where it is from names the change."""
        self._sources.see(record)

    def look(self, keys: Sequence[int]) -> Look:
        """Look at papers before they are written to."""
        return Look(self.ledger.total_changes, images_of(self.ledger, keys))

    def wrote(self, look: Look) -> None:
        """Papers that were looked at have been written to, or not, as it turns out."""
        if self.ledger.total_changes != look.total:
            for name, image in look.images.items():
                if name not in self._made:
                    self._before.setdefault(name, image)

    def made(self, name: str, key: int) -> None:
        """A paper was made that was not there."""
        self._made[name] = key

    def keep(self, deltas: Mapping[str, str]) -> None:
        """Keep of each paper, by its id, how its marks were changed."""
        self._before.update(deltas)

    def flush(self) -> None:
        """Write the journal of this transaction."""
        made, before, self._made, self._before = self._made, self._before, {}, {}
        if not (made or before) or self._is_too_large:
            return
        self._begin()
        keys = sorted(made.values())
        for start in range(0, len(keys), 500):
            part = keys[start : start + 500]
            marks = ",".join("?" * len(part))
            self.ledger.run(
                "INSERT OR IGNORE INTO images"
                f" SELECT ?, id, NULL, NULL, {MARKS} FROM papers WHERE key IN ({marks})",
                (self._number, *part),
            )
        rows = [(self._number, name, text, _digest(text)) for name, text in before.items()]
        # One that was made in this change stays one that was not there before it.
        self.ledger.run_many("INSERT OR IGNORE INTO images VALUES (?, ?, ?, ?, NULL)", rows)
        if self.kind not in MARKING:
            self._keep_marks([row[:2] for row in rows])
        size = sum(map(len, before.values())) + _ROW * (len(made) + len(before))
        self.ledger.run(
            "UPDATE changes SET size = size + ?, words = ? WHERE number = ?",
            (size, self.words or self._sources.words, self._number),
        )
        self._trim()

    def _keep_marks(self, papers: Sequence[tuple[int, str]]) -> None:
        """Keep the marks that papers have after this change, by its number and their ids."""
        self.ledger.run_many(
            f"UPDATE images SET after = (SELECT {MARKS} FROM papers WHERE id = images.paper)"
            " WHERE change = ? AND paper = ?",
            papers,
        )

    def _begin(self) -> None:
        if self._number and self.ledger.value(
            "SELECT 1 FROM changes WHERE number = ?", (self._number,)
        ):
            return  # else a neighbour took back what was done so far
        self._number = self.ledger.number("changes") + 1
        self.ledger.set_meta("changes", str(self._number))
        self.ledger.run(
            "INSERT INTO changes VALUES (?, ?, '', ?, 0)", (self._number, self.kind, now())
        )

    def _trim(self) -> None:
        """Drop what is too much, the oldest changes first; of what goes for its size say so."""
        rows = self.ledger.rows("SELECT number, size, began_at FROM changes ORDER BY number DESC")
        kept = total = 0
        for _, size, _ in rows[:MOST_CHANGES]:
            total += size
            if total > (MOST_CHARACTERS if kept else _ALONE):
                break
            kept += 1
        for number, _, _ in rows[kept:]:
            forget(self.ledger, number)
        self._is_too_large = self._number not in {number for number, _, _ in rows[:kept]}
        if self._is_too_large:
            self.narrate("note: this change is too large to be taken back by quire undo")
        elif kept < min(len(rows), MOST_CHANGES):
            self.narrate(
                f"note: quire undo keeps {MOST_CHARACTERS // 1_000_000} MB: what was done before"
                f" {rows[kept - 1][2][:10]} can no longer be taken back"
            )


def forget(ledger: Ledger, number: int) -> None:
    """Take a change out of the journal, inside a write; what it did stays."""
    ledger.run("DELETE FROM images WHERE change = ?", (number,))
    ledger.run("DELETE FROM changes WHERE number = ?", (number,))


def is_right(image: str, digest: int) -> bool:
    """True for an image that is as it was written."""
    return _digest(image) == digest


def _digest(image: str) -> int:
    return row_digest(image.encode("utf-8", "surrogatepass"))
