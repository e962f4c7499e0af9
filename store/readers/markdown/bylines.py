"""The line beneath a paper's heading that says who wrote it, where and when."""

from __future__ import annotations

from store.pattern import pattern
from store.readers.markdown.sections import LINK

_PARTS = pattern(r"\s*[·•|]\s*|\s+[—–]\s+|(?<=[^\W\d_]{3})\.\s+")
_YEAR = pattern(r"[\s,]*[(\[]?\b((?:19|20)\d\d)[a-z]?\b[)\]]?\.?")
_NAMES = pattern(r",?\s+(?:and|&|und|et)\s+|[,;]\s*")
_WORD = pattern(r"[^\W\d_][\w.'’-]*")
_OTHERS = pattern(r",?\s*\bet\.? al\.?")
_LONGEST = 600
_MOST_WORDS = 5


def byline_of(line: str) -> dict[str, object] | None:
    """What a byline says: authors, year, venue, address, each where it is clear; else None.

    Links stand in it as their address between \\x02 and \\x03 with their text behind.
    """
    if len(line) > _LONGEST:
        return None
    values: dict[str, object] = {}
    if found := LINK.search(line):
        values["url"] = found[1]
    parts = [one for one in _PARTS.split(line) if one.strip()]
    texts = [text for one in parts if not one.startswith("\x02") and (text := one.strip(" ,()"))]
    year = next((found for one in texts if (found := _YEAR.search(one))), None)
    if year:
        values["year"] = year[1]
    texts = [_YEAR.sub("", LINK.sub("", one), count=1).strip(" ,()") for one in texts]
    texts = [one for one in texts if one]
    if not texts:
        return values or None
    names = _OTHERS.sub("", texts[0]).rstrip(" ,")
    if not _are_names(names) or (len(parts) == 1 and not year and len(_NAMES.split(names)) < 2):
        return None
    values["authors"] = names
    if len(texts) > 1:
        values["venue"] = texts[1].lstrip(". ")
    return values


def _are_names(text: str) -> bool:
    """True for names of few words each, which mostly begin with capitals."""
    for name in filter(None, _NAMES.split(text)):
        words = _WORD.findall(name)
        capitals = sum(not word[0].islower() for word in words)
        if not words or len(words) > _MOST_WORDS or 2 * capitals < len(words):
            return False
    return True
