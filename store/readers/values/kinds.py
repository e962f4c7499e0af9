"""What kind of work a record is, as a type of CSL, and whether it says that it is retracted.

Types: the CSL 1.0.2 specification, appendix III; the names of BibTeX and BibLaTeX, RIS, Crossref,
OpenAlex, PubMed, JATS, Zotero, EndNote and Semantic Scholar are in kinds.toml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from store.clean import clean_line
from store.pattern import pattern
from store.readers.values.plain import LeftOut, bare, by_bare_key, is_nothing, text_of, texts_of
from store.tables import read_table

TYPE_LIMIT = 60
"""Longest type kept as it is worded, in characters."""

_RETRACTED_TYPES = frozenset(("retractedpublication", "retractedarticle", "retractedpaper"))
_NOTICE_TYPES = frozenset(("retractionofpublication", "retraction", "retractionnotice"))
_LONGEST_WITHDRAWAL = 600
_WITHDRAWN = pattern(
    r"\s*(?:this|the) (?:\w+ )?(?:paper|article|submission|manuscript|preprint|work|note)\s+"
    r"(?:is|was|has been|is being|is now) (?:\w+ )?withdrawn\b",
    re.IGNORECASE,
)
_RETRACTED_TITLE = pattern(
    r"\W*(?:this )?retracted(?:\s+(?:article|paper|chapter|publication|review|study|manuscript))?"
    r"\s*[:\])}>\-–—.]"
    r"|.*[(\[]\s*(?:this (?:article|paper) (?:has been|was|is) )?retracted\b"
    r"[^()\[\]]{0,200}[)\]]\W*\Z",
    re.IGNORECASE,
)
_NOTICE_TITLE = pattern(
    r"\W*(?:notice of |statement of )?retraction(?:\s+(?:notice|note|statement))?"
    r"\s*(?:[:.–—]|of\b|to\b|for\b|-\s)",
    re.IGNORECASE,
)
_YES = frozenset(["true", "yes", "y", "1", "retracted", "t", "retraction", "withdrawn"])
_UPDATES = frozenset(("retraction", "removal", "withdrawal", "retracted", "isretractedby"))
_UPDATE_KEYS = ("updatedby", "relation", "isretractedby", "retractedby", "retraction")
_NAME_KEYS = ("type", "updatetype", "reftype", "relationtype", "nature", "label")


def type_of(value: object, venue: str | None, said: LeftOut) -> str | None:
    """The CSL type of a record, or what it says in lower case where CSL has no such type.

    Where several are given the first that says more than "article" counts. CSL says "article" of
    preprints, which have no venue or a server of them; another article is of a journal.
    """
    if is_nothing(value):
        return None
    found = ""
    for text in _kinds_of(value):
        one = _csl(bare(text)) if len(text) <= TYPE_LIMIT else ""
        if one == "":
            continue
        if one and (one == "article-journal" or bare(text) == "article"):
            found = found or one
            continue
        found = one or (found or clean_line(text).lower())
        if one:
            break
    if not found:
        # "Generic" and "other" are understood, and say nothing.
        texts = list(_kinds_of(value))
        if not texts or any(len(text) > TYPE_LIMIT or bare(text).isdigit() for text in texts):
            said.leave_out("type", value)
        return None
    if found == "article" and venue and "rxiv" not in venue.lower():
        return "article-journal"
    return found


def _kinds_of(value: object) -> Iterator[str]:
    """The names of types in a value: a list, a text with several, the end of an address of one."""
    for text in texts_of(value, "type", "id", "name"):
        for part in text.split(";"):
            yield part.rpartition("/")[2] if ":" in part else part


def _csl(name: str) -> str | None:
    """The CSL type of a bare name; "" for a name that says no type, None for one not known."""
    if name in _RETRACTED_TYPES:
        return ""
    found = _table().get(name)
    return found if found is not None else "" if not name or name.isdigit() else None


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    return {
        name: "" if csl == "none" else csl
        for csl, names in read_table(__file__, "kinds.toml").items()
        for name in (bare(csl), *names.split())
    }


def is_withdrawn(abstract: str) -> bool:
    """True when all that an abstract says is that its paper was withdrawn, as arXiv has it."""
    return (
        len(abstract) <= _LONGEST_WITHDRAWAL
        and "withdrawn" in abstract
        and _WITHDRAWN.match(abstract) is not None
    )


def is_retracted(title: str, said_so: object, kind: object) -> bool:
    """True when its title, its type or a field of its own says that a paper is retracted.

    A notice that retracts another paper is not retracted itself. Of Crossref's relations
    `updated-by` counts, not `update-to`, which a notice has.
    """
    if not kind and not said_so:
        return "etract" in title[:400].lower() and _RETRACTED_TITLE.match(title) is not None
    kinds = set(map(bare, _kinds_of(kind)))
    if kinds & _NOTICE_TYPES or _NOTICE_TITLE.match(title):
        return False
    return bool(
        kinds & _RETRACTED_TYPES or _RETRACTED_TITLE.match(title) or _says_retracted(said_so)
    )


def _says_retracted(value: object) -> bool:
    if isinstance(value, bool) or value is None:
        return bool(value)
    if isinstance(value, int | float):
        return value == 1
    if isinstance(value, str):
        word = bare(value)
        return word in _YES or word in _RETRACTED_TYPES
    if isinstance(value, dict):
        return _update_says(by_bare_key(value))
    return isinstance(value, list | tuple) and any(map(_says_retracted, value))


def _update_says(parts: Mapping[str, object]) -> bool:
    if "isretracted" in parts or "retracted" in parts:
        return _says_retracted(parts.get("isretracted", parts.get("retracted")))
    if any(bare(text_of(parts[key])) in _UPDATES for key in _NAME_KEYS if key in parts):
        return True
    inside: Iterable[object] = (parts[key] for key in _UPDATE_KEYS if key in parts)
    return "isretractedby" in parts or "retractedby" in parts or any(map(_says_retracted, inside))
