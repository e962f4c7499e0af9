"""What publishers set around an abstract: a heading before it, and notices of copyright."""

from __future__ import annotations

import re

from store.pattern import pattern

_WITHIN = 1_000
"""A notice at the end of an abstract begins among so many of its last characters."""
_HEADINGS = ("Abstract", "ABSTRACT", "Summary", "SUMMARY")
_HEADING = pattern(
    r"(?P<word>Abstract|ABSTRACT|Summary|SUMMARY)"
    r"(?:(?P<mark>\s*(?::|[.—–-](?=\W*[A-Z0-9])|\n)\s*)|\s*(?=[\"“(]?[A-Z0-9]))"
)
# A sentence that begins with one of these does not go on from the word before it.
_OPENINGS = pattern(
    r"(?:An?|The|This|Th[eo]se|That|We|I|Our|It|Its|In|On|At|By|For|From|To|Of|With|Within|Under"
    r"|As|If|When|While|Although|Though|Because|Since|Despite|During|After|Before|Between|Among"
    r"|Both|Each|Many|Most|Some|Several|Few|All|Here|There|How|What|Why|Can|Is|Are|Does|Do|Not"
    r"|Background|Objectives?|Aims?|Purpose|Introduction|Context|Motivation|Importance|Methods?"
    r"|Rationale|Goals?|Question|Summary)\b"
)
_NAME_OF_TWO = pattern(r"[A-Z][a-z]+[\s-][A-Z][a-z]+")
_STEM = 6
"""So many letters of a word tell it in another form: Expressionism, Expressionist."""

_YEAR = r"(?:1[5-9]|20)\d\d\b"
_NOTICE = pattern(
    r"(?:(?<=[.!?)\]”\"’;:])\s*|\A\s*|\s*\n\s*|\s+(?=©))"
    r"[(\[]?(?:PsycINFO\s+Database\s+Record\s+)?(?:Crown\s+)?"
    r"(?:(?:copyright\s*)?(?:©|\(c\)|&copy;)|copyright\b)\s*[,:]?\s*",
    re.IGNORECASE,
)
_PROPERTY = pattern(r"\s*\bCopyright of .{1,200}? is the property of .*\Z", re.DOTALL)
_PROTECTED = pattern(
    r"\s*\b(?:This article is protected by copyright\.\s*)?All rights reserved\W*\Z", re.IGNORECASE
)
_SENTENCE_END = pattern(r"(?<=[.!?)\]])\s+(?=[\"“(]?[A-Z])|\n+")
_OF_RIGHTS = pattern(
    r"\b(?:rights?\s+reserved|licen[cs]ed?|licen[cs]ees?|publish(?:ed|ing)|copyright|permissions?"
    r"|open[\s-]access|creative\s+commons|CC[\s-]BY|on\s+behalf\s+of|public\s+domain)\b",
    re.IGNORECASE,
)
_SMALL_WORD = pattern(r"(?<![\w.])[a-z][a-z]*")
_SMALL_WORDS = """
the of and for by in on de la le et und der van von du trading as its s behalf author authors all
rights reserved under exclusive to licence license part owner owners publisher publishers editor
editors
"""
_SMALL_IN_NAMES = frozenset(_SMALL_WORDS.split())
_AUTHORS = pattern(r"(?:by\s+)?(?:the\s+)?authors?\b", re.IGNORECASE)
_YEARS = pattern(_YEAR)
_LONGEST_NOTICE = 400
_SHORT = 4
"""So few words between two full stops are the rest of a name: "V.", "KGaA, Weinheim."."""


def without_boilerplate(abstract: str, title: str) -> str:
    """An abstract without the heading before it and notices of copyright at its ends."""
    if abstract.startswith(_HEADINGS):
        abstract = _without_heading(abstract, title)
    return without_copyright(abstract)


def _without_heading(abstract: str, title: str) -> str:
    """An abstract without "Abstract" before its first sentence.

    It stays where it is the first word of that: before a small letter, and where it is part of a
    name ("Abstract Expressionism"), which the title or the abstract says again.
    """
    found = _HEADING.match(abstract)
    if not found:
        return abstract
    rest = abstract[found.end() :]
    if found["mark"] or _OPENINGS.match(rest):
        return rest
    first = re.match(r"\w*", rest)
    stem = first[0][:_STEM] if first else ""
    again = re.compile(rf"{found['word']}[\s-]*{stem}", re.IGNORECASE)
    is_name = stem and (again.search(title) or again.search(rest))
    return abstract if is_name or _NAME_OF_TWO.match(rest) else rest


def without_copyright(abstract: str) -> str:
    """An abstract without the notices of copyright at its beginning and its end."""
    end = abstract[-_WITHIN:]
    if "©" in end or "opyright" in end or "(c)" in end or "(C)" in end or "ights" in end:
        abstract = _without_last(abstract)
    if abstract.startswith(("©", "(c)", "(C)", "Copyright", "COPYRIGHT")):
        found = _NOTICE.match(abstract)
        after = _end_of_notice(abstract, found) if found else 0
        if 0 < after < len(abstract):
            return abstract[after:].lstrip()
    return abstract


def _without_last(abstract: str) -> str:
    from_here = max(0, len(abstract) - _WITHIN)
    if (found := _PROPERTY.search(abstract, from_here)) and found.start():
        return abstract[: found.start()]
    for found in _NOTICE.finditer(abstract, from_here):
        if _end_of_notice(abstract, found) == len(abstract):
            return abstract[: found.start()]
    found = _PROTECTED.search(abstract, max(0, len(abstract) - 100))
    return abstract[: found.start()] if found else abstract


def _end_of_notice(text: str, found: re.Match[str]) -> int:
    """Where a notice ends that may begin at a sign of copyright; 0 where none does."""
    at = found.end()
    ends = [one.start() for one in _SENTENCE_END.finditer(text, at, at + _WITHIN)]
    ends.append(len(text))
    after = 0
    for end in ends:
        piece = text[at:end]
        if after:
            goes_on = _ends_name(piece) or _OF_RIGHTS.search(piece) is not None
        else:
            goes_on = _names_holder(piece)
        if not goes_on:
            break
        at = after = end
    return after


def _ends_name(piece: str) -> bool:
    small = set(_SMALL_WORD.findall(piece))
    return len(piece.split()) <= _SHORT and small <= _SMALL_IN_NAMES


def _names_holder(piece: str) -> bool:
    """True for "2021, Elsevier B.V.", "The Author(s) 2020" and what speaks of rights."""
    if len(piece) > _LONGEST_NOTICE or not (_YEARS.search(piece) or _AUTHORS.match(piece)):
        return False
    small = set(_SMALL_WORD.findall(piece))
    return small <= _SMALL_IN_NAMES or _OF_RIGHTS.search(piece) is not None
