"""CSV for table programs: a row a paper; no cell is taken for a formula."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from store.exporters.jsonl import record_fields
from store.exporters.names import may_be_several

if TYPE_CHECKING:
    from store.exporters.base import ExportOptions
    from store.types import Paper

_COLUMNS = (
    *("id", "title", "authors", "year", "date", "venue", "volume", "issue", "pages", "publisher"),
    *("type", "doi", "arxiv_id", "pmid", "pmcid", "openalex_id", "s2_id", "issn", "isbn", "url"),
    *("language", "keywords", "retracted", "abstract"),
)
_MARKS = ("status", "tags", "notes")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What a table program may take for the beginning of a formula; an apostrophe before it says no."""


class CsvExporter:
    """A head with the names of fields, then a row a paper."""

    name = "csv"
    writes = "CSV (.csv)"
    suffixes = (".csv",)

    def write(self, papers: Iterable[Paper], options: ExportOptions) -> Iterator[str]:
        """Yield the head and the rows."""
        columns = (*_COLUMNS, *_MARKS) if options.marks else _COLUMNS
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(columns)
        for paper in papers:
            fields = record_fields(paper, marks=options.marks)
            rows.writerow([_cell(name, fields.get(name, "")) for name in columns])
            yield text.getvalue()
            text.seek(0)
            text.truncate()
        yield text.getvalue()


def _cell(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    text = _listed(name, value) if isinstance(value, list) else str(value)
    return f"'{text}" if text.startswith(FORMULA) or text.startswith("'") else text


def _listed(name: str, values: list[str]) -> str:
    """Several values between semicolons; as JSON where that could be read in another way."""
    if name == "authors":
        odd = may_be_several(values)
    elif name == "notes":
        odd = len(values) > 1 or values[0].startswith("[")
    else:
        odd = any(sign in one for one in values for sign in ",;|\n[")
    if odd:
        return json.dumps(values, ensure_ascii=False)
    return "; ".join(values)
