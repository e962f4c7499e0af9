"""Short names of journals, by how they are made of the long ones."""

from __future__ import annotations

from store.clean import folded
from store.pattern import pattern

_WORD = pattern(r"\w+")
_PLACE = pattern(r"\s*\([^()]*\)")
_INITIALS = pattern(r"^\w\b|\b\w \w\b")


def is_short(name: str, other: str) -> bool:
    """True for a name that is abbreviated, or holds letters of words of the other in their order.

    Words are cut short or drawn together after ISO 4: "Natl" for "National", "Bull" for
    "Bulletin"; acronyms, full stops and letters that stand alone show an abbreviation
    by themselves. What the NLM puts in brackets, a place or a year, is no part of a name.
    """
    name = _PLACE.sub("", name)
    if "." in name or _INITIALS.search(name) or (" " not in name and name.isupper()):
        return True
    words = iter(_WORD.findall(folded(other)))
    return all(any(_is_cut(short, word) for word in words) for short in _WORD.findall(folded(name)))


def _is_cut(short: str, word: str) -> bool:
    letters = iter(word)
    return short[0] == word[0] and all(letter in letters for letter in short)
