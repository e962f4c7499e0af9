"""From named values of any shape, such as the fields of a JSON object, to a record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from store.clean import clean_line, shorten
from store.readers.exact import EXACT, take_exact
from store.readers.markup.readable import readable
from store.readers.records import Place, RecordFields, make_record
from store.readers.values.citing import place_of
from store.readers.values.dates import year_and_date
from store.readers.values.identifiers import OWN, Identifiers
from store.readers.values.kinds import is_retracted, is_withdrawn, type_of
from store.readers.values.languages import in_one_language, language_of
from store.readers.values.lists import entries_of, venue_of
from store.readers.values.marks import Marks, marks_of, status_of
from store.readers.values.names import authors_of
from store.readers.values.plain import FIELD_LIMIT as FIELD_LIMIT
from store.readers.values.plain import LeftOut, by_bare_key, is_nothing, kind_of, text_of
from store.types import Details, ReadItem, Rejection

_SHOWN = 120
_WHEN = frozenset(("year", "date", "published"))
_WORDS = frozenset(("venue", "keywords", "tags"))
_TITLE_KEYS = ("title", "value", "display_name")
_ABSTRACT_KEYS = ("abstracttext", "abstract", "value", "summary", "p", "para", "sec")
_LABELS = ("label", "nlmcategory", "heading", "title", "section")


class WrongType(Exception):
    """Title or abstract is of a type that it cannot have."""

    def __init__(self, name: str, value: object) -> None:
        super().__init__(f"field “{name}”: expected text, found {kind_of(value)}")


def items_of(
    place: Place, values: Mapping[str, object], remarks: Sequence[str] = ()
) -> Iterator[ReadItem]:
    """The record that named values make, or why there is none; then what was not understood.

    `remarks` are said of a record behind that.

    The names are title, abstract (or summary, text), authors, year, date (or published), venue,
    type, doi, arxiv_id, pmid, pmcid, openalex_id, s2_id, url, keywords, language, tags, notes,
    status, retracted (or is_retracted), id (or _id), which may be an object of identifiers
    too, and identifiers, which are several; and volume, issue, pages (or first_page and last_page,
    or article_number), publisher, issn, isbn, and number, the issue where a volume stands
    beside it. Values may be of any shape; of all but title and
    abstract, what is not understood is left out and said.
    """
    try:
        title = _text("title", values.get("title"), _titled)
        abstract = _first_abstract(values)
    except WrongType as failure:
        yield place.rejection(str(failure))
        return
    said = LeftOut()
    fields = _fields_of(title, abstract, values, said)
    item = make_record(place, title, abstract, fields)
    if isinstance(item, Rejection):
        yield _named(item, title, fields)
        return
    yield item
    yield from map(place.notice, (*said.lines, *remarks))


def _named(rejection: Rejection, title: str, fields: RecordFields) -> Rejection:
    """A rejection with what its record is called."""
    details = fields.get("details") or Details()
    every = (
        *(fields.get("doi"), fields.get("arxiv_id"), details.pmid, details.pmcid),
        *(details.openalex_id, details.s2_id, fields.get("source_id")),
    )
    said = {"title": shorten(clean_line(readable(title, title=True)), _SHOWN) or None}
    return rejection.model_copy(update={**said, "ids": tuple(filter(None, every))})


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
    text = read(in_one_language(value))
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
                text if label.casefold() in ("", "abstract") else f"{label}: {text}"
                for label, text in parts
                if text
            )
        return next((text for _, text in parts if text), "")
    if isinstance(value, dict):
        parts_of = by_bare_key(value)
        inside = next((parts_of[key] for key in _ABSTRACT_KEYS if key in parts_of), None)
        if isinstance(inside, list):
            return _abstract_of(inside)
    return text_of(value, *_ABSTRACT_KEYS)


def _label(value: object) -> str:
    if not isinstance(value, dict):
        return ""
    parts = by_bare_key(value)
    label = next((text_of(parts[key]) for key in _LABELS if key in parts), "")
    has_text = any(key in parts for key in (*_ABSTRACT_KEYS, "text", "content"))
    return label.rstrip(":") if has_text else ""


def _fields_of(
    title: str, abstract: str, values: Mapping[str, object], said: LeftOut
) -> RecordFields:
    """Everything besides title and abstract."""
    given = {
        name: in_one_language(value) if type(value) is dict and name in _WORDS else value
        for name, value in values.items()
        if value or not is_nothing(value)
    }
    fields = RecordFields(authors=authors_of(given["authors"], said) if "authors" in given else ())
    if not given.keys().isdisjoint(_WHEN):
        date = given.get("date", given.get("published"))
        fields["year"], when = year_and_date(given.get("year"), date, said)
        fields["date"] = None if when == str(fields["year"]) else when
    venue = fields["venue"] = venue_of(given["venue"], said) if "venue" in given else None
    if "tags" in given:
        fields["tags"] = entries_of("tags", given["tags"], said)
    if "status" in given:
        fields["status"] = status_of(given["status"], said)
    if "notes" in given:
        _take_marks(fields, marks_of(given["notes"], said), said)
    found = _identifiers(given, fields.get("notes", ()), said)
    fields["doi"], fields["arxiv_id"] = found.doi, found.arxiv_id
    fields["url"], fields["source_id"] = found.url, found.source_id
    if details := _details(title, abstract, given, venue, found, said):
        fields["details"] = Details(**details)
    if EXACT in given:
        take_exact(given[EXACT], fields)
    return fields


def _take_marks(fields: RecordFields, marks: Marks, said: LeftOut) -> None:
    """Take notes, and the labels and the decision that a program put into them."""
    fields["notes"] = tuple(marks.notes)
    if marks.labels:
        fields["tags"] = tuple(dict.fromkeys((*fields.get("tags", ()), *marks.labels)))
    if marks.decisions and not fields.get("status"):
        fields["status"] = status_of(marks.decisions, said)


def _identifiers(given: Mapping[str, object], notes: Sequence[str], said: LeftOut) -> Identifiers:
    found = Identifiers(said=said)
    for name in OWN:
        if name in given:
            found.take_own(name, given[name])
    if "url" in given:
        found.take_url(given["url"])
    if "id" in given or "_id" in given:
        found.take_id(given.get("id", given.get("_id")))
    if "identifiers" in given:
        found.take_several(given["identifiers"])
    if notes:
        found.take_notes(notes)
    found.settle()
    return found


def _details(
    title: str,
    abstract: str,
    given: Mapping[str, object],
    venue: str | None,
    found: Identifiers,
    said: LeftOut,
) -> dict[str, Any]:
    """The details that a record has, and no others."""
    kind = given.get("type")
    details: dict[str, Any] = {
        "arxiv_version": found.arxiv_version,
        "pmid": found.pmid,
        "pmcid": found.pmcid,
        "openalex_id": found.openalex_id,
        "s2_id": found.s2_id,
        "retracted": is_retracted(title, given.get("retracted", given.get("is_retracted")), kind)
        or is_withdrawn(abstract),
    }
    if kind:
        details["type"] = type_of(kind, venue, said)
    if "language" in given:
        details["language"] = language_of(given["language"], said)
    if "keywords" in given:
        details["keywords"] = entries_of("keywords", given["keywords"], said)
    details.update(place_of(given, details.get("type")))
    return {name: value for name, value in details.items() if value}
