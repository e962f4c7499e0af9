"""Images of papers: all rows of a paper as one JSON text, and a paper made of its image again.

An image names tables and lists rows in the order of the columns that have digests; the key of
the paper in its rows is that of then. Everything that writes runs inside a write.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from store.ledger.database import Ledger, now
from store.ledger.digests import KINDS
from store.ledger.vectors import drop_vectors

Image = dict[str, list[list[Any]]]
"""The rows of a paper by table; `papers` has one."""

OF_A_PAPER = ("aliases", "provenance", "tags", "notes", "originals", "revisions", "parts")
"""The tables whose rows belong to papers by their keys; `apart` names papers by their ids."""
_COLUMNS = {kind.table: kind.columns for kind in KINDS}
_TABLES = ("papers", *OF_A_PAPER, "apart")


def _rows_sql(table: str) -> str:
    columns = ", ".join(f"it.{name}" for name in _COLUMNS[table])
    where = {
        "papers": "it.key = papers.key",
        "apart": "it.one = papers.id OR it.other = papers.id",
    }.get(table, "it.paper = papers.key")
    return f"(SELECT json_group_array(json_array({columns})) FROM {table} AS it WHERE {where})"


_IMAGE = "json_object(" + ", ".join(f"'{one}', {_rows_sql(one)}" for one in _TABLES) + ")"
MARKS = (
    "CASE WHEN status <> 'unread' OR EXISTS (SELECT 1 FROM tags WHERE paper = papers.key)"
    " OR EXISTS (SELECT 1 FROM notes WHERE paper = papers.key) THEN json_object('status', status,"
    " 'tags', (SELECT json_group_array(tag) FROM tags WHERE paper = papers.key),"
    " 'notes', (SELECT json_group_array(text) FROM notes WHERE paper = papers.key)) END"
)
"""The reader's marks on a row of `papers` as JSON in SQL, NULL where there are none."""


def images_of(ledger: Ledger, keys: Sequence[int]) -> dict[str, str]:
    """The images of papers by their ids."""
    if len(keys) == 1:
        return dict(ledger.rows(f"SELECT id, {_IMAGE} FROM papers WHERE key = ?", keys))
    return dict(ledger.rows_in(f"SELECT id, {_IMAGE} FROM papers WHERE key IN ({{}})", keys))


def row_of(image: Mapping[str, list[list[Any]]], table: str = "papers") -> dict[str, Any]:
    """The first row of a table in an image, by column."""
    return dict(zip(_COLUMNS[table], image[table][0], strict=True))


def rows_of(image: Mapping[str, list[list[Any]]], table: str) -> list[dict[str, Any]]:
    """The rows of a table in an image, by column."""
    return [dict(zip(_COLUMNS[table], row, strict=True)) for row in image[table]]


def restore(ledger: Ledger, image: Image) -> int:
    """Put a paper back that is not there, and let the projections follow; returns its key.

    Its rows get their former keys where no others have them by now.
    """
    paper = row_of(image)
    name = str(paper["id"])
    if ledger.value("SELECT 1 FROM papers WHERE key = ?", (paper["key"],)):
        paper["key"] = None
    put_row(ledger, "papers", paper)
    key = int(ledger.value("SELECT key FROM papers WHERE id = ?", (name,)))
    for table in (*OF_A_PAPER, "apart"):
        for row in rows_of(image, table):
            if "paper" in row:
                row["paper"] = key
            if table == "apart" and ledger.value(
                "SELECT 1 FROM apart WHERE one = ? AND other = ?", (row["one"], row["other"])
            ):
                continue  # it came back with the other of the two
            taken = "key" in row and ledger.value(
                f"SELECT 1 FROM {table} WHERE key = ?", (row["key"],)
            )
            put_row(ledger, table, {**row, "key": None} if taken else row)
    ledger.run("DELETE FROM removed WHERE id = ?", (name,))
    enqueue(ledger, name)
    return key


def put_row(ledger: Ledger, table: str, row: Mapping[str, Any]) -> None:
    """Insert one row, unless it is there."""
    marks = ", ".join("?" * len(row))
    ledger.run(
        f"INSERT OR IGNORE INTO {table}({', '.join(row)}) VALUES ({marks})", tuple(row.values())
    )


def clear(ledger: Ledger, key: int) -> None:
    """Delete all rows of a paper but its vectors; nothing is told to the projections."""
    name = ledger.value("SELECT id FROM papers WHERE key = ?", (key,))
    for table in OF_A_PAPER:
        ledger.run(f"DELETE FROM {table} WHERE paper = ?", (key,))
    ledger.run("DELETE FROM apart WHERE one = ?1 OR other = ?1", (name,))
    ledger.run("DELETE FROM papers WHERE key = ?", (key,))


def remove_paper(ledger: Ledger, paper: str, how: str = "rm") -> bool:
    """Take a paper out, leaving a tombstone for the projections; False when it is not there.

    `how` it went is kept with the day, for answers that cite it.
    """
    key = ledger.value("SELECT key FROM papers WHERE id = ?", (paper,))
    if key is None:
        return False
    clear(ledger, key)
    drop_vectors(ledger, key)
    ledger.run("INSERT OR REPLACE INTO removed VALUES (?, ?, ?)", (paper, now(), how))
    enqueue(ledger, paper, deleted=True)
    return True


def enqueue(ledger: Ledger, paper: str, *, deleted: bool = False) -> None:
    """Tell the projections that a paper changed, or is gone."""
    ledger.run(
        "INSERT OR REPLACE INTO outbox(id, seq, deleted) VALUES (?, ?, ?)",
        (paper, ledger.next_seq(), int(deleted)),
    )


def parsed(image: str) -> Image:
    """An image of its JSON; raises ValueError for what is none."""
    return whole(json.loads(image))


def whole(found: Any) -> Image:
    """An image with all tables of today; raises ValueError for what is none."""
    if not isinstance(found, dict) or not found.get("papers"):
        raise ValueError("what should be the image of a paper is none")
    # A table that is younger than the image has no rows in it.
    return {table: found.get(table, []) for table in _TABLES}


def put_mark(ledger: Ledger, table: str, key: int, text: str) -> None:
    """Give a paper a tag or a note, where it has not the same."""
    if table == "tags":
        ledger.run("INSERT OR IGNORE INTO tags VALUES (?, ?)", (key, text))
    else:
        ledger.run(
            "INSERT INTO notes(paper, text, written_at) SELECT ?1, ?2, ?3 WHERE NOT EXISTS"
            " (SELECT 1 FROM notes WHERE paper = ?1 AND text = ?2)",
            (key, text, now()),
        )
