"""How a claim names the papers it cites: by the head of a title, or by a name that stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from assistant.checking.cited_paper import CitedPaper
from assistant.text.words import is_name
from store.pattern import pattern

_JOINT = "[-‐‑.+/]"
_WORD = pattern(rf"[^\W_]+(?:{_JOINT}[^\W_]+)*\+*")
_LONGEST_HEAD = 4
_ACRONYM = 4


class Mention(NamedTuple):
    """A paper named in a claim: which of those cited, and the offsets of its name."""

    paper: int
    start: int
    end: int


def name_of(paper: CitedPaper) -> str:
    """What a paper is called: the head of its title, a name in it, or all of it."""
    head, colon, _ = paper.title.partition(":")
    if colon and len(head.split()) <= _LONGEST_HEAD:
        return head.strip()
    return next(_own_names(paper.title), paper.title)


def mentions(claim: str, cited: Sequence[CitedPaper]) -> tuple[Mention, ...]:
    """Where a claim names the papers it cites, in order; a name that two of them have is none."""
    names = [{name_of(paper), *_own_names(paper.title)} for paper in cited]
    found = [
        Mention(at, *match.span())
        for at, own in enumerate(names)
        for name in own
        if name and name in claim and sum(name in other for other in names) == 1
        for match in re.finditer(
            rf"(?<!\w)(?<!\w{_JOINT}){re.escape(name)}(?!{_JOINT}?\w|\+)", claim
        )
    ]
    # Of "Flow Matching" and "Flow" the longer one is meant.
    found.sort(key=lambda one: (one.start, -one.end))
    ends = accumulate((one.end for one in found), max, initial=0)
    return tuple(one for one, end in zip(found, ends, strict=False) if one.end > end)


def _own_names(title: str) -> Iterator[str]:
    """The names in a title; a short acronym may be of a whole field."""
    for word in _WORD.findall(title):
        capitals = sum(map(str.isupper, word))
        is_acronym = capitals >= len(word) - 1 and len(word) <= _ACRONYM
        if word[0].isalpha() and is_name(word) and not is_acronym:
            yield word
