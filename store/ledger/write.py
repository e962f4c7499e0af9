"""Writing records into the ledger: who a record is, and what it changes.

Everything here runs inside one write transaction of the ledger.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
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
from store.ledger.images import enqueue, put_mark, remove_paper
from store.ledger.journal import Change
from store.ledger.parting import keep_part, keep_parts, of_those_apart
from store.ledger.row_values import DETAIL_ALIASES, NO_DETAILS, details_of
from store.types import Details, Record

Came = Literal["new", "same", "changed"]
"""What came of a record."""

_FIELDS = (
    *("title", "abstract", "authors", "year", "date", "venue", "doi", "arxiv_id", "url"),
    "details",
)
_Content = dict[str, object]


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
    incoming = {name: getattr(record, name) for name in _FIELDS}
    record_hash = content_hash(incoming)
    keys = of_those_apart(ledger, _papers_of(ledger, record), record, record_hash)
    if not keys:
        written = _insert(ledger, record, incoming)
        change.made(written.id, written.key)
        _join(ledger, written.key, record, record_hash)
        return written
    look = change.look(keys)
    for other in keys[1:]:
        _merge(ledger, keys[0], other)
    keep_part(ledger, keys[0], record, record_hash)
    written = _update(ledger, keys[0], record, incoming, record_hash, merged=len(keys) > 1)
    _join(ledger, written.key, record, record_hash)
    change.wrote(look)
    return written


def _join(ledger: Ledger, key: int, record: Record, record_hash: str) -> None:
    """Give a paper the place of a record of it, with the marks that came with that."""
    if _note_place(ledger, key, record, record_hash):
        _take_marks(ledger, key, record)
    for tag in record.tags:
        put_mark(ledger, "tags", key, tag.lower())


def write_apart(ledger: Ledger, record: Record) -> tuple[str, int]:
    """Commit a record as a paper of its own, whatever is there already; returns id and key."""
    incoming = {name: getattr(record, name) for name in _FIELDS}
    written = _insert(ledger, record, incoming)
    _join(ledger, written.key, record, content_hash(incoming))
    return written.id, written.key


def renew(ledger: Ledger, record: Record) -> None:
    """Write what a record says by now to the paper that has its place."""
    incoming = {name: getattr(record, name) for name in _FIELDS}
    place = (record.source, record.record or 0, record_hash := content_hash(incoming))
    key = ledger.value(
        "SELECT paper FROM provenance WHERE source = ? AND record = ? AND record_hash = ?", place
    )
    if key is not None:
        _update(ledger, key, record, incoming, record_hash, merged=True, anew=True)


def merge_papers(ledger: Ledger, kept: int, others: Sequence[int]) -> None:
    """Make several papers into one of them, by their keys; it keeps what it says itself."""
    for other in others:
        _merge(ledger, kept, other)
    stored, name, *_ = _stored(ledger, kept)
    hashed = text_hash(str(stored["title"]), str(stored["abstract"]))
    ledger.run(
        "UPDATE papers SET content_hash = ?, text_hash = ? WHERE key = ?",
        (content_hash(stored), hashed, kept),
    )
    enqueue(ledger, name)


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
    enqueue(ledger, name)
    return Written(key, name, "new", record.title, record.abstract, hashed)


def _update(
    ledger: Ledger,
    key: int,
    record: Record,
    incoming: _Content,
    record_hash: str,
    *,
    merged: bool,
    anew: bool = False,
) -> Written:
    stored, name, content_before, text_before = _stored(ledger, key)
    seen = ledger.value(
        "SELECT record_hash FROM provenance WHERE paper = ? AND source = ? AND record = ?",
        (key, record.source, record.record or 0),
    )
    content = stored if seen == record_hash and not anew else _combined(stored, incoming)
    hashed = content_hash(content)
    _add_aliases(ledger, key, record)
    title, abstract = str(content["title"]), str(content["abstract"])
    if hashed == content_before and not merged:
        return Written(key, name, "same", title, abstract, text_before)
    text = text_hash(title, abstract)
    if text != text_before:
        keep_revision(ledger, key, text_before, str(stored["title"]), str(stored["abstract"]))
        if (title, abstract) == (record.title, record.abstract):
            _keep_original(ledger, key, record)
    ledger.run(
        "UPDATE papers SET title = ?, abstract = ?, authors = ?, year = ?, date = ?, venue = ?,"
        " doi = ?, arxiv_id = ?, url = ?, details = ?, content_hash = ?, text_hash = ?"
        " WHERE key = ?",
        (*_columns(content), hashed, text, key),
    )
    enqueue(ledger, name)
    return Written(key, name, "changed", title, abstract, text)


def _stored(ledger: Ledger, key: int) -> tuple[_Content, str, str, str]:
    """What a paper says, its id, and the hashes of its content and its text."""
    with ledger.reading():
        name, *fields, hashed, text = ledger.rows(
            f"SELECT id, {', '.join(_FIELDS)}, content_hash, text_hash FROM papers WHERE key = ?",
            (key,),
        )[0]
        stored = dict(zip(_FIELDS, fields, strict=True))
        stored["authors"] = tuple(json.loads(stored["authors"]))
        stored["details"] = details_of(stored["details"])
    return stored, name, hashed, text


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
        put_mark(ledger, "notes", key, note)
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
        *((kind, getattr(record.details, field)) for kind, field in DETAIL_ALIASES),
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
    """Make two papers that turned out to be one into the first of them; the second goes."""
    keep_parts(ledger, kept, gone)
    name = ledger.value("SELECT id FROM papers WHERE key = ?", (gone,))
    for column, empty in (
        *((one, None) for one in ("year", "date", "venue", "doi", "arxiv_id", "url")),
        *(("authors", "[]"), ("abstract", ""), ("status", "unread")),
    ):
        ledger.run(
            f"UPDATE papers SET {column} = (SELECT {column} FROM papers WHERE key = ?1)"
            f" WHERE key = ?2 AND {column} IS ?3",
            (gone, kept, empty),
        )
    details = (_stored(ledger, one)[0]["details"] for one in (gone, kept))
    ledger.run(
        "UPDATE papers SET details = ? WHERE key = ?",
        (_column(_combined_details(*details)), kept),
    )
    hashed, title, abstract = ledger.rows(
        "SELECT text_hash, title, abstract FROM papers WHERE key = ?", (gone,)
    )[0]
    keep_revision(ledger, kept, hashed, title, abstract)
    for table in ("aliases", "provenance", "tags", "notes", "revisions", "parts"):
        ledger.run(f"UPDATE OR IGNORE {table} SET paper = ? WHERE paper = ?", (kept, gone))
    remove_paper(ledger, name, "merge")
    ledger.run("INSERT OR IGNORE INTO aliases VALUES ('id', ?, ?)", (name, kept))
