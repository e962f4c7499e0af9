"""Where a sentence ends whatever stands there: layout, headings, spaces that got lost."""

from __future__ import annotations

import re

from store.pattern import pattern
from store.tables import read_table

_TABLE = read_table(__file__, "sentences.toml")
HEADINGS = "|".join(_TABLE.pop("headings"))
"""Headings of a part of an abstract, as alternatives of a pattern."""

WORDS = {name: frozenset(words.split()) for name, words in _TABLE.items()}
"""Words that tell whether a full stop ends a sentence, by kind."""

_NEVER_LAST = WORDS["never_last"]
_ABBREVIATIONS = WORDS["abbreviations"]
_STARTERS = WORDS["starters"]

_BREAK = pattern(
    r"\n[ \t]*(?:\n[ \t]*)+"  # a blank line
    r"|\n(?=[ \t]*(?:[-*•·+][ \t]|#{1,6}[ \t]|\(?\d{1,2}[.)][ \t]|\||>[ \t]))"  # a list item
    r"|(?<=\S)[ \t]*\n(?<=[:*_]\n)"  # the end of a line that leads in a list
)
_HEADING_LINE = pattern(r"^[ \t]*(?:\#{1,6}[ \t][^\n]+|(\*\*|__)[^*_\n]{1,80}\1:?)\n", re.MULTILINE)
_HEADING = pattern(rf"(?<=\s)(?:{HEADINGS})(?:/[A-Z ]{{3,40}})?:(?=\s)")
_GLUED = pattern(
    r"(?<![\w./@-])(?:[a-z]{3,}|[a-z]{2,}(?:-[a-z]+)+|[A-Z][a-z]{3,}|\d+(?:\.\d+)?\\?%)"
    r"[.?!](?=([A-Z][a-z]*)(?:,?\s)|\(?\d\)\s)"
)
_GLUED_BRACKET = pattern(r"[)\]][.?!](?=([A-Z][a-z]*)(?:,?\s)|\(?\d\)\s)")
_MAY_BE_GLUED = pattern(r"[.?!](?:[A-Z]|\(?\d\))")
# A raised number of a reference that lost its place: "... has aged.1–3 Affected children".
_REFERENCE = pattern(
    r"(?:(?<![\w./@-])([a-z]{4,}|[a-z]{2,}(?:-[a-z]+)+)|(?<=[)\]]))[.?!]"
    r"\d{1,2}(?:[,–-]\d{1,2})*(?:[ ]\d{1,2})?(?=\s+[A-Z][a-z])"
)
_MAY_BE_REFERENCE = pattern(r"[.?!]\d{1,2}(?:[,– -]\d{1,2})*\s+[A-Z][a-z]")
_ADVERB = pattern("[A-Z][a-z]{3,}ly")


def hard_ends(text: str) -> set[int]:
    """Offsets at which a sentence ends whatever stands there: layout, headings, lost spaces.

    Most abstracts have none of it, and a look for the mark that each needs is quick.
    """
    hard: set[int] = set()
    if "\n" in text:
        hard |= {match.end() for match in _BREAK.finditer(text)}
        hard |= {match.end() for match in _HEADING_LINE.finditer(text)}
    if ":" in text:
        hard |= {match.start() for match in _HEADING.finditer(text)}
    if _MAY_BE_GLUED.search(text):
        hard |= {
            match.end()
            for glued in (_GLUED, _GLUED_BRACKET)
            for match in glued.finditer(text)
            if not match[1] or match[1] in _STARTERS or _ADVERB.fullmatch(match[1])
        }
    if _MAY_BE_REFERENCE.search(text):
        hard |= {
            match.end()
            for match in _REFERENCE.finditer(text)
            if not (match[1] in _ABBREVIATIONS or match[1] in _NEVER_LAST)
        }
    return hard
