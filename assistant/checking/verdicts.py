"""The symbols and words for what the check of a claim said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from assistant.types.claims import Claim, Verdict
from store.pattern import pattern


class Sign(NamedTuple):
    """How a verdict is shown: a symbol, its meaning, and whether the reader should look twice."""

    symbol: str
    words: str
    warns: bool


SIGNS: dict[Verdict, Sign] = {
    "matched": Sign("✓", "its words and numbers stand in the cited sentences", False),
    "weak": Sign("~", "little of it stands in the cited sentences", True),
    "number_not_found": Sign("#!", "a number in it is not in the cited sentences", True),
    "uncited": Sign("○", "it cites nothing", True),
    "unknown_citation": Sign("?!", "it cites what is no source", True),
    "supported": Sign("✔", "the model finds it supported by the cited sentences", False),
    "contradicted": Sign("✗", "the model finds it contradicted by the cited sentences", True),
    "not_stated": Sign("–", "the model does not find it in the cited sentences", True),
}
"""In the order in which they are listed."""

CONTRADICTED: Verdict = "contradicted"
"""What a model says of a claim that cannot be true together with what it cites."""

UNKNOWN_ADDRESS = SIGNS["unknown_citation"].symbol
"""Stands behind a web address that no source of the answer has."""


_LAST_MARK = pattern(r"(?P<mark>\[(?:\d{1,4}|\?)\])[^\w\[]*\Z")


def sign_place(sentence: str) -> int:
    """The offset in a sentence at which its sign stands, with nothing in between.

    Behind the citation that ends it, or else behind its last character: at the start of a line,
    or after a space, it would seem to speak of the next sentence.
    """
    last = _LAST_MARK.search(sentence)
    return last.end("mark") if last else len(sentence.rstrip(" \t\n|"))


def verdict_counts(claims: Iterable[Claim]) -> dict[Verdict, int]:
    """How many claims got which verdict, in the order of `SIGNS`, without those that none got."""
    counts = Counter(claim.verdict for claim in claims)
    return {verdict: counts[verdict] for verdict in SIGNS if counts[verdict]}


def model_judged(claims: Iterable[Claim]) -> int:
    """How many claims a model judged."""
    return sum(1 for claim in claims if claim.checked_by == "model")


def contradicted(claims: Iterable[Claim]) -> list[Claim]:
    """The claims that a model finds contradicted by what they cite."""
    return [claim for claim in claims if claim.verdict == CONTRADICTED]
