"""Names of a ledger that are near to one that it does not hold, for what is said of it then."""

from __future__ import annotations

from collections.abc import Iterable

from store.ledger.database import Ledger

_ALIKE = 75.0
"""Likeness from which a name is taken for another one mistyped, 0 to 100."""
_PART_ALIKE = 80.0
_MOST = 3
_TELLING = 5
"""From so many characters on a name may be a part of a title."""


def nearest(name: str, known: Iterable[str], *, in_part: bool = False) -> list[str]:
    """The names most like one, the likeliest first; `in_part`: like some part of them.

    Likeness is that of Indel distance, 2·LCS / (lengths), by rapidfuzz.
    """
    from rapidfuzz import fuzz, process

    scorer, least = (fuzz.partial_ratio, _PART_ALIKE) if in_part else (fuzz.ratio, _ALIKE)
    found = process.extract(
        name.casefold(),
        list(known),
        scorer=scorer,
        processor=str.casefold,
        limit=_MOST,
        score_cutoff=least,
    )
    return [one[0] for one in found]


def papers_near(ledger: Ledger, name: str) -> list[tuple[str, str]]:
    """Ids and titles of the papers whose id, DOI, arXiv id or title is near to a name."""
    rows = ledger.rows("SELECT id, title, doi, arxiv_id FROM papers")
    owners = {str(value): (str(row[0]), str(row[1])) for row in rows for value in row if value}
    titles = {str(row[1]) for row in rows}
    near = nearest(name, owners)
    if not near and len(name) >= _TELLING:
        near = nearest(name, titles, in_part=True)
    return list(dict.fromkeys(owners[one] for one in near))
