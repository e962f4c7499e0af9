"""What records are named by: the authors, venues, tags and identifiers that a ledger holds."""

from __future__ import annotations

from collections.abc import Sequence

from store.identifiers import normal_arxiv, normal_doi
from store.ledger.conditions import conditions, like_part
from store.ledger.database import Ledger
from store.ledger.naming import ids_by_alias
from store.ledger.row_values import texts
from store.pattern import pattern
from store.types import Filter

_DATE = pattern(r"(\d{4})\W*(?:(\d{1,2})\b|([^\W\d_]{3})[^\W\d_]*)?\W*(\d{1,2})?")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


def author_names(ledger: Ledger, ids: Sequence[str]) -> tuple[str, ...]:
    """The names of the authors of some papers, each once, as the records write them."""
    rows = ledger.rows_in("SELECT authors FROM papers WHERE id IN ({})", list(ids))
    with ledger.reading():
        return tuple(dict.fromkeys(name for (authors,) in rows for name in texts(authors)))


def venues(ledger: Ledger) -> tuple[str, ...]:
    """The venues of all papers, each once, as the records write them."""
    if not ledger.value("SELECT 1 FROM sqlite_master WHERE name = 'papers_venue'"):
        return _values(ledger, "SELECT DISTINCT venue FROM papers WHERE venue NOTNULL")
    # Each step looks up the next one in the index: as many steps as there are venues.
    return _values(
        ledger,
        "WITH RECURSIVE one(name) AS (SELECT min(venue) FROM papers UNION ALL"
        " SELECT (SELECT min(venue) FROM papers WHERE venue > name) FROM one WHERE name NOTNULL)"
        " SELECT name FROM one WHERE name NOTNULL",
    )


def tags(ledger: Ledger) -> tuple[str, ...]:
    """The tags of all papers, each once."""
    return _values(ledger, "SELECT DISTINCT tag FROM tags ORDER BY tag")


def _values(ledger: Ledger, sql: str) -> tuple[str, ...]:
    return tuple(str(value) for (value,) in ledger.rows(sql))


def ids_identified(ledger: Ledger, text: str) -> tuple[str, ...]:
    """The ids of the papers with this DOI, arXiv id or address."""
    named = (("doi", normal_doi(text)), ("arxiv", normal_arxiv(text)))
    for kind, value in named:
        if value:
            return tuple(map(str, ids_by_alias(ledger, kind, value)))
    if "/" not in text:
        return ()
    bare = text.partition("://")[2].rstrip("/") or text.rstrip("/")
    found = ledger.rows(
        "SELECT id, url FROM papers WHERE url LIKE ? ESCAPE '\\' ORDER BY key", (like_part(bare),)
    )
    # Without a limit at its end, .../12 would be the address of .../123 too.
    return tuple(str(name) for name, url in found if str(url).rstrip("/").endswith(bare))


def ids_by_date(ledger: Ledger, wanted: Filter, *, newest: bool, limit: int) -> list[str]:
    """The first `limit` ids a filter leaves by date, the newest or the oldest first.

    Papers without a year come last. Within a year what the record gives of a date counts, and
    then what was added last, or first.
    """
    where, values = conditions(wanted)
    order = "DESC" if newest else "ASC"
    edge = ledger.value(
        f"SELECT year FROM papers WHERE {where} AND year NOTNULL ORDER BY year {order}"
        " LIMIT 1 OFFSET ?",
        (*values, limit - 1),
    )
    if edge is not None:
        where, values = f"{where} AND year {'>=' if newest else '<='} ?", [*values, edge]
    rows = ledger.rows(f"SELECT id, year, date, key FROM papers WHERE {where}", values)
    dated = sorted(
        (row for row in rows if row[1] is not None),
        key=lambda row: (row[1], *date_order(row[2], newest=newest), row[3]),
        reverse=newest,
    )
    undated = [row for row in rows if row[1] is None]
    return [str(row[0]) for row in (*dated, *undated)[:limit]]


def date_order(date: str | None, *, newest: bool) -> tuple[int, int]:
    """Month and day of a date such as 2021-03-05, 2021 Mar 5 or 2021; what lacks comes last."""
    lacking = 0 if newest else 99
    found = _DATE.match(date or "")
    if found is None:
        return lacking, lacking
    named = (found[3] or "").lower()
    month = int(found[2]) if found[2] else _MONTHS.index(named) + 1 if named in _MONTHS else lacking
    return month, int(found[4]) if found[4] else lacking
