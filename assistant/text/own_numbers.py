"""The numbers that the sentences of some evidence hold, looked up for what an answer took over."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from assistant.text.words import terms
from assistant.types.evidence import Evidence
from store.pattern import pattern

_BRACKET = pattern(r"([^\W_]*)[^\w\[(]{0,3}[\[(]([\d\s.,;:–−-]{1,60})[\])](\w*)")
_NUMBER = pattern(r"\d+(?:\.\d+)?")
_LAST_WORD = pattern(r"([^\W_]*)[^\w\[(]{0,3}\Z")
_CLAUSE_BREAK = pattern(r"[.!?,;:]\s|[\])]")
_RAISE = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class OwnNumbers:
    """Numbers, brackets of numbers and raised numbers in the sentences of some evidence."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence

    @cached_property
    def _sentences(self) -> tuple[str, ...]:
        return tuple(one.text for source in self._evidence.sources for one in source.sentences)

    @cached_property
    def _numbers(self) -> list[tuple[frozenset[str], str]]:
        """The numbers that each sentence states."""
        return [(frozenset(_NUMBER.findall(one)), one) for one in self._sentences]

    @cached_property
    def _brackets(self) -> dict[tuple[str, ...], set[tuple[str, str]]]:
        """The words right before and after each bracket of numbers."""
        found: dict[tuple[str, ...], set[tuple[str, str]]] = {}
        for sentence in self._sentences:
            if "[" in sentence or "(" in sentence:
                for word, inner, after in _BRACKET.findall(sentence):
                    numbers = tuple(_NUMBER.findall(inner))
                    found.setdefault(numbers, set()).add((word.lower(), after))
        return found

    def writes(self, word: str, number: str, between: str) -> bool:
        """True when a number stands behind a word, raised or after a pattern: BERT², source 2."""
        raised = number.translate(_RAISE)
        own = re.compile(rf"\b{re.escape(word)}(?:{between}{number}|{raised})(?!\d)", re.IGNORECASE)
        return any(own.search(one) for one in self._sentences)

    def has_bracket(self, numbers: tuple[str, ...]) -> bool:
        """True when some brackets hold these numbers."""
        return numbers in self._brackets

    def has_bracket_at(self, numbers: tuple[str, ...], before: str, after: str) -> bool:
        """True when they do behind the same word, or before the same letters."""
        last = _LAST_WORD.search(before[-40:])
        behind = last[1].lower() if last else ""
        return any(
            (word and word == behind) or (letters and after.startswith(letters))
            for word, letters in self._brackets.get(numbers, ())
        )

    def states(
        self, numbers: Sequence[str], before: str, others: Iterable[tuple[int, int | None]]
    ) -> bool:
        """True when the words of a clause are rather those of a sentence with these numbers.

        `before` ends with the clause; `others` are the addresses it may speak of instead.
        """
        clause = frozenset(terms(_CLAUSE_BREAK.split(before)[-1]))
        stating = (one for stated, one in self._numbers if stated.issuperset(numbers))
        theirs = max((len(clause.intersection(terms(one))) for one in stating), default=0)
        cited = max((len(clause.intersection(terms(one))) for one in self._at(others)), default=0)
        # A lone number is a little thing to go by.
        return theirs > cited and (len(numbers) > 1 or not cited)

    def _at(self, addresses: Iterable[tuple[int, int | None]]) -> Iterator[str]:
        for number, index in addresses:
            source = self._evidence.source(number)
            for one in source.sentences if source else ():
                if index in (None, one.index):
                    yield one.text
