"""Writing records into the ledger: who a record is, and what it changes.

Everything here runs inside one write transaction of the ledger.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from store.ledger.database import Ledger, now
from store.ledger.identity import (
    compatible_authors,
    content_hash,
    identity_key,
    is_cut_of,
    normal_title,
    paper_id,
    said_of,
    similar_abstracts,
    text_hash,
)
from store.ledger.row_values import NO_DETAILS, details_of
from store.ledger.vectors import drop_vectors
from store.types import Details, Record

Change = Literal["new", "same", "changed"]

_FIELDS = (
    *("title", "abstract", "authors", "year", "date", "venue", "doi", "arxiv_id", "url"),
    "details",
)
_OF_A_PAPER = ("aliases", "provenance", "tags", "notes", "originals", "revisions")
"""The tables whose rows belong to papers."""
_Content = dict[str, object]


@dataclass(frozen=True)
class Written:
    """What one record did: the paper's key and id, the change, and the text now embedded."""

    key: int
    id: str
    change: Change
    title: str
    abstract: str
    text_hash: str


def write_record(ledger: Ledger, record: Record, tags: tuple[str, ...]) -> Written:
    """Commit one record to the ledger as a new paper, a change, or nothing but a place."""
    incoming = {name: getattr(record, name) for name in _FIELDS}
    record_hash = content_hash(incoming)
    keys = _papers_of(ledger, record)
    if not keys:
        written = _insert(ledger, record, incoming)
    else:
        for other in keys[1:]:
            _merge(ledger, keys[0], other)
        written = _update(ledger, keys[0], record, incoming, record_hash, merged=len(keys) > 1)
    is_first = _note_place(ledger, written.key, record, record_hash)
    if is_first:
        _take_marks(ledger, written.key, record)
    for tag in (*record.tags, *tags):
        ledger.run("INSERT OR IGNORE INTO tags VALUES (?, ?)", (written.key, tag.lower()))
    return written


def remove_paper(ledger: Ledger, paper: str) -> bool:
    """Take a paper out, leaving a tombstone for the projections; False when it is not there."""
    key = ledger.value("SELECT key FROM papers WHERE id = ?", (paper,))
    if key is None:
        return False
    for table in _OF_A_PAPER:
        ledger.run(f"DELETE FROM {table} WHERE paper = ?", (key,))
    drop_vectors(ledger, key)
    ledger.run("DELETE FROM papers WHERE key = ?", (key,))
    _enqueue(ledger, paper, deleted=True)
    return True


def _papers_of(ledger: Ledger, record: Record) -> list[int]:
    """The keys of the papers this record is, the oldest first."""
    keys: set[int] = set()
    for kind, value in (("doi", record.doi), ("arxiv", record.arxiv_id)):
        if value:
            keys |= _with_alias(ledger, kind, value)
    if not keys:
        for key in _with_alias(ledger, "title", normal_title(record.title)):
            with ledger.reading():
                authors, abstract, doi, arxiv = ledger.rows(
                    "SELECT authors, abstract, doi, arxiv_id FROM papers WHERE key = ?", (key,)
                )[0]
                authors = json.loads(authors)
            conflicting = (record.doi and doi and record.doi != doi) or (
                record.arxiv_id and arxiv and record.arxiv_id != arxiv
            )
            if (
                not conflicting
                and compatible_authors(record.authors, authors)
                and similar_abstracts(record.abstract, abstract)
            ):
                keys.add(key)
                break
    return sorted(keys)


def _with_alias(ledger: Ledger, kind: str, value: str) -> set[int]:
    if not value:
        return set()
    rows = ledger.rows("SELECT paper FROM aliases WHERE kind = ? AND value = ?", (kind, value))
    return {row[0] for row in rows}


def _insert(ledger: Ledger, record: Record, incoming: _Content) -> Written:
    key_text = identity_key(record)
    attempt = 0
    while ledger.value(
        "SELECT 1 FROM papers WHERE id = ?1 UNION ALL"
        " SELECT 1 FROM aliases WHERE kind = 'id' AND value = ?1",
        (paper_id(key_text, attempt),),
    ):
        attempt += 1
    name = paper_id(key_text, attempt)
    hashed = text_hash(record.title, record.abstract)
    ledger.run(
        "INSERT INTO papers(id, title, abstract, authors, year, date, venue, doi, arxiv_id, url,"
        " details, content_hash, text_hash, added_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (name, *_columns(incoming), content_hash(incoming), hashed, now()),
    )
    key = int(ledger.value("SELECT last_insert_rowid()"))
    _keep_original(ledger, key, record)
    _add_aliases(ledger, key, record)
    _enqueue(ledger, name)
    return Written(key, name, "new", record.title, record.abstract, hashed)


def _update(
    ledger: Ledger,
    key: int,
    record: Record,
    incoming: _Content,
    record_hash: str,
    *,
    merged: bool,
) -> Written:
    with ledger.reading():
        row = ledger.rows(
            "SELECT id, title, abstract, authors, year, date, venue, doi, arxiv_id, url,"
            " details, content_hash, text_hash FROM papers WHERE key = ?",
            (key,),
        )[0]
        stored = dict(zip(_FIELDS, row[1:11], strict=True))
        stored["authors"] = tuple(json.loads(row[3]))
        stored["details"] = details_of(row[10])
    seen = ledger.value(
        "SELECT record_hash FROM provenance WHERE paper = ? AND source = ? AND record = ?",
        (key, record.source, record.record or 0),
    )
    content = stored if seen == record_hash else _combined(stored, incoming)
    hashed = content_hash(content)
    _add_aliases(ledger, key, record)
    title, abstract = str(content["title"]), str(content["abstract"])
    if hashed == row[11] and not merged:
        return Written(key, row[0], "same", title, abstract, row[12])
    text = text_hash(title, abstract)
    if text != row[12]:
        keep_revision(ledger, key, row[12], row[1], row[2])
        if (title, abstract) == (record.title, record.abstract):
            _keep_original(ledger, key, record)
    ledger.run(
        "UPDATE papers SET title = ?, abstract = ?, authors = ?, year = ?, date = ?, venue = ?,"
        " doi = ?, arxiv_id = ?, url = ?, details = ?, content_hash = ?, text_hash = ?"
        " WHERE key = ?",
        (*_columns(content), hashed, text, key),
    )
    _enqueue(ledger, row[0])
    return Written(key, row[0], "changed", title, abstract, text)


def _combined(stored: _Content, incoming: _Content) -> _Content:
    """What a paper is after a record: what the record gives wins, what it lacks stays.

    An abstract that is the stored one without its end, or a title that differs in case or
    marks alone, changes nothing.
    """
    content = {name: incoming[name] or stored[name] for name in _FIELDS}
    content["details"] = _combined_details(stored["details"], incoming["details"])
    if is_cut_of(str(incoming["abstract"]), str(stored["abstract"])):
        content["abstract"] = stored["abstract"]
    if normal_title(str(incoming["title"])) == normal_title(str(stored["title"])):
        content["title"] = stored["title"]
    return content


def _combined_details(stored: object, incoming: object) -> Details:
    if not isinstance(stored, Details) or not isinstance(incoming, Details):
        raise TypeError("details of papers are Details")
    if incoming in (NO_DETAILS, stored):
        return stored
    names = Details.__dataclass_fields__
    return Details(**{one: getattr(incoming, one) or getattr(stored, one) for one in names})


def _columns(content: _Content) -> tuple[object, ...]:
    return tuple(_column(content[name]) for name in _FIELDS)


def _column(value: object) -> object:
    if isinstance(value, Details):
        return "{}" if value == NO_DETAILS else json.dumps(said_of(value), ensure_ascii=False)
    return json.dumps(list(value), ensure_ascii=False) if isinstance(value, tuple) else value


def keep_revision(ledger: Ledger, key: int, hashed: str, title: str, abstract: str) -> None:
    """Keep a text of a paper that another takes the place of: saved answers may cite it."""
    ledger.run(
        "INSERT INTO revisions(paper, text_hash, title, abstract, replaced_at)"
        " SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS"
        " (SELECT 1 FROM revisions WHERE paper = ?1 AND text_hash = ?2)",
        (key, hashed, title, abstract, now()),
    )


def _keep_original(ledger: Ledger, key: int, record: Record) -> None:
    """Keep title and abstract as their source has them, where cleaning changed them."""
    if record.raw_title is None and record.raw_abstract is None:
        ledger.run("DELETE FROM originals WHERE paper = ?", (key,))
        return
    title = record.title if record.raw_title is None else record.raw_title
    abstract = record.abstract if record.raw_abstract is None else record.raw_abstract
    ledger.run("INSERT OR REPLACE INTO originals VALUES (?, ?, ?)", (key, title, abstract))


def _take_marks(ledger: Ledger, key: int, record: Record) -> None:
    """Take over notes and a decision that came with a record; those made here stay."""
    for note in record.notes:
        ledger.run(
            "INSERT INTO notes(paper, text, written_at) SELECT ?1, ?2, ?3 WHERE NOT EXISTS"
            " (SELECT 1 FROM notes WHERE paper = ?1 AND text = ?2)",
            (key, note, now()),
        )
    if record.status:
        ledger.run(
            "UPDATE papers SET status = ? WHERE key = ? AND status = 'unread'",
            (record.status, key),
        )


def _add_aliases(ledger: Ledger, key: int, record: Record) -> None:
    aliases = (
        ("doi", record.doi),
        ("arxiv", record.arxiv_id),
        ("title", normal_title(record.title)),
        ("source_id", record.source_id),
    )
    for kind, value in aliases:
        if value:
            ledger.run("INSERT OR IGNORE INTO aliases VALUES (?, ?, ?)", (kind, value, key))


def _note_place(ledger: Ledger, key: int, record: Record, record_hash: str) -> bool:
    """Keep where a record was read; True when it was not read there before."""
    is_first = not ledger.value(
        "SELECT 1 FROM provenance WHERE paper = ? AND source = ? AND record = ?",
        (key, record.source, record.record or 0),
    )
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
    return is_first


def _merge(ledger: Ledger, kept: int, gone: int) -> None:
    """Make two papers that turned out to be one into the older of them."""
    name = ledger.value("SELECT id FROM papers WHERE key = ?", (gone,))
    for column in ("year", "date", "venue", "doi", "arxiv_id", "url"):
        ledger.run(
            f"UPDATE papers SET {column} = (SELECT {column} FROM papers WHERE key = ?1)"
            f" WHERE key = ?2 AND {column} IS NULL",
            (gone, kept),
        )
    for column, empty in (("authors", "[]"), ("status", "unread")):
        ledger.run(
            f"UPDATE papers SET {column} = (SELECT {column} FROM papers WHERE key = ?1)"
            f" WHERE key = ?2 AND {column} = ?3",
            (gone, kept, empty),
        )
    hashed, title, abstract = ledger.rows(
        "SELECT text_hash, title, abstract FROM papers WHERE key = ?", (gone,)
    )[0]
    keep_revision(ledger, kept, hashed, title, abstract)
    for table in ("aliases", "provenance", "tags", "notes", "revisions"):
        ledger.run(f"UPDATE OR IGNORE {table} SET paper = ? WHERE paper = ?", (kept, gone))
    remove_paper(ledger, name)
    ledger.run("INSERT OR IGNORE INTO aliases VALUES ('id', ?, ?)", (name, kept))


def _enqueue(ledger: Ledger, paper: str, *, deleted: bool = False) -> None:
    ledger.run(
        "INSERT OR REPLACE INTO outbox(id, seq, deleted) VALUES (?, ?, ?)",
        (paper, ledger.next_seq(), int(deleted)),
    )
