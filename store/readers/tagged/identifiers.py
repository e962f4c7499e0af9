"""Identifiers of a paper, also where they stand in a field that is meant for something else."""

from __future__ import annotations

import re
from collections.abc import Iterable

from store.pattern import pattern

_TRAILING = ".,;"
_AT_LABEL = r"(?:\A|[|;\n]\s*)"
_GIVEN = {
    # A DOI may hold "<" and ">", as "<1661::AID-SIM968>3.0.CO;2-2"; tags are cut off later.
    "doi": pattern(r"(10\.\d{4,9}/[^\s\"]+)"),
    "pmid": pattern(r"\A(?:PMID|PubMed|MEDLINE|NLM)?[:\s]*(\d{1,9})(?:\s.*)?\Z", re.IGNORECASE),
    "pmcid": pattern(r"(PMC\d+)", re.IGNORECASE),
}
# A DOI that a sentence mentions may be another paper's; one that stands alone is not.
_MENTIONED = (
    ("doi", pattern(r"\A(?:https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S+)\Z", re.IGNORECASE)),
    (
        "doi",
        pattern(
            rf"{_AT_LABEL}doi[:=\s]\s*(?:https?://[^\s|]{{0,100}}?/)?(10\.\d{{4,9}}/\S+)", re.I
        ),
    ),
    ("pmid", pattern(rf"{_AT_LABEL}(?:PMID|PubMed(?: ID)?|MEDLINE)[:\s]\s*(\d{{1,9}})\b", re.I)),
    ("pmcid", pattern(rf"{_AT_LABEL}(?:PMCID:?\s*)?(PMC\d+)\b", re.I)),
    (
        "arxiv_id",
        pattern(rf"{_AT_LABEL}arxiv:\s*([a-z.-]+/\d{{7}}|\d{{4}}\.\d{{4,5}}(?:v\d+)?)", re.I),
    ),
)


def identifiers(
    *,
    doi: Iterable[str] = (),
    pmid: Iterable[str] = (),
    pmcid: Iterable[str] = (),
    mixed: Iterable[str] = (),
    mentions: Iterable[str] = (),
) -> dict[str, str]:
    """Of every kind the first that its own fields hold, then what others clearly say.

    `mixed` are fields that hold identifiers of several kinds. What stands in the field of a DOI
    and is none is handed on, to be said.
    """
    found: dict[str, str] = {}
    for name, texts in (("doi", doi), ("pmid", pmid), ("pmcid", pmcid), ("doi", mixed)):
        for text in texts:
            if match := _GIVEN[name].search(text):
                found.setdefault(name, match[1].rstrip(_TRAILING))
    for text in mentions:
        for name, labelled in _MENTIONED:
            if name not in found and (match := labelled.search(text)):
                found[name] = match[1].rstrip(_TRAILING)
    if odd := next(iter(doi), ""):
        found.setdefault("doi", odd)
    return found
