"""Notes that a reference manager filled with what a database says of a paper beside its fields."""

from __future__ import annotations

import re

from store.pattern import pattern

_SURE = pattern(
    r"\d{4}-\d{3}[\dXx](?:\s*\((?:Electronic|Print|Linking)\))?"  # an ISSN
    r"|Export Date:.*|Cited By\s*:?\s*\d.*|Times Cited:.*|Journal Article"
    r"|L\d{6,10}"  # the number of a record of Embase
)
_DATE = pattern(r"[12]\d{3}[-/]\d\d[-/]\d\d(?: \d\d:\d\d)?|[12]\d{3}|\d{5,9}|PMC\d+")
_SAID = pattern(
    r"(?:Orcid|PMID|PMCID|doi|Using|CODEN|Funding details|Correspondence Address): ?\S.*",
    re.IGNORECASE,
)
_CITATION = pattern(r"[A-Z][^;]{1,150}\. [12]\d{3}[^;]{0,15};\d.*")
_GRANT = pattern(r"[A-Z0-9][\w -]{1,60}/[\w ]{1,60}/.*")
# A name, a country, a type of publication: each word has a capital but for those that link.
_WORD = r"(?:[A-ZÀ-ÖØ-Þ][^\s,]{0,40}|of|and|the|for|in|de|la|van|von|der|den|eng)"
_HEADING = pattern(rf"{_WORD}(?:,? {_WORD}){{0,8}}")
_GIVEN = r"[A-ZÀ-ÖØ-Þ][^\s,\d]{0,30}"
_NAME = pattern(
    rf"[^\W\d_][^\s,\d]{{0,40}}(?: [^\s,\d]{{1,40}}){{0,3}}, {_GIVEN}(?: {_GIVEN}){{0,3}}"
)


def is_imported(note: str) -> bool:
    """True for a note of ISSNs, dates, types and names alone, a line each."""
    lines = [line.strip() for line in note.split("\n") if line.strip()]
    if any(map(_SURE.fullmatch, lines)):
        return all(map(_is_known, lines))
    return len(lines) > 1 and all(map(_NAME.fullmatch, lines))


def _is_known(line: str) -> bool:
    known = (_SURE, _DATE, _HEADING, _SAID, _CITATION, _GRANT)
    return any(one.fullmatch(line) for one in known)
