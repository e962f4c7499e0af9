"""Identifiers of papers in their normal forms, however they are written.

DOI: the handbook of the DOI Foundation (10., a registrant of digits, a slash, any characters; case
says nothing). arXiv: https://info.arxiv.org/help/arxiv_identifier.html. PMCID: digits behind PMC,
a version behind a full stop.
"""

from __future__ import annotations

import html
import re
from typing import NamedTuple
from urllib.parse import unquote

from store.pattern import pattern

_PLAIN_DOI = pattern(r"10\.\d{4,9}/[a-z0-9._/-]*[a-z0-9]")
_DOI = pattern(r"(?<![\d.])10\.\d{4,9}(?:\.\d+)*/[^\s\"]+")
_ESCAPED_SLASH = pattern(r"%(?:25)?2f", re.IGNORECASE)
_ESCAPE = pattern(r"%[0-9a-f]{2}", re.IGNORECASE)
_TEX_ESCAPE = pattern(r"\\(?=[_&%#$~{}])|\{\\textless\}|\{\\textgreater\}")
_TAG = pattern(r"<(?:/|(?:a|b|br|div|em|font|i|p|span|strong|su[bp])\b).*", re.IGNORECASE)
_AFTER = pattern(r"\s*(?:\[doi\]|\(doi\))?[\s)\]}>.,;]*\Z", re.IGNORECASE)
_HYPHENS = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
_CLOSING = {")": "(", "]": "[", "}": "{", ">": "<"}
_ENDING = ".,;:!?'’”»|"
# What stands before a DOI that is the whole of a text: its name, or the address of a resolver.
_BEFORE_DOI = pattern(
    r"(?:(?:https?://)?(?:[\w-]+\.){0,4}doi[.-]org[\w.-]*/"
    r"|(?:doi|digital object identifier|info|urn|available at|at)\b\s*[:/.=]?\s*"
    r"|[\s\[(<{])*",
    re.IGNORECASE,
)
# Parts of publishers' addresses that follow a DOI and are none of it.
_AFTER_DOI = pattern(
    r"(?:[?#].*|/(?:full|abstract|abs|pdf|pdfdirect|epdf|epub|html|meta|fulltext|summary|references"
    r"|tables|figures)(?:[/.].*)?|\.(?:pdf|full|abstract|short)(?:[.+].*)?)\Z",
    re.IGNORECASE,
)
_PREPRINT_VERSION = pattern(r"(10\.(?:1101|64898)/[\d.]+)v\d+\Z")

_ARXIV_NEW = r"\d\d(?:0[1-9]|1[0-2])\.\d{4,5}"
_ARXIV_OLD = r"[a-z]+(?:-[a-z]+)?(?:\.[a-z]{2})?/\d\d(?:0[1-9]|1[0-2])\d{3}"
_ARXIV_ID = pattern(
    r"(?:(?:oai:)?arxiv(?:\.org)?\s*:\s*|arxiv\s+)?"
    rf"({_ARXIV_NEW}|{_ARXIV_OLD})(?:v(\d{{1,3}}))?(?:\.pdf)?(?:\s*\[[\w.-]+\])?",
    re.IGNORECASE,
)
_PLAIN_ARXIV = pattern(rf"({_ARXIV_NEW})(?:v(\d{{1,3}}))?")
_ARXIV_NAMED = pattern(
    rf"(?:\barxiv\s*:\s*|\barxiv\.)({_ARXIV_NEW}|{_ARXIV_OLD})(?:v(\d{{1,3}}))?(?!\d)",
    re.IGNORECASE,
)
# Hugging Face and alphaXiv name the pages of papers by arXiv id.
_ARXIV_ADDRESS = pattern(
    r"(?:https?://)?(?:(?:[\w-]+\.)?arxiv\.org/(?:abs|pdf|html|format|ps|e-print)"
    r"|(?:www\.)?huggingface\.co/papers|(?:www\.)?alphaxiv\.org/(?:abs|pdf|overview))/"
    rf"(?:arxiv:)?({_ARXIV_NEW}|{_ARXIV_OLD})(?:v(\d{{1,3}}))?(?!\d)",
    re.IGNORECASE,
)
ARXIV_DOI = "10.48550/arxiv."
"""What the DOIs begin with that arXiv gives, in their normal form; the arXiv id follows."""
_PMID_ADDRESS = pattern(
    r"(?:https?://)?(?:pubmed\.ncbi\.nlm\.nih\.gov|(?:www\.)?ncbi\.nlm\.nih\.gov/(?:m/)?pubmed"
    r"|(?:www\.)?europepmc\.org/(?:article|abstract)/med)/(\d{1,9})(?!\d)",
    re.IGNORECASE,
)
_PMID_NAMED = pattern(
    r"(?:pmid|pubmed(?:\s+id)?|medline|med)\s*[:=]?\s*(\d{1,9})\b\W*(?:\[pmid\])?", re.IGNORECASE
)
_PMID = pattern(r"0*([1-9]\d{0,8})(?:\.0)?(?:\s*\[\w+\])?")
_PMCID_ADDRESS = pattern(
    r"(?:https?://)?(?:(?:www\.)?ncbi\.nlm\.nih\.gov/pmc|pmc\.ncbi\.nlm\.nih\.gov"
    r"|(?:www\.)?europepmc\.org)/(?:articles?|abstract)/(?:pmc/)?(?:pmc)?(\d{1,9})(?!\d)",
    re.IGNORECASE,
)
_PMCID = pattern(r"(?:pmcid\s*[:=]?\s*)?pmc\s*:?\s*(\d{1,9})(?:\.\d+)?", re.IGNORECASE)
_OPENALEX = pattern(
    r"(?:(?:https?://)?(?:api\.|explore\.|www\.)?openalex\.org/(?:works/)?|openalex\s*:\s*)?"
    r"(w\d{2,12})",
    re.IGNORECASE,
)
_S2 = pattern(
    r"(?:(?:https?://)?(?:www\.|api\.)?semanticscholar\.org/(?:\S*/)?(?:paper|arxiv)/(?:[^/\s]+/)?)?"
    r"([0-9a-f]{40})(?:[?#/].*)?",
    re.IGNORECASE,
)


class ArxivId(NamedTuple):
    """An arXiv id without its version, and the version from 1 where it is given."""

    id: str
    version: int | None


def normal_doi(text: str) -> str | None:
    """The DOI that a text is, in lower case without its prefix, or None when it is none.

    It may stand behind its name or in the address of a resolver, and be escaped for an address,
    HTML or LaTeX.
    """
    if _PLAIN_DOI.fullmatch(low := text.lower()):
        return low
    text = _unescaped(text)
    before = _BEFORE_DOI.match(text)
    found = _DOI.match(text, before.end() if before else 0)
    return _trimmed(found.group()) if found and _AFTER.match(text, found.end()) else None


def doi_in(text: str) -> str | None:
    """The first DOI that stands anywhere in a field for DOIs or in an address, or None."""
    if "10." not in text:
        return None
    if whole := normal_doi(text):
        return whole
    found = _DOI.search(_unescaped(text))
    return _trimmed(found.group()) if found else None


def doi_in_address(text: str) -> str | None:
    """The DOI in the address of a resolver or of a publisher's page, or None."""
    if "10." not in text:
        return None
    if "doi.org" in text or not text.startswith("http"):
        return normal_doi(text)
    found = _DOI.search(_unescaped(text))
    if found is None:
        return None
    doi = _trimmed(_AFTER_DOI.sub("", found.group()))
    versioned = _PREPRINT_VERSION.match(doi) if doi else None
    return versioned[1] if versioned else doi


def _unescaped(text: str) -> str:
    text = text.strip()
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if "%" in text and _ESCAPE.search(text):
        text = unquote(text)
        if _ESCAPED_SLASH.search(text):
            text = unquote(text)
    if "\\" in text:
        text = _TEX_ESCAPE.sub(_of_tex, text)
    return text if text.isascii() else text.translate(_HYPHENS)


def _of_tex(found: re.Match[str]) -> str:
    return {"{\\textless}": "<", "{\\textgreater}": ">"}.get(found.group(), "")


def _trimmed(doi: str) -> str | None:
    """A DOI in lower case without the punctuation and tags of the text that it stood in."""
    doi = _TAG.sub("", doi)
    while doi:
        last = doi[-1]
        opening = _CLOSING.get(last)
        if last in _ENDING or (opening and doi.count(last) > doi.count(opening)):
            doi = doi[:-1]
        else:
            break
    doi = doi.lower()
    return doi if not doi.endswith("/") or doi.count("/") > 1 else None


def arxiv_of(text: str) -> ArxivId | None:
    """The arXiv id that a text is: an id, an address, or the DOI that arXiv gives."""
    if plain := _PLAIN_ARXIV.fullmatch(text):
        return _arxiv(plain)
    text = text.strip()
    found = _ARXIV_ID.fullmatch(text) or _ARXIV_ADDRESS.match(text)
    if found is None and ARXIV_DOI in text.lower():
        found = _ARXIV_ID.fullmatch(text.lower().partition(ARXIV_DOI)[2])
    return _arxiv(found)


def arxiv_in(text: str) -> ArxivId | None:
    """The arXiv id that a text is, or names as one somewhere within ("CoRR, arXiv:2301.00001")."""
    return arxiv_of(text) or _arxiv(_ARXIV_NAMED.search(text))


def _arxiv(found: re.Match[str] | None) -> ArxivId | None:
    if found is None:
        return None
    name = found[1].lower()
    if "/" in name:  # the class within an archive is no part of the id: math.GT/0309136
        archive, _, number = name.partition("/")
        name = f"{archive.partition('.')[0]}/{number}"
    return ArxivId(name, int(found[2]) if found[2] and int(found[2]) else None)


def normal_arxiv(text: str) -> str | None:
    """An arXiv id without prefix and version, or None when it is none."""
    found = arxiv_of(text)
    return found.id if found else None


def pmid_named(text: str) -> str | None:
    """The PMID that a text says it is, by name or as an address; bare digits say nothing."""
    text = text.strip()
    found = _PMID_NAMED.fullmatch(text) or _PMID_ADDRESS.match(text)
    return str(int(found[1])) if found and int(found[1]) else None


def normal_pmid(text: str) -> str | None:
    """The PMID that the text of a field for PMIDs is, or None."""
    found = _PMID.fullmatch(text.strip())
    return found[1] if found else pmid_named(text)


def normal_pmcid(text: str) -> str | None:
    """A PMCID with PMC before its digits and without a version, or None when it is none."""
    text = text.strip()
    found = _PMCID.fullmatch(text) or _PMCID_ADDRESS.match(text)
    return f"PMC{int(found[1])}" if found else None


def normal_openalex(text: str) -> str | None:
    """The OpenAlex id of a work ("W4391"), or None when a text is none."""
    found = _OPENALEX.fullmatch(text.strip())
    return found[1].upper() if found else None


def normal_s2(text: str) -> str | None:
    """The 40 hex digits by which Semantic Scholar names a paper, or None."""
    found = _S2.fullmatch(text.strip())
    return found[1].lower() if found else None
