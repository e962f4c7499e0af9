"""What a paper is made of when two descriptions of it meet.

What was read last wins, and what it lacks or says in fewer words stays. Against that rule stand:
an abstract that is cut, less than half of the other, or all said in the other; an older version
on arXiv; a preprint beside what was published of it; a translation. A record that changed in its
own place was edited, and wins over all but a cut.
"""

from __future__ import annotations

from store.ledger.fuller import (
    all_keywords,
    fuller_authors,
    fuller_date,
    fuller_name,
    fuller_type,
)
from store.ledger.likeness import is_cut_of, share_said
from store.ledger.preprints import server_of
from store.ledger.row_values import NO_DETAILS
from store.ledger.text_language import are_in_other_languages, text_language
from store.ledger.titles import normal_title
from store.types import Details

Content = dict[str, object]
"""Title, abstract, authors and the other fields of a paper that a source gives, by name."""

FIELDS = (
    *("title", "abstract", "authors", "year", "date", "venue", "doi", "arxiv_id", "url"),
    "details",
)
_IN_JOURNAL = ("volume", "issue", "pages")
_PLACE = (*_IN_JOURNAL, "publisher", "issn", "isbn")
_SHORT = 0.5
"""An abstract of less than this part of another's length is a summary of it."""
_SAID = 0.9
"""Least part of the words of an abstract that are in a longer one which says it all."""


def combined(stored: Content, incoming: Content, *, edited: bool = False) -> Content:
    """What a paper is after a record, `edited` where the record changed in its place.

    A title that differs in spelling alone changes nothing.
    """
    translated = not edited and are_in_other_languages(_text(stored), _text(incoming))
    stands = not edited and (
        _stands(stored, incoming) or (translated and not _is_english(incoming))
    )
    first, second = (stored, incoming) if stands else (incoming, stored)
    content = {name: first[name] or second[name] for name in FIELDS}
    if translated and first["abstract"]:
        content["abstract"] = first["abstract"]
    else:
        content["abstract"] = _abstract(stored, incoming, stands=stands, edited=edited)
    if _is_one_title(stored, incoming):
        content["title"] = stored["title"]
    content |= _dated(first, second)
    details = _details(first, second, edited=edited)
    if not edited:
        content |= _fuller(first, second)
        details = _fuller_details(details, stored, incoming)
    content["details"] = details.model_copy({"language": _language(content, first, second, edited)})
    return content


def joined(kept: Content, gone: Content) -> Content:
    """What a paper is after another was merged into it: its own text, and all side fields."""
    content = combined(gone, kept, edited=True)
    if _is_one_title(kept, gone):
        content["title"] = kept["title"]
    details = _fuller_details(_of(content), kept, gone)
    return {**content, **_dated(kept, gone), **_fuller(kept, gone), "details": details}


def _stands(stored: Content, incoming: Content) -> bool:
    versions = _version(stored), _version(incoming)
    if _is_published(stored):
        return not _is_published(incoming) and _is_posted(incoming)
    if _is_published(incoming) or 0 in versions:
        return False
    return stored["arxiv_id"] == incoming["arxiv_id"] and versions[1] < versions[0]


def _abstract(stored: Content, incoming: Content, *, stands: bool, edited: bool) -> object:
    was, comes = str(stored["abstract"]), str(incoming["abstract"])
    if is_cut_of(comes, was):
        return was
    wins, loses = (was, comes) if stands else (comes, was)
    told_by_version = 0 not in (_version(stored), _version(incoming))
    if edited or told_by_version:
        return wins or loses
    if len(wins) < _SHORT * len(loses):
        return loses
    is_preprint = _is_published(stored) != _is_published(incoming) and _is_posted(
        incoming if _is_published(stored) else stored
    )
    return loses if not is_preprint and share_said(wins, loses) >= _SAID else wins


def _text(content: Content) -> str:
    return str(content["abstract"] or content["title"])


def _is_english(content: Content) -> bool:
    return text_language(_text(content)) == "en"


def _dated(first: Content, second: Content) -> Content:
    """Year and date of the first, with a date of the second that is of the same year."""
    if first["year"] and second["year"] and first["year"] != second["year"]:
        return {"year": first["year"], "date": first["date"]}
    dates = first["date"], second["date"]
    date = fuller_date(*(None if one is None else str(one) for one in dates))
    return {"year": first["year"] or second["year"], "date": date}


def _fuller(first: Content, second: Content) -> Content:
    one, other = first["authors"], second["authors"]
    if not isinstance(one, tuple) or not isinstance(other, tuple):
        raise TypeError("authors of papers are tuples")
    venues = first["venue"], second["venue"]
    return {
        "authors": fuller_authors(one, other),
        "venue": fuller_name(*(None if one is None else str(one) for one in venues)),
    }


def _fuller_details(details: Details, stored: Content, incoming: Content) -> Details:
    was, comes = _of(stored), _of(incoming)
    other = was.type if details.type == comes.type else comes.type
    return details.model_copy(
        {
            "keywords": all_keywords(was.keywords, comes.keywords),
            "type": fuller_type(details.type, other),
        }
    )


def _language(content: Content, first: Content, second: Content, edited: bool) -> str | None:
    """The language of the text that stands, never that of a copy in another one."""
    own, other = (first, second) if content["abstract"] == first["abstract"] else (second, first)
    said = _of(own).language, _of(other).language
    if (edited and said[0]) or said == (None, None):
        return said[0]
    written = text_language(_text(content))
    if written in said:
        return written
    return said[0] or (said[1] if written is None else None)


def _is_one_title(stored: Content, incoming: Content) -> bool:
    return normal_title(str(incoming["title"])) == normal_title(str(stored["title"]))


def _details(first: Content, second: Content, *, edited: bool) -> Details:
    one, other = _of(first), _of(second)
    if other in (NO_DETAILS, one):
        return one
    names = Details.__dataclass_fields__
    every = {name: getattr(one, name) or getattr(other, name) for name in names}
    if every["pages"] or every["volume"] or every["publisher"]:
        every |= _place(first, second, edited=edited)
    return Details(**every)


def _place(first: Content, second: Content, *, edited: bool) -> dict[str, str | None]:
    """Where in its journal or book the paper stands.

    Volume, issue and pages belong together: those of another volume are not added to them, and
    those with a volume win. Of a preprint beside what was published nothing is taken.
    """
    one, other = _of(first), _of(second)
    is_preprint = not (_is_published(second) or other.volume) and _is_posted(second)
    if is_preprint and _is_published(first):
        return {name: getattr(one, name) for name in _PLACE}
    lead, rest = (other, one) if other.volume and not (one.volume or edited) else (one, other)
    is_other = lead.volume and rest.volume and lead.volume != rest.volume
    if is_other:
        return {name: getattr(lead, name) for name in _IN_JOURNAL}
    whole = {name: getattr(lead, name) or getattr(rest, name) for name in _IN_JOURNAL}
    if not edited and lead.pages and (rest.pages or "").startswith(f"{lead.pages}-"):
        whole["pages"] = rest.pages
    return whole


def _of(content: Content) -> Details:
    details = content["details"]
    if not isinstance(details, Details):
        raise TypeError("details of papers are Details")
    return details


def _version(content: Content) -> int:
    return _of(content).arxiv_version or 0


def _is_published(content: Content) -> bool:
    doi = content["doi"]
    return isinstance(doi, str) and server_of(doi) is None


def _is_posted(content: Content) -> bool:
    return bool(content["arxiv_id"] or content["doi"])
