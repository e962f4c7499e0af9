"""A paper that is said to have the most of something, held against the other papers cited.

"LagoonTTS was trained on the most hours, 585" is outdone by a cited sentence with 44000 hours.
Numbers are compared only of the same unit and thing, in sentences that speak of the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from assistant.checking.cited_paper import CitedPaper
from assistant.checking.paper_names import mentions, name_of
from assistant.text.numbers.quantity import YEARS
from assistant.text.numbers.units import UNITS
from assistant.text.words import Number, is_figure, is_name, numbers, numbers_missing, terms
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
_FOLLOWING = pattern(r"(?:[ -][a-z]+){1,3}")
_WORD = pattern(r"[^\W_]+(?:[-‐‑.+/][^\W_]+)*")
_WORD_BEFORE = pattern(r"(\w+)\W*\Z")
_OWN_BEFORE = pattern(r"(?:[ -][a-z]+){0,2}[,:–—(]?\s?\Z")


class _Said(NamedTuple):
    """What a claim says a paper has the most of: its terms and units, and a number of its own."""

    is_most: bool
    thing: frozenset[str]
    units: frozenset[str]
    own: Number | None
    names: frozenset[str]


class _Found(NamedTuple):
    """A number of a paper that is of the thing: as it is written, after what, beside which names.

    `counts` says that the thing itself is counted ("8 sampling steps"), or stands beside a unit.
    """

    number: Number
    written: str
    before: str
    names: frozenset[str]
    counts: bool


def outdone(claim: str, cited: Sequence[CitedPaper]) -> tuple[str, ...]:
    """The greater number of another cited paper beside "the most", a smaller beside "the least"."""
    reasons: list[str] = []
    for match in _SUPERLATIVE.finditer(claim) if len(cited) > 1 else ():
        said = _read(claim, match, cited)
        subject = _subject(claim, match, said, cited)
        if subject is None or _DENIED.search(claim, 0, match.start()):
            continue
        own = list(_of_thing(said, cited[subject]))
        for at, paper in enumerate(cited):
            if own and at != subject:
                reasons += (
                    f"{name_of(paper)} has {other.written}"
                    for other in _of_thing(said, paper)
                    if all(_outdoes(other, one, said) for one in own)
                )
    return tuple(dict.fromkeys(reasons))


def _read(claim: str, match: re.Match[str], cited: Sequence[CitedPaper]) -> _Said:
    papers = {claim[one.start : one.end] for one in mentions(claim, cited)}
    words = match["thing"].split()
    units = {UNITS[word.lower()][0] for word in words if word.lower() in UNITS}
    thing = {term for word in words if word.lower() not in UNITS for term in terms(word)}
    thing = {term for term in thing if term not in _GENERIC and not is_figure(term)}
    own = None
    for number in numbers(claim):
        follows = 0 <= number.start - match.end() <= len(" of all models, with a total of ")
        leads = number.end <= match.start() and _OWN_BEFORE.fullmatch(
            claim, number.end, match.start()
        )
        if follows or (leads and not thing and not units):
            own = number
            break
    if own and not thing and not units:
        following = _FOLLOWING.match(claim, own.end)
        thing = set(terms(following[0])) if following and not own.unit else thing
        units = {own.unit} if own.unit else units
    names = frozenset(_names(claim)) - papers
    return _Said(bool(match["most"]), frozenset(thing), frozenset(units), own, names)


def _names(text: str) -> Iterator[str]:
    return (word for word in _WORD.findall(text) if word[0].isalpha() and is_name(word))


def _subject(
    claim: str, match: re.Match[str], said: _Said, cited: Sequence[CitedPaper]
) -> int | None:
    """Which of the cited papers is said to have the most; None where that is open."""
    named = mentions(claim, cited)
    begin = max((one.end() for one in _CLAUSE.finditer(claim, 0, match.start())), default=0)
    here = {one.paper for one in named if begin <= one.start < match.start()}
    papers = here or {one.paper for one in named}
    if not papers and said.own:
        own = said.own
        papers = {
            at
            for at, paper in enumerate(cited)
            if own.start not in {one.start for one in numbers_missing(claim, _text(paper))}
        }
    return papers.pop() if len(papers) == 1 else None


def _of_thing(said: _Said, paper: CitedPaper) -> Iterator[_Found]:
    """The numbers of the thing in the cited sentences of a paper."""
    for text in paper.sentences:
        if not all(name in text for name in said.names):
            continue
        stated = [one for one in numbers(text) if one.unit or one.value not in YEARS]
        names = frozenset(name for name in _names(text) if name not in paper.title)
        held = frozenset(terms(text))
        for number in stated:
            following = _FOLLOWING.match(text, number.end)
            kind = frozenset(terms(following[0])) if following else frozenset()
            is_counted = not number.unit and not said.units and bool(kind & said.thing)
            is_measured = number.unit in said.units
            is_score = (
                not said.units
                and len(stated) == 1
                and bool(said.thing & held)
                and number.unit == (said.own.unit if said.own else number.unit)
            )
            if is_counted or is_measured or is_score:
                before = _WORD_BEFORE.search(text, 0, number.start)
                end = following.end() if following and is_counted else number.end
                yield _Found(
                    number,
                    text[number.start : end],
                    before[1].lower() if before else "",
                    names,
                    is_counted or (is_measured and bool(said.thing & held)),
                )


def _outdoes(other: _Found, own: _Found, said: _Said) -> bool:
    """True for a number that is surely of the same kind, and goes beyond a paper's own."""
    if other.number.unit != own.number.unit or other.number.hedge not in ("", "over"):
        return False
    if not (other.counts and own.counts):
        if said.units and other.before != own.before:
            return False  # "trained on 585 hours" and "training took 12 hours"
        if not said.units and other.names and own.names and not other.names & own.names:
            return False  # scores on two data sets
    limits = [own.number.value, *([said.own.value] if said.own else [])]
    if said.is_most:
        return other.number.value > max(limits)
    return other.number.value < min(limits)


def _text(paper: CitedPaper) -> str:
    return "\n".join((paper.title, *paper.sentences))
