"""From named values of any shape, such as the fields of a JSON object, to a record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from store.readers.records import Place, RecordFields, make_record
from store.readers.values.dates import year_and_date
from store.readers.values.identifiers import OWN, Identifiers
from store.readers.values.kinds import is_retracted, type_of
from store.readers.values.languages import language_of
from store.readers.values.lists import entries_of, venue_of
from store.readers.values.marks import marks_of, status_of
from store.readers.values.names import authors_of
from store.readers.values.plain import FIELD_LIMIT as FIELD_LIMIT
from store.readers.values.plain import LeftOut, by_bare_key, is_nothing, kind_of, text_of
from store.types import Details, ReadItem, Rejection

_TITLE_KEYS = ("title", "value", "display_name")
_ABSTRACT_KEYS = ("abstracttext", "abstract", "value", "summary", "p", "para", "sec")
_LABELS = ("label", "nlmcategory", "heading", "title", "section")


class WrongType(Exception):
    """Title or abstract is of a type that it cannot have."""

    def __init__(self, name: str, value: object) -> None:
        super().__init__(f"field “{name}”: expected text, found {kind_of(value)}")


def items_of(place: Place, values: Mapping[str, object]) -> Iterator[ReadItem]:
    """The record that named values make, or why there is none; then what was not understood.

    The names are title, abstract (or summary, text), authors, year, date (or published), venue,
    type, doi, arxiv_id, pmid, pmcid, openalex_id, s2_id, url, keywords, language, tags, notes,
    status, retracted (or is_retracted), and id (or _id), which may be an object of identifiers
    too. Values may be of any shape; of all but title and abstract, what is not understood is
    left out and said.
    """
    try:
        title = _text("title", values.get("title"), _titled)
        abstract = _first_abstract(values)
    except WrongType as failure:
        yield place.rejection(str(failure))
        return
    said = LeftOut()
    item = make_record(place, title, abstract, _fields_of(title, values, said))
    yield item
    if not isinstance(item, Rejection):
        yield from map(place.notice, said.lines)


def _first_abstract(values: Mapping[str, object]) -> str:
    for name in ("abstract", "summary", "text"):
        text = _text(name, values.get(name), _abstract_of)
        if text and not text.isspace():
            return text
    return ""


def _text(name: str, value: object, read: Callable[[object], str]) -> str:
    """The text of a title or an abstract. Raises WrongType for what holds none."""
    if isinstance(value, str):
        return value
    if is_nothing(value) or value is False:
        return ""
    text = read(value)
    if not text and not _is_hollow(value):
        raise WrongType(name, value)
    return text


def _is_hollow(value: object) -> bool:
    """True for lists of nothing, which say that there is no text."""
    return isinstance(value, list | tuple) and all(
        is_nothing(one) or (isinstance(one, str) and not one.strip()) for one in value
    )


def _titled(value: object) -> str:
    return text_of(value, *_TITLE_KEYS)


def _abstract_of(value: object) -> str:
    """The text of an abstract in parts: the labels of its sections stay before them.

    Of a list of abstracts without labels, such as translations, the first counts.
    """
    if isinstance(value, list | tuple):
        if all(isinstance(one, str) or one is None for one in value):
            return " ".join(filter(None, value))
        parts = [(_label(one), text_of(one, *_ABSTRACT_KEYS)) for one in value]
        if any(label for label, _ in parts):
            return "\n\n".join(
                f"{label}: {text}" if label else text for label, text in parts if text
            )
        return next((text for _, text in parts if text), "")
    if isinstance(value, Mapping):
        parts_of = by_bare_key(value)
        inside = next((parts_of[key] for key in _ABSTRACT_KEYS if key in parts_of), None)
        if isinstance(inside, list):
            return _abstract_of(inside)
    return text_of(value, *_ABSTRACT_KEYS)


def _label(value: object) -> str:
    if not isinstance(value, Mapping):
        return ""
    parts = by_bare_key(value)
    label = next((text_of(parts[key]) for key in _LABELS if key in parts), "")
    return (
        label.rstrip(":")
        if any(key in parts for key in (*_ABSTRACT_KEYS, "text", "content"))
        else ""
    )


def _fields_of(title: str, values: Mapping[str, object], said: LeftOut) -> RecordFields:
    """Everything besides title and abstract."""
    get = values.get
    date = get("date")
    year, dated = year_and_date(get("year"), get("published") if is_nothing(date) else date, said)
    venue = venue_of(get("venue"), said)
    marks = marks_of(get("notes"), said)
    status = status_of(get("status"), said) or status_of(marks.decisions, said)
    found = _identifiers(values, marks.notes, said)
    tags = entries_of("tags", get("tags"), said)
    details = _details(title, values, venue, found, said)
    fields = RecordFields(
        authors=authors_of(get("authors"), said),
        year=year,
        date=dated,
        venue=venue,
        doi=found.doi,
        arxiv_id=found.arxiv_id,
        url=found.url,
        tags=tuple(dict.fromkeys((*tags, *marks.labels))) if marks.labels else tags,
        source_id=found.source_id,
    )
    if details:
        fields["details"] = Details(**details)
    if marks.notes:
        fields["notes"] = tuple(marks.notes)
    if status:
        fields["status"] = status
    return fields


def _identifiers(values: Mapping[str, object], notes: list[str], said: LeftOut) -> Identifiers:
    found = Identifiers(said=said)
    for name in OWN:
        if not is_nothing(value := values.get(name)):
            found.take_own(name, value)
    if not is_nothing(value := values.get("url")):
        found.take_url(value)
    identifier = values.get("id")
    if not is_nothing(value := values.get("_id") if is_nothing(identifier) else identifier):
        found.take_id(value)
    if notes:
        found.take_notes(notes)
    found.settle()
    return found


def _details(
    title: str,
    values: Mapping[str, object],
    venue: str | None,
    found: Identifiers,
    said: LeftOut,
) -> dict[str, Any]:
    """The details that a record has, and no others."""
    kind = values.get("type")
    details = {
        "type": type_of(kind, venue, said),
        "language": language_of(values.get("language"), said),
        "keywords": entries_of("keywords", values.get("keywords"), said),
        "arxiv_version": found.arxiv_version,
        "pmid": found.pmid,
        "pmcid": found.pmcid,
        "openalex_id": found.openalex_id,
        "s2_id": found.s2_id,
        "retracted": is_retracted(title, values.get("retracted", values.get("is_retracted")), kind),
    }
    return {name: value for name, value in details.items() if value}
