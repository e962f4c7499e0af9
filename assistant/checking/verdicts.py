"""The symbols and words for what the check of a claim said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal, NamedTuple

from assistant.types.claims import Claim, Verdict
from store.pattern import pattern

Role = Literal["error", "warning", "muted", "success"]
"""How loud a sign is; the theme of the app has a colour for each."""


class Sign(NamedTuple):
    """How a verdict is shown: symbol, name, meaning, and how loud."""

    symbol: str
    name: str
    words: str
    role: Role

    @property
    def warns(self) -> bool:
        """True where a reader is to look twice."""
        return self.role in ("error", "warning")


SIGNS: dict[Verdict, Sign] = {
    "contradicted": Sign(
        "✗", "contradicted", "contradicted by what it cites, a model says", "error"
    ),
    "number_not_found": Sign("#!", "number not found", "a number is not in what it cites", "error"),
    "unknown_citation": Sign(
        "?!", "cites what is no source", "it cites what is no source", "error"
    ),
    "not_stated": Sign("–", "not stated", "not stated in what it cites, a model says", "warning"),
    "uncited": Sign("○", "cites nothing", "it cites nothing", "warning"),
    "weak": Sign("~", "little found", "little found in what it cites, or it differs", "warning"),
    "unchecked": Sign(
        "∅", "unchecked", "in another language than its source, unchecked", "warning"
    ),
    "partly": Sign("◐", "partly", "stated in part, a model says", "warning"),
    "matched": Sign("·", "words found", "words found, meaning not checked", "muted"),
    "supported": Sign("✓", "approved", "supported, a model says, or word for word", "success"),
}
"""In the order of alarm, in which they are listed."""


def sign_of(claim: Claim) -> Sign:
    """The sign of a claim: ✓ only where it is approved, ∅ where its language is another."""
    if claim.is_approved:
        return SIGNS["supported"]
    if claim.is_foreign and claim.verdict in ("matched", "weak", "supported"):
        return SIGNS["unchecked"]
    return SIGNS[claim.verdict]


NOT_THERE = " is not there"
"""What stands behind a number of a claim that is not in what it cites."""

CONTRADICTED: Verdict = "contradicted"
"""What a model says of a claim that cannot be true together with what it cites."""

CITES_NO_SOURCE: tuple[Verdict, ...] = ("uncited", "unknown_citation")
"""What is said of a claim that cites nothing, or what is no source: no model is asked of it."""

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


def sign_counts(claims: Iterable[Claim]) -> dict[Sign, int]:
    """How many claims have which sign, in the order of `SIGNS`, without those that none has."""
    counts = Counter(map(sign_of, claims))
    return {sign: counts[sign] for sign in SIGNS.values() if counts[sign]}


def contradicted(claims: Iterable[Claim]) -> list[Claim]:
    """The claims that a model finds contradicted by what they cite."""
    return [claim for claim in claims if claim.verdict == CONTRADICTED]
