"""Looking through all papers of a ledger a stretch at a time, and on from what is known."""

from __future__ import annotations

import json
from array import array
from dataclasses import dataclass, field, replace
from time import monotonic

from store.ledger.database import Ledger
from store.ledger.looked import Looked, held, narrows

STRETCH = 4000
"""Papers looked through between two looks at the clock: some 15 ms with abstracts."""


def _none() -> array[int]:
    return array("q")


@dataclass(frozen=True, eq=False)
class Scan:
    """The papers that have what is looked for, as far as they were looked through.

    `found` are the ledger's keys of those, ascending. Of the papers up to the key `upto` only
    `left` have still to be looked at, of those behind it all, up to `last`. `version` is that of
    the ledger when the scan began.
    """

    looked: Looked
    version: tuple[int, int]
    last: int
    upto: int = 0
    found: array[int] = field(default_factory=_none)
    left: array[int] = field(default_factory=_none)

    @property
    def is_done(self) -> bool:
        """True once all papers were looked through."""
        return not self.left and self.upto >= self.last


def begun(ledger: Ledger, looked: Looked, before: Scan | None) -> Scan:
    """A scan for what is looked for; it goes on from the one before where that was for more.

    Nothing is taken over once the ledger has changed.
    """
    version = ledger.version()
    if before is not None and before.version == version:
        if before.looked == looked:
            return before
        if narrows(looked, before.looked):
            return _narrowed(before, looked)
    last = int(ledger.value("SELECT coalesce(max(key), 0) FROM papers"))
    return Scan(looked=looked, version=version, last=last)


def gone_on(ledger: Ledger, scan: Scan, seconds: float | None = None) -> Scan:
    """Look through more papers; with `seconds` stop after as long, once some are found."""
    began = monotonic()
    where, values = held(scan.looked)
    while not scan.is_done:
        if scan.left:
            stretch, keys = among(scan.left[:STRETCH])
            then = replace(scan, left=scan.left[STRETCH:])
        else:
            then = replace(scan, upto=scan.upto + STRETCH)
            stretch, keys = "key > ? AND key <= ?", [scan.upto, then.upto]
        rows = ledger.rows(
            f"SELECT key FROM papers WHERE {stretch} AND {where} ORDER BY key", [*keys, *values]
        )
        scan = replace(then, found=scan.found + array("q", [row[0] for row in rows]))
        if seconds is not None and scan.found and monotonic() - began >= seconds:
            break
    return scan


def among(keys: array[int]) -> tuple[str, list[object]]:
    """A condition in SQL that a paper has one of these keys, with its value."""
    return "key IN (SELECT value FROM json_each(?))", [json.dumps(keys.tolist())]


def _narrowed(before: Scan, looked: Looked) -> Scan:
    """What was found is looked at again; where that is most of it, all of it is."""
    known = before.found + before.left
    if 2 * len(known) > before.upto:
        return Scan(looked=looked, version=before.version, last=before.last)
    return replace(before, looked=looked, found=_none(), left=known)
