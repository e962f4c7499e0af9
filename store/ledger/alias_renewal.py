"""Aliases of the papers of an older quire, made anew as they are made now."""

from __future__ import annotations

from store.ledger.database import Ledger
from store.ledger.likeness import abstract_digest
from store.ledger.titles import normal_title

_BATCH = 1000


def renew_aliases(ledger: Ledger) -> None:
    """Spell the titles that papers are known by as `normal_title` does; add their abstracts.

    Texts are read as bytes, so that none is too damaged.
    """
    keys = [key for (key,) in ledger.rows("SELECT key FROM papers")]
    titles = ledger.rows("SELECT CAST(value AS BLOB), paper FROM aliases WHERE kind = 'title'")
    ledger.run("DELETE FROM aliases WHERE kind = 'title'")
    _add(ledger, [("title", normal_title(_text(one)), key) for one, key in titles])
    for start in range(0, len(keys), _BATCH):
        rows = ledger.rows_in(
            "SELECT key, CAST(title AS BLOB), CAST(abstract AS BLOB) FROM papers WHERE key IN ({})",
            keys[start : start + _BATCH],
        )
        _add(ledger, [("title", normal_title(_text(title)), key) for key, title, _ in rows])
        _add(
            ledger, [("abstract", abstract_digest(_text(one)), key) for key, _, one in rows if one]
        )


def _add(ledger: Ledger, aliases: list[tuple[str, str, int]]) -> None:
    ledger.run_many(
        "INSERT OR IGNORE INTO aliases VALUES (?, ?, ?)", [one for one in aliases if one[1]]
    )


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
