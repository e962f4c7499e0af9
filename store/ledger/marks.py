"""The reader's marks on papers, status, tags and notes: writing them, and taking that back.

Marks are written as a change of the journal that keeps for each paper what came and what went, and
no image of the paper: taking it back leaves the record as it is by then. No projection holds marks,
so none is told of them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from store.errors import InputError
from store.ledger.conditions import conditions
from store.ledger.database import Ledger, Row, now
from store.ledger.failures import damaged
from store.ledger.images import put_mark
from store.ledger.journal import Change, Kind, is_right
from store.ledger.row_values import text
from store.types import Filter, Narrate, Status
from store.value import Value

_NAMED = 3
Delta = dict[str, dict[str, Any]]
"""What went and what came of a kind of mark: {"tags": {"gone": [...], "came": [...]}}."""


class Marked(Value):
    """What a change of marks did: how many papers it was for, and the ids of those it changed.

    `unknown` are tags that were to be taken and that no paper of the library has.
    """

    of: int
    papers: tuple[str, ...]
    unknown: tuple[str, ...] = ()


def set_status(ledger: Ledger, wanted: Filter, status: Status, narrate: Narrate) -> Marked:
    """Give the papers that a filter leaves a status."""
    with ledger.write():
        rows = _selected(ledger, wanted, "key, id, status")
        changed = [row for row in rows if row[2] != status]
        ledger.run_many(
            "UPDATE papers SET status = ? WHERE key = ?", [(status, row[0]) for row in changed]
        )
        deltas = {row[1]: _delta("status", row[2], status) for row in changed}
        _keep(ledger, "mark", f"{status} on {_papers(len(deltas))}", deltas, narrate)
    return Marked(of=len(rows), papers=tuple(deltas))


def change_tags(
    ledger: Ledger, wanted: Filter, add: Sequence[str], remove: Sequence[str], narrate: Narrate
) -> Marked:
    """Give tags to the papers that a filter leaves, and take others from them."""
    add, remove = list(dict.fromkeys(add)), list(dict.fromkeys(remove))
    with ledger.write():
        rows = _selected(ledger, wanted, "key, id")
        has: dict[int, set[str]] = defaultdict(set)
        for key, tag in ledger.rows_in(
            "SELECT paper, tag FROM tags WHERE tag IN ({})", [*add, *remove]
        ):
            has[key].add(tag)
        deltas = {}
        came, gone = [], []
        for key, name in rows:
            new = [tag for tag in add if tag not in has[key]]
            old = [tag for tag in remove if tag in has[key]]
            if new or old:
                deltas[name] = _delta("tags", old, new)
                came += [(key, tag) for tag in new]
                gone += [(key, tag) for tag in old]
        ledger.run_many("DELETE FROM tags WHERE paper = ? AND tag = ?", gone)
        ledger.run_many("INSERT INTO tags VALUES (?, ?)", came)
        signed = [*(f"+{tag}" for tag in add), *(f"-{tag}" for tag in remove)]
        named = " ".join(signed[:_NAMED]) + (" …" if len(signed) > _NAMED else "")
        _keep(ledger, "tag", f"{named} on {_papers(len(deltas))}", deltas, narrate)
    return Marked(of=len(rows), papers=tuple(deltas))


def add_note(ledger: Ledger, wanted: Filter, text: str, narrate: Narrate) -> Marked:
    """Give the papers that a filter leaves a note, where they have not the same."""
    with ledger.write():
        rows = _selected(ledger, wanted, "key, id")
        same = ledger.rows("SELECT paper FROM notes WHERE text = ?", (text,))
        there = {row[0] for row in same}
        deltas = {}
        for key, name in rows:
            if key not in there:
                ((note, at),) = ledger.rows(
                    "INSERT INTO notes(paper, text, written_at) VALUES (?, ?, ?)"
                    " RETURNING key, written_at",
                    (key, text, now()),
                )
                deltas[name] = _delta("notes", [], [[note, text, at]])
        _keep(ledger, "note", f"added to {_papers(len(deltas))}", deltas, narrate)
    return Marked(of=len(rows), papers=tuple(deltas))


def change_note(
    ledger: Ledger, paper: str, number: int, text: str | None, narrate: Narrate
) -> Marked:
    """Give the note of this number, from 1, another text, or none: it goes; raises InputError."""
    with ledger.write():
        key = ledger.value("SELECT key FROM papers WHERE id = ?", (paper,))
        notes = _notes(ledger, key)
        if not 1 <= number <= len(notes):
            there = {0: "it has none", 1: "it has 1 note"}.get(
                len(notes), f"it has {len(notes)} notes"
            )
            raise InputError(f"{paper} has no note {number}: {there}", "see: quire note --list")
        before = notes[number - 1]
        others = {note[1] for note in notes} - {before[1]}
        if text == before[1]:
            return Marked(of=1, papers=())
        if text is None or text in others:
            ledger.run("DELETE FROM notes WHERE key = ?", (before[0],))
            delta, what = _delta("notes", [before], []), "removed from"
        else:
            after = [before[0], text, now()]
            ledger.run("UPDATE notes SET text = ?2, written_at = ?3 WHERE key = ?1", after)
            delta, what = _delta("notes", [before], [after]), "changed on"
        _keep(ledger, "note", f"{what} {_papers(1)}", {paper: delta}, narrate)
    return Marked(of=1, papers=(paper,))


def take_back_marks(ledger: Ledger, number: int) -> None:
    """Take back what a change of marks did, inside a write; what was marked otherwise since stays.

    Raises LibraryDamaged.
    """
    rows = ledger.rows(
        "SELECT papers.key, papers.id, before, digest FROM images JOIN papers"
        " ON papers.id = images.paper WHERE images.change = ?",
        (number,),
    )
    for key, name, delta, digest in rows:
        if not is_right(delta, digest):
            raise damaged(ledger.path, f"what marks {name} had before is not as written")
        with ledger.reading():
            for kind, of_it in json.loads(delta).items():
                _take_back(ledger, key, kind, of_it["gone"], of_it["came"])


def texts_of(delta: str) -> set[str]:
    """The notes that a change of marks tells of."""
    notes = json.loads(delta).get("notes", {})
    return {note[1] for notes in notes.values() for note in notes}


def _take_back(ledger: Ledger, key: int, kind: str, gone: Any, came: Any) -> None:
    if kind == "status":
        ledger.run("UPDATE papers SET status = ? WHERE key = ? AND status = ?", (gone, key, came))
    elif kind == "tags":
        ledger.run_many(
            "DELETE FROM tags WHERE paper = ? AND tag = ?", [(key, tag) for tag in came]
        )
        for tag in gone:
            put_mark(ledger, "tags", key, tag)
    else:
        ledger.run_many(
            "DELETE FROM notes WHERE paper = ? AND text = ?", [(key, note[1]) for note in came]
        )
        ledger.run_many(
            # Under its former key, by which notes are in their order, where that is free.
            "INSERT INTO notes SELECT CASE WHEN EXISTS (SELECT 1 FROM notes WHERE key = ?2)"
            " THEN NULL ELSE ?2 END, ?1, ?3, ?4"
            " WHERE NOT EXISTS (SELECT 1 FROM notes WHERE paper = ?1 AND text = ?3)",
            [(key, *note) for note in gone],
        )


class NotedPaper(Value):
    """A paper with its notes in the order written, the instants beside them."""

    id: str
    title: str
    notes: tuple[str, ...]
    written_at: tuple[str, ...]


def notes_by_paper(ledger: Ledger, wanted: Filter) -> tuple[NotedPaper, ...]:
    """The notes of the papers that a filter leaves and that have some."""
    where, values = conditions(wanted)
    rows = ledger.rows(
        f"SELECT key, id, title FROM papers WHERE {where}"
        " AND key IN (SELECT paper FROM notes) ORDER BY key",
        values,
    )
    found = [(name, title, _notes(ledger, key)) for key, name, title in rows]
    with ledger.reading():
        return tuple(
            NotedPaper(
                id=text(name),
                title=text(title),
                notes=tuple(text(one[1]) for one in notes),
                written_at=tuple(text(one[2]) for one in notes),
            )
            for name, title, notes in found
        )


def tags_counted(ledger: Ledger, wanted: Filter) -> tuple[tuple[str, int], ...]:
    """Each tag of the papers that a filter leaves, with how many have it, the most first."""
    where, values = conditions(wanted)
    among = "" if wanted.leaves_all else f" WHERE paper IN (SELECT key FROM papers WHERE {where})"
    rows = ledger.rows(
        f"SELECT tag, count(*) FROM tags{among} GROUP BY tag ORDER BY count(*) DESC, tag", values
    )
    return tuple((str(tag), int(number)) for tag, number in rows)


def _selected(ledger: Ledger, wanted: Filter, columns: str) -> list[Row]:
    where, values = conditions(wanted)
    return ledger.rows(f"SELECT {columns} FROM papers WHERE {where} ORDER BY key", values)


def _notes(ledger: Ledger, key: int | None) -> list[list[Any]]:
    """The notes of a paper in the order written: key, text, instant."""
    sql = "SELECT key, text, written_at FROM notes WHERE paper = ? ORDER BY key"
    return [list(row) for row in ledger.rows(sql, (key,))]


def _delta(kind: str, gone: object, came: object) -> str:
    return json.dumps({kind: {"gone": gone, "came": came}}, ensure_ascii=False)


def _papers(number: int) -> str:
    return "1 paper" if number == 1 else f"{number} papers"


def _keep(
    ledger: Ledger, kind: Kind, words: str, deltas: Mapping[str, str], narrate: Narrate
) -> None:
    change = Change(ledger, kind, narrate, words)
    change.keep(deltas)
    change.flush()
