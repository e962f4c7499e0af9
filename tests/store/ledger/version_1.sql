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
-- The papers of one, with marks, and a conversation.
INSERT INTO meta VALUES ('seq', '6');
CREATE TEMP TABLE given(key, id, title, abstract, content_hash, text_hash);
INSERT INTO given VALUES
  (1, 'pddonv23wjpj', 'Study 0 of protein folding with contrastive pairs',
   'We study protein folding in setting 0. The vector corpus sample orbit corpus sample '
   || 'baseline query corpus encoder query bound encoder lattice is considered. Our method uses'
   || ' contrastive pairs and lowers the precision by 81%. Code 0 is available.',
   '012c562ba9db767dbd583e7377915751', '5fd09ef0408d122b18f957ea07473883'),
  (2, 'pgugmia4swh7', 'Study 1 of graph matching with a variational bound',
   'We study graph matching in setting 1. The corpus lattice token gradient query sample '
   || 'token token window encoder token kernel encoder yield is considered. Our method uses a '
   || 'variational bound and lowers the precision by 73%. Code 1 is available.',
   '245a5638fbdb6d0db0df7298f64bbbfa', 'ad4bd06c56c4229918905a9a3e84ed59'),
  (3, 'pavv32n7cvjm', 'Study 2 of sparse retrieval with beam search',
   'We study sparse retrieval in setting 2. The robust sample anchor robust entropy orbit '
   || 'lattice kernel anchor corpus node robust orbit query is considered. Our method uses beam'
   || ' search and lowers the latency by 78%. Code 2 is available.',
   'cb22a8e316a5c64893572574bb6da70c', 'd959fa6366e66ee3c23cafee64dcc457'),
  (4, 'p27m77uj7cul', 'Study 3 of sparse retrieval with a variational bound',
   'We study sparse retrieval in setting 3. The gradient orbit entropy query feature corpus '
   || 'token anchor bound orbit orbit robust bound corpus is considered. Our method uses a '
   || 'variational bound and lowers the precision by 12%. Code 3 is available.',
   'e9989f458cf5c6c6568a7d0059afc68d', '2e139992b919f65814144a2dc8e518b5'),
  (5, 'pk2iqbwggwlm', 'Study 4 of protein folding with tensor sketches',
   'We study protein folding in setting 4. The corpus window vector feature bound margin '
   || 'prior window baseline robust kernel encoder corpus anchor is considered. Our method uses'
   || ' tensor sketches and lowers the error by 17%. Code 4 is available.',
   '972fe8db7803204127ad74a0a453be6a', '63ab0dca006e6c65105be761cf9e4ed9'),
  (6, 'p3mnbzbrfng7', 'Study 5 of crop yield with contrastive pairs',
   'We study crop yield in setting 5. The prior cluster corpus query token decoder bound '
   || 'cluster margin prior orbit decoder entropy gradient is considered. Our method uses '
   || 'contrastive pairs and lowers the precision by 23%. Code 5 is available.',
   '22d5edd3f4eee137accd3454489f3271', 'a19b13ba1694a21889272e12fd89da01');
INSERT INTO papers(key, id, title, abstract, authors, content_hash, text_hash, status, added_at)
  SELECT key, id, title, abstract, '[]', content_hash, text_hash, 'read',
    '2026-01-02T03:04:05.000006+00:00' FROM given;
INSERT INTO aliases SELECT 'title', lower(title), key FROM given;
INSERT INTO provenance SELECT key, 'made-up.jsonl', key, 'jsonl', NULL, NULL, content_hash,
    '2026-01-02T03:04:05.000006+00:00' FROM given;
INSERT INTO tags SELECT key, 'old' FROM given UNION ALL SELECT key, 'first' FROM given;
INSERT INTO notes(paper, text, written_at) SELECT key, 'n', '2026-01-02T03:04:05.000006+00:00'
  FROM given;
INSERT INTO outbox SELECT id, key, 0 FROM given;
INSERT INTO sessions VALUES ('s1', 'q', '2026-01-02T03:04:05.000006+00:00',
  '2026-01-02T03:04:05.000006+00:00');
INSERT INTO turns VALUES ('s1', 1, '2026-01-02T03:04:05.000006+00:00', 'q', '{}');
DROP TABLE given;
