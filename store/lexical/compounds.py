"""Words of a question that papers write as one: they stand together, with a hyphen or without."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from store.lexical.alternatives import Vocabulary, closed
from store.lexical.plain_text import WORD
from store.lexical.writings import Counts

_READ_AT_MOST = 256  # words of a question
_MOST_PARTS = 6  # "state-of-the-art" has four
_LEAST_CLOSED = 3
"""Parts of a compound that papers may write without a hyphen too. Two make another word too
easily: "may be" is not "maybe"."""
_GAPS = frozenset([" ", "-", "_"])
_LINKING = frozenset(["and", "of", "or", "than", "the", "to"])
"""Words that link what stands on both sides: no compound begins or ends with one."""


class Compounds:
    """Tells compounds by what papers have, in plain texts."""

    def __init__(self, vocabulary: Vocabulary, counts: Counts) -> None:
        self._vocabulary = vocabulary
        self._term = vocabulary.term
        self._counts = counts

    def hyphenated(self, text: str) -> str:
        """A text with hyphens between words where most papers that have them so write these."""
        found = [*WORD.finditer(text)][:_READ_AT_MOST]
        parts, end = [], 0
        for run in _runs(text, found):
            words = [one[0] for one in run]
            for begin, size in self._compounds(words):
                for left, right in pairwise(run[begin : begin + size]):
                    parts += [text[end : left.end()], "-"]
                    end = right.start()
        return "".join((*parts, text[end:]))

    def opened(self, text: str) -> str:
        """A text with hyphens in closed words where more papers write these than do not."""
        return WORD.sub(lambda found: self._opened(found[0]), text)

    def _opened(self, word: str) -> str:
        # With a number the closed word is compared as the parts are: "IL-6" and "il6".
        term = self._term(word) if word.isalpha() else ""
        count = self._counts.frequency
        if not term or count("closed", term) <= count("text", term):
            return word
        ways = self._vocabulary.splits(word)
        return "-".join(max(ways, key=self._together)) if ways else word

    def _together(self, words: Iterable[str]) -> int:
        return self._counts.together([*map(self._term, words)])

    def _compounds(self, words: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Where compounds begin among words that stand together, and of how many they are."""
        # Of a compound with hyphens any two neighbours are indexed as one word too.
        linked = [self._holds("closed", closed(pair)) for pair in pairwise(words)]
        at = 0
        while at < len(linked):
            reach = at
            while reach < len(linked) and linked[reach]:
                reach += 1
            size = self._size(words[at : at + _MOST_PARTS], reach - at + 1)
            if size:
                yield at, size
            at += max(size, 1)

    def _size(self, words: Sequence[str], linked: int) -> int:
        """Of how many of the first words a compound is, at most; 0 for none.

        Any two neighbours of the first `linked` ones are written with a hyphen somewhere.
        """
        for size in range(min(len(words), max(linked, _LEAST_CLOSED)), 1, -1):
            first = words[:size]
            if not _LINKING.isdisjoint((first[0].lower(), first[-1].lower())):
                continue
            whole = closed(first)
            if size >= _LEAST_CLOSED and self._holds("text", whole):
                return size
            if size <= linked and self._is_hyphenated(first, whole):
                return size
        return 0

    def _is_hyphenated(self, words: Sequence[str], whole: str) -> bool:
        """True where most papers that hold words one after another write hyphens there."""
        holding = self._counts.frequency("closed", self._term(whole)) if whole else 0
        return bool(holding) and 2 * holding >= self._together(words)

    def _holds(self, field: str, word: str) -> bool:
        term = self._term(word) if word else ""
        return bool(term) and self._counts.frequency(field, term) > 0


def _runs(text: str, found: Sequence[re.Match[str]]) -> Iterator[Sequence[re.Match[str]]]:
    """Words of a text with nothing but a space or a hyphen between them."""
    begin = 0
    for at in range(1, len(found) + 1):
        is_end = at == len(found)
        if is_end or text[found[at - 1].end() : found[at].start()] not in _GAPS:
            if at - begin > 1:
                yield found[begin:at]
            begin = at
