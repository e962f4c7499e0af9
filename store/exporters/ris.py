"""RIS, as EndNote, Zotero and Mendeley import it.

A value stands on one line: a line that goes on looks like a field to many programs, and ends the
run of others. Tags that RIS has no field for, and what else it lacks, are carried in U5.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from store.exporters.carried import carried, in_lines, in_one_line
from store.exporters.names import parted
from store.tables import read_table

if TYPE_CHECKING:
    from store.exporters.base import ExportOptions
    from store.types import Paper

_ISO_PARTS = 3


class RisExporter:
    """One record a paper, from TY to ER."""

    name = "ris"
    writes = "RIS (.ris)"
    suffixes = (".ris",)
    cites = True

    def write(self, papers: Iterable[Paper], options: ExportOptions) -> Iterator[str]:
        """Yield a record a paper, with a blank line behind it."""
        types = read_table(__file__, "types.toml")["ris"]
        for paper in papers:
            fields = _fields(paper, types, options)
            lines = (f"{tag}  - {in_one_line(value)}\n" for tag, value in fields if value)
            yield "".join(lines) + "ER  - \n\n"


def _fields(
    paper: Paper, types: dict[str, str], options: ExportOptions
) -> Iterator[tuple[str, str | None]]:
    details = paper.details
    names = [parted(name) for name in paper.authors]
    yield "TY", types.get(details.type or "", "GEN")
    yield "ID", options.keys.get(paper.id)
    yield "TI", paper.title
    yield from (("AU", name.inverted) for name in names)
    yield "PY", None if paper.year is None else str(paper.year)
    yield "DA", _date(paper)
    yield "T2", paper.venue
    yield "VL", details.volume
    yield "IS", details.issue
    first, dash, last = (details.pages or "").partition("-")
    is_range = bool(dash) and "," not in last and "-" not in last
    yield "SP", first if is_range else details.pages
    yield "EP", last if is_range else None
    yield "PB", details.publisher
    yield "SN", details.issn or details.isbn
    yield "DO", paper.doi
    yield "C5", details.pmid
    yield "C2", details.pmcid
    yield "UR", paper.url
    yield "LA", details.language
    yield from (("KW", word) for word in details.keywords)
    yield "AB", paper.abstract
    if options.marks:
        yield from (("LB", tag) for tag in paper.tags)
        yield from (("N1", note) for note in paper.notes)
    beside = carried(paper, "ris", marks=options.marks)
    if not details.issn:
        beside.pop("isbn", None)
    yield "U5", in_lines(paper, beside)


def _date(paper: Paper) -> str | None:
    """A date as EndNote writes it, 2020/05/12/; one that is worded as it is."""
    date = paper.date
    if date is None or date == str(paper.year):
        return None
    parts = date.split("-")
    if all(part.isdigit() for part in parts) and len(parts) <= _ISO_PARTS:
        return "/".join([*parts, *[""] * (_ISO_PARTS - len(parts)), ""])
    return date
