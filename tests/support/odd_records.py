"""Records of many kinds, and papers made of them, for tests of exports."""

from __future__ import annotations

import json
import random
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reading import read

from store.types import Paper, Record

FIELDS = (
    *("title", "abstract", "authors", "year", "date", "venue", "doi", "arxiv_id", "url", "tags"),
    *("notes", "details"),
)


def odd_records(number: int) -> Iterator[dict[str, Any]]:
    """So many records by the standard names of the readers, always the same ones."""
    parts = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    choice = random.Random(5)

    def some(share: float, value: Any) -> Any:
        return value if choice.random() < share else None

    for at in range(number):
        year = choice.choice([None, 1875, 1999, 2020, 2024])
        doi = (
            f"10.1002/(SICI)1097-0258(1998)17:8<{at}::AID-SIM9>3.0.CO;2-9"
            if at % 3
            else f"10.1000/a_b#{at}"
        )
        volume = some(0.5, str(at % 40 + 1))
        names = [choice.choice(parts["names"]) for _ in range(choice.choice([0, 1, 1, 2, 3, 7]))]
        kind = parts["types"][at % len(parts["types"])]
        record = {
            "title": f"{parts['titles'][at % len(parts['titles'])]} {at}",
            "abstract": f"{parts['abstracts'][at % len(parts['abstracts'])]} Item {at}.",
            "authors": list(dict.fromkeys(names)),
            "year": year,
            "date": some(
                0.5, year and choice.choice([f"{year}-03", f"{year}-11-05", f"{year} Spring"])
            ),
            "venue": some(0.6, choice.choice(parts["venues"])),
            "type": some(0.9, kind),
            "doi": some(0.5, doi),
            "arxiv_id": some(0.3, f"21{at % 12 + 1:02d}.{at:05d}v{at % 4 + 1}"),
            "pmid": some(0.2, str(10_000_000 + at)),
            "pmcid": some(0.2, f"PMC{2_000_000 + at}"),
            "openalex_id": some(0.2, f"W{300_000 + at}"),
            "s2_id": some(0.1, f"{at * 7919:040x}"),
            "url": some(0.4, f"https://example.org/p_{at}?a=b&c=%20d#x~y"),
            "keywords": some(0.4, choice.choice(parts["keywords"])),
            "language": some(0.4, choice.choice(parts["languages"])),
            "tags": some(0.3, choice.choice(parts["tags"])),
            "notes": some(0.3, choice.choice(parts["notes"])),
            "status": some(0.4, choice.choice(["read", "later", "kept", "skipped"])),
            "retracted": some(0.05, True),
            "volume": volume,
            "issue": some(0.6, volume and str(at % 12 + 1)),
            "pages": volume and choice.choice(["117-125", "e1234", "S1-S9", "12"]),
            "publisher": some(0.3, "O'Reilly & Associates"),
            "issn": some(0.3, "1476-4687"),
            "isbn": "978-3-16-148410-0" if kind == "book" else None,
        }
        yield {name: value for name, value in record.items() if value is not None}


def odd_papers(number: int) -> list[Paper]:
    """The same records as papers."""
    lines = "".join(json.dumps(one) + "\n" for one in odd_records(number))
    return [paper_of(one, at) for at, one in enumerate(read(lines)) if isinstance(one, Record)]


def paper_of(record: Record, number: int) -> Paper:
    """A record at rest."""
    return Paper(
        id=f"p{number:011d}",
        content_hash="",
        added_at="2026-01-01T00:00:00+00:00",
        status=record.status or "unread",
        **{name: getattr(record, name) for name in FIELDS},
    )
