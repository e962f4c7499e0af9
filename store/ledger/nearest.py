"""Names of a ledger that are near to one that it does not hold, for what is said of it then."""

from __future__ import annotations

from store.ledger.database import Ledger
from store.nearest import nearest

LIKELY = 0.75
"""Likeness from which a name is taken for another one mistyped, where there are many."""
_TELLING = 5
"""From so many characters on a name may be a part of a title."""


def papers_near(ledger: Ledger, name: str) -> list[tuple[str, str]]:
    """Ids and titles of the papers whose id, DOI, arXiv id or title is near to a name."""
    rows = ledger.rows("SELECT id, title, doi, arxiv_id FROM papers")
    owners = {str(value): (str(row[0]), str(row[1])) for row in rows for value in row if value}
    titles = {str(row[1]) for row in rows}
    near = nearest(name, owners, least=LIKELY)
    if not near and len(name) >= _TELLING:
        near = nearest(name, titles, in_part=True)
    return list(dict.fromkeys(owners[one] for one in near))
