"""What a paper was joined of, so that it can be parted again, and which papers are not one.

When a record joins a paper that came from a record which says something else, both are kept as
parts, and so are papers that are merged. A record that says what another one of the paper says
is no part of its own. An abstract that the paper itself or one of its former texts has is not
kept twice.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from store.errors import NothingToPart
from store.ledger.database import Ledger, now
from store.ledger.failures import damaged
from store.ledger.identity import text_hash
from store.ledger.images import Image, images_of, parsed, row_of, whole
from store.types import Record


@dataclass(frozen=True)
class Part:
    """One part of a paper: the image of a paper that it was, or a record that joined it.

    A record that `renews` is what the record of such a paper said later.
    """

    record_hash: str
    image: Image | None = None
    record: Record | None = None
    renews: bool = False


def keep_part(
    ledger: Ledger, key: int, record: Record, record_hash: str, before: str | None
) -> None:
    """Keep a record that is about to join a paper as a part of it, where it says more.

    `before` is the hash of what was read in its place before, None where nothing was.
    """
    if before == record_hash:
        return
    if before is not None:
        _say_anew(ledger, key, record, before, record_hash)
        return
    same = "SELECT 1 FROM provenance WHERE paper = ? AND record_hash = ?"
    if not ledger.value(same, (key, record_hash)):
        _keep_base(ledger, key)
        _put(ledger, key, record_hash, _body_of(ledger, key, record))


def keep_parts(ledger: Ledger, kept: int, gone: int) -> None:
    """Keep two papers that are about to be merged as parts of the first."""
    _keep_base(ledger, kept)
    _keep_base(ledger, gone)


def parts_of(ledger: Ledger, key: int) -> list[Part]:
    """The parts of a paper; raises NothingToPart, and LibraryDamaged for one without its text."""
    rows = ledger.rows(
        "SELECT record_hash, body, renews FROM parts WHERE paper = ? ORDER BY key", (key,)
    )
    if not rows:
        different, places = ledger.rows(
            "SELECT count(DISTINCT record_hash), count(*) FROM provenance WHERE paper = ?", (key,)
        )[0]
        if different > 1:
            why = "it was joined by an older quire, which did not keep what each record said"
        elif places > 1:
            why = f"its {places} records all say the same"
        else:
            why = "it is one record"
        raise NothingToPart(f"this paper cannot be parted: {why}", "see: quire show PAPER")
    with ledger.reading():
        return [_part(ledger, key, *row) for row in rows]


def set_apart(ledger: Ledger, names: Sequence[str]) -> None:
    """Remember that papers, by their ids, are not one: no record joins them."""
    for at, one in enumerate(names):
        for other in names[at + 1 :]:
            ledger.run(
                "INSERT INTO apart(one, other, since) SELECT ?1, ?2, ?3 WHERE NOT EXISTS"
                " (SELECT 1 FROM apart WHERE one = ?1 AND other = ?2)",
                (*sorted((one, other)), now()),
            )


def set_together(ledger: Ledger, kept: str, others: Sequence[str]) -> None:
    """Forget that papers are not one; what was apart from one of them is apart from the first."""
    for other in others:
        ledger.run("DELETE FROM apart WHERE one = ? AND other = ?", sorted((kept, other)))
        for name in _apart_from(ledger, other):
            set_apart(ledger, (kept, name))
        ledger.run("DELETE FROM apart WHERE one = ?1 OR other = ?1", (other,))


def of_those_apart(
    ledger: Ledger, keys: Sequence[int], record: Record, record_hash: str
) -> list[int]:
    """The papers a record is, by their keys, where some are known not to be one.

    The one it was read into before is it, else the one that says the same, else the first.
    """
    if not keys or not ledger.value("SELECT 1 FROM apart LIMIT 1"):
        return list(keys)
    near = {
        int(key): name
        for name, key in ledger.rows_in(
            "SELECT it.id, it.key FROM papers AS own JOIN apart ON own.id IN (one, other)"
            " JOIN papers AS it ON it.id IN (one, other) WHERE own.key IN ({})",
            list(keys),
        )
    }
    if not near:
        return list(keys)
    candidates = [*keys, *(one for one in near if one not in keys)]
    places = ledger.rows_in(
        "SELECT paper, source, record, record_hash FROM provenance WHERE paper IN ({})", candidates
    )
    place = (record.source, record.record or 0)
    was = [key for key, *at, _ in places if tuple(at) == place]
    says = [key for key, *_, hashed in places if hashed == record_hash]
    first = next(iter((*was, *says, *keys)))
    name = ledger.value("SELECT id FROM papers WHERE key = ?", (first,))
    apart = _apart_from(ledger, name)
    return [first, *(key for key in keys if key != first and near.get(key) not in apart)]


def _apart_from(ledger: Ledger, name: str) -> set[str]:
    rows = ledger.rows("SELECT one, other FROM apart WHERE one = ?1 OR other = ?1", (name,))
    return {one for row in rows for one in row} - {name}


def _keep_base(ledger: Ledger, key: int) -> None:
    """Keep a paper that has no parts yet as the first of them."""
    if ledger.value("SELECT 1 FROM parts WHERE paper = ?", (key,)):
        return
    (text,) = images_of(ledger, (key,)).values()
    image = parsed(text)
    paper = row_of(image)
    places = ledger.value("SELECT record_hash FROM provenance WHERE paper = ? LIMIT 1", (key,))
    image["papers"] = [list((paper | {"abstract": None}).values())]
    _put(ledger, key, places or "", {"image": image, "text": paper["text_hash"]})


def _say_anew(ledger: Ledger, key: int, record: Record, before: str, record_hash: str) -> None:
    """Let the part of a record say what its record says by now.

    A record of its own gives way; what was a paper keeps its image, and the record beside it.
    """
    if not ledger.value("SELECT 1 FROM parts WHERE paper = ?", (key,)):
        return
    of_before = ledger.rows(
        "SELECT key, renews FROM parts WHERE paper = ? AND record_hash = ?"
        " AND json_extract(body, '$.record') IS NOT NULL",
        (key, before),
    )
    places = "SELECT count(*) FROM provenance WHERE paper = ? AND record_hash = ?"
    if of_before and ledger.value(places, (key, before)) == 1:
        ledger.run("DELETE FROM parts WHERE key = ?", of_before[0][:1])
    renews = bool(of_before[0][1]) if of_before else True
    _put(ledger, key, record_hash, _body_of(ledger, key, record), renews=renews)


def _body_of(ledger: Ledger, key: int, record: Record) -> dict[str, Any]:
    fields = {name: one for name, one in record.model_dump().items() if one not in (None, [])}
    hashed = text_hash(record.title, record.abstract)
    if hashed != ledger.value("SELECT text_hash FROM papers WHERE key = ?", (key,)):
        return {"record": fields}
    return {"record": {**fields, "abstract": None}, "text": hashed}


def _put(
    ledger: Ledger, key: int, record_hash: str, body: dict[str, Any], *, renews: bool = False
) -> None:
    ledger.run(
        "INSERT INTO parts(paper, record_hash, body, renews) VALUES (?, ?, ?, ?)",
        (key, record_hash, json.dumps(body, ensure_ascii=False), int(renews)),
    )


def _part(ledger: Ledger, key: int, record_hash: str, text: str, renews: int) -> Part:
    body = json.loads(text)
    if "record" in body:
        fields = body["record"]
        if fields["abstract"] is None:
            fields["abstract"] = _abstract(ledger, key, body["text"])
        return Part(record_hash, None, Record.model_validate(fields), bool(renews))
    image = whole(body["image"])
    paper = row_of(image)
    if paper["abstract"] is None:
        paper["abstract"] = _abstract(ledger, key, body["text"])
    image["papers"] = [list(paper.values())]
    return Part(record_hash, image=image)


def _abstract(ledger: Ledger, key: int, hashed: str) -> str:
    found = ledger.value(
        "SELECT abstract FROM papers WHERE key = ?1 AND text_hash = ?2 UNION ALL"
        " SELECT abstract FROM revisions WHERE paper = ?1 AND text_hash = ?2",
        (key, hashed),
    )
    if found is None:
        raise damaged(ledger.path, "the text of a joined record is gone")
    return str(found)
