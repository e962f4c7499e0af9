"""The rules that tell what speaks against a claim, each a function that names what it saw.

A rule gets the claim and what it cites of each paper; any reason makes the claim weak.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from assistant.checking.mismatch import opposed


class CitedPaper(NamedTuple):
    """What a claim cites of one paper: the sentences in order, all of them for a whole paper."""

    title: str
    abstract: str
    sentences: tuple[str, ...]


Rule = Callable[[str, Sequence[CitedPaper]], tuple[str, ...]]
"""From the text of a claim and what it cites to reasons in words for the reader."""


def turned_round(claim: str, cited: Sequence[CitedPaper]) -> tuple[str, ...]:
    """The directions of a claim that the cited sentences turn round."""
    sentences = "\n".join(text for one in cited for text in one.sentences)
    return tuple(f"'{word}' is the other way round there" for word in opposed(claim, sentences))


RULES: tuple[Rule, ...] = (turned_round,)
"""In the order in which their reasons are listed."""


def reasons_against(claim: str, cited: Sequence[CitedPaper]) -> tuple[str, ...]:
    """What all rules say of a claim; nothing of one that cites nothing."""
    if not cited:
        return ()
    return tuple(dict.fromkeys(reason for rule in RULES for reason in rule(claim, cited)))
