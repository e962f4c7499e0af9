"""How a claim names the papers it cites: by the head of a title, or by a name that stands in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from assistant.checking.cited_paper import CitedPaper
from assistant.text.words import is_name
from store.pattern import pattern

_WORD = pattern(r"[^\W_]+(?:[-‐‑.+/][^\W_]+)*\+*")
_LONGEST_HEAD = 4


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
    return next((word for word in _WORD.findall(paper.title) if is_name(word)), paper.title)


def mentions(claim: str, cited: Sequence[CitedPaper]) -> tuple[Mention, ...]:
    """Where a claim names the papers it cites, in order; a name that two of them have is none."""
    names = [_names(paper) for paper in cited]
    found: list[Mention] = []
    for paper, own in enumerate(names):
        others = set().union(*(one for at, one in enumerate(names) if at != paper))
        for name in sorted(own - others, key=len, reverse=True):
            for match in re.finditer(rf"(?<![\w-]){re.escape(name)}(?![\w-]*\w)", claim):
                inside = any(one.start < match.end() and match.start() < one.end for one in found)
                found += [] if inside else [Mention(paper, *match.span())]
    return tuple(sorted(found, key=lambda one: one.start))


def _names(paper: CitedPaper) -> set[str]:
    return {name_of(paper), *(word for word in _WORD.findall(paper.title) if is_name(word))}
