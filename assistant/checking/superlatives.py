"""A paper that is said to have the most of something, held against the other papers cited.

"LagoonTTS was trained on the most hours, 585" is outdone by a cited sentence with 44000 hours.
Numbers are compared only of the same unit and thing, in sentences that speak of the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from assistant.checking.cited_paper import CitedPaper
from assistant.checking.paper_names import Mention, mentions, name_of
from assistant.checking.quantities import figures, held_by
from assistant.text.numbers.units import UNITS
from assistant.text.words import Number, is_figure, is_name, terms
from store.pattern import pattern

_SUPERLATIVE = pattern(
    r"(?<!of )(?<!among )(?<!amongst )\b[Tt]he (?:(?P<most>most|largest|highest|longest|greatest"
    r"|biggest)|(?:fewest|smallest|least|lowest|shortest))\b"
    r"(?P<thing>(?:\s(?!(?:in|on|for|with|among|at|by|from|to|than|and|but|while|whereas|is|are"
    r"|was|were|has|have|across|when|under)\b)[\w%-]+){0,5})"
)
_DENIED = pattern(
    r"(?:\b(?:not|never|no longer|second|third|than|if|whether|may|might)|n't)\b[^.;]*\Z"
)
_CLAUSE = pattern(r"[;,]\s|\s(?:and|but|while|whereas|although)\s")
_GENERIC = frozenset(terms("number amount count quantity total size value overall rest others all"))
_FOLLOWING = pattern(r"(?:[ -][a-z]+){0,3}")
_WORD = pattern(r"[^\W\d_][^\W_]*(?:[-‐‑.+/][^\W_]+)*")
_WORD_BEFORE = pattern(r"\w+(?=\W*\Z)")
_BASES = frozenset(base for base, _ in UNITS.values())


class _Found(NamedTuple):
    """A number of a thing, as it is written, and what stands beside it.

    `beside` are the thing itself, the word before a unit, or names such as that of a data set:
    numbers of two papers are alike that share one of them, or of which one has none.
    """

    number: Number
    written: str
    beside: frozenset[str]


def outdone(claim: str, cited: Sequence[CitedPaper]) -> tuple[str, ...]:
    """The greater number of another cited paper beside "the most", a smaller beside "the least"."""
    reasons: list[str] = []
    for match in _SUPERLATIVE.finditer(claim) if len(cited) > 1 else ():
        exact = [one for one in figures(claim) if one.unit or not one.spelt]
        own = min(exact, key=lambda one: abs(one.start - match.end()), default=None)
        named = mentions(claim, cited)
        subject = _subject(claim, match, own, cited, named)
        if subject is None or _DENIED.search(claim, 0, match.start()):
            continue
        thing = _kind(match["thing"]) or (_counted(claim, own)[1] if own else frozenset())
        called = {claim[one.start : one.end] for one in named}
        names, sign = _names(claim) - called, 1 if match["most"] else -1
        found = [[*_of_thing(thing, own, names, paper)] for paper in cited]
        mine = found[subject]
        said = [one.value * sign for one in (own, *(each.number for each in mine)) if one]
        reasons += (
            f"{name_of(cited[at])} has {other.written}"
            for at, others in enumerate(found)
            for other in (others if mine and at != subject else ())
            if other.number.value * sign > max(said) and _are_alike(other, mine)
        )
    return tuple(dict.fromkeys(reasons))


def _subject(
    claim: str,
    match: re.Match[str],
    own: Number | None,
    cited: Sequence[CitedPaper],
    named: Sequence[Mention],
) -> int | None:
    """Which of the cited papers is said to have the most; None where that is open."""
    begin = max((one.end() for one in _CLAUSE.finditer(claim, 0, match.start())), default=0)
    here = {one.paper for one in named if begin <= one.start < match.start()}
    papers = here or {one.paper for one in named}
    if not papers and own:
        return held_by(claim, cited).get(own)
    return papers.pop() if len(papers) == 1 else None


def _of_thing(
    thing: frozenset[str], own: Number | None, names: frozenset[str], paper: CitedPaper
) -> Iterator[_Found]:
    """The numbers of a thing in the cited sentences of a paper that have these names.

    So are those with its unit or before its words, and the only one of a sentence on it.
    """
    for text in paper.sentences:
        stated = figures(text) if all(name in text for name in names) else []
        speaks = thing & frozenset(terms(text)) if stated else thing
        for number in stated:
            end, kind = _counted(text, number)
            before = _WORD_BEFORE.search(text, 0, number.start)
            if kind & thing:
                word = before[0].lower() if before and number.unit else ""
                yield _Found(number, text[number.start : end], speaks | {word} - {""})
            elif speaks and len(stated) == 1 and not thing & _BASES:
                sets = frozenset(name for name in _names(text) if name not in paper.title)
                if own is None or own.unit == number.unit:
                    yield _Found(number, text[number.start : number.end], sets)


def _are_alike(other: _Found, own: Sequence[_Found]) -> bool:
    return other.number.hedge in ("", "over") and all(
        one.number.unit == other.number.unit
        and not (one.beside and other.beside and one.beside.isdisjoint(other.beside))
        for one in own
    )


def _counted(text: str, number: Number) -> tuple[int, frozenset[str]]:
    """Where a number ends with the words for what it counts, and their terms or its unit."""
    words = _FOLLOWING.match(text, number.end)
    if number.unit or not words:
        return number.end, frozenset((number.unit,))
    return words.end(), frozenset(terms(words[0]))


def _kind(words: str) -> frozenset[str]:
    """The units and terms of some words."""
    kind = {
        one
        for word in words.lower().split()
        for one in (UNITS[word][:1] if word in UNITS else terms(word))
    }
    return frozenset(one for one in kind - _GENERIC if not is_figure(one))


def _names(text: str) -> frozenset[str]:
    return frozenset(filter(is_name, _WORD.findall(text)))
