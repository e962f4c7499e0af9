"""Numbers written as words: ten, twenty-four, a million, twice, two orders of magnitude."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.text.numbers.quantity import Number, hedge_before, with_unit
from assistant.text.numbers.units import FACTORS, MAGNITUDES, SMALL, TENS
from store.pattern import pattern

_ONES = "|".join(list(SMALL)[1:10])
_UP_TO_99 = rf"(?:{'|'.join(TENS)})(?:[- ](?:{_ONES}))?|{'|'.join(SMALL)}"
_FIRST_LETTERS = "".join(sorted({word[0] for word in (*TENS, *SMALL, *FACTORS)}))
# For a text in lower case: four times as fast as one that ignores case.
_SPELT = pattern(
    rf"\b(?=[{_FIRST_LETTERS}])(?:(?P<number>{_UP_TO_99})|(?P<single>single|once)"
    rf"|(?P<factor>{'|'.join(FACTORS)}))\b"
)
_COMPOUND = pattern(
    rf"\b(?:(?P<many>an?|{'|'.join(list(SMALL)[1:11])}|\d\d?)[ -](?:(?P<dozen>dozen)"
    r"|(?P<orders>orders?[ -]of[ -]magnitude))"
    rf"|an? (?P<scale>{'|'.join(MAGNITUDES)})"
    rf"|(?P<hundreds>{_ONES}) hundred(?: and|-)? (?P<rest>{_UP_TO_99})"
    rf"|(?P<whole>{_UP_TO_99}|\d{{1,3}}) and a half)\b",
)
# What every compound has in it: most sentences have none, and a look for it is quick.
_MAY_BE_COMPOUND = pattern(r"illion|hundred|thousand|dozen|magnitude|a half|\b(?:bn|mln)\b")


def in_words(text: str) -> Iterator[Number]:
    """The numbers of a text that are written as single words or tens and ones, in order."""
    for match in _SPELT.finditer(_lower(text)):
        start, end = match.span()
        if match["factor"]:
            yield Number(FACTORS[match.group()], "x", start, end, spelt=True)
        elif match["single"]:
            yield Number(1.0, "", start, end, spelt=True)
        else:
            number = with_unit(text, start, end, float(word_value(match[0])), 1.0, spelt=True)
            if number is not None:
                yield number


def compounds(text: str) -> Iterator[Number]:
    """Numbers of several words that are no sum of theirs: a dozen, two orders of magnitude."""
    low = _lower(text)
    if not _MAY_BE_COMPOUND.search(low):
        return
    for match in _COMPOUND.finditer(low):
        start, end = match.span()
        found: Number | None
        if match["orders"]:
            value = 10.0 ** _many(match["many"])
            hedge = hedge_before(text, start)
            found = Number(value, "x", start, end, hedge=hedge, spelt=True, orders=True)
        elif match["dozen"]:
            found = Number(12.0 * _many(match["many"]), "", start, end, spelt=True)
        elif match["scale"]:
            value = MAGNITUDES[match["scale"]]
            found = with_unit(text, start, end, value, 1.0, spelt=True)
        elif match["rest"]:
            value = 100.0 * SMALL[match["hundreds"]] + word_value(match["rest"])
            found = with_unit(text, start, end, value, 1.0, spelt=True)
        else:
            found = with_unit(text, start, end, _many(match["whole"]) + 0.5, 0.1, spelt=True)
        if found is not None:
            yield found


def word_value(words: str) -> int:
    """The value of a number up to 99 in words: "twenty-four"."""
    return sum(SMALL.get(one) or TENS.get(one, 0) for one in re.split("[- ]", words.lower()))


def _lower(text: str) -> str:
    """A text in lower case, where that keeps every offset."""
    low = text.lower()
    return low if len(low) == len(text) else text


def _many(word: str) -> int:
    if word in ("a", "an"):
        return 1
    return int(word) if word.isdigit() else word_value(word)
