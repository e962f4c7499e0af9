"""Examining the ledger for `doctor`: what is damaged, what can be mended, what is gone."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Literal

from store.errors import LibraryDamaged
from store.ledger import outbox
from store.ledger.database import Ledger
from store.ledger.failures import damaged, explained
from store.ledger.row_check import (
    Difference,
    differences,
    has_digests,
    one_state,
    papers_gone,
    structure,
)
from store.wording import counted

LedgerState = Literal["ok", "mended"]
_NAMED = 5
_WORDS = {
    "papers": "paper",
    "aliases": "name of a paper",
    "provenance": "place a paper is from",
    "tags": "tag",
    "notes": "note",
    "originals": "text as it came",
    "revisions": "former text",
    "parts": "record of a joined paper",
    "apart": "pair of papers kept apart",
    "citation_keys": "citation key",
    "embedders": "embedder",
    "vectors": "vector",
    "sessions": "conversation",
    "turns": "turn",
}
_MANY = {
    "name of a paper": "names of papers",
    "place a paper is from": "places papers are from",
    "text as it came": "texts as they came",
    "record of a joined paper": "records of joined papers",
    "pair of papers kept apart": "pairs of papers kept apart",
}


def check_ledger(ledger: Ledger) -> tuple[LedgerState, str]:
    """How the ledger stands, in one line, after mending what follows from the rest of it.

    A vector that is not what was written is dropped, to be made anew; an index of SQLite that
    disagrees with its table is made anew; numbers that follow from the indexes are set right.
    Raises LibraryDamaged, naming the papers, when anything of the reader's is lost or altered.
    """
    with explained(ledger.path), one_state(ledger.path) as connection:
        wrong = structure(connection)
        with_digests = has_digests(connection)
        found, unread = _differences(connection)
        lost = papers_gone(connection) if any(one.table == "papers" for one in found) else ()
    mended = []
    vectors = [one for one in found if one.table == "vectors"]
    rest = [one for one in found if one.table != "vectors"]
    if rest or unread or (wrong and not with_digests) or (found and ledger.read_only):
        raise damaged(ledger.path, _told(found, lost, "; ".join(filter(None, (wrong, unread)))))
    if wrong:
        _reindex(ledger, wrong)
        mended.append("an index of SQLite disagreed with its table: made anew")
    if vectors:
        _drop(ledger, vectors)
        mended.append(f"{number(len(vectors), 'vector')} not as written: dropped, to be made anew")
    mended += _numbers(ledger)
    papers = f"{ledger.value('SELECT count(*) FROM papers')} papers"
    if mended:
        return "mended", "; ".join((papers, *mended))
    return "ok", f"{papers}, no damage" + ("" if with_digests else " (no digests yet)")


def is_damaged(ledger: Ledger) -> LibraryDamaged | None:
    """What is wrong with the ledger where something is, without mending; for a sudden end."""
    try:
        with explained(ledger.path), one_state(ledger.path) as connection:
            wrong = structure(connection)
            found, unread = _differences(connection)
    except LibraryDamaged as failure:
        return failure
    if not (wrong or found or unread):
        return None
    return damaged(ledger.path, _told(found, (), "; ".join(filter(None, (wrong, unread)))))


def number(count: int, word: str) -> str:
    """A number of things in words."""
    return counted(count, word, _MANY.get(word, ""))


def _differences(connection: sqlite3.Connection) -> tuple[tuple[Difference, ...], str]:
    try:
        return differences(connection), ""
    except sqlite3.DatabaseError as failure:
        return (), f"not all rows can be read: {failure}"


def _told(found: Sequence[Difference], lost: Sequence[str], wrong: str) -> str:
    """All differences in one line, by table, with the papers that they are about."""
    parts = []
    for table in dict.fromkeys(one.table for one in found):
        here = [one for one in found if one.table == table]
        word = _WORDS[table]
        names = list(dict.fromkeys(one.owner for one in here if one.owner))
        if table == "papers":
            names += [name for name in lost if name not in names]
        for verb, count in (
            ("lost", sum(one.lost for one in here)),
            ("altered", sum(one.altered for one in here)),
        ):
            if count:
                parts.append(f"{number(count, word)} {verb}")
        if names:
            more = f", and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            parts[-1] += f" ({', '.join(names[:_NAMED])}{more})"
    return "; ".join(filter(None, (*parts, wrong)))


def _reindex(ledger: Ledger, wrong: str) -> None:
    """Make SQLite's indexes anew; raises LibraryDamaged when that does not help."""
    if ledger.read_only:
        raise damaged(ledger.path, wrong)
    with ledger.write():
        ledger.run("REINDEX")
    with explained(ledger.path), one_state(ledger.path) as connection:
        still = structure(connection)
    if still:
        raise damaged(ledger.path, still)


def _drop(ledger: Ledger, vectors: Sequence[Difference]) -> None:
    with ledger.write():
        slots = [(one.key,) for one in vectors]
        ledger.run_many("DELETE FROM vectors WHERE slot = ?", slots)
        ledger.run_many("DELETE FROM digests WHERE kind = 'vectors' AND key = ?", slots)
        # Whoever keeps vectors in memory sees by the sequence that they are old.
        ledger.next_seq()


def _numbers(ledger: Ledger) -> list[str]:
    """Set right what counts changes and points at indexes: it follows from what is there."""
    mended = []
    newest = int(ledger.value("SELECT coalesce(max(seq), 0) FROM outbox"))
    text = ledger.meta("seq") or ""
    if ledger.read_only:
        return []
    if not text.isascii() or not text.isdigit() or int(text) < newest:
        with ledger.write():
            ledger.set_meta("seq", str(newest))
        mended.append(f"the count of changes was damaged: set to {newest}")
    there = {row[0] for row in ledger.rows("SELECT name FROM projections")}
    for name in ("chroma", "lexical"):
        if name not in there:
            with ledger.write():
                ledger.run("INSERT INTO projections VALUES (?, 0, 0, 0)", (name,))
                outbox.begin_anew(ledger, name)
            mended.append(f"where {name} stands was lost: begun anew")
    return mended
