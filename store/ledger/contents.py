"""The rows that hold what a paper says: reading and writing them, and keeping former texts."""

from __future__ import annotations

import json
from dataclasses import dataclass

from store.ledger.combine import FIELDS, Content
from store.ledger.database import Ledger, now
from store.ledger.identity import content_hash, said_of, text_hash
from store.ledger.likeness import abstract_digest, is_cut_of
from store.ledger.row_values import NO_DETAILS, details_of
from store.types import Details, Record

_READABLE = json.JSONEncoder(ensure_ascii=False)


@dataclass(frozen=True)
class Stored:
    """What a paper says, its id, and the hashes of all that and of its text."""

    content: Content
    id: str
    content_hash: str
    text_hash: str


def stored_content(ledger: Ledger, key: int) -> Stored:
    """What a paper says; raises LibraryDamaged."""
    with ledger.reading():
        name, *fields, hashed, text = ledger.rows(
            f"SELECT id, {', '.join(FIELDS)}, content_hash, text_hash FROM papers WHERE key = ?",
            (key,),
        )[0]
        content: Content = dict(zip(FIELDS, fields, strict=True))
        content["authors"] = tuple(json.loads(str(content["authors"])))
        content["details"] = details_of(str(content["details"]))
    return Stored(content, name, hashed, text)


def set_content(ledger: Ledger, key: int, content: Content) -> None:
    """Let a paper say something else."""
    ledger.run(
        f"UPDATE papers SET {', '.join(f'{name} = ?' for name in FIELDS)},"
        " content_hash = ?, text_hash = ? WHERE key = ?",
        (*columns(content), content_hash(content), hash_of_text(content), key),
    )


def hash_of_text(content: Content) -> str:
    """The hash of what is embedded of a paper."""
    return text_hash(str(content["title"]), str(content["abstract"]))


def columns(content: Content) -> tuple[object, ...]:
    """The values of `FIELDS` as columns hold them."""
    return tuple(_column(content[name]) for name in FIELDS)


def _column(value: object) -> object:
    if isinstance(value, Details):
        return "{}" if value == NO_DETAILS else _READABLE.encode(said_of(value))
    return _READABLE.encode(value) if isinstance(value, tuple) else value


def keep_revision(ledger: Ledger, key: int, content: Content) -> None:
    """Keep a text of a paper beside the one that stands: saved answers may cite it."""
    ledger.run(
        "INSERT INTO revisions(paper, text_hash, title, abstract, replaced_at)"
        " SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS"
        " (SELECT 1 FROM revisions WHERE paper = ?1 AND text_hash = ?2)",
        (key, hash_of_text(content), content["title"], content["abstract"], now()),
    )


def keep_passed_over(ledger: Ledger, key: int, given: Content, content: Content) -> None:
    """Keep an abstract that another one was preferred to: joining loses none."""
    abstract, stands = str(given["abstract"]), str(content["abstract"])
    if (
        abstract != stands
        and not is_cut_of(abstract, stands)
        and abstract_digest(abstract) != abstract_digest(stands)
    ):
        keep_revision(ledger, key, given)


def keep_original(ledger: Ledger, key: int, record: Record, content: Content) -> None:
    """Keep title and abstract of a paper as their sources have them, where cleaning changed them.

    Of what is not the record's, what was kept before stays.
    """
    title, abstract = str(content["title"]), str(content["abstract"])
    row = ledger.rows("SELECT title, abstract FROM originals WHERE paper = ?", (key,))
    raw_title, raw_abstract = row[0] if row else (title, abstract)
    if title == record.title:
        raw_title = title if record.raw_title is None else record.raw_title
    if abstract == record.abstract:
        raw_abstract = abstract if record.raw_abstract is None else record.raw_abstract
    if (raw_title, raw_abstract) != (title, abstract):
        ledger.run(
            "INSERT OR REPLACE INTO originals VALUES (?, ?, ?)", (key, raw_title, raw_abstract)
        )
    elif row:
        ledger.run("DELETE FROM originals WHERE paper = ?", (key,))
