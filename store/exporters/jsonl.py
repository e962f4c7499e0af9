"""JSON lines: each paper whole, as `quire add` reads it back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from store.exporters.odd import odd_values

if TYPE_CHECKING:
    from store.exporters.base import ExportOptions
    from store.types import Paper

_MARKS = ("tags", "notes", "status")


class JsonLinesExporter:
    """One JSON object a line, fields by the names that quire itself uses."""

    name = "jsonl"
    writes = "JSON lines (.jsonl)"
    suffixes = (".jsonl", ".ndjson")

    def write(self, papers: Iterable[Paper], options: ExportOptions) -> Iterator[str]:
        """Yield a line a paper."""
        for paper in papers:
            fields = record_fields(paper, marks=options.marks)
            if odd := odd_values(fields):
                fields["quire"] = odd
            yield json.dumps(fields, ensure_ascii=False, allow_nan=False) + "\n"


def record_fields(paper: Paper, *, marks: bool) -> dict[str, Any]:
    """What there is of a paper by the standard names of the readers, what is empty left out."""
    fields = paper.model_dump(exclude=("details", "provenance", "content_hash", "added_at"))
    if not marks:
        for name in _MARKS:
            del fields[name]
    details = paper.details.model_dump()
    del details["arxiv_version"]
    fields["arxiv_id"] = versioned_arxiv_id(paper)
    fields.update(details)
    return {name: value for name, value in fields.items() if value not in (None, [], "", False)}


def versioned_arxiv_id(paper: Paper) -> str:
    """The arXiv id with the version that the paper is of, where one is known; or ""."""
    version = paper.details.arxiv_version
    return f"{paper.arxiv_id}v{version}" if paper.arxiv_id and version else paper.arxiv_id or ""
