"""A paper as an entry: its type, its fields in their order, and what no field can say.

Fields: btxdoc (BibTeX 0.99d), the manual of BibLaTeX 3.20, and for marks the manual of JabRef.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from store.exporters.bibtex.authors import authors, is_read_back
from store.exporters.bibtex.titles import protected
from store.exporters.jsonl import record_fields, versioned_arxiv_id
from store.exporters.odd import ISO_DATE, odd_values
from store.latex.codec import escaped
from store.pattern import pattern
from store.tables import read_table

if TYPE_CHECKING:
    from store.exporters.base import ExportOptions
    from store.types import Paper

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SEASONS = ("Spring", "Summer", "Autumn", "Winter")
_SEASON = pattern(rf"(\d{{4}}) ({'|'.join(_SEASONS)})")
_RANGE = pattern(r"([^\s,;–-]+)[-–]([^\s,;–-]+)")
_MEETING = pattern(r"(?i)\b(?:proceedings|proc\.?|conference|workshop|symposium|meeting)\b")
_UNSAFE = pattern(r"[\\{}\s]")
_APART = pattern(r"[,;]")
_PARTING = pattern(r"[\\{};|\n]")
_SIGNS = pattern(r"[{}@%]")
_VENUES = ("journaltitle", "journal", "booktitle", "series", "school", "institution")
_PUBLISHERS = ("publisher", "institution", "school", "organization")
_ISSUED = ("article", "periodical")


def entry(paper: Paper, format_name: str, options: ExportOptions) -> str:
    """The text of an entry, from "@" to the line end behind its brace."""
    return _Entry(paper, format_name, marks=options.marks).text(
        options.keys.get(paper.id, paper.id)
    )


@cache
def _types() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = read_table(__file__, "types.toml")
    return found


class _Entry:
    """Writes one entry; `beside` is what its fields do not say exactly, by standard names."""

    def __init__(self, paper: Paper, format_name: str, *, marks: bool) -> None:
        self._paper = paper
        self._details = paper.details
        self._is_plain = format_name == "bibtex"
        self._marks = marks
        self._type = self._entry_type(format_name)
        self._fields: dict[str, str] = {}
        self._beside: dict[str, Any] = {}

    def text(self, key: str) -> str:
        """The entry under a key."""
        paper = self._paper
        if paper.authors:
            self._fields["author"] = authors(paper.authors, ascii_only=self._is_plain)
            if not all(map(is_read_back, paper.authors)):
                self._beside["authors"] = list(paper.authors)
        self._fields["title"] = protected(paper.title, ascii_only=self._is_plain)
        self._put_venue()
        self._put_date()
        self._put_place()
        self._put_identifiers()
        self._put_words()
        if self._marks:
            self._put_marks()
        for name, value in odd_values(record_fields(paper, marks=self._marks)).items():
            self._beside.setdefault(name, value)
        if self._beside:
            self._fields["quire"] = _json(self._beside)
        lines = [
            f"  {name} = {value if name == 'month' else f'{{{value}}}'},\n"
            for name, value in self._fields.items()
        ]
        return f"@{self._type}{{{key},\n{''.join(lines)}}}\n"

    def _latex(self, text: str) -> str:
        return escaped(text, ascii_only=self._is_plain)

    def _put(self, name: str, text: str | None) -> None:
        if text:
            self._fields[name] = self._latex(text)

    def _entry_type(self, format_name: str) -> str:
        """The type of an entry; where a source says none, what its venue speaks for."""
        kind, venue = self._details.type, self._paper.venue
        if kind:
            return _types()[format_name].get(kind, "misc")
        if not venue:
            return "online" if self._paper.arxiv_id and not self._is_plain else "misc"
        return "inproceedings" if _MEETING.search(venue) else "article"

    def _put_venue(self) -> None:
        paper, details, fields = self._paper, self._details, self._fields
        kind = _types()["read"].get(self._type, "")
        if self._type == "article" and (not paper.venue or "rxiv" in paper.venue.lower()):
            kind = "article"
        if kind != (details.type or ""):
            self._beside["type"] = details.type
        name = _types()["venue"].get(self._type, "organization")
        name = "journaltitle" if name == "journal" and not self._is_plain else name
        if paper.venue != details.publisher or name != "series":
            self._put(name, paper.venue)
        self._put("publisher", details.publisher)
        if _first(fields, (*_VENUES, "organization", "publisher")) != self._latex(
            paper.venue or ""
        ):
            self._beside["venue"] = paper.venue
        if _first(fields, _PUBLISHERS) != fields.get("publisher", ""):
            self._beside["publisher"] = details.publisher

    def _put_date(self) -> None:
        """Year and month, or BibLaTeX's date; a date in words is the year that is printed."""
        paper, fields = self._paper, self._fields
        found = ISO_DATE.fullmatch(paper.date or "")
        season = _SEASON.fullmatch(paper.date or "")
        if season and season[1] == str(paper.year):
            if self._is_plain:
                fields["year"], fields["month"] = season[1], f"{{{season[2]}}}"
            else:  # ISO 8601-2 counts the seasons from 21
                fields["date"] = f"{season[1]}-{21 + _SEASONS.index(season[2])}"
        elif found is None:
            is_said = paper.date and (paper.year is None or str(paper.year) in paper.date)
            self._put("year", paper.date if is_said else str(paper.year or ""))
            if paper.date:
                self._beside |= {"year": paper.year, "date": paper.date}
        elif not self._is_plain:
            fields["date"] = str(paper.date)
        else:
            fields["year"] = found[1]
            if found[2] and 1 <= int(found[2]) <= len(_MONTHS):
                fields["month"] = _MONTHS[int(found[2]) - 1]
                self._put("day", found[3] and str(int(found[3])))
            else:
                fields["date"] = str(paper.date)
        if found and str(paper.year) != found[1]:
            self._beside["year"] = paper.year

    def _put_place(self) -> None:
        details = self._details
        self._put("volume", details.volume)
        self._put("number", details.issue)
        if details.issue and self._type not in _ISSUED:
            self._beside["issue"] = details.issue
        if details.pages:
            found = _RANGE.fullmatch(details.pages)
            ends = found.groups() if found else (details.pages,)
            self._fields["pages"] = "--".join(map(self._latex, ends))
        self._put("issn", details.issn)
        self._put("isbn", details.isbn)

    def _put_identifiers(self) -> None:
        """Identifiers and the address as they are: none of them is LaTeX."""
        paper, details, fields = self._paper, self._details, self._fields
        for name, value in (("doi", paper.doi), ("url", paper.url)):
            if value:
                fields[name] = _UNSAFE.sub(lambda found: quote(found[0]), value)
                if fields[name] != value:
                    self._beside[name] = value
        if paper.arxiv_id:
            fields["eprint"] = versioned_arxiv_id(paper)
            fields["archiveprefix" if self._is_plain else "eprinttype"] = "arxiv"
        for name, value in (
            ("pmid", details.pmid),
            ("pmcid", details.pmcid),
            ("openalex", details.openalex_id),
            ("s2id", details.s2_id),
        ):
            self._put(name, value)

    def _put_words(self) -> None:
        paper, details = self._paper, self._details
        self._put("language" if self._is_plain else "langid", details.language)
        if details.retracted:
            self._fields["note"] = "Retracted"
            self._beside["retracted"] = True
        self._put_list("keywords", "keywords", details.keywords)
        self._put("abstract", paper.abstract)

    def _put_list(self, field: str, name: str, entries: tuple[str, ...]) -> None:
        """Words between commas; braces hold one together that has a comma of its own."""
        latex = [self._latex(one) for one in entries]
        if latex:
            self._fields[field] = ", ".join(
                f"{{{one}}}" if _APART.search(one) else one for one in latex
            )
        if any(map(_PARTING.search, entries)):
            self._beside[name] = list(entries)

    def _put_marks(self) -> None:
        """Tags as JabRef's groups, notes, and the status as far as JabRef has one."""
        paper = self._paper
        self._put_list("groups", "tags", paper.tags)
        if paper.notes:
            self._put("annote" if self._is_plain else "annotation", paper.notes[0])
            self._put("comment", "\n\n".join(paper.notes[1:]))
        if len(paper.notes) > 1 or any(map(_UNSAFE.search, paper.notes)):
            self._beside["notes"] = list(paper.notes)
        if paper.status == "read":
            self._fields["readstatus"] = "read"
        elif paper.status != "unread":
            self._beside["status"] = paper.status


def _first(fields: dict[str, str], names: tuple[str, ...]) -> str:
    return next((fields[name] for name in names if name in fields), "")


def _json(values: dict[str, Any]) -> str:
    """Values as JSON without the braces of the object, in which lists alone hold others."""
    text = json.dumps(values, allow_nan=False)[1:-1]
    return _SIGNS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
