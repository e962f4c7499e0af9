"""The tables of the ledger: making them, and bringing those of an older quire up to date."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from store.errors import LibraryBusy, LibraryNewer, LibraryReadOnly, NoSpace
from store.files import explain, make_file
from store.ledger.alias_renewal import renew_aliases
from store.ledger.citing import make_citations
from store.ledger.database import APPLICATION_ID, FIRST_TABLES, SCHEMA_VERSION
from store.ledger.digests import KINDS, TABLE, fillings, triggers
from store.ledger.failures import damaged
from store.ledger.place import refuse_orphaned_indexes
from store.ledger.snapshot import snapshot
from store.types import Narrate

if TYPE_CHECKING:
    from store.ledger.database import Ledger

_IMPLAUSIBLE = 1000
"""No quire will write this many versions of a ledger: such a number is damage."""
_TABLES = """
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE papers(
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  abstract TEXT NOT NULL,
  authors TEXT NOT NULL,
  year INTEGER,
  date TEXT,
  venue TEXT,
  doi TEXT,
  arxiv_id TEXT,
  url TEXT,
  content_hash TEXT NOT NULL,
  text_hash TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'unread',
  added_at TEXT NOT NULL,
  details TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE INDEX papers_year ON papers(year);
CREATE INDEX papers_added ON papers(added_at);
CREATE TABLE aliases(
  kind TEXT NOT NULL, value TEXT NOT NULL, paper INTEGER NOT NULL,
  PRIMARY KEY (kind, value, paper)
) STRICT, WITHOUT ROWID;
CREATE INDEX aliases_paper ON aliases(paper);
CREATE TABLE provenance(
  paper INTEGER NOT NULL, source TEXT NOT NULL, record INTEGER NOT NULL,
  reader TEXT NOT NULL, page_date TEXT, line INTEGER, record_hash TEXT NOT NULL,
  added_at TEXT NOT NULL,
  PRIMARY KEY (paper, source, record)
) STRICT, WITHOUT ROWID;
CREATE INDEX provenance_source ON provenance(source, record);
CREATE TABLE tags(
  paper INTEGER NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (paper, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX tags_tag ON tags(tag);
CREATE TABLE notes(
  key INTEGER PRIMARY KEY, paper INTEGER NOT NULL, text TEXT NOT NULL, written_at TEXT NOT NULL
) STRICT;
CREATE INDEX notes_paper ON notes(paper);
CREATE TABLE embedders(
  key INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE, dimension INTEGER NOT NULL
) STRICT;
CREATE TABLE vectors(
  slot INTEGER PRIMARY KEY, text_hash TEXT NOT NULL, vector BLOB NOT NULL
) STRICT;
CREATE TABLE outbox(
  id TEXT PRIMARY KEY, seq INTEGER NOT NULL UNIQUE, deleted INTEGER NOT NULL
) STRICT;
CREATE TABLE projections(
  name TEXT PRIMARY KEY, generation INTEGER NOT NULL, watermark INTEGER NOT NULL,
  dirty INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE sessions(
  id TEXT PRIMARY KEY, title TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL
) STRICT;
CREATE TABLE turns(
  session TEXT NOT NULL, number INTEGER NOT NULL, asked_at TEXT NOT NULL,
  question TEXT NOT NULL, answer TEXT NOT NULL, PRIMARY KEY (session, number)
) STRICT;
INSERT INTO meta VALUES ('seq', '0'), ('deleted_below', '0');
INSERT INTO projections VALUES ('chroma', 1, 0, 0), ('lexical', 1, 0, 0)
"""


_ORIGINALS = """
CREATE TABLE originals(
  paper INTEGER PRIMARY KEY, title TEXT NOT NULL, abstract TEXT NOT NULL
) STRICT;
CREATE TABLE revisions(
  key INTEGER PRIMARY KEY, paper INTEGER NOT NULL, text_hash TEXT NOT NULL,
  title TEXT NOT NULL, abstract TEXT NOT NULL, replaced_at TEXT NOT NULL
) STRICT;
CREATE INDEX revisions_paper ON revisions(paper);
CREATE INDEX papers_untold ON papers(key) WHERE abstract = ''
"""
"""Texts as their source has them, where cleaning changed them, and texts that were replaced."""
_CHANGES = """
CREATE TABLE parts(
  key INTEGER PRIMARY KEY, paper INTEGER NOT NULL, record_hash TEXT NOT NULL,
  body TEXT NOT NULL, renews INTEGER NOT NULL
) STRICT;
CREATE INDEX parts_paper ON parts(paper);
CREATE TABLE apart(
  key INTEGER PRIMARY KEY, one TEXT NOT NULL, other TEXT NOT NULL, since TEXT NOT NULL
) STRICT;
CREATE INDEX apart_one ON apart(one);
CREATE INDEX apart_other ON apart(other);
CREATE TABLE changes(
  number INTEGER PRIMARY KEY, kind TEXT NOT NULL, words TEXT NOT NULL, began_at TEXT NOT NULL,
  size INTEGER NOT NULL
) STRICT;
CREATE TABLE images(
  change INTEGER NOT NULL, paper TEXT NOT NULL, before TEXT, digest INTEGER, after TEXT,
  PRIMARY KEY (change, paper)
) STRICT, WITHOUT ROWID;
CREATE TABLE removed(
  id TEXT PRIMARY KEY, at TEXT NOT NULL, how TEXT NOT NULL
) STRICT, WITHOUT ROWID
"""
"""What papers were joined of, which are not one, and what the last changes were made to.

Rows of no two tables or indexes have the same types: by these they are known when a damaged
ledger is read page by page.
"""
_KEYS = """
CREATE TABLE citation_keys(
  key INTEGER PRIMARY KEY, paper TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  came INTEGER NOT NULL
) STRICT
"""
"""What texts cite papers by, and whether it came with them; BibTeX tells no case apart."""
_VENUES = "CREATE INDEX papers_venue ON papers(venue)"
"""By it a question's words are compared with all venues; a library made before it does without."""


def bring_up(ledger: Ledger, narrate: Narrate, *, create: bool) -> None:
    """Make of a ledger that is not of this version one that is, where it can be done.

    An older one is migrated, an empty one is made where a library is to be made. Raises
    LibraryNewer, and LibraryDamaged for what is no ledger of quire.
    """
    # In one statement: a neighbour may be making or migrating it at this moment.
    names, version, application = ledger.rows(
        "SELECT (SELECT json_group_array(name) FROM sqlite_master),"
        " user_version, application_id FROM pragma_user_version, pragma_application_id"
    )[0]
    tables = set(json.loads(names))
    if version == SCHEMA_VERSION and application == APPLICATION_ID:
        return
    if not tables and version == application == 0:
        if not create:
            raise damaged(ledger.path, "it is empty")
        with ledger.write():
            # Another process may have made the tables while this one waited.
            if not ledger.value("PRAGMA user_version"):
                refuse_orphaned_indexes(ledger.path, "it is empty")
                make(ledger)
    elif _is_older(version, application) and tables >= FIRST_TABLES:
        ledger.read_version()
        if not ledger.read_only:
            migrate(ledger, version, narrate)
    elif application == APPLICATION_ID and SCHEMA_VERSION < version < _IMPLAUSIBLE:
        raise LibraryNewer(
            f"the library at {ledger.path.parent} was written by a newer quire",
            "update quire, or choose another library with --library",
        )
    else:
        raise damaged(ledger.path, "what stands there is no ledger of quire")


def make(ledger: Ledger) -> None:
    """Make all tables, inside a write; the triggers come with them."""
    _run(ledger, _TABLES, _ORIGINALS, _CHANGES, _KEYS)
    _make_digests(ledger)
    make_citations(ledger)
    _mark(ledger)


def _run(ledger: Ledger, *tables: str) -> None:
    for text in tables:
        for statement in text.split(";\n"):
            ledger.run(statement)


def _make_digests(ledger: Ledger) -> None:
    for statement in (TABLE, *triggers(), *fillings(), _VENUES):
        ledger.run(statement)


def _mark(ledger: Ledger) -> None:
    ledger.run(f"PRAGMA application_id={APPLICATION_ID}")
    ledger.run(f"PRAGMA user_version={SCHEMA_VERSION}")


def _is_older(version: int, application: int) -> bool:
    """True for a ledger of the first version, which was not marked, or of a later one."""
    return (version == 1 and application == 0) or (
        1 < version < SCHEMA_VERSION and application == APPLICATION_ID
    )


def _to_details(ledger: Ledger, version: int) -> None:
    """From version 1 or 2 to 3: details, originals and revisions of papers, and changes to them.

    Papers are known by other aliases. A row that is not the one that was written keeps its old
    digest, and so stays noticed. Rows are written anew, so that each holds all of its columns.
    """
    papers = next(one for one in KINDS if one.table == "papers")
    for what in ("INSERT", "UPDATE", "DELETE"):
        ledger.run(f"DROP TRIGGER IF EXISTS digest_papers_{what}")
        ledger.run(f"DROP TRIGGER IF EXISTS digest_{what}_papers")
    ledger.run("ALTER TABLE papers ADD COLUMN details TEXT NOT NULL DEFAULT '{}'")
    ledger.run("UPDATE papers SET details = '{}'")
    _run(ledger, _ORIGINALS, _CHANGES, _KEYS)
    ledger.run("DROP INDEX IF EXISTS provenance_source")
    ledger.run("CREATE INDEX provenance_source ON provenance(source, record)")
    renew_aliases(ledger)
    if version == 1:
        _make_digests(ledger)
        return
    before = papers.without("details")
    ledger.run(
        f"UPDATE digests SET digest = {papers.digest('papers')} FROM papers"
        " WHERE digests.kind = 'papers' AND digests.key = papers.key"
        f" AND digests.digest = {before.digest('papers')}"
    )
    for statement in triggers(
        ("papers", "originals", "revisions", "parts", "apart", "citation_keys")
    ):
        ledger.run(statement)


def migrate(ledger: Ledger, version: int, narrate: Narrate) -> None:
    """Bring the ledger of an older quire up to date, and keep it as it was beside it.

    What stands in the way of writing (a full disk, a neighbour that writes) is told, and the
    ledger is read as it is, and not written. All is one transaction, so a kill leaves the old
    ledger, and a second process waits and finds it done. Raises LibraryDamaged.
    """
    backup = ledger.path.with_name(f"{ledger.path.stem}-version-{version}{ledger.path.suffix}")
    if shutil.disk_usage(ledger.path.parent).free < 2 * ledger.path.stat().st_size:
        narrate("too little space is left to bring the library up to date: it stays as it is")
        return
    narrate(
        f"bringing the library up to date (version {version} to {SCHEMA_VERSION});"
        f" the ledger as it was is kept as {backup.name}"
    )
    try:
        with ledger.write(migrating=True):
            ledger.read_version()
            if ledger.version_of_tables == version:  # else a neighbour was first
                _keep(ledger, backup)
                _to_details(ledger, version)
                make_citations(ledger)
                _mark(ledger)
                ledger.read_version()
    except (NoSpace, LibraryBusy, LibraryReadOnly) as failure:
        narrate(f"the library stays as it is for now: {failure.message}")


def _keep(ledger: Ledger, backup: Path) -> None:
    """Copy what is committed, while no one can write; a copy that was not ended is none."""
    partial = backup.with_name(f"{backup.name}.part")
    try:
        partial.unlink(missing_ok=True)
        make_file(partial)
        snapshot(ledger.path, partial)
        partial.replace(backup)
    except OSError as failure:
        raise explain(failure, backup) from failure
    finally:
        partial.unlink(missing_ok=True)
