"""Erasing papers from the ledger: their rows, their images, what answers keep of them.

A row that is deleted stays in the pages of the file and of its log until both are written anew:
`erase_rows` lets SQLite overwrite what it deletes, `write_anew` does the rest.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from store.errors import LibraryBusy
from store.ledger import images, marks
from store.ledger.database import Ledger
from store.ledger.digests import KINDS
from store.ledger.journal import MARKING
from store.ledger.lost_changes import ERASING

_BY_ROWID = tuple(kind for kind in KINDS if kind.key == "rowid")


@dataclass
class Erased:
    """What is known of papers that are erased: their ids, and every text of theirs.

    `identifiers` are DOIs, arXiv ids, addresses and the ids of sources.
    """

    ids: set[str] = field(default_factory=set)
    titles: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    identifiers: set[str] = field(default_factory=set)
    authors: set[str] = field(default_factory=set)

    def add_image(self, image: Mapping[str, Any]) -> None:
        """Note all that the image of a paper says."""
        paper = images.row_of(image)
        self._add({**paper, "authors": json.loads(paper["authors"])})
        for table in ("originals", "revisions"):
            for row in images.rows_of(image, table):
                self._add(row)
        aliases = images.rows_of(image, "aliases")
        self.identifiers |= {row["value"] for row in aliases if row["kind"] not in ("id", "title")}
        self.texts |= {row["text"] for row in images.rows_of(image, "notes")}

    def add_whole(self, image: Mapping[str, Any]) -> None:
        """Note what a paper says as it is now, with the papers and records that it is made of."""
        self.add_image(image)
        aliases = images.rows_of(image, "aliases")
        self.ids |= {row["value"] for row in aliases if row["kind"] == "id"}
        for row in images.rows_of(image, "parts"):
            body = json.loads(row["body"])
            if "image" in body:
                self.add_image(images.parsed(json.dumps(body["image"])))
            else:
                self._add(body["record"])

    def _add(self, fields: Mapping[str, Any]) -> None:
        self.titles |= {fields[name] for name in ("title", "raw_title") if fields.get(name)}
        self.texts |= {fields[name] for name in ("abstract", "raw_abstract") if fields.get(name)}
        self.identifiers |= {fields[name] for name in _IDENTIFIERS if fields.get(name)}
        self.authors |= set(fields.get("authors") or ())
        self.texts |= set(fields.get("notes") or ())


_IDENTIFIERS = ("doi", "arxiv_id", "url", "source_id")
Scrub = Callable[[str, str], tuple[str, str]]
"""A question and an answer (JSON) without what is erased."""
MakeScrub = Callable[[Erased, Callable[[str], bool]], Scrub]
"""Makes it of what is erased, and of what tells whether another paper has a text too."""


def erase_rows(ledger: Ledger, ids: Sequence[str], make_scrub: MakeScrub) -> tuple[int, int]:
    """Take papers out of the ledger, of its journal and of saved answers, in one transaction.

    Returns how many papers were there, and how many answers were changed.
    """
    ledger.run("PRAGMA secure_delete=ON")
    with ledger.write():
        erased = _known(ledger, ids)
        there = sum(images.remove_paper(ledger, name, "forever") for name in sorted(erased.ids))
        for name in erased.ids:
            ledger.run("UPDATE removed SET how = 'forever' WHERE id = ?", (name,))
            _forget(ledger, name)
        scrub = make_scrub(erased, lambda text: _is_elsewhere(ledger, text))
        answers = _scrub(ledger, scrub)
        ledger.set_meta(ERASING, "1")
    return there, answers


def _known(ledger: Ledger, ids: Sequence[str]) -> Erased:
    """All that the ledger and its journal say of papers, by their ids."""
    erased = Erased(ids=set(ids))
    rows = ledger.rows_in("SELECT key FROM papers WHERE id IN ({})", list(ids))
    with ledger.reading():
        for text in images.images_of(ledger, [row[0] for row in rows]).values():
            erased.add_whole(images.parsed(text))
        for kind, text in ledger.rows_in(
            "SELECT kind, before FROM images JOIN changes ON number = change"
            " WHERE before IS NOT NULL AND paper IN ({})",
            sorted(erased.ids),
        ):
            if kind in MARKING:
                erased.texts |= marks.texts_of(text)
            else:
                erased.add_image(images.parsed(text))
    return erased


def _forget(ledger: Ledger, name: str) -> None:
    """Take a paper out of the journal, and out of what others are made of.

    A merge or a split without one of its papers cannot be taken back: it goes whole.
    """
    named = f"%{name}%"
    ledger.run(
        "DELETE FROM images WHERE change IN (SELECT number FROM changes JOIN images"
        " ON change = number WHERE kind IN ('merge', 'split') AND (paper = ? OR before LIKE ?))",
        (name, named),
    )
    ledger.run("DELETE FROM images WHERE paper = ? OR before LIKE ?", (name, named))
    ledger.run("DELETE FROM changes WHERE number NOT IN (SELECT change FROM images)")
    ledger.run("DELETE FROM parts WHERE body LIKE ?", (named,))
    ledger.run("DELETE FROM apart WHERE one = ?1 OR other = ?1", (name,))
    ledger.run("DELETE FROM citation_keys WHERE paper = ?", (name,))


def write_anew(ledger: Ledger) -> None:
    """Write the file without what was deleted and empty its log; raises LibraryBusy, NoSpace.

    SQLite promises no row numbers to stay that are no key: digests by them are looked after.
    """
    before = [_numbers(ledger, kind.table) for kind in _BY_ROWID]
    ledger.run("VACUUM")
    for kind, numbers in zip(_BY_ROWID, before, strict=True):
        if _numbers(ledger, kind.table) != numbers:
            with ledger.write():
                ledger.run("DELETE FROM digests WHERE kind = ?", (kind.table,))
                ledger.run(
                    f"INSERT INTO digests SELECT '{kind.table}', rowid, 1, {kind.digest()}"
                    f" FROM {kind.table}"
                )
    with ledger.write():
        ledger.set_meta(ERASING, None)
    if ledger.value("PRAGMA wal_checkpoint(TRUNCATE)"):
        with ledger.write():
            ledger.set_meta(ERASING, "1")
        raise LibraryBusy(
            "another process is reading the library, whose log may still hold what was removed",
            "close that quire, then run: quire doctor --fix",
        )


def _numbers(ledger: Ledger, table: str) -> list[tuple[Any, ...]]:
    key = "id" if table == "sessions" else "session || ' ' || number"
    return ledger.rows(f"SELECT rowid, {key} FROM {table} ORDER BY rowid")


def _is_elsewhere(ledger: Ledger, text: str) -> bool:
    return bool(
        ledger.value(
            "SELECT 1 FROM papers WHERE instr(title, ?1) OR instr(abstract, ?1)"
            " OR instr(authors, ?1) OR ?1 IN (doi, arxiv_id, url) LIMIT 1",
            (text,),
        )
    )


def _scrub(ledger: Ledger, scrub: Scrub) -> int:
    """Take what is erased out of saved answers and titles of conversations; how many changed."""
    changed = 0
    for session, number, question, answer in _turns(ledger):
        without = scrub(question, answer)
        if without != (question, answer):
            changed += 1
            # A conversation is named by the beginning of its first question, if by nobody else.
            ledger.run(
                "UPDATE sessions SET title = ? WHERE id = ? AND title = ?",
                (without[0][:200], session, question[:200]),
            )
            ledger.run(
                "UPDATE turns SET question = ?, answer = ? WHERE session = ? AND number = ?",
                (*without, session, number),
            )
    for session, title in ledger.rows("SELECT id, title FROM sessions"):
        called, _ = scrub(title, "null")
        if called != title:
            ledger.run("UPDATE sessions SET title = ? WHERE id = ?", (called, session))
    return changed


def _turns(ledger: Ledger) -> Iterator[tuple[str, int, str, str]]:
    for session, number in ledger.rows("SELECT session, number FROM turns"):
        for question, answer in ledger.rows(
            "SELECT question, answer FROM turns WHERE session = ? AND number = ?",
            (session, number),
        ):
            yield session, number, question, answer
