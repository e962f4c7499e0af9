"""Phrases of abstracts that tell what a sentence is there for."""

from __future__ import annotations

import re
from functools import lru_cache

from store.pattern import pattern

_OPENING = r"\b(?:we|this (?:paper|work|article|study)|in this (?:paper|work|article|study)"
CUE = pattern(
    _OPENING + r"|our (?:paper|work))\b(?:\W+\w+){0,4}?\W+(?:propos\w*|present\w*|introduc\w*"
    r"|develop\w*|describ\w*|study|studies|investigat\w*|explor\w*|show\w*|demonstrat\w*"
    r"|address\w*|design\w*|provid\w*|examin\w*|analy[sz]\w*|consider\w*|prove\w*|argue\w*"
    r"|aim\w*|report\w*|formulat\w*|extend\w*|appl\w*|use|suggest\w*|review\w*|survey\w*|compare\w*"
    r"|releas\w*|build\w*|evaluat\w*)",
    re.IGNORECASE,
)
"""A sentence that says what a paper does."""

PROPOSAL = pattern(
    _OPENING + r")\b(?:\W+\w+){0,6}?\W+(?:propos\w*|present\w*|introduc\w*|develop\w*|describ\w*)",
    re.IGNORECASE,
)
"""A sentence that says what a paper proposes: "we introduce X"."""

LEAD_IN = pattern(
    r"\b(?:in this (?:paper|work|article|study)|this (?:paper|work|article)|here,? we)\b",
    re.IGNORECASE,
)
"""Words that begin a paper's own part: "in this work"."""

RESULT = pattern(
    r"\b(?:outperform\w*|state[- ]of[- ]the[- ]arts?|achiev\w*|experiment\w*|results?|improv\w*"
    r"|reduc\w*|faster|significantly|demonstrat\w*|conclusions?)\b",
    re.IGNORECASE,
)
"""A sentence that reports a result."""

HOUSEKEEPING = pattern(
    r"\bhttps?://|\b(?:code|demos?|samples?|models?|datasets?|data)\b[^.]{0,60}"
    r"\b(?:available|released?|found (?:at|on|in))\b|\bproject (?:page|website)",
    re.IGNORECASE,
)
"""A sentence about code, data or a web page, not about findings."""

NEGATION = pattern(r"\b(?:without|not|no|never|neither|nor|except|\w+n['’]t)\b", re.IGNORECASE)
"""Words that turn a question round."""


@lru_cache(1 << 12)
def is_housekeeping(text: str) -> bool:
    """True for a sentence about code, data or a web page; kept, as papers say it alike."""
    return bool(HOUSEKEEPING.search(text))


@lru_cache(1 << 12)
def is_on_own_work(text: str) -> bool:
    """True for a sentence whose cues say what its paper does; kept, as papers say it alike."""
    return any(cue.search(text) for cue in (CUE, PROPOSAL, LEAD_IN))


_DANGLING = pattern(
    r"\W*(?:(?:with|based on|using|by|for|among|to (?:do|address|achieve|tackle|solve|overcome"
    r"|mitigate|remedy)) )?(?:it|its|they|their|them|these|those|this|that|such|both"
    r"|the (?:former|latter)|to this end|therefore|thus|hence|consequently|as such)\b"
    # "This paper" and "this work" stand alone.
    r"(?!\s+(?:paper|work|article|study|report|survey|thesis)\b)",
    re.IGNORECASE,
)


def is_dangling(text: str) -> bool:
    """True for a sentence that leans on the one before it: "It", "These methods", "Thus"."""
    return bool(_DANGLING.match(text))


_ABSENCE = pattern(
    r"\b(?:no|none|neither|nor|not|never|n't|without|nothing|lacks?|omits?|unclear|unknown)\b"
    r"[^.;]{0,80}\b(?:giv\w+|stat\w+|report\w*|mention\w*|specif\w+|provid\w+|describ\w+|sa(?:y|ys|id)"
    r"|discuss\w*|disclos\w+|nam\w+|quantif\w+|address\w*|cover\w*|compar\w+|evaluat\w+|figures?"
    r"|numbers?|values?|details?|information|found|available|included?)\b"
    r"|\b(?:does|do|did) not (?:say|give|state|report|mention|specify|provide|describe|name)\b",
    re.IGNORECASE,
)


def is_absence(text: str) -> bool:
    """True for a sentence that says that something is not given: "No figure is reported"."""
    return bool(_ABSENCE.search(text))
