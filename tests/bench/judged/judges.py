"""What quire and others read of one record: its fields by the names of quire.

Each judge takes the text of a record and its name, and gives the fields of the record of that
name, or of the first. What is no library of quire's is imported when asked for, and may be absent.
Values are as the judge has them; only the text markup of CSL, which is that format's own, is told.
"""

from __future__ import annotations

import html
import importlib
import io
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version
from typing import Any

from store.readers.options import ReadOptions
from store.readers.registry import read_source
from store.readers.source import Source
from store.tables import read_table
from store.types import Record

Fields = Mapping[str, Any]
Judge = Callable[[str, str], Fields]
QUIRE_FORMATS = {"bibtex": "bibtex", "ris": "ris", "nbib": "nbib", "csl": "json"}
_PANDOC_FORMATS = {"bibtex": "biblatex", "ris": "ris", "csl": "csljson"}
_TABLES = read_table(__file__, "tables.toml")


def quire(text: str, name: str) -> Fields:
    """What quire holds, records without an abstract too."""
    source = Source("-", None, io.BytesIO(text.encode()))
    items = list(read_source(source, ReadOptions(titles=True)))
    records = [item for item in items if isinstance(item, Record)]
    if not records:
        return {}
    record = next((one for one in records if one.source_id == name), records[0])
    told = record.model_dump()
    return {**told, **told["details"]}


def pandoc(kind: str) -> tuple[str, Judge] | None:
    """The program pandoc, of pypandoc's wheel or of the system, and its reader of a format."""
    program = _pandoc_program()
    if program is None or kind not in _PANDOC_FORMATS:
        return None
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)

    def read(text: str, name: str) -> Fields:
        command = [program, "-f", _PANDOC_FORMATS[kind], "-t", "csljson"]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        items = json.loads(done.stdout) if done.returncode == 0 else []
        if not items:
            return {}
        return of_csl(next((one for one in items if one.get("id") == name), items[0]))

    return said.stdout.split("\n")[0], read


def _pandoc_program() -> str | None:
    try:
        return str(importlib.import_module("pypandoc").get_pandoc_path())
    except (ImportError, OSError):
        return shutil.which("pandoc")


def others(kind: str) -> list[tuple[str, Judge]]:
    """The other parsers of a format that are installed, with their versions."""
    found = []
    for package, read in _OTHERS[kind]:
        try:
            found.append((f"{package} {version(package)}", read))
        except ImportError:
            continue
    return found


def wanted(kind: str) -> tuple[str, ...]:
    """The packages of the other parsers of a format."""
    return tuple(package for package, _ in _OTHERS[kind])


def of_csl(item: Fields) -> Fields:
    """The fields of an item of CSL-JSON."""

    def first(name: str) -> str:
        value = item.get(name)
        return _told(value)

    return {
        "title": first("title"),
        "abstract": first("abstract"),
        "authors": [_csl_name(one) for one in item.get("author") or item.get("editor") or ()],
        "year": _csl_date(item.get("issued"))[:4],
        "date": _csl_date(item.get("issued")),
        "venue": first("container-title") or first("publisher"),
        "doi": first("DOI"),
        "pmid": first("PMID"),
        "keywords": _keys(item.get("keyword"), ", "),
        "language": item.get("language"),
        "type": _type("csl", [item.get("type")]),
    }


def _type(kind: str, names: Iterable[object]) -> object:
    """The first type of CSL that a record's types mean, in the order of the table; else its own."""
    given = list(names)
    table = _TABLES[kind]
    return next((csl for name, csl in table.items() if name in given), next(iter(given), None))


def _told(value: object) -> str:
    """A text, also where its parts are a list, without the text markup of CSL."""
    whole = "".join(map(str, value)) if isinstance(value, list) else str(value or "")
    text = re.sub(r"<sup>(.*?)</sup>", r"^\1", whole)
    return html.unescape(re.sub(r"</?(?:i|b|sub|span)(?: [^>]*)?>", "", text))


def _csl_name(name: Fields) -> str:
    parts = ("given", "dropping-particle", "non-dropping-particle", "family", "suffix", "literal")
    return " ".join(str(name[one]) for one in parts if name.get(one))


def _csl_date(issued: object) -> str:
    if not isinstance(issued, dict):
        return str(issued or "")
    parts = issued.get("date-parts") or []
    days = "/".join("-".join(str(one) for one in day if one) for day in parts)
    season = str(issued.get("season") or "")
    words = (_TABLES["seasons"].get(season, season), days, issued.get("literal"), issued.get("raw"))
    return " ".join(str(one) for one in words if one)


def _keys(value: object, mark: str) -> list[str]:
    return value.split(mark) if isinstance(value, str) else list(value or ())  # type: ignore[call-overload]


def _pybtex(text: str, name: str) -> Fields:
    database, richtext = map(importlib.import_module, ("pybtex.database", "pybtex.richtext"))
    try:
        entry = database.parse_string(text, "bibtex").entries[name]
    except (KeyError, importlib.import_module("pybtex.exceptions").PybtexError):
        return {}

    def told(*names: str) -> str:
        found = next((entry.fields[one] for one in names if entry.fields.get(one)), "")
        return str(richtext.Text.from_latex(found).render_as("text")) if found else ""

    people = entry.persons.get("author") or entry.persons.get("editor") or ()
    date = told("date") or " ".join(filter(None, (told("year"), told("month"))))
    return {
        "title": told("title"),
        "abstract": told("abstract"),
        "authors": [richtext.Text.from_latex(str(one)).render_as("text") for one in people],
        "year": (told("year") or date)[:4],
        "date": date,
        "venue": told("journal", "journaltitle", "booktitle", "school", "institution", "publisher"),
        "doi": told("doi"),
        "pmid": told("pmid"),
        "keywords": [one.strip() for one in told("keywords").split(",") if one.strip()],
        "language": told("language", "langid"),
        "type": _type("bibtex", [entry.type]),
    }


def _rispy(text: str, _: str) -> Fields:
    read = importlib.import_module("rispy").loads(text)
    if not read:
        return {}

    def first(*names: str) -> Any:
        return next((read[0][one] for one in names if read[0].get(one)), None)

    year = first("year", "publication_year") or ""
    return {
        "title": first("title", "primary_title"),
        "abstract": first("abstract", "notes_abstract"),
        "authors": first("authors", "first_authors", "secondary_authors"),
        "year": year,
        "date": first("date") or year,
        "venue": first(
            "journal_name", "secondary_title", "alternate_title2", "alternate_title3", "publisher"
        ),
        "doi": first("doi"),
        "keywords": first("keywords"),
        "language": first("language"),
        "type": _type("ris", [first("type_of_reference")]),
    }


def _nbib(text: str, _: str) -> Fields:
    read = importlib.import_module("nbib").read(text)
    if not read:
        return {}
    one = read[0]
    headings = [
        "/".join(filter(None, (each["descriptor"], each.get("qualifier"))))
        for each in one.get("descriptors", ())
    ]
    people = [each.get("author") or each["author_abbreviated"] for each in one.get("authors", ())]
    group = one.get("corporate_author")
    return {
        **one,
        "authors": [*people, *([group] if group else [])],
        "year": one.get("publication_date", "")[:4],
        "date": one.get("publication_date"),
        "venue": one.get("journal") or one.get("journal_abbreviated"),
        "pmid": one.get("pubmed_id"),
        "keywords": [*one.get("keywords", ()), *headings],
        "type": _type("nbib", one.get("publication_types", ())),
    }


def _medline(text: str, _: str) -> Fields:
    one = importlib.import_module("Bio.Medline").read(io.StringIO(text))
    ids = " ".join((one.get("LID", ""), *one.get("AID", ())))
    doi = re.search(r"(10\.\S+) \[doi\]", ids)
    people = one.get("FAU") or one.get("AU") or one.get("FED") or []
    return {
        "title": one.get("TI") or _told(one.get("BTI")),
        "abstract": one.get("AB") or _told(one.get("OAB")),
        "authors": [*people, *_keys(one.get("CN"), "\n")],
        "year": one.get("DP", "")[:4],
        "date": one.get("DP"),
        "venue": one.get("JT")
        or one.get("TA")
        or (_told(one.get("BTI")) if one.get("TI") else None),
        "doi": doi[1] if doi else None,
        "pmid": one.get("PMID"),
        "keywords": [*one.get("OT", ()), *one.get("MH", ())],
        "language": next(iter(one.get("LA", ())), None),
        "type": _type("nbib", one.get("PT", ())),
    }


def _citeproc(text: str, name: str) -> Fields:
    items = json.loads(text)
    for at, item in enumerate(items):
        item.setdefault("id", f"{name}{at}")
    read = importlib.import_module("citeproc.source.json").CiteProcJSON(items)
    one = {key.replace("_", "-"): value for key, value in next(iter(read.values())).items()}
    people: Iterable[Any] = one.get("author") or one.get("editor") or ()
    issued = one.get("issued") or {}
    start = issued.get("begin", issued)
    parts = [start.get(key) for key in ("year", "month", "day")]
    spoken = {"season": start.get("season"), "date-parts": [[each for each in parts if each]]}
    return of_csl(
        {
            **one,
            "author": [{key.replace("_", "-"): each[key] for key in each} for each in people],
            "issued": spoken,
            "keyword": "".join(map(str, one.get("keyword") or ())) or None,
        }
    )


_OTHERS: dict[str, tuple[tuple[str, Judge], ...]] = {
    "bibtex": (("pybtex", _pybtex),),
    "ris": (("rispy", _rispy),),
    "nbib": (("nbib", _nbib), ("biopython", _medline)),
    "csl": (("citeproc-py", _citeproc),),
}
