"""Whether what stands in place of an abstract says that there is none.

Such a text has no word of its own: it is short, and nothing is left of it once the words that say
absence, and those that name what is absent, are taken away. The words are in absence.toml.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from store.pattern import pattern
from store.tables import read_table

LONGEST = 400
"""Most characters of a text that is asked whether it says absence: publishers write a few lines."""

_WORD = pattern(r"[^\W\d_]+")
_TAG = pattern(r"</?[a-z][^<>]{0,80}>|&[a-z]{2,8};|&#\d{1,5};", re.IGNORECASE)
# A line of rights that stands alone is no abstract either.
_RIGHTS = pattern(
    r"(?:©|\(c\)|&copy;|copyright)\s*(?:\(c\)|©)?\s*(?:by\s)?.{0,120}?[12]\d{3}\b.{0,160}",
    re.IGNORECASE | re.DOTALL,
)
_HAN = pattern(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


def says_no_abstract(text: str) -> bool:
    """True for "No abstract available.", "N/A", "-", and for what holds no word at all."""
    if len(text) > LONGEST:
        return False
    text = text.strip()
    if not text or _RIGHTS.fullmatch(text):
        return True
    words = _WORD.findall((_TAG.sub(" ", text) if "<" in text or "&" in text else text).casefold())
    if not words:
        return not any(map(str.isdigit, text)) or (text.isdigit() and len(text) < 4)
    known = _known()
    says = len(words) == 1 and words[0] in known.naming
    for word in words:
        if word in known.saying or (_HAN.search(word) and _is_made_of(word, known.unspaced)):
            says = True
        elif word not in known.naming and word not in known.joining:
            return False
    return says


def _is_made_of(run: str, phrases: tuple[str, ...]) -> bool:
    """True for a run without spaces of which these phrases leave nothing."""
    for phrase in phrases:
        run = run.replace(phrase, "")
    return not run


class _Words(NamedTuple):
    saying: frozenset[str]
    naming: frozenset[str]
    joining: frozenset[str]
    unspaced: tuple[str, ...]


@lru_cache(maxsize=1)
def _known() -> _Words:
    table = read_table(__file__, "absence.toml")
    saying, naming, joining = (
        frozenset(table[name].split()) for name in ("saying", "naming", "joining")
    )
    unspaced = sorted(table["unspaced"].split(), key=len, reverse=True)
    return _Words(saying, naming, joining, tuple(unspaced))
