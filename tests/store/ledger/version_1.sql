-- The tables of a ledger as the first version of quire made them.
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE papers(
  key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, abstract TEXT NOT NULL,
  authors TEXT NOT NULL, year INTEGER, date TEXT, venue TEXT, doi TEXT, arxiv_id TEXT, url TEXT,
  content_hash TEXT NOT NULL, text_hash TEXT NOT NULL, status TEXT NOT NULL DEFAULT 'unread',
  added_at TEXT NOT NULL
) STRICT;
CREATE INDEX papers_year ON papers(year);
CREATE INDEX papers_added ON papers(added_at);
CREATE TABLE aliases(
  kind TEXT NOT NULL, value TEXT NOT NULL, paper INTEGER NOT NULL,
  PRIMARY KEY (kind, value, paper)
) STRICT, WITHOUT ROWID;
CREATE INDEX aliases_paper ON aliases(paper);
CREATE TABLE provenance(
  paper INTEGER NOT NULL, source TEXT NOT NULL, record INTEGER NOT NULL, reader TEXT NOT NULL,
  page_date TEXT, line INTEGER, record_hash TEXT NOT NULL, added_at TEXT NOT NULL,
  PRIMARY KEY (paper, source, record)
) STRICT, WITHOUT ROWID;
CREATE INDEX provenance_source ON provenance(source);
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
INSERT INTO meta VALUES ('deleted_below', '0');
INSERT INTO projections VALUES ('chroma', 1, 0, 0), ('lexical', 1, 0, 0);
PRAGMA user_version=1;
