"""What to doubt of an answer whatever its claims are: web addresses, stuffed records.

A web address counts as known when a source's record or text has it. An abstract that says the
same thing over and over is told of.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from assistant.answers.references import addresses_of
from assistant.types.answers import Answer
from assistant.types.evidence import Evidence
from store.pattern import pattern

_SHOWN = 3
"""Addresses that one line names."""

ADDRESS_ENDS = ".,;:!?)]}*_~"
"""What behind a web address is not part of it."""

_SCHEME = pattern(r"^(?:https?://)?(?:www\.)?")
_ARXIV = pattern(r"arxiv\.org/(?:abs|pdf)/([\w./-]+?)(?:v\d+)?(?:\.pdf)?")
_STATED = pattern(
    r"(?:https?://)?[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:/[^\s<>\"'`|)\]]*)?", re.IGNORECASE
)
_ADDRESS = pattern(r"(?:https?://|www\.)[^\s<>\"'`|)\]]{3,}", re.IGNORECASE)


def foreign_addresses(text: str, evidence: Evidence) -> tuple[str, ...]:
    """The web addresses of a text that no source has."""
    found = dict.fromkeys(one.rstrip(ADDRESS_ENDS) for one in _ADDRESS.findall(text))
    if not found:
        return ()
    known = {
        _bare_address(match.group())
        for source in evidence.sources
        for stated in (*addresses_of(source.paper), source.paper.abstract)
        for match in _STATED.finditer(stated)
    }
    return tuple(one for one in found if _bare_address(one) not in known)


def _bare_address(address: str) -> str:
    """An address as it is compared: without scheme, "www.", version and the like."""
    bare = _SCHEME.sub("", address.rstrip(ADDRESS_ENDS).casefold()).rstrip("/")
    bare = bare.replace("dx.doi.org/", "doi.org/", 1)
    paper = _ARXIV.fullmatch(bare)
    return f"arxiv.org/abs/{paper[1]}" if paper else bare


def doubts(answer: Answer, evidence: Evidence) -> str:
    """One line on what to doubt: addresses of no source, records that repeat; empty for none."""
    parts = []
    if addresses := foreign_addresses(answer.text, evidence):
        more = f" and {len(addresses) - _SHOWN} more" if len(addresses) > _SHOWN else ""
        parts.append(f"in no source: the address {', '.join(addresses[:_SHOWN])}{more}")
    if repeated := repetition(answer, evidence):
        parts.append(repeated)
    return "; ".join(parts)


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
