"""The rules that tell what speaks against a claim; any reason that one names makes it weak."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.checking import polarity, quantities, word_for_word
from assistant.checking.cited_paper import CitedPaper, Rule
from assistant.checking.superlatives import outdone

RULES: tuple[Rule, ...] = (
    polarity.said_without_not,
    polarity.said_with_not,
    polarity.turned_by_prefix,
    polarity.other_kind,
    polarity.surer,
    polarity.turned_direction,
    quantities.changed_places,
    quantities.turned_bounds,
    outdone,
    quantities.too_many_papers,
    word_for_word.misquoted,
)
"""In the order in which their reasons are listed."""


def reasons_against(claim: str, cited: Sequence[CitedPaper]) -> tuple[str, ...]:
    """What all rules say of a claim; nothing of one that cites nothing."""
    if not cited:
        return ()
    return tuple(dict.fromkeys(reason for rule in RULES for reason in rule(claim, cited)))
