"""What each projection still has to follow, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from store.ledger.database import Ledger

ProjectionName = Literal["chroma", "lexical", "chroma_next"]
"""`chroma_next` is there while a library changes its embedder: the Chroma in progress."""


@dataclass(frozen=True)
class Mark:
    """Where a projection stands: its generation, its watermark, and whether it ended uncleanly."""

    generation: int
    watermark: int
    dirty: bool


@dataclass(frozen=True)
class Pending:
    """A paper changed or (deleted) taken out after a watermark."""

    id: str
    seq: int
    deleted: bool


def mark(ledger: Ledger, name: ProjectionName) -> Mark:
    """Where a projection stands."""
    with ledger.reading():
        generation, watermark, dirty = ledger.rows(
            "SELECT generation, watermark, dirty FROM projections WHERE name = ?", (name,)
        )[0]
    return Mark(generation, watermark, bool(dirty))


def advance(ledger: Ledger, name: ProjectionName, generation: int, watermark: int) -> None:
    """Record that a generation holds everything up to a watermark."""
    with ledger.write():
        ledger.run(
            "UPDATE projections SET watermark = ? WHERE name = ? AND generation = ?"
            " AND watermark < ?",
            (watermark, name, generation, watermark),
        )
        # A tombstone is needed until every projection has passed it.
        ledger.run(
            "DELETE FROM outbox WHERE deleted = 1"
            " AND seq <= (SELECT min(watermark) FROM projections)"
        )


def set_dirty(ledger: Ledger, name: ProjectionName, dirty: bool) -> None:
    """Note that a projection is being written, or that it was left clean."""
    with ledger.write():
        ledger.run("UPDATE projections SET dirty = ? WHERE name = ?", (int(dirty), name))


def start_generation(
    ledger: Ledger,
    name: ProjectionName,
    generation: int,
    watermark: int,
    instead_of: int | None = None,
) -> bool:
    """Point at a new generation of a projection, which holds everything up to a watermark.

    False when it was to be instead of one that a neighbour has replaced meanwhile.
    """
    with ledger.write():
        if instead_of is not None and mark(ledger, name).generation != instead_of:
            return False
        ledger.run(
            "UPDATE projections SET generation = ?, watermark = ?, dirty = 0 WHERE name = ?",
            (generation, watermark, name),
        )
    return True


def begin_anew(ledger: Ledger, name: ProjectionName, above: tuple[Path, int] | None = None) -> None:
    """Point at a generation of an index that is not there yet, inside a write.

    `above`: the library that the ledger is to be in, and the generation that its index has.
    """
    library, last = above or (ledger.path.parent, 0)
    numbers = [int(one.name) for one in (library / name).glob("*") if one.name.isdigit()]
    before = int(ledger.value("SELECT generation FROM projections WHERE name = ?", (name,)))
    ledger.run(
        "UPDATE projections SET generation = ?, watermark = 0, dirty = 0 WHERE name = ?",
        (max(before, last, *numbers, 0) + 1, name),
    )


def mark_in_progress(ledger: Ledger) -> Mark | None:
    """Where the Chroma in progress stands, None when there is none."""
    there = ledger.value("SELECT 1 FROM projections WHERE name = 'chroma_next'")
    return mark(ledger, "chroma_next") if there else None


def begin_generation(ledger: Ledger, generation: int) -> None:
    """Begin a Chroma beside the one in use, inside a write."""
    ledger.run("INSERT OR REPLACE INTO projections VALUES ('chroma_next', ?, 0, 0)", (generation,))


def end_generation(ledger: Ledger) -> None:
    """Forget the Chroma in progress, inside a write."""
    ledger.run("DELETE FROM projections WHERE name = 'chroma_next'")


def pending(ledger: Ledger, watermark: int, limit: int | None = None) -> list[Pending]:
    """What changed after a watermark, in order."""
    rows = ledger.rows(
        "SELECT id, seq, deleted FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?",
        (watermark, -1 if limit is None else limit),
    )
    return [Pending(name, seq, bool(deleted)) for name, seq, deleted in rows]


def pending_count(ledger: Ledger, watermark: int) -> int:
    """How many papers changed after a watermark."""
    return ledger.counted("SELECT count(*) FROM outbox WHERE seq > ?", (watermark,))


def distance(ledger: Ledger, name: ProjectionName) -> int:
    """At most how many changes a projection has yet to follow; quick at any size."""
    return last_seq(ledger) - mark(ledger, name).watermark


def plausible_count(ledger: Ledger, watermark: int, counted: int) -> bool:
    """True when a projection at a watermark can hold this many papers.

    Below it every live paper is there; papers changed since may be there in an older form or,
    after a kill between its commit and ours, already in the new one.
    """
    papers = ledger.counted("SELECT count(*) FROM papers")
    low = papers - ledger.counted(
        "SELECT count(*) FROM outbox WHERE seq > ? AND deleted = 0", (watermark,)
    )
    return low <= counted <= low + pending_count(ledger, watermark)


def last_seq(ledger: Ledger) -> int:
    """The newest sequence number."""
    return ledger.number("seq")
