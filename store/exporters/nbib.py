"""MEDLINE as PubMed saves it (.nbib): a tag of four columns, a hyphen, lines of 88 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from store.exporters.carried import carried, in_lines, in_one_line
from store.exporters.names import Name, parted
from store.pattern import pattern
from store.tables import read_table

if TYPE_CHECKING:
    from store.exporters.base import ExportOptions
    from store.types import Paper

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_WIDTH, _TAG = 88, 6
_BLANKS = pattern(r" {2,}")


class NbibExporter:
    """One record a paper; one that PubMed does not have begins with OWN."""

    name = "nbib"
    writes = "PubMed citations (.nbib)"
    suffixes = (".nbib",)

    def write(self, papers: Iterable[Paper], options: ExportOptions) -> Iterator[str]:
        """Yield a record a paper, with a blank line behind it."""
        types = read_table(__file__, "types.toml")["nbib"]
        wrapper = textwrap.TextWrapper(
            _WIDTH, subsequent_indent=" " * 6, break_long_words=False, break_on_hyphens=False
        )
        for paper in papers:
            fields = _fields(paper, types, options)
            lines = (
                _folded(f"{tag:<4}- {in_one_line(value)}", wrapper)
                for tag, value in fields
                if value
            )
            yield "\n".join(lines) + "\n\n"


def _fields(
    paper: Paper, types: dict[str, str], options: ExportOptions
) -> Iterator[tuple[str, str | None]]:
    details = paper.details
    yield "PMID", details.pmid
    yield "OWN", "NLM" if details.pmid else "NOTNLM"
    yield "IS", f"{details.issn} (Linking)" if details.issn else None
    yield "ISBN", details.isbn
    yield "VI", details.volume
    yield "IP", details.issue
    yield "DP", _date(paper)
    yield "TI", paper.title
    yield "PG", details.pages
    yield "LID", f"{paper.doi} [doi]" if paper.doi else None
    yield "AB", paper.abstract
    for name in paper.authors:
        yield from _author(parted(name))
    yield "LA", details.language
    yield "PT", types.get(details.type or "", "")
    if details.retracted:
        yield "PT", "Retracted Publication"
    yield "JT", paper.venue
    yield "PMC", details.pmcid
    yield from (("OT", word) for word in details.keywords)
    yield "GN", in_lines(paper, carried(paper, "nbib", marks=options.marks))


def _folded(text: str, wrapper: textwrap.TextWrapper) -> str:
    """A field in lines that end between words one blank apart: several would become one."""
    # The tag and the first word stay on one line, however long that is.
    tag, value = text[:_TAG].replace(" ", "\0"), text[_TAG:]
    kept = tag + _BLANKS.sub(lambda found: "\0" * len(found[0]), value)
    return wrapper.fill(kept).replace("\0", " ")


def _author(name: Name) -> Iterator[tuple[str, str]]:
    """The full name and the short one; a group has its own field."""
    if name.literal:
        yield "CN", name.literal
        return
    yield "FAU", name.inverted
    initials = "".join(word[0] for word in name.given.replace("-", " ").split()[:2])
    yield "AU", " ".join(filter(None, (name.family, initials.upper(), name.suffix.rstrip("."))))


def _date(paper: Paper) -> str | None:
    date = paper.date or (None if paper.year is None else str(paper.year))
    parts = (date or "").split("-")
    if len(parts) > 1 and all(part.isdigit() for part in parts) and 1 <= int(parts[1]) <= 12:
        day = [str(int(parts[2]))] if len(parts) > 2 else []
        return " ".join([parts[0], _MONTHS[int(parts[1]) - 1], *day])
    return date
