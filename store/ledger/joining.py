"""Merging papers into one, and parting one into what it was joined of; inside a write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from store.ledger import images
from store.ledger.database import Ledger
from store.ledger.journal import Change
from store.ledger.parting import Part, parts_of, set_apart, set_together
from store.ledger.write import merge_papers, renew, write_apart

_Rows = list[dict[str, Any]]


def merge(ledger: Ledger, names: Sequence[str], change: Change) -> None:
    """Make papers into the first of them, by their ids, as a change."""
    keys = [int(ledger.value("SELECT key FROM papers WHERE id = ?", (one,))) for one in names]
    look = change.look(keys)
    set_together(ledger, names[0], names[1:])
    merge_papers(ledger, keys[0], keys[1:])
    change.wrote(look)
    change.flush()


def split(ledger: Ledger, name: str, change: Change) -> tuple[str, ...]:
    """Part a paper into its records, as a change; the ids, that of the paper itself first.

    Each part is what it was when it was joined, with the places it is from. Tags, notes and
    names that came since stay with the first, and no record joins the parts again. Raises
    NothingToPart.
    """
    key = int(ledger.value("SELECT key FROM papers WHERE id = ?", (name,)))
    parts = parts_of(ledger, key)
    look = change.look((key,))
    whole = images.parsed(look.images[name])
    images.clear(ledger, key)
    ordered = sorted((one for one in parts if not one.renews), key=lambda one: not _is(one, name))
    made = [_put(ledger, part) for part in ordered]
    names = [one for one, _ in made]
    _share_places(ledger, images.rows_of(whole, "provenance"), ordered, [key for _, key in made])
    for part in parts:
        if part.record is not None and part.renews:
            renew(ledger, part.record)
    _keep_rest(ledger, whole, made[0][1], [key for _, key in made[1:]])
    set_apart(ledger, names)
    change.wrote(look)
    for one, at in made[1:]:
        change.made(one, at)
    change.flush()
    return tuple(names)


def _is(part: Part, name: str) -> bool:
    return part.image is not None and images.row_of(part.image)["id"] == name


def _put(ledger: Ledger, part: Part) -> tuple[str, int]:
    """Make a paper of a part; its id and key."""
    if part.image is not None:
        return images.row_of(part.image)["id"], images.restore(ledger, part.image)
    assert part.record is not None
    return write_apart(ledger, part.record)


def _share_places(ledger: Ledger, places: _Rows, parts: Sequence[Part], keys: list[int]) -> None:
    """Give each part the places that are its own, and those whose record says the same."""
    own = [_places(one) for one in parts]
    for key in keys:
        ledger.run("DELETE FROM provenance WHERE paper = ?", (key,))
    for place in places:
        at = (place["source"], place["record"])
        mine = [number for number, one in enumerate(own) if at in one]
        same = [
            number for number, one in enumerate(parts) if one.record_hash == place["record_hash"]
        ]
        to = keys[next(iter((*mine, *same, 0)))]
        images.put_row(ledger, "provenance", {**place, "paper": to})


def _places(part: Part) -> set[tuple[str, int]]:
    if part.record is not None:
        return {(part.record.source, part.record.record or 0)}
    rows = images.rows_of(part.image or {}, "provenance")
    return {(row["source"], row["record"]) for row in rows}


def _keep_rest(ledger: Ledger, whole: images.Image, first: int, others: list[int]) -> None:
    """Leave with the first part what the whole had and no part has."""
    keys = [first, *others]
    marks = ",".join("?" * len(keys))
    names = {row[0] for row in ledger.rows(f"SELECT id FROM papers WHERE key IN ({marks})", keys)}
    shared = {"aliases": ("kind", "value"), "tags": ("tag",), "notes": ("text",)}
    shared["revisions"] = ("text_hash",)
    for table, columns in shared.items():
        there = ledger.rows(
            f"SELECT {', '.join(columns)} FROM {table} WHERE paper IN ({marks})", keys
        )
        texts = f"SELECT text_hash FROM papers WHERE key IN ({marks})"
        known = {*there, *(ledger.rows(texts, keys) if table == "revisions" else ())}
        for row in images.rows_of(whole, table):
            value = tuple(row[one] for one in columns)
            if value not in known and not (row.get("kind") == "id" and row["value"] in names):
                images.put_row(ledger, table, {**row, "paper": first})
    status = images.row_of(whole)["status"]
    statuses = ledger.rows(f"SELECT status FROM papers WHERE key IN ({marks})", keys)
    if (status,) not in statuses:
        ledger.run("UPDATE papers SET status = ? WHERE key = ?", (status, first))
