"""CSV for table programs: a row a paper; no cell is taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from store.exporters.carried import line
from store.exporters.jsonl import record_fields
from store.exporters.odd import odd_values

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
    """A head with the names of fields, then a row a paper; odd values are carried in the last."""

    name = "csv"
    writes = "CSV (.csv)"
    suffixes = (".csv",)

    def write(self, papers: Iterable[Paper], options: ExportOptions) -> Iterator[str]:
        """Yield the head and the rows."""
        columns = (*_COLUMNS, *(_MARKS if options.marks else ()), "quire")
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(columns)
        for paper in papers:
            fields = record_fields(paper, marks=options.marks)
            if odd := odd_values(fields):
                fields["quire"] = line(odd)
            rows.writerow([_cell(fields.get(name, "")) for name in columns])
            yield text.getvalue()
            text.seek(0)
            text.truncate()
        yield text.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    text = "; ".join(value) if isinstance(value, list) else str(value)
    return f"'{text}" if text.startswith(FORMULA) or text.startswith("'") else text
