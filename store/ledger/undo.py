"""Taking back the last change of the journal: what that would do, and doing it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from store.errors import NothingToUndo
from store.ledger import images
from store.ledger.database import Ledger
from store.ledger.failures import damaged
from store.ledger.journal import MARKING, MOST_CHANGES, forget, is_right
from store.ledger.marks import take_back_marks
from store.ledger.points import reach
from store.ledger.vectors import drop_vectors
from store.value import Value

_THERE = "EXISTS (SELECT 1 FROM papers WHERE id = images.paper)"
_NAMED = 20
Marks = dict[str, Any]
"""Status, tags and notes of a paper."""


_CALLED = {"add": "add of", "rm": "removal of", "merge": "merge of", "split": "split of"}


class Undoing(Value):
    """What taking back the last change does, or did.

    `removed` papers go for they came with it, `restored` come back, `reset` are as before.
    `marked` names those that go though the reader wrote tags, notes or a status on them since,
    `citing` counts the saved answers that cite one of those. `ids` are the first papers of all.
    """

    number: int
    kind: str
    words: str
    at: str
    removed: int = 0
    restored: int = 0
    reset: int = 0
    marked: tuple[str, ...] = ()
    citing: int = 0
    ids: tuple[str, ...] = ()

    @property
    def change(self) -> str:
        """The change in words: "removal of 3 papers"; those of marks go by their own names."""
        return f"{_CALLED.get(self.kind, self.kind)} {self.words}"

    @property
    def account(self) -> str:
        """What becomes of papers, in words: "312 papers removed, 4 as before"."""
        parts = [
            (self.removed, "removed"),
            (self.restored, "back again"),
            (self.reset, "as before"),
        ]
        said = [f"{number} {words}" for number, words in parts if number] or ["0 changed"]
        number, _, rest = said[0].partition(" ")
        said[0] = f"{number} {'paper' if number == '1' else 'papers'} {rest}"
        if self.marked:
            said.append(f"with tags, notes or a status of yours on {len(self.marked)} of them")
        if self.citing:
            answers = "1 saved answer cites" if self.citing == 1 else f"{self.citing} cite"
            said.append(f"{answers} them and will show them as removed")
        return ", ".join(said)


def next_undo(ledger: Ledger) -> Undoing:
    """What would be taken back; raises NothingToUndo."""
    rows = ledger.rows(
        "SELECT number, kind, words, began_at FROM changes ORDER BY number DESC LIMIT 1"
    )
    if not rows:
        raise NothingToUndo(
            "there is no change to take back",
            f"quire undo knows the last {MOST_CHANGES} adds, removals, merges, splits and marks",
        )
    number, kind, words, at = rows[0]

    def count(where: str) -> int:
        sql = f"SELECT count(*) FROM images WHERE change = ? AND {where}"
        return int(ledger.value(sql, (number,)))

    return Undoing(
        number=number,
        kind=kind,
        words=words,
        at=at,
        removed=count(f"before IS NULL AND {_THERE}"),
        restored=0 if kind in MARKING else count(f"before IS NOT NULL AND NOT {_THERE}"),
        reset=count(f"before IS NOT NULL AND {_THERE}"),
        marked=_marked(ledger, number),
        citing=_citing(ledger, number, at),
        ids=tuple(
            row[0]
            for row in ledger.rows(
                "SELECT paper FROM images WHERE change = ? LIMIT ?", (number, _NAMED)
            )
        ),
    )


def take_back(ledger: Ledger, number: int) -> Undoing:
    """Take back the last change, which is to be of this number, in one transaction.

    Raises NothingToUndo, also when a neighbour has changed the library since.
    """
    with ledger.write():
        undoing = next_undo(ledger)
        if undoing.number != number:
            raise NothingToUndo("the library has changed meanwhile", "look again: quire undo")
        if undoing.kind in MARKING:
            take_back_marks(ledger, number)
        else:
            _take_back_papers(ledger, number)
        reach("undo.written")
        forget(ledger, number)
    reach("undo.committed")
    return undoing


def _take_back_papers(ledger: Ledger, number: int) -> None:
    """Make papers what they were before a change; marks made since stay on those that stay."""
    for (name,) in ledger.rows(
        "SELECT paper FROM images WHERE change = ? AND before IS NULL", (number,)
    ):
        images.remove_paper(ledger, name, "undo")
    written = _written_since(ledger, number)
    former = _cleared(ledger, number)
    for name, before in _images(ledger, number):
        with ledger.reading():
            key = images.restore(ledger, images.parsed(before))
        if former.get(name, key) != key:
            drop_vectors(ledger, former[name])
        if name in written:
            _mark(ledger, key, *written[name])


def _cleared(ledger: Ledger, number: int) -> dict[str, int]:
    """Take the rows of all papers away that are to be as before; their keys by id.

    First all, then all are put back: what was merged since has rows of another's keys.
    """
    rows = ledger.rows(
        "SELECT papers.id, papers.key FROM images JOIN papers ON papers.id = images.paper"
        " WHERE images.change = ? AND before IS NOT NULL",
        (number,),
    )
    for _, key in rows:
        images.clear(ledger, key)
    return dict(rows)


def _images(ledger: Ledger, number: int) -> Iterator[tuple[str, str]]:
    """Each paper with what it was before a change; raises LibraryDamaged."""
    after = ""
    while rows := ledger.rows(
        "SELECT paper, before, digest FROM images"
        " WHERE change = ? AND before IS NOT NULL AND paper > ? ORDER BY paper LIMIT 500",
        (number, after),
    ):
        after = rows[-1][0]
        for name, before, digest in rows:
            if not is_right(before, digest):
                raise damaged(ledger.path, f"what paper {name} was before is not as written")
            yield name, before


def _written_since(ledger: Ledger, number: int) -> dict[str, tuple[Marks, Marks]]:
    """The marks after a change and now, of papers that stay and were marked since."""
    rows = ledger.rows(
        f"SELECT papers.id, images.after, {images.MARKS} FROM images"
        " JOIN papers ON papers.id = images.paper WHERE images.change = ?"
        f" AND before IS NOT NULL AND {images.MARKS} IS NOT images.after",
        (number,),
    )
    with ledger.reading():
        return {name: (_marks(after), _marks(now)) for name, after, now in rows}


def _marks(text: str | None) -> Marks:
    marks: Marks = {"status": "unread", "tags": [], "notes": []}
    return marks if text is None else marks | json.loads(text)


def _mark(ledger: Ledger, key: int, before: Marks, since: Marks) -> None:
    """Write on a paper what the reader changed between two states of its marks."""
    if since["status"] != before["status"]:
        ledger.run("UPDATE papers SET status = ? WHERE key = ?", (since["status"], key))
    for table, column in (("tags", "tag"), ("notes", "text")):
        for one in before[table]:
            if one not in since[table]:
                ledger.run(f"DELETE FROM {table} WHERE paper = ? AND {column} = ?", (key, one))
        for one in since[table]:
            if one not in before[table]:
                images.put_mark(ledger, table, key, one)


def _marked(ledger: Ledger, number: int) -> tuple[str, ...]:
    rows = ledger.rows(
        "SELECT papers.id FROM images JOIN papers ON papers.id = images.paper"
        f" WHERE images.change = ? AND before IS NULL AND {images.MARKS} IS NOT images.after",
        (number,),
    )
    return tuple(row[0] for row in rows)


def _citing(ledger: Ledger, number: int, since: str) -> int:
    """How many answers saved since cite a paper that goes."""
    return int(
        ledger.value(
            "SELECT count(*) FROM turns WHERE asked_at >= ? AND json_valid(answer) AND EXISTS"
            " (SELECT 1 FROM json_each(turns.answer, '$.references') AS cited JOIN images"
            " ON images.paper = json_extract(cited.value, '$.id')"
            " WHERE images.change = ? AND images.before IS NULL)",
            (since, number),
        )
    )
