"""What a filter asks for that no paper has."""

from __future__ import annotations

from collections.abc import Iterator

from store.ledger.conditions import conditions
from store.ledger.database import Ledger
from store.ledger.named import tags, venues
from store.ledger.nearest import LIKELY
from store.ledger.row_values import texts
from store.nearest import nearest
from store.types import Filter


def unmatched(ledger: Ledger, wanted: Filter) -> Iterator[tuple[str, str, list[str]]]:
    """Each value of a filter that no paper has: its field, the value, and the nearest ones."""
    fields = (
        ("tag", "tags", lambda: tags(ledger), False),
        ("author", "authors", lambda: _authors(ledger), True),
        ("venue", "venues", lambda: venues(ledger), True),
        ("source", "sources", lambda: _sources(ledger), True),
    )
    asked = [(row, getattr(wanted, row[1])) for row in fields if getattr(wanted, row[1])]
    is_empty = bool(asked) and not _leaves_any(ledger, wanted)
    for (field, name, known, in_part), values in asked:
        for value in values if is_empty or len(values) > 1 else ():
            if not _leaves_any(ledger, Filter().model_copy({name: (value,)})):
                yield field, value, nearest(value, known(), least=LIKELY, in_part=in_part)


def _leaves_any(ledger: Ledger, wanted: Filter) -> bool:
    where, values = conditions(wanted)
    return bool(ledger.value(f"SELECT 1 FROM papers WHERE {where} LIMIT 1", values))


def _authors(ledger: Ledger) -> set[str]:
    return {name for (each,) in ledger.rows("SELECT authors FROM papers") for name in texts(each)}


def _sources(ledger: Ledger) -> list[str]:
    return [str(name) for (name,) in ledger.rows("SELECT DISTINCT source FROM provenance")]
