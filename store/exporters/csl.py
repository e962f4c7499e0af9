"""CSL-JSON, valid against schema 1.0.2, for pandoc, Zotero and citeproc.

Texts are plain: `<` and `&` stand as they are, and so a processor that writes HTML has to escape
them. What CSL has no variable for stands under `custom`, which its schema keeps for that; the
reader's notes are not in `note`, which many styles print.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from store.exporters.carried import carried
from store.exporters.names import parted
from store.exporters.odd import ISO_DATE
from store.tables import read_table

if TYPE_CHECKING:
    from store.exporters.base import ExportOptions
    from store.types import Paper


class CslJsonExporter:
    """A list of items, each with the citation key as its id."""

    name = "csljson"
    writes = "CSL-JSON (.json)"
    suffixes = (".json",)
    cites = True

    def write(self, papers: Iterable[Paper], options: ExportOptions) -> Iterator[str]:
        """Yield the list, an item at a time."""
        before = "["
        for paper in papers:
            yield before + json.dumps(item(paper, options), ensure_ascii=False, allow_nan=False)
            before = ",\n"
        yield "[]\n" if before == "[" else "]\n"


def item(paper: Paper, options: ExportOptions) -> dict[str, Any]:
    """A paper as an item of CSL-JSON."""
    details = paper.details
    custom = carried(paper, "csljson", marks=options.marks)
    fields: dict[str, Any] = {
        "id": options.keys.get(paper.id, paper.id),
        "type": details.type if details.type in _types() else "document",
        "title": paper.title,
        "author": [_name(name) for name in paper.authors],
        "issued": _issued(paper),
        "container-title": paper.venue,
        "volume": details.volume,
        "issue": details.issue,
        "page": details.pages,
        "publisher": details.publisher,
        "ISSN": details.issn,
        "ISBN": details.isbn,
        "number": f"arXiv:{paper.arxiv_id}" if paper.arxiv_id and not paper.venue else None,
        "DOI": paper.doi,
        "PMID": details.pmid,
        "PMCID": details.pmcid,
        "URL": paper.url,
        "language": details.language,
        "keyword": ", ".join(details.keywords),
        "abstract": paper.abstract,
        "custom": {"quire": custom} if custom else None,
    }
    return {name: value for name, value in fields.items() if value}


@cache
def _types() -> frozenset[str]:
    """The types of CSL 1.0.2."""
    return frozenset(read_table(__file__, "types.toml")["csl"]["all"].split())


def _name(name: str) -> dict[str, str]:
    found = parted(name)
    return {part: value for part, value in found._asdict().items() if value}


def _issued(paper: Paper) -> dict[str, Any] | None:
    """The date as numbers, so that processors sort by it; one that is worded as a literal."""
    date = paper.date or (None if paper.year is None else str(paper.year))
    if date is None:
        return None
    if ISO_DATE.fullmatch(date):
        return {"date-parts": [[int(part) for part in date.split("-")]]}
    if paper.year is not None:
        return {"date-parts": [[paper.year]]}
    return {"literal": date}
