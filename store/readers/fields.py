"""From named values, such as the fields of a JSON object, to a record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeGuard

from store.clean import clean_line, shorten
from store.ledger.identity import normal_arxiv, normal_doi
from store.pattern import pattern
from store.readers.records import Place, RecordFields, make_record
from store.types import ReadItem, Rejection

FIELD_LIMIT = 2_000
"""Longest name, tag, venue, date, id or address kept, in characters."""
LIST_LIMIT = 10_000
"""Most authors or tags kept of one record."""

_YEAR = pattern(r"(?<!\d)([12]\d{3})(?!\d)")
_INSTANT = pattern(r"(\d{4}-\d\d-\d\d)[T ]\d\d:")
_HTTP = pattern(r"https?://[^\s/]+\.[^\s/]+\S*\Z", re.IGNORECASE)
# Hugging Face and alphaXiv name the pages of papers by arXiv id.
_ARXIV_ADDRESS = pattern(
    r"https?://(?:(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html)"
    r"|(?:www\.)?huggingface\.co/papers|(?:www\.)?alphaxiv\.org/abs)/([^?#\s]+)",
    re.IGNORECASE,
)
# The month tells an id from a number; old ids name an archive.
_ARXIV_ID = pattern(
    r"(?:arxiv:\s*)?(?:\d\d(?:0[1-9]|1[0-2])\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?",
    re.IGNORECASE,
)
_ARXIV_DOI = "10.48550/arxiv."
_AND = pattern(r",?\s+(?:and|&)\s+")
_INITIALS = pattern(r"(?:[A-ZÀ-ÖØ-Þ]\.?[- ]?){1,4}")
_NAME_ENDING = pattern(r"(?:Jr|Sr|II|III|IV)\.?")
_SHOWN = 60


class WrongType(Exception):
    """A field holds a value of a type that it cannot have."""

    def __init__(self, name: str, wanted: str, value: object) -> None:
        super().__init__(f"field “{name}”: expected {wanted}, found {_kind(value)}")


@dataclass(slots=True)
class Fields:
    """Reads the fields of one object; `left_out` names what was not understood."""

    values: Mapping[str, object]
    left_out: list[str] = field(default_factory=list)

    def text(self, *names: str) -> str:
        """The first of these fields that holds text, or "". Raises WrongType."""
        for name in names:
            value = self.values.get(name)
            if value is None or (isinstance(value, str) and not value.strip()):
                continue
            if isinstance(value, str):
                return value
            if name != "title" and isinstance(value, list) and all(map(_is_text, value)):
                return " ".join(value)
            raise WrongType(name, "text", value)
        return ""

    def details(self) -> RecordFields:
        """Everything besides title and abstract. Raises WrongType."""
        source_id = self._short("id", numbers=True) or self._short("_id", numbers=True)
        url = self._short("url")
        if url and not _HTTP.match(url):
            self._leave_out("url", url)
            url = None
        doi, arxiv_id = self._identifiers(url, source_id)
        year, date = self._year_and_date()
        return RecordFields(
            authors=self._authors(),
            year=year,
            date=date,
            venue=self._short("venue"),
            doi=doi,
            arxiv_id=arxiv_id,
            url=url,
            tags=self._tags(),
            source_id=source_id,
        )

    def _short(self, name: str, *, numbers: bool = False) -> str | None:
        value = self.values.get(name)
        if value is None:
            return None
        if numbers and isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            raise WrongType(name, "text", value)
        text = clean_line(value)
        if len(text) > FIELD_LIMIT:
            self._leave_out(name, text)
            return None
        return text or None

    def _identifiers(self, url: str | None, source_id: str | None) -> tuple[str | None, str | None]:
        doi = self._normal("doi", normal_doi)
        arxiv_id = self._normal("arxiv_id", _arxiv_field)
        for text in (url, source_id):
            if text:
                doi = doi or normal_doi(text)
                arxiv_id = arxiv_id or _arxiv_of(text)
        if doi and doi.startswith(_ARXIV_DOI):
            arxiv_id = arxiv_id or normal_arxiv(doi.removeprefix(_ARXIV_DOI))
        return doi, arxiv_id

    def _normal(self, name: str, normal: Callable[[str], str | None]) -> str | None:
        text = self._short(name)
        found = normal(text) if text else None
        if text and not found:
            self._leave_out(name, text)
        return found

    def _year_and_date(self) -> tuple[int | None, str | None]:
        year = self._year()
        name = "published" if self.values.get("date") in (None, "") else "date"
        value = self.values.get(name)
        date = str(value) if _is_year(value) else self._short(name)
        if date and (instant := _INSTANT.match(date)):
            date = instant[1]
        if year is None and date and (found := _YEAR.search(date)):
            year = int(found[1])
        return year, date

    def _year(self) -> int | None:
        value = self.values.get("year")
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if _is_year(value):
            return value
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise WrongType("year", "a year", value)
        found = _YEAR.search(value) if isinstance(value, str) else None
        if found:
            return int(found[1])
        self._leave_out("year", clean_line(str(value)))
        return None

    def _authors(self) -> tuple[str, ...]:
        value = self.values.get("authors")
        if isinstance(value, str):
            return self._several("authors", split_authors(value))
        if isinstance(value, dict):
            value = [value]
        if value is None:
            return ()
        if not isinstance(value, list):
            raise WrongType("authors", "a list or text", value)
        return self._several("authors", (_name(one) for one in value))

    def _tags(self) -> tuple[str, ...]:
        value = self.values.get("tags")
        if value is None:
            return ()
        if isinstance(value, str):
            return self._several("tags", value.split(","))
        if not isinstance(value, list):
            raise WrongType("tags", "a list or text", value)
        if (odd := next((one for one in value if not _is_text(one)), None)) is not None:
            raise WrongType("tags", "text in the list", odd)
        return self._several("tags", value)

    def _several(self, name: str, texts: Iterable[str]) -> tuple[str, ...]:
        """Clean names or tags, each once, in their order."""
        kept: dict[str, None] = {}
        odd: str | None = None
        for cleaned in filter(None, map(clean_line, texts)):
            if len(cleaned) > FIELD_LIMIT or len(kept) >= LIST_LIMIT:
                odd = odd or cleaned
            else:
                kept[cleaned] = None
        if odd:
            self._leave_out(name, odd)
        return tuple(kept)

    def _leave_out(self, name: str, text: str) -> None:
        self.left_out.append(f"field “{name}” left out, not understood: {shorten(text, _SHOWN)}")


def items_of(place: Place, values: Mapping[str, object]) -> Iterator[ReadItem]:
    """The record that named values make, or why there is none; then what was not understood.

    The names are title, abstract (or summary, text) and those of the details: authors, year,
    date or published, venue, doi, arxiv_id, url, tags, id.
    """
    fields = Fields(values)
    try:
        title, abstract = fields.text("title"), fields.text("abstract", "summary", "text")
        item = make_record(place, title, abstract, fields.details())
    except WrongType as failure:
        yield place.rejection(str(failure))
        return
    yield item
    if not isinstance(item, Rejection):
        yield from map(place.notice, fields.left_out)


def split_authors(text: str) -> list[str]:
    """The names in one string, divided by semicolons, "and" or commas.

    One comma is part of a name in "Vaswani, Ashish" and "Vaswani, A., Shazeer, N.", and divides
    two names in "A. Vaswani, N. Shazeer".
    """
    if ";" in text:
        return text.split(";")
    return [name for part in _AND.split(text.strip()) for name in _split_at_commas(part)]


def _split_at_commas(text: str) -> list[str]:
    parts: list[str] = []
    for part in (one.strip() for one in text.split(",")):
        if parts and _NAME_ENDING.fullmatch(part):
            parts[-1] += f", {part}"
        elif part:
            parts.append(part)
    if len(parts) % 2 == 0 and all(_INITIALS.fullmatch(one) for one in parts[1::2]):
        return [f"{last}, {first}" for last, first in zip(parts[::2], parts[1::2], strict=True)]
    if len(parts) == 2 and min(len(one.split()) for one in parts) == 1:
        return [", ".join(parts)]
    return parts


def _name(value: object) -> str:
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        raise WrongType("authors", "names in the list", value)
    parts = [value.get("name")]
    if not parts[0]:
        parts = [value.get("given"), value.get("family")]
    parts = [one for one in parts if one is not None]
    if not all(map(_is_text, parts)):
        raise WrongType("authors", "names as text", next(o for o in parts if not _is_text(o)))
    return " ".join(str(one) for one in parts)


def _arxiv_field(text: str) -> str | None:
    return _arxiv_of(text) or normal_arxiv(text.replace(" ", ""))


def _arxiv_of(text: str) -> str | None:
    """The arXiv id that an address or an id clearly holds, or None."""
    found = _ARXIV_ADDRESS.match(text)
    if found:
        return normal_arxiv(found[1].rstrip("/"))
    return normal_arxiv(text) if _ARXIV_ID.fullmatch(text) else None


def _is_year(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 1000 <= value <= 2999


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str)


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a truth value"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list) else "an object"
