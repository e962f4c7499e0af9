"""How a claim names the papers it cites: by the head of a title, or by a name that stands in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from assistant.checking.cited_paper import CitedPaper
from assistant.text.words import is_name
from store.pattern import pattern

_WORD = pattern(r"[^\W_]+(?:[-‐‑.+/][^\W_]+)*\+*")
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
    return next(filter(_is_own_name, _WORD.findall(paper.title)), paper.title)


def mentions(claim: str, cited: Sequence[CitedPaper]) -> tuple[Mention, ...]:
    """Where a claim names the papers it cites, in order; a name that two of them have is none."""
    known = Counter(name for paper in cited for name in _names(paper))
    owners = {name: at for at, paper in enumerate(cited) for name in _names(paper)}
    found = [
        Mention(owners[match[0]], *match.span())
        for match in _WORD.finditer(claim)
        if known[match[0]] == 1
    ]
    for at, paper in enumerate(cited):
        name = name_of(paper)
        if name and known[name] == 1 and not _WORD.fullmatch(name):
            whole = re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", claim)
            spans = [one.span() for one in whole]
            found = [one for one in found if not any(a <= one.start < b for a, b in spans)]
            found += [Mention(at, *span) for span in spans]
    return tuple(sorted(found, key=lambda one: one.start))


def _names(paper: CitedPaper) -> set[str]:
    """The name of a paper, and names in its title; an acronym may be of a whole field."""
    return {name_of(paper), *filter(_is_own_name, _WORD.findall(paper.title))}


def _is_own_name(word: str) -> bool:
    capitals = sum(map(str.isupper, word))
    return (
        word[0].isalpha() and is_name(word) and (capitals < len(word) - 1 or len(word) > _ACRONYM)
    )
