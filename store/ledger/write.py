"""Writing records into the ledger: who a record is, and what it changes.

Everything here runs inside one write transaction of the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from store.ledger.combine import FIELDS, Content, combined, joined
from store.ledger.contents import (
    columns,
    hash_of_text,
    keep_original,
    keep_passed_over,
    keep_revision,
    set_content,
    stored_content,
)
from store.ledger.database import Ledger, now
from store.ledger.digests import as_written
from store.ledger.failures import damaged
from store.ledger.identity import content_hash, identity_key, paper_id, text_hash
from store.ledger.images import enqueue, put_mark, remove_paper
from store.ledger.journal import Change
from store.ledger.matching import names_of, papers_of
from store.ledger.parting import keep_part, keep_parts, of_those_apart
from store.ledger.same_paper import Identifier
from store.ledger.titles import normal_title
from store.types import Record

Came = Literal["new", "same", "changed"]
"""What came of a record."""

_SAID_BEFORE = (
    f"SELECT {as_written('papers')}, key, id, 'same', title, abstract, text_hash FROM provenance"
    " JOIN papers ON key = paper WHERE source = ? AND record = ? AND record_hash = ?"
)


@dataclass(frozen=True)
class Written:
    """What one record did: the paper's key and id, the change, and the text now embedded."""

    key: int
    id: str
    change: Came
    title: str
    abstract: str
    text_hash: str


def write_record(
    ledger: Ledger, record: Record, tags: tuple[str, ...], change: Change | None = None
) -> Written:
    """Commit one record to the ledger as a new paper, a change, or nothing but a place.

    What it does is part of a `change` that can be taken back.
    """
    change = change or Change(ledger, "add")
    change.read(record)
    if tags:
        record = record.model_copy(update={"tags": (*record.tags, *tags)})
    incoming = _content(record)
    record_hash = content_hash(incoming)
    if known := _read_before(ledger, record, record_hash):
        _add_tags(ledger, known.key, record, change)
        return known
    names = names_of(record)
    keys = papers_of(ledger, record, names)
    keys = of_those_apart(ledger, keys, record, record_hash)
    if not keys:
        written = _insert(ledger, record, incoming, record_hash, names)
        change.made(written.id, written.key)
        _join(ledger, written.key, record, record_hash, before=None)
        return written
    look = change.look(keys)
    for other in keys[1:]:
        _merge(ledger, keys[0], other)
    before = _said_before(ledger, keys[0], record)
    keep_part(ledger, keys[0], record, record_hash, before)
    written = _update(
        ledger, keys[0], record, incoming, names, merged=len(keys) > 1, edited=before is not None
    )
    _join(ledger, written.key, record, record_hash, before)
    change.wrote(look)
    return written


def _content(record: Record) -> Content:
    return {name: getattr(record, name) for name in FIELDS}


def _read_before(ledger: Ledger, record: Record, record_hash: str) -> Written | None:
    """What nothing is changed of: a record as it was when it was read in its place before.

    Raises LibraryDamaged where its paper is not as it was written: that is not the same.
    """
    found = ledger.rows(_SAID_BEFORE, (record.source, record.record or 0, record_hash))
    if not found:
        return None
    whole, *paper = found[0]
    if whole == 0:
        raise damaged(ledger.path, f"paper {paper[1]} is not as it was written")
    return Written(*paper)


def _add_tags(ledger: Ledger, key: int, record: Record, change: Change) -> None:
    """Give a paper those tags of a record that it has not, as part of a change."""
    if not record.tags:
        return
    there = {tag for (tag,) in ledger.rows("SELECT tag FROM tags WHERE paper = ?", (key,))}
    if missing := {tag.lower() for tag in record.tags} - there:
        look = change.look([key])
        for tag in sorted(missing):
            put_mark(ledger, "tags", key, tag)
        change.wrote(look)


def _said_before(ledger: Ledger, key: int, record: Record) -> str | None:
    """The hash of what a paper has of a record's place, None where none was read there."""
    found: str | None = ledger.value(
        "SELECT record_hash FROM provenance WHERE paper = ? AND source = ? AND record = ?",
        (key, record.source, record.record or 0),
    )
    return found


def _join(ledger: Ledger, key: int, record: Record, record_hash: str, before: str | None) -> None:
    """Give a paper the place of a record of it, at first with the marks that came with that."""
    _note_place(ledger, key, record, record_hash)
    if before is None:
        _take_marks(ledger, key, record)
    for tag in record.tags:
        put_mark(ledger, "tags", key, tag.lower())


def write_apart(ledger: Ledger, record: Record) -> tuple[str, int]:
    """Commit a record as a paper of its own, whatever is there already; returns id and key."""
    incoming = _content(record)
    hashed = content_hash(incoming)
    written = _insert(ledger, record, incoming, hashed, names_of(record))
    _join(ledger, written.key, record, hashed, before=None)
    return written.id, written.key


def renew(ledger: Ledger, record: Record) -> None:
    """Write what a record says by now to the paper that has its place."""
    incoming = _content(record)
    place = (record.source, record.record or 0, content_hash(incoming))
    key = ledger.value(
        "SELECT paper FROM provenance WHERE source = ? AND record = ? AND record_hash = ?", place
    )
    if key is not None:
        _update(ledger, key, record, incoming, names_of(record), merged=True, edited=True)


def merge_papers(ledger: Ledger, kept: int, others: Sequence[int]) -> None:
    """Make several papers into one of them, by their keys; it keeps what it says itself."""
    for other in others:
        _merge(ledger, kept, other, as_it_is=True)
    enqueue(ledger, ledger.value("SELECT id FROM papers WHERE key = ?", (kept,)))


def _insert(
    ledger: Ledger,
    record: Record,
    incoming: Content,
    record_hash: str,
    names: Sequence[Identifier],
) -> Written:
    hashed = text_hash(record.title, record.abstract)
    name = _free_id(ledger, identity_key(record), hashed)
    ((key,),) = ledger.rows(
        "INSERT INTO papers(id, title, abstract, authors, year, date, venue, doi, arxiv_id, url,"
        " details, content_hash, text_hash, added_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING key",
        (name, *columns(incoming), record_hash, hashed, now()),
    )
    if record.raw_title is not None or record.raw_abstract is not None:
        keep_original(ledger, key, record, incoming)
    _add_aliases(ledger, key, record, names)
    enqueue(ledger, name)
    return Written(key, name, "new", record.title, record.abstract, hashed)


def _free_id(ledger: Ledger, key: str, hashed: str) -> str:
    """An id for a new paper: where one of its key is taken, its text makes another."""
    name, attempt = paper_id(key), 0
    while ledger.value(
        "SELECT 1 FROM papers WHERE id = ?1 UNION ALL"
        " SELECT 1 FROM aliases WHERE kind = 'id' AND value = ?1",
        (name,),
    ):
        attempt += 1
        name = paper_id(f"{key}\n{hashed}", attempt)
    return name


def _update(
    ledger: Ledger,
    key: int,
    record: Record,
    incoming: Content,
    names: Sequence[Identifier],
    *,
    merged: bool,
    edited: bool,
) -> Written:
    """Let a paper say what a record makes of it, `edited` where it was read in its place before."""
    stored = stored_content(ledger, key)
    content = combined(stored.content, incoming, edited=edited)
    keep_passed_over(ledger, key, incoming, content)
    _add_aliases(ledger, key, record, names)
    title, abstract = str(content["title"]), str(content["abstract"])
    if content_hash(content) == stored.content_hash and not merged:
        return Written(key, stored.id, "same", title, abstract, stored.text_hash)
    text = hash_of_text(content)
    if text != stored.text_hash:
        keep_revision(ledger, key, stored.content)
        keep_original(ledger, key, record, content)
    set_content(ledger, key, content)
    enqueue(ledger, stored.id)
    return Written(key, stored.id, "changed", title, abstract, text)


def _take_marks(ledger: Ledger, key: int, record: Record) -> None:
    """Take over notes and a decision that came with a record; those made here stay."""
    for note in record.notes:
        put_mark(ledger, "notes", key, note)
    if record.status:
        ledger.run(
            "UPDATE papers SET status = ? WHERE key = ? AND status = 'unread'",
            (record.status, key),
        )


def _add_aliases(ledger: Ledger, key: int, record: Record, names: Sequence[Identifier]) -> None:
    aliases = [*names, ("source_id", record.source_id)] if record.source_id else names
    if aliases:
        ledger.run(
            f"INSERT OR IGNORE INTO aliases VALUES {', '.join(['(?, ?, ?)'] * len(aliases))}",
            [part for kind, value in aliases for part in (kind, value, key)],
        )


def _note_place(ledger: Ledger, key: int, record: Record, record_hash: str) -> None:
    """Keep where a record was read."""
    ledger.run(
        "INSERT INTO provenance VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " page_date = excluded.page_date, line = excluded.line,"
        " record_hash = excluded.record_hash WHERE record_hash <> excluded.record_hash",
        (
            key,
            record.source,
            record.record or 0,
            record.reader,
            record.page_date,
            record.line,
            record_hash,
            now(),
        ),
    )


def _merge(ledger: Ledger, kept: int, gone: int, *, as_it_is: bool = False) -> None:
    """Make two papers that turned out to be one into the first of them; the second goes.

    The first says what it said `as_it_is`, else what was published says more than a preprint.
    """
    keep_parts(ledger, kept, gone)
    older, younger = stored_content(ledger, kept), stored_content(ledger, gone)
    if as_it_is:
        content = joined(older.content, younger.content)
    else:
        content = combined(younger.content, older.content)
        if normal_title(str(content["title"])) == normal_title(str(older.content["title"])):
            content["title"] = older.content["title"]
    for one in (older, younger):
        if one.text_hash != hash_of_text(content):
            keep_revision(ledger, kept, one.content)
    if content["abstract"] != older.content["abstract"]:
        ledger.run("DELETE FROM originals WHERE paper = ?", (kept,))
        ledger.run("UPDATE originals SET paper = ? WHERE paper = ?", (kept, gone))
    set_content(ledger, kept, content)
    ledger.run(
        "UPDATE papers SET status = (SELECT status FROM papers WHERE key = ?1)"
        " WHERE key = ?2 AND status = 'unread'",
        (gone, kept),
    )
    for table in ("aliases", "provenance", "tags", "notes", "revisions", "parts"):
        ledger.run(f"UPDATE OR IGNORE {table} SET paper = ? WHERE paper = ?", (kept, gone))
    remove_paper(ledger, younger.id, "merge")
    ledger.run("INSERT OR IGNORE INTO aliases VALUES ('id', ?, ?)", (younger.id, kept))
