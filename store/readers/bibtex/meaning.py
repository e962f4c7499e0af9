"""What the fields of an entry say, by the standard names of a record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from store.pattern import pattern
from store.readers.bibtex.day import date_of
from store.readers.bibtex.entries import Entry
from store.readers.bibtex.names import names_of
from store.readers.bibtex.plain import (
    as_it_stands,
    groups_joined,
    plain,
    plain_address,
    unwrapped,
)
from store.readers.carried import object_in, restored
from store.tables import read_table

_MARK_IN_BRACES = pattern(r"\{[^{}\\]*[,;]")
_SEMICOLON = pattern(r"\s*;\s*")
_MACRO_NAME = pattern(r"\s*\\([A-Za-z]+)\s*\Z")
_ARXIV_NAMED = pattern(r"(?i)\barxiv\s*(?:preprint\s+)?(?:e-prints,?\s*)?(?:arxiv)?\s*[:.]\s*(\S+)")
_ABS = pattern(r"(?i)abs/(\S+)\Z")
_PMID_NAMED = pattern(r"(?i)\bPMID:\s*(\d+)")
_PMCID_NAMED = pattern(r"(?i)\bPMCID:\s*(PMC\d+)")
_EPRINT_KINDS = {
    "arxiv": "arxiv_id",
    "pubmed": "pmid",
    "pmid": "pmid",
    "pmc": "pmcid",
    "pmcid": "pmcid",
}
_BARE_ARXIV = pattern(r"(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?\Z")
# Works of issues. What stands in a series has the number that it has in the series.
_ISSUED = frozenset(("article", "periodical", "suppperiodical", "review"))
_IN_VOLUMES = frozenset(("inproceedings", "conference"))
_PLACES = ("pages", "article_number", "publisher", "issn", "isbn")
_USER_COMMENT = "comment-"
_CARRIED = frozenset(
    (
        *("authors", "year", "date", "venue", "publisher", "type", "issue", "doi", "url"),
        *("keywords", "tags", "notes", "status", "retracted"),
    )
)


@cache
def tables() -> dict[str, Any]:
    """What programs call fields, marks and journals."""
    return read_table(__file__, "tables.toml")


def values_of(entry: Entry) -> dict[str, object]:
    """The values of an entry by the standard names; title and abstract keep their LaTeX."""
    fields = entry.fields
    values: dict[str, object] = {
        "title": _title(fields),
        "abstract": as_it_stands(_first(fields, tables()["fields"]["abstract"]), title=False),
        "id": entry.key,
        "type": "" if entry.type == "misc" else entry.type,
        "authors": _authors(fields),
        "venue": _venue(fields),
        "language": _language(fields),
        "url": _url(fields),
        "status": _mark(fields),
    }
    values.update(_day(fields))
    for name in ("doi", "pmid", "pmcid", "arxiv_id", "openalex_id", "s2_id"):
        values[name] = plain_address(_first(fields, tables()["fields"][name]))
    _eprint(fields, values)
    _named_ids(fields, values)
    values.update(_place(entry))
    for name, ways in tables()["lists"].items():
        values[name] = _list(fields, ways, _note if name == "notes" else _words)
    _carried(fields.get("quire", ""), values)
    return {name: value for name, value in values.items() if value}


def _carried(text: str, values: dict[str, object]) -> None:
    """Put what quire writes beside the other fields, since none of them can say it, into values."""
    if text and (found := object_in(f"{{{text}}}")) is not None:
        values.update(restored(found, values, _CARRIED))


def _first(fields: Mapping[str, str], ways: list[str]) -> str:
    return next((text for way in ways if (text := fields.get(way, "")).strip()), "")


def _title(fields: Mapping[str, str]) -> str:
    title = as_it_stands(fields.get("title", ""), title=True)
    subtitle = as_it_stands(fields.get("subtitle", ""), title=True)
    if not (title and subtitle):
        return title or subtitle
    return f"{title} {subtitle}" if title.endswith((":", "?", "!", ".")) else f"{title}: {subtitle}"


def _authors(fields: Mapping[str, str]) -> object:
    text = _first(fields, ["author", "authors", "editor", "editors"])
    names = names_of(text, plain) if text else []
    collaboration = plain(unwrapped(fields.get("collaboration", "")))
    if collaboration and isinstance(names, list):
        names.insert(len(names) - (names[-1:] == ["et al."]), {"literal": collaboration})
    return names


def _venue(fields: Mapping[str, str]) -> str:
    text = _first(fields, tables()["fields"]["venue"])
    macro = _MACRO_NAME.match(text)
    if macro and (name := tables()["journals"].get(macro[1].lower())):
        return str(name)
    return plain(unwrapped(text))


def _language(fields: Mapping[str, str]) -> str:
    return plain(unwrapped(_first(fields, tables()["fields"]["language"])))


def _url(fields: Mapping[str, str]) -> str:
    for way in tables()["fields"]["url"]:
        text = plain_address(fields.get(way, ""))
        if text and (way != "howpublished" or text.startswith("http")):
            return text.split()[0]
    return ""


def _mark(fields: Mapping[str, str]) -> object:
    said = _first(fields, ["readstatus", "read"]).strip().lower()
    return tables()["marks"].get(said)


def _day(fields: Mapping[str, str]) -> dict[str, object]:
    """Year and date; of a range the beginning counts, and its end where that is open."""
    ends = plain(_first(fields, ["date", "origdate", "eventdate"])).split("/")
    date = next((one for end in ends if (one := end.strip(" ~?%")) not in ("", "..")), "")
    year = plain(fields.get("year", "")) or date
    if not date:
        date = date_of(year, plain(fields.get("month", "")), plain(fields.get("day", "")))
    return {"year": year, "date": date}


def _eprint(fields: Mapping[str, str], values: dict[str, object]) -> None:
    """An id that stands in "eprint", whose kind another field names."""
    eprint = plain_address(fields.get("eprint", ""))
    if not eprint:
        return
    kind = plain(_first(fields, ["eprinttype", "archiveprefix"])).strip().lower()
    name = _EPRINT_KINDS.get(kind)
    if not kind and (eprint.lower().startswith("arxiv:") or _BARE_ARXIV.match(eprint)):
        name = "arxiv_id"
    if name and not values.get(name):
        values[name] = eprint


def _named_ids(fields: Mapping[str, str], values: dict[str, object]) -> None:
    """Ids that stand in words: Google Scholar's and DBLP's of arXiv, Zotero's in "note"."""
    note = fields.get("note", "")
    if not values.get("arxiv_id"):
        for text in (fields.get("journal", ""), fields.get("journaltitle", ""), note):
            if "rxiv" in text.lower() and (found := _ARXIV_NAMED.search(text)):
                values["arxiv_id"] = plain_address(found[1]).strip(".,;)]")
                break
        else:
            volume = _ABS.match(fields.get("volume", "").strip())
            if volume and fields.get("journal", "").strip() == "CoRR":
                values["arxiv_id"] = volume[1]
    for name, way in (("pmid", _PMID_NAMED), ("pmcid", _PMCID_NAMED)):
        if "PM" in note and not values.get(name) and (found := way.search(note)):
            values[name] = found[1]


def _place(entry: Entry) -> dict[str, object]:
    """Where in its journal or book a paper stands; BibLaTeX's "issue" may be a season."""
    fields = entry.fields
    found: dict[str, object] = {}
    if volume := fields.get("volume"):
        found["volume"] = plain(unwrapped(volume))
    is_issued = entry.type in _ISSUED
    if is_issued or (volume and entry.type in _IN_VOLUMES and "series" not in fields):
        found["issue"] = plain(unwrapped(_first(fields, ["number", "issue"])))
    ways = tables()["fields"]
    for name in _PLACES:
        if text := _first(fields, ways[name]):
            found[name] = plain(unwrapped(text))
    return found


def _list(fields: Mapping[str, str], ways: list[str], cut: Callable[[str], list[str]]) -> list[str]:
    found: list[str] = []
    for way in ways:
        if text := fields.get(way):
            found += cut(text)
    if cut is _note:
        for name, text in fields.items():
            if name.startswith(_USER_COMMENT):
                found += cut(text)
    return found


def _words(text: str) -> list[str]:
    """Keywords between semicolons, else between commas; braces hold one together."""
    text = unwrapped(text)
    if _MARK_IN_BRACES.search(text):
        parts = groups_joined(text.split(";"), ";")
        return [plain(one) for one in (parts if parts[1:] else groups_joined(text.split(","), ","))]
    text = plain(text)
    return _SEMICOLON.split(text) if ";" in text else text.split(",")


def _note(text: str) -> list[str]:
    return [plain(unwrapped(text))]
