"""Which saved answers cite a paper: a table that triggers keep, as answers come, change and go.

It follows from the answers, so it has no digests, and a ledger made before it gets it when it is
first asked for.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from store.ledger.database import Ledger, Row
from store.ledger.identity import row_digest
from store.ledger.row_values import text

MOST_READ = 2000
"""So many of the last answers are read where there is no table: below 1 s beside 100 000."""

_REFERENCES = (
    "json_each(CASE WHEN json_valid({0}answer) THEN {0}answer ELSE '{{}}' END, '$.references')"
)
_COLUMNS = (
    "json_extract(one.value, '$.id'), {0}session, {0}number,"
    " coalesce(json_extract(one.value, '$.sentences'), '[]'),"
    " row_digest(CAST(coalesce(json_extract(one.value, '$.abstract'), '') AS BLOB))"
)
_IS_REFERENCE = "one.type = 'object' AND json_type(one.value, '$.id') = 'text'"


def _cited(row: str) -> str:
    """The citations of a row of `turns`, as rows of `cited`."""
    at = f"{row}."
    return (
        f"SELECT {_COLUMNS.format(at)} FROM {_REFERENCES.format(at)} AS one WHERE {_IS_REFERENCE}"
    )


_INSERT = f"INSERT INTO cited {_cited('NEW')} ON CONFLICT DO NOTHING"
_DELETE = (
    "DELETE FROM cited WHERE session = OLD.session AND turn = OLD.number AND paper IN"
    f" (SELECT json_extract(one.value, '$.id') FROM {_REFERENCES.format('OLD.')} AS one"
    f" WHERE {_IS_REFERENCE})"
)
STATEMENTS = (
    "CREATE TABLE cited(paper TEXT NOT NULL, session TEXT NOT NULL, turn INTEGER NOT NULL,"
    " sentences TEXT NOT NULL, text INTEGER NOT NULL, PRIMARY KEY (paper, session, turn))"
    " STRICT, WITHOUT ROWID",
    f"CREATE TRIGGER cited_INSERT AFTER INSERT ON turns BEGIN {_INSERT}; END",
    f"CREATE TRIGGER cited_UPDATE AFTER UPDATE ON turns BEGIN {_DELETE}; {_INSERT}; END",
    f"CREATE TRIGGER cited_DELETE AFTER DELETE ON turns BEGIN {_DELETE}; END",
)
"""What makes the table and the triggers that keep it.

`text` is the digest of the abstract that was cited, `sentences` are indices in it, as JSON. No
other table has rows of the same types, by which those of a damaged ledger are known.
"""
_FILL = (
    f"INSERT INTO cited SELECT {_COLUMNS.format('turns.')} FROM turns,"
    f" {_REFERENCES.format('turns.')} AS one WHERE {_IS_REFERENCE} ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True)
class CitingTurn:
    """A turn whose answer cites a paper; `name` is that of its conversation.

    `sentences` are indices in the abstract that was cited, `text` the digest of that.
    """

    session: str
    name: str
    number: int
    question: str
    asked_at: str
    sentences: tuple[int, ...]
    text: int


def make_citations(ledger: Ledger) -> None:
    """Make the table and fill it from the answers that are there, inside a write."""
    for statement in STATEMENTS:
        ledger.run(statement)
    ledger.run(_FILL)


def has_citations(ledger: Ledger) -> bool:
    """True where the ledger keeps which answers cite which papers."""
    return bool(ledger.value("SELECT 1 FROM sqlite_master WHERE name = 'cited'"))


def keep_citations(ledger: Ledger) -> None:
    """Make the table where a ledger has none; 100 000 answers take seconds, once."""
    if has_citations(ledger):
        return
    with ledger.write():
        if not has_citations(ledger):  # else a neighbour was first
            make_citations(ledger)


def digest_of(abstract: str) -> int:
    """What `CitingTurn.text` is for an abstract."""
    return row_digest(abstract.encode("utf-8", "surrogatepass"))


def citing_turns(ledger: Ledger, paper: str) -> tuple[CitingTurn, ...]:
    """The turns whose answers cite a paper, by its id or one it had, the last one first.

    Without a table of citations only the last `MOST_READ` answers are read. Raises LibraryDamaged.
    """
    ids = [paper, *_former_ids(ledger, paper)]
    marks = ",".join("?" * len(ids))
    sql = (
        "SELECT cited.session, title, cited.turn, question, asked_at, sentences, text"
        " FROM {0} AS cited JOIN turns ON turns.session = cited.session AND number = cited.turn"
        " JOIN sessions ON sessions.id = cited.session"
        f" WHERE cited.paper IN ({marks}) ORDER BY asked_at DESC, cited.session, cited.turn DESC"
    )
    if has_citations(ledger):
        rows = ledger.rows(sql.format("cited"), ids)
    else:
        rows = _read(ledger, sql, ids)
    with ledger.reading():
        found = [_turn(row) for row in rows]
    return tuple({(one.session, one.number): one for one in reversed(found)}.values())[::-1]


def _read(ledger: Ledger, sql: str, ids: Sequence[str]) -> list[Row]:
    """The same from the answers themselves."""
    numbers = f"SELECT rowid FROM turns ORDER BY asked_at DESC LIMIT {MOST_READ}"
    last = f"(SELECT * FROM turns WHERE rowid IN ({numbers})) AS last"
    columns = (
        "json_extract(one.value, '$.id') AS paper, last.session, last.number AS turn,"
        " coalesce(json_extract(one.value, '$.sentences'), '[]') AS sentences,"
        " json_extract(one.value, '$.abstract') AS text"
    )
    read = (
        f"(SELECT {columns} FROM {last}, {_REFERENCES.format('last.')} AS one"
        f" WHERE {_IS_REFERENCE})"
    )
    rows = ledger.rows(sql.format(read), ids)
    return [(*row[:-1], digest_of(str(row[-1] or ""))) for row in rows]


def _former_ids(ledger: Ledger, paper: str) -> list[str]:
    """The ids of papers that were merged into this one."""
    return [
        row[0]
        for row in ledger.rows(
            "SELECT value FROM aliases JOIN papers ON papers.key = aliases.paper"
            " WHERE papers.id = ? AND kind = 'id' AND value != papers.id",
            (paper,),
        )
    ]


def _turn(row: Row) -> CitingTurn:
    session, name, number, question, asked_at, sentences, digest = row
    indices = json.loads(text(sentences))
    return CitingTurn(
        session=text(session),
        name=text(name),
        number=int(number),
        question=text(question),
        asked_at=text(asked_at),
        sentences=tuple(int(one) for one in indices),
        text=int(digest),
    )
