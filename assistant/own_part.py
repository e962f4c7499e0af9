"""In an answer that lists papers, what each one does rather than what was known before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.cues import CUE, HOUSEKEEPING, LEAD_IN, PROPOSAL, RESULT
from assistant.evidence_match import Similarity, rank_sentences
from assistant.questions import core_weights
from assistant.selection import Selected
from assistant.values import Source
from assistant.words import Statistics, is_name

_NAME = re.compile(r"^([\w+*'’.-]{2,30}(?: \d)?)\s*(?::|\s[–—-]\s)")
_COMPARES = re.compile(
    r"\bcompar\w+|\bdiffer\w*|\b(?:dis)?agree\w*|\bversus\b|\bvs\b|\b\w+er\b.* or \b|\bhighe[rs]",
    re.IGNORECASE,
)
_LEAST = 0.1
"""The share of the background sentence's score that a sentence of the paper's own part needs."""


def with_own_part(
    selected: Sequence[Selected],
    question: str,
    statistics: Statistics,
    similarity: Similarity | None,
) -> tuple[Selected, ...]:
    """The entries of a list, those of mere background replaced by what the paper proposes.

    Background often speaks more to "which methods do X" than the sentence that names the
    method. A paper whose own part hardly speaks to the question keeps its sentence, and so
    does every paper of a comparison, where figures are asked for.
    """
    if _COMPARES.search(question):
        return tuple(selected)
    return tuple(_own(one, question, statistics, similarity) for one in selected)


def is_own_part(text: str, source: Source) -> bool:
    """True for a sentence on what a paper itself does, by its cues or the name it coins."""
    if HOUSEKEEPING.search(text):
        return False
    if any(cue.search(text) for cue in (CUE, PROPOSAL, LEAD_IN)):
        return True
    name = coined_name(source)
    return bool(name) and name in text and bool(RESULT.search(text))


def coined_name(source: Source) -> str:
    """The name that a paper gives what it proposes, by its title: "FoxNet: a network for ..."."""
    found = _NAME.match(source.paper.title.strip())
    return found[1] if found and is_name(found[1]) else ""


def _own(
    one: Selected, question: str, statistics: Statistics, similarity: Similarity | None
) -> Selected:
    source = one.source
    if any(is_own_part(source.sentences[at].text, source) for at in one.indices):
        return one
    texts = [sentence.text for sentence in source.sentences]
    row = similarity([question], texts)[0] if similarity else None
    weighted = core_weights(question, statistics)
    scores = dict(rank_sentences(weighted, source.sentences, row))
    own = [at for at in scores if is_own_part(texts[at], source)]
    if not own:
        return one
    best = max(own, key=lambda at: scores[at])
    kept = max((scores.get(at, 0.0) for at in one.indices), default=0.0)
    return replace(one, indices=(best,)) if scores[best] >= _LEAST * kept else one
