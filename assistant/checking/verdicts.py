"""The symbols and words for what the check of a claim said."""

from __future__ import annotations

from typing import NamedTuple

from assistant.types.claims import Verdict


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

UNKNOWN_ADDRESS = SIGNS["unknown_citation"].symbol
"""Stands behind a web address that no source of the answer has."""
