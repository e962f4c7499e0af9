"""When two descriptions are of one paper: record linkage with rules, precision before recall.

A join puts one abstract in the place of another, a miss shows a paper twice: so doubt keeps
papers apart. Constants were chosen on `tests/store/ledger/pairs_tuned.jsonl`; what they do on
pairs set aside is in `pairs_held.jsonl`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from store.ledger.likeness import (
    abstract_digest,
    compatible_authors,
    differ_in_dates,
    differ_in_numbers,
    overlap,
    share_author,
    surnames,
)
from store.ledger.preprints import server_of, work_doi
from store.ledger.row_values import DETAIL_ALIASES, NO_DETAILS
from store.ledger.text_language import are_in_other_languages
from store.ledger.titles import (
    are_near,
    is_bracketed,
    is_generic,
    name_other_works,
    normal_title,
)
from store.types import Details, Record

Identifier = tuple[str, str]
"""A kind (doi, arxiv, pmid, pmcid, openalex, s2) and a value in its normal form."""

VERSION_OVERLAP = 0.4
"""Least Jaccard overlap of the words of two abstracts of one paper in two versions."""
COPY_OVERLAP = 0.6
"""The same of two copies, where neither is known as a preprint: issues of a series share half."""
REPEATED_OVERLAP = 0.9
"""The same where years lie apart, or titles name another part or a correction."""
PUBLISHED_WITHIN = 5
"""Most years from a preprint to what was published of it."""
LEAST_WORDS = 15
"""Words of an abstract that is no placeholder, and tells a paper by itself."""
_OWN_TYPES = frozenset(
    {"dataset", "software", "thesis", "book", "review", "review-book", "patent", "standard"}
)
"""CSL types of works beside which a paper of the same title and authors is another work."""
_ONE_EACH = ("pmid", "pmcid")


@dataclass(frozen=True)
class Described:
    """What tells a paper from others; `ids` are all that it is known by."""

    title: str
    abstract: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    venue: str | None = None
    details: Details = field(default_factory=Details)
    ids: frozenset[Identifier] = frozenset()

    @cached_property
    def normal_title(self) -> str:
        """The title without case, marks and spelling."""
        return normal_title(self.title)

    @cached_property
    def digest(self) -> str:
        """The digest of the abstract."""
        return abstract_digest(self.abstract)

    @cached_property
    def published(self) -> frozenset[str]:
        """DOIs that are of no preprint server, without versions."""
        return frozenset(
            work_doi(value) for kind, value in self.ids if kind == "doi" and not server_of(value)
        )

    @cached_property
    def is_preprint(self) -> bool:
        """True for what is known by ids of preprint servers, and by no other DOI."""
        return not self.published and bool(_posted(self))


def described(record: Record) -> Described:
    """What a record says of who it is."""
    return Described(
        record.title,
        record.abstract,
        record.authors,
        record.year,
        record.venue,
        record.details,
        frozenset(identifiers(record)),
    )


def identifiers(record: Record) -> list[Identifier]:
    """What names a record in the world, a DOI also without the version of its text."""
    found = [
        ("doi", record.doi),
        ("doi", work_doi(record.doi) if record.doi else None),
        ("arxiv", record.arxiv_id),
    ]
    if record.details != NO_DETAILS:
        found += [(kind, getattr(record.details, name)) for kind, name in DETAIL_ALIASES]
    return list(dict.fromkeys((kind, value) for kind, value in found if value))


def is_same_by_id(one: Described, other: Described) -> bool:
    """Of two that share an id: True unless title and abstract both differ.

    A DOI may be that of a whole book. Another id is one paper's: there authors who agree are
    enough, as they are for a translation, and where an abstract is missing. What is said to be
    in no language is a translation by its words, where first author and year agree too.
    """
    if are_near(one.title, other.title):
        return True
    least = REPEATED_OVERLAP if name_other_works(one.title, other.title) else VERSION_OVERLAP
    if one.abstract and other.abstract and overlap(one.abstract, other.abstract) >= least:
        return True
    shared = {kind for kind, _ in one.ids & other.ids}
    if _are_written_in_two_languages(one, other):
        return True
    by_authors = shared != {"doi"} or _are_translations(one, other)
    if by_authors or not (one.abstract and other.abstract):
        return share_author(one.authors, other.authors)
    return False


def is_same_by_text(one: Described, other: Described) -> bool:
    """True for two that share no id and are one paper by title, authors, year and abstract."""
    if (
        clash(one, other)
        or _are_works_of_their_own(one, other)
        or not compatible_authors(one.authors, other.authors)
    ):
        return False
    if is_generic(one.title) or is_generic(other.title):
        return _is_repeated(one, other)
    if one.normal_title == other.normal_title:
        return _is_same_under_title(one, other)
    return _is_same_under_abstract(one, other)


def clash(one: Described, other: Described) -> bool:
    """True where ids say that two are not one paper.

    Two DOIs of publishers do; that of a preprint beside that of a publisher does not, nor do
    preprints on two servers. Copies in one catalogue have two ids of it by mistake only.
    """
    if _differ(one.published, other.published):
        return True
    mine, theirs = _posted(one), _posted(other)
    if any(_differ(mine[name], theirs[name]) for name in mine.keys() & theirs.keys()):
        return True
    if mine or theirs:
        return False  # PubMed has preprints too, each beside what was published of it
    return any(_differ(_values(one, kind), _values(other, kind)) for kind in _ONE_EACH)


def _posted(one: Described) -> dict[str, frozenset[str]]:
    """The ids of each preprint server that one is known by."""
    found: dict[str, frozenset[str]] = {}
    if arxiv := _values(one, "arxiv"):
        found["arxiv"] = arxiv
    for doi in _values(one, "doi"):
        server = server_of(doi)
        if server and server != "arxiv":
            found[server] = found.get(server, frozenset()) | {work_doi(doi)}
    return found


def _values(one: Described, kind: str) -> frozenset[str]:
    return frozenset(value for known, value in one.ids if known == kind)


def _differ(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one) and bool(other) and one.isdisjoint(other)


def _are_works_of_their_own(one: Described, other: Described) -> bool:
    types = {one.details.type, other.details.type}
    return None not in types and len(types) > 1 and not types.isdisjoint(_OWN_TYPES)


def _years_apart(one: Described, other: Described) -> int:
    return abs(one.year - other.year) if one.year and other.year else 0


def _is_repeated(one: Described, other: Described) -> bool:
    """True for one record read twice, all of it."""
    return (
        (one.normal_title, one.year, one.venue, one.digest)
        == (other.normal_title, other.year, other.venue, other.digest)
        and bool(one.abstract)
        and surnames(one.authors) == surnames(other.authors)
    )


def _is_same_under_title(one: Described, other: Described) -> bool:
    apart = _years_apart(one, other)
    if not one.abstract or not other.abstract:
        return apart <= 1 and share_author(one.authors, other.authors)
    shared = overlap(one.abstract, other.abstract)
    if _posted(one) or _posted(other):
        return shared >= VERSION_OVERLAP and apart <= PUBLISHED_WITHIN
    if shared == 1:
        return True
    if differ_in_dates(one.abstract, other.abstract) or differ_in_numbers(
        one.abstract, other.abstract
    ):
        return False  # issues of a series
    return shared >= (COPY_OVERLAP if apart <= 1 else REPEATED_OVERLAP)


def _is_same_under_abstract(one: Described, other: Described) -> bool:
    """True for one abstract under titles that differ by a slip, a language or a revision."""
    if (
        one.digest != other.digest
        or len(one.abstract.split()) < LEAST_WORDS
        or _years_apart(one, other) > 1
        or not share_author(one.authors, other.authors)
    ):
        return False
    if _are_translations(one, other):
        return not differ_in_numbers(one.title, other.title)
    if name_other_works(one.title, other.title):
        return False
    return are_near(one.title, other.title) or one.is_preprint != other.is_preprint


def _are_translations(one: Described, other: Described) -> bool:
    languages = {one.details.language, other.details.language} - {None}
    return len(languages) > 1 or is_bracketed(one.title) != is_bracketed(other.title)


def _are_written_in_two_languages(one: Described, other: Described) -> bool:
    """True for texts in two languages by one first author in one year, that share their numbers."""
    return (
        one.year == other.year is not None
        and share_author(one.authors[:1], other.authors[:1])
        and are_in_other_languages(one.abstract or one.title, other.abstract or other.title)
        and not differ_in_numbers(one.title, other.title)
        and not differ_in_numbers(one.abstract, other.abstract)
    )
