"""A filter of papers in SQL."""

from __future__ import annotations

import json

from store.clean import folded
from store.ledger.author_match import longest_run
from store.types import Filter

UNTOLD = "abstract = ''"
"""What the index of papers without an abstract is asked by: it is found by these words alone."""


def conditions(wanted: Filter) -> tuple[str, list[object]]:
    """A filter as the WHERE part of a query over `papers`, with its values."""
    parts: list[str] = []
    values: list[object] = []

    def hold(sql: str, *bound: object) -> None:
        parts.append(sql)
        values.extend(bound)

    undated = " OR year IS NULL" if wanted.undated else ""
    if wanted.year_from is not None:
        hold(f"(year >= ?{undated})", wanted.year_from)
    if wanted.year_to is not None:
        hold(f"(year <= ?{undated})", wanted.year_to)
    if wanted.tags:
        marks = ",".join("?" * len(wanted.tags))
        hold(
            f"key IN (SELECT paper FROM tags WHERE tag IN ({marks}))", *map(str.lower, wanted.tags)
        )
    if wanted.authors:
        named = f"({_has_part('authors')}) AND is_of_author(authors, ?)"
        bound = ((like_part(longest_run(one)), one) for one in wanted.authors)
        hold(
            "(" + " OR ".join([f"({named})"] * len(wanted.authors)) + ")",
            *(value for part, one in bound for value in (part, part, one)),
        )
    if wanted.venues:
        parts_of = (like_part(folded(one)) for one in wanted.venues)
        hold(
            "(" + " OR ".join([_has_part("venue")] * len(wanted.venues)) + ")",
            *(part for part in parts_of for _ in range(2)),
        )
    if wanted.statuses:
        hold(f"status IN ({','.join('?' * len(wanted.statuses))})", *wanted.statuses)
    if wanted.sources:
        either = " OR ".join(["source LIKE ? ESCAPE '\\'"] * len(wanted.sources))
        hold(
            f"key IN (SELECT paper FROM provenance WHERE {either})",
            *(like_part(entry) for entry in wanted.sources),
        )
    if wanted.papers:
        hold("id IN (SELECT value FROM json_each(?))", json.dumps(list(wanted.papers)))
    if wanted.without:
        hold("id NOT IN (SELECT value FROM json_each(?))", json.dumps(list(wanted.without)))
    for field in wanted.lacks:
        hold(UNTOLD if field == "abstract" else f"coalesce({field}, '') IN ('', '[]')")
    for field in wanted.has:
        told = f"key NOT IN (SELECT key FROM papers WHERE {UNTOLD})"
        hold(told if field == "abstract" else f"coalesce({field}, '') NOT IN ('', '[]')")
    if wanted.added_since is not None:
        hold("added_at >= ?", wanted.added_since)
    return " AND ".join(parts) or "1", values


def _has_part(column: str) -> str:
    """SQL for a column that holds a part, which is to be bound twice, whatever its case.

    LIKE knows the case of plain letters only; others are folded, which takes longer.
    """
    like = "LIKE ? ESCAPE '\\'"
    return f"{column} {like} OR ({column} GLOB '*[^ -~]*' AND folded({column}) {like})"


def like_part(text: str) -> str:
    """What LIKE with ESCAPE '\\' finds a text with wherever it stands in a value."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
