"""The rules that tell what speaks against a claim; any reason that one names makes it weak."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.checking import quantities
from assistant.checking.cited_paper import CitedPaper, Rule
from assistant.checking.mismatch import opposed
from assistant.checking.superlatives import outdone


def turned_round(claim: str, cited: Sequence[CitedPaper]) -> tuple[str, ...]:
    """The directions of a claim that the cited sentences turn round."""
    sentences = "\n".join(text for one in cited for text in one.sentences)
    return tuple(f"'{word}' is the other way round there" for word in opposed(claim, sentences))


RULES: tuple[Rule, ...] = (
    turned_round,
    quantities.changed_places,
    quantities.turned_bounds,
    outdone,
    quantities.too_many_papers,
)
"""In the order in which their reasons are listed."""


def reasons_against(claim: str, cited: Sequence[CitedPaper]) -> tuple[str, ...]:
    """What all rules say of a claim; nothing of one that cites nothing."""
    if not cited:
        return ()
    return tuple(dict.fromkeys(reason for rule in RULES for reason in rule(claim, cited)))
