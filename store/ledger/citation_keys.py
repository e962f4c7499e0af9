"""Citation keys: what the reader's own texts call a paper. A key that was given stays.

Rows name papers by their ids: a paper that was removed, or became part of another, finds its key
again when it comes back, and no other gets it meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from store.ledger.database import Ledger
from store.value import Value

DEFAULT_PATTERN = "{author}{year}{title}"
"""What keys are made by where the reader says nothing else, such as moreau2020counting."""
_FIRST_VERSION = 3


class Unkeyed(Value):
    """A paper without a key: what keys are made of, and names that it came with.

    `names` are the ids that its sources use, `merged` the ids of papers that became part of it.
    """

    id: str
    title: str
    authors: tuple[str, ...]
    year: int | None = None
    venue: str | None = None
    doi: str | None = None
    arxiv_id: str | None = None
    names: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()


def has_keys(ledger: Ledger) -> bool:
    """False for tables that are not brought up to date, which hold no keys."""
    return ledger.version_of_tables >= _FIRST_VERSION


def keys_of(ledger: Ledger, ids: Sequence[str] | None = None) -> dict[str, str]:
    """The keys that were given, by the ids of papers: of some, or all."""
    if not has_keys(ledger):
        return {}
    sql = "SELECT paper, name FROM citation_keys"
    if ids is None:
        return dict(ledger.rows(sql))
    return dict(ledger.rows_in(f"{sql} WHERE paper IN ({{}})", list(ids)))


def unkeyed(ledger: Ledger) -> list[Unkeyed]:
    """The papers without a key, in the order added."""
    without = "1"
    if has_keys(ledger):
        without = "NOT EXISTS (SELECT 1 FROM citation_keys WHERE paper = papers.id)"
    aliases = (
        "(SELECT json_group_array(value) FROM aliases WHERE paper = papers.key AND kind = '{}')"
    )
    rows = ledger.rows(
        f"SELECT id, title, authors, year, venue, doi, arxiv_id, {aliases.format('source_id')},"
        " (SELECT json_group_array(DISTINCT reader) FROM provenance WHERE paper = papers.key),"
        f" {aliases.format('id')} FROM papers WHERE {without} ORDER BY key"
    )
    with ledger.reading():
        return [
            Unkeyed(
                id=name,
                title=title,
                authors=tuple(json.loads(authors)),
                year=year,
                venue=venue,
                doi=doi,
                arxiv_id=arxiv_id,
                names=tuple(json.loads(names)),
                readers=tuple(json.loads(readers)),
                merged=tuple(json.loads(merged)),
            )
            for name, title, authors, year, venue, doi, arxiv_id, names, readers, merged in rows
        ]


def keep(ledger: Ledger, given: Iterable[tuple[str, str, bool]]) -> None:
    """Give papers their keys, inside a write: id, key, and whether it came with the paper.

    A key goes from the paper that had it, which is then part of another.
    """
    for paper, name, came in given:
        ledger.run("DELETE FROM citation_keys WHERE name = ?", (name,))
        ledger.run(
            "INSERT INTO citation_keys(paper, name, came) VALUES (?, ?, ?)",
            (paper, name, int(came)),
        )


def take_back(ledger: Ledger, ids: Sequence[str]) -> None:
    """Take from papers the keys that were made for them; those that came with them stay."""
    with ledger.write():
        for paper in ids:
            ledger.run("DELETE FROM citation_keys WHERE paper = ? AND came = 0", (paper,))


def ids_of_key(ledger: Ledger, name: str) -> list[str]:
    """The id of the paper that has a key, in any case of its letters, or that it became part of."""
    if not has_keys(ledger):
        return []
    rows = ledger.rows(
        "SELECT papers.id FROM citation_keys JOIN papers ON papers.id = citation_keys.paper"
        " WHERE name = ?1 UNION"
        " SELECT papers.id FROM citation_keys JOIN aliases ON aliases.kind = 'id'"
        " AND aliases.value = citation_keys.paper JOIN papers ON papers.key = aliases.paper"
        " WHERE name = ?1",
        (name,),
    )
    return [row[0] for row in rows]
