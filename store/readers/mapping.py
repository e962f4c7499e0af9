"""Which columns or fields of a source hold what, as the reader of the papers said with --map."""

from __future__ import annotations

from collections.abc import Sequence

from store.clean import clean_line, folded, shorten
from store.errors import UnusableSource
from store.readers.values import citing

STANDARD_NAMES = (
    *("title", "abstract", "authors", "year", "date", "venue", "type", "doi", "arxiv_id", "pmid"),
    *("pmcid", "openalex_id", "s2_id", "url", "keywords", "language", "tags", "notes", "status"),
    *("retracted", "id", *citing.NAMES),
)
"""The names of what a record has, to which columns and fields are mapped."""

_SHOWN = 60
_MOST_SHOWN = 40


def mapped(mapping: Sequence[tuple[str, str]], present: Sequence[str]) -> dict[str, list[str]]:
    """The columns that hold each standard name, as they are spelled where they are present.

    A column may be named in another case and with other spaces, and by its number from 1 where no
    name is that number. Raises UnusableSource for a name or a column that there is not.
    """
    return {
        name: [_found(column, present) for column in columns]
        for name, columns in checked(mapping).items()
    }


def checked(mapping: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """The columns or fields of each standard name, as they were asked for.

    Raises UnusableSource for a name that there is not.
    """
    chosen: dict[str, list[str]] = {}
    for name, column in mapping:
        if name not in STANDARD_NAMES:
            raise UnusableSource(
                f"--map: “{shorten(name, _SHOWN)}” is no field of a paper",
                f"the fields are: {', '.join(STANDARD_NAMES)}",
            )
        chosen.setdefault(name, []).append(column)
    return chosen


def listed(columns: Sequence[str]) -> str:
    """Names of columns for a message, the first of many."""
    shown = [shorten(clean_line(one), _SHOWN) or "(no name)" for one in columns[:_MOST_SHOWN]]
    more = len(columns) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _found(column: str, present: Sequence[str]) -> str:
    if column in present:
        return column
    wanted = loose(column)
    alike = [one for one in present if loose(one) == wanted]
    if alike:
        return alike[0]
    if column.isascii() and column.isdigit() and 1 <= int(column) <= len(present):
        return present[int(column) - 1]
    raise UnusableSource(
        f"--map: there is no column “{shorten(clean_line(column), _SHOWN)}”",
        f"the columns are: {listed(present)}",
    )


def loose(name: str) -> str:
    """A name without case, accents and spaces."""
    return "".join(folded(name).split())
