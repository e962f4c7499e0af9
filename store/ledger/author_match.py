"""Whether a name that a reader typed is that of an author, however the record writes it.

"Lia Moreau" and "Moreau, Lia", "O'Hara" and "O’Hara" are one name each; a part of a name is
enough, as before. Words are held against the words of one author, never of two.
"""

from __future__ import annotations

import json
from functools import lru_cache

from store.clean import folded
from store.pattern import pattern

_APOSTROPHES = pattern("['’‘ʼʻ`´′＇]")
_WORD = pattern(r"[^\W_]+")


def is_of_author(authors: str, typed: str) -> bool:
    """True where one of the authors, a JSON list of names, has the words of a typed name.

    They may begin the words of the name, in any order, or stand in it as they are typed.
    """
    plain, words = _typed(typed)
    try:
        names = json.loads(authors)
    except ValueError:  # a damaged row is left in, to be told where it is read
        return True
    return isinstance(names, list) and any(
        isinstance(name, str) and _is_in(plain, words, name) for name in names
    )


def longest_run(typed: str) -> str:
    """What stands in any spelling of a name that is typed: its longest run of letters."""
    return max(_WORD.findall(folded(typed)), key=len, default="")


def _is_in(plain: str, words: tuple[str, ...], name: str) -> bool:
    there = _plain(name)
    if plain in there:
        return True
    left = _WORD.findall(there)
    for word in words:
        found = next((one for one in left if one.startswith(word)), None)
        if found is None:
            return False
        left.remove(found)
    return bool(words)


@lru_cache(maxsize=64)
def _typed(typed: str) -> tuple[str, tuple[str, ...]]:
    """A typed name in plain letters, and its words, the longest first: they have fewer places."""
    plain = _plain(typed)
    return plain, tuple(sorted(_WORD.findall(plain), key=len, reverse=True))


def _plain(name: str) -> str:
    return " ".join(_APOSTROPHES.sub("", folded(name)).split())
