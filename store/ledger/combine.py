"""What a paper is made of when two descriptions of it meet.

What was read last wins, and what it lacks stays. Against that rule stand: an abstract that is
cut, or less than half of the other; an older version on arXiv; a preprint beside what was
published of it. A record that changed in its own place was edited, and wins over all but a cut.
"""

from __future__ import annotations

from store.ledger.likeness import is_cut_of
from store.ledger.preprints import server_of
from store.ledger.row_values import NO_DETAILS
from store.ledger.titles import normal_title
from store.types import Details

Content = dict[str, object]
"""Title, abstract, authors and the other fields of a paper that a source gives, by name."""

FIELDS = (
    *("title", "abstract", "authors", "year", "date", "venue", "doi", "arxiv_id", "url"),
    "details",
)
_SHORT = 0.5
"""An abstract of less than this part of another's length is a summary of it."""


def combined(stored: Content, incoming: Content, *, edited: bool = False) -> Content:
    """What a paper is after a record, `edited` where the record changed in its place.

    A title that differs in spelling alone changes nothing.
    """
    stands = not edited and _stands(stored, incoming)
    first, second = (stored, incoming) if stands else (incoming, stored)
    content = {name: first[name] or second[name] for name in FIELDS}
    content["details"] = _details(first, second)
    content["abstract"] = _abstract(stored, incoming, stands=stands, edited=edited)
    if _is_one_title(stored, incoming):
        content["title"] = stored["title"]
    return content


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
    if not edited and not told_by_version and len(wins) < _SHORT * len(loses):
        return loses
    return wins


def _is_one_title(stored: Content, incoming: Content) -> bool:
    return normal_title(str(incoming["title"])) == normal_title(str(stored["title"]))


def _details(first: Content, second: Content) -> Details:
    one, other = first["details"], second["details"]
    if not isinstance(one, Details) or not isinstance(other, Details):
        raise TypeError("details of papers are Details")
    if other in (NO_DETAILS, one):
        return one
    names = Details.__dataclass_fields__
    return Details(**{name: getattr(one, name) or getattr(other, name) for name in names})


def _version(content: Content) -> int:
    details = content["details"]
    return (isinstance(details, Details) and details.arxiv_version) or 0


def _is_published(content: Content) -> bool:
    doi = content["doi"]
    return isinstance(doi, str) and server_of(doi) is None


def _is_posted(content: Content) -> bool:
    return bool(content["arxiv_id"] or content["doi"])
