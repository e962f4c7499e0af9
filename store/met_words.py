"""What words were found to be, remembered: most words of a text were met before."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
_MOST, _MOST_LATELY, _LONGEST = 60_000, 20_000, 40


class MetWords(dict[str, T]):
    """What `make` finds for a word, which looking it up gives.

    Common words come early: what is met first is kept for good. Of others those met lately are
    kept too, for a word comes again in its paper, and in others of the same subject. For one
    thread at a time makes best use of it; several may look words up.
    """

    def __init__(self, make: Callable[[str], T]) -> None:
        self._make = make
        self._lately: dict[str, T] = {}

    def __missing__(self, word: str) -> T:
        found = self._lately.get(word)
        if found is None:
            found = self._make(word)
            if len(word) <= _LONGEST:
                self._keep(word, found)
        return found

    def _keep(self, word: str, found: T) -> None:
        if len(self) < _MOST:
            self[word] = found
            return
        lately = self._lately
        if len(lately) >= _MOST_LATELY:
            self._lately = lately = {}
        lately[word] = found
