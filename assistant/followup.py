"""Questions that lean on the one before them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.values import Turn
from assistant.words import terms

_LEANING = re.compile(
    r"\b(?:it|its|they|them|their|theirs|this|these|those|that (?:one|paper|method|approach|model)"
    r"|he|she|his|her|the (?:first|second|third|fourth|fifth|last|other|former|latter)"
    r"(?: one| paper| method)?|the (?:same|authors|method|model|approach|paper|results?))\b",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^\s*(?:and|but|so|or|also|then|what about|how about|what else|which of|why|how so|really"
    r"|any other|more|in what way|compared to what)\b",
    re.IGNORECASE,
)
_ORDINALS = ("first", "second", "third", "fourth", "fifth")
_NUMBERED = re.compile(
    r"\[(\d{1,2})\]|\bthe (first|second|third|fourth|fifth|last)\b", re.IGNORECASE
)
_SHORT = 3


def leans(question: str) -> bool:
    """True when a question seems to need the one before it."""
    words = terms(question)
    return bool(
        _OPENING.search(question)
        or len(words) < _SHORT
        or _NUMBERED.search(question)
        or any(not _is_explained(question, found) for found in _LEANING.finditer(question))
    )


def carry_over(question: str, history: Sequence[Turn]) -> str:
    """A follow-up with what it leans on put beside it, without a model.

    “The second one” and “[2]” bring in the title of that reference; other questions bring
    in the question before, and the titles it was answered from when they are few.
    """
    if not history:
        return question
    last = history[-1]
    named = _named(question, last)
    if named:
        return f"{question} ({'; '.join(named)})"
    before = last.answer.standalone or last.question
    titles = [one.title for one in last.answer.references]
    about = [before, *(titles if len(titles) <= 2 else [])]
    return f"{question} ({'; '.join(about)})"


def _named(question: str, last: Turn) -> list[str]:
    titles = []
    for found in _NUMBERED.finditer(question):
        if found[1]:
            number = int(found[1])
        elif found[2].lower() == "last":
            number = len(last.answer.references)
        else:
            number = _ORDINALS.index(found[2].lower()) + 1
        reference = last.answer.reference(number)
        if reference is not None:
            titles.append(reference.title)
    return titles


def _is_explained(question: str, found: re.Match[str]) -> bool:
    """A pronoun that follows its own noun in a long question does not lean."""
    before = question[: found.start()]
    return len(terms(before)) >= _SHORT
