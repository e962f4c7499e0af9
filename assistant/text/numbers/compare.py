"""Numbers in running text, compared as quantities: value, unit, and how exactly stated.

Read as the same are: a share in any form (1/3, one third, 33 %, 0.33), a factor and the share
that is its reverse (twice as fast, half the time), and magnitudes, powers and units in any
spelling. Three choices where a text leaves it open, all for few false alarms: "an order of
magnitude" in a claim is a factor from 5 to 32, two of them from 50 to 320; percentage points
are per cent, for sources write "5 %", "5 points" and "5 percentage points" for one thing; and
a sign is not compared, for "-5 %" is "falls by 5 %".
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from assistant.text.numbers import spellings
from assistant.text.numbers.agreement import agrees, has_counts, is_ratio_of
from assistant.text.numbers.digits import in_digits
from assistant.text.numbers.fractions import fractions_in
from assistant.text.numbers.quantity import Number
from assistant.text.numbers.spelled import compounds, in_words
from assistant.text.numbers.units import MAGNITUDES, SMALL, TENS, UNITS
from store.pattern import pattern

__all__ = ["Number", "is_number_word", "is_unit", "numbers", "numbers_missing"]

# A count of what was cited is the writer's own: "Three papers report ...".
_CITED = (
    r"papers?|works?|stud(?:y|ies)|abstracts?|sources?|approach(?:es)?|methods?|groups?|lines?"
    r"|ways?|them|reasons?|directions?"
)
_OWN_COUNT = pattern(
    r"\s(?:(?:of|the|these|other|such|further|different|recent|main|related|cited)\s){0,3}"
    rf"(?:{_CITED}|of)\b",
    re.IGNORECASE,
)
_OWN_SHARE = pattern(rf"\s(?:(?:of|the|these|those|cited)\s){{0,3}}(?:{_CITED})\b", re.IGNORECASE)
_FEW = 12
"""Things that a writer counts for himself, in words: "the three phases" where they are listed."""

_COUNTED = pattern(r"\s*((?:[^\W\d_]+[ -]?){1,3})")
_ROOT = 5
"""Letters by which the words of things counted are compared."""

_NAMED_BY = pattern(r"([A-Z][\w-]*)[ -]\Z")
_AS_FACTORS = {"double": 2.0, "triple": 3.0, "quadruple": 4.0}
# Words that may stand for a number, and that no claim is held to; "both A and B" are no two of
# anything.
_MAY_BE = pattern(
    rf"\b(?:(?P<two>both(?![^.;]*?\band\b)|pairs?|dual|couple|twin)|(?P<factor>{'|'.join(_AS_FACTORS)})(?!-)"
    r"|(?P<half>half)(?!-)|(?P<quarter>quarters?)"
    r"|an? (?P<unit>second|minute|hour|day|week|month|year))\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=1 << 10)
def numbers(text: str) -> tuple[Number, ...]:
    """The numbers of a text in order; digits inside names (GPT-4, ResNet50, 3D) are none."""
    text = spellings.as_english(text)
    whole: list[Number] = []
    found = (*spellings.myriads(text), *compounds(text), *fractions_in(text))
    for one in sorted(found, key=lambda number: (number.start, -number.end)):
        if not whole or one.start >= whole[-1].end:
            whole.append(one)
    starts = [one.start for one in whole]
    parts = (
        one
        for one in (*in_digits(text), *in_words(text))
        if not (at := bisect_right(starts, one.start)) or one.start >= whole[at - 1].end
    )
    return tuple(sorted((*whole, *parts), key=lambda number: number.start))


def numbers_missing(claim: str, evidence: str, *, is_english: bool = True) -> tuple[Number, ...]:
    """The numbers of a claim that its evidence does not have, compared as quantities.

    A number is there when value and unit agree, when it has fewer places and the evidence
    rounds to it, or when it is hedged and near: 5 % for "about", 10 % for "over" and
    "nearly" on their side. A ratio of counts ("one in five") is there when its share is or
    both its counts are. A factor or share in words ("doubles", "halves") is there, too, when
    two numbers side by side are in that ratio. A number of the claim that its spelling leaves
    open (44.000, and 1,200 where it is not English) is there when one of its readings is. A
    small count in words is missing only where the evidence counts the same things otherwise.
    """
    wanted = _wanted(claim)
    if not wanted:
        return ()
    given = _Given.of(evidence)
    lost = given.without(claim, wanted)
    respelt, numerals = spellings.second_reading(claim, is_english=is_english)
    if not numerals or not (lost or any(one.is_certain for one in numerals)):
        return lost
    other = given.without(respelt, _wanted(respelt))
    for one in numerals:
        here = [number for number in lost if _overlaps(number, one)]
        lost = tuple(number for number in lost if number not in here)
        is_there = not here
        if one.is_certain:
            written = re.escape(claim[one.start : one.end])
            is_there = bool(re.search(rf"(?<![\d.,]){written}(?!\d)", evidence))
        if not is_there:
            lost = (*lost, *(number for number in other if _overlaps(number, one)))
    return tuple(sorted(lost, key=lambda number: number.start))


def _wanted(claim: str) -> list[Number]:
    return [number for number in numbers(claim) if not _is_own_count(claim, number)]


def _overlaps(number: Number, numeral: spellings.Numeral) -> bool:
    return number.start < numeral.end and numeral.start < number.end


class _Given(NamedTuple):
    """The numbers of some evidence: those stated in order, and all that may stand for one."""

    stated: tuple[Number, ...]
    given: tuple[Number, ...]
    counted: frozenset[str]
    squeezed: str

    @classmethod
    def of(cls, evidence: str) -> _Given:
        """Read a text, line by line: the sentences of one paper are read for many claims."""
        lines = [_given(line) for line in evidence.split("\n")]
        stated = tuple(number for line in lines for number in line.stated)
        given = tuple(number for line in lines for number in line.given)
        counted = frozenset().union(*(line.counted for line in lines))
        return cls(stated, given, counted, "".join(line.squeezed for line in lines))

    def without(self, claim: str, wanted: Sequence[Number]) -> tuple[Number, ...]:
        """The numbers of a claim that are not there."""
        return tuple(
            number
            for number in wanted
            if not (_is_few(number) and self.counted.isdisjoint(_counted(claim, number)))
            and not any(agrees(number, other) for other in self.given)
            and not has_counts(number, self.stated)
            and not (number.spelt and is_ratio_of(number, self.stated))
            and not _is_part_of_name(claim, number, self.squeezed)
        )


@lru_cache(maxsize=1 << 10)
def _given(line: str) -> _Given:
    """The numbers of a line; one that has decimal commas is read both ways."""
    stated = numbers(line)
    given = [*stated, *(part for one in stated for part in one.parts), *_may_be(line)]
    if "," in line and spellings.has_decimal_commas(line):
        given += numbers(spellings.second_reading(line)[0])
    counts = (_counted(line, one) for one in given if one.unit in ("", "count"))
    return _Given(
        stated, tuple(given), frozenset().union(*counts), re.sub(r"[\W_]", "", line).lower()
    )


def is_number_word(word: str) -> bool:
    """True for a number written as one lower-case word: "ten", "forty"."""
    return word in SMALL or word in TENS


def is_unit(letters: str) -> bool:
    """True for letters that are a unit or a magnitude after a number: x, kHz, M, pm.

    A week, a month and a year are words of their own in a text, as in "5-year survival".
    """
    low = letters.lower()
    if low.removesuffix("s") in ("week", "month", "year"):
        return False
    return low in UNITS or low in "kmbt" or low in MAGNITUDES or low == "pm"


def _may_be(evidence: str) -> Iterator[Number]:
    """What words of the evidence may stand for: "both" for two, "an hour" for one hour."""
    for match in _MAY_BE.finditer(evidence):
        start, end = match.span()
        if match["two"]:
            yield Number(2.0, "count", start, end, spelt=True)
        elif match["factor"]:
            yield Number(_AS_FACTORS[match["factor"].lower()], "x", start, end, spelt=True)
        elif match["unit"]:
            unit, value = UNITS[match["unit"].lower()]
            yield Number(value, unit, start, end, step=value, spelt=True)
        else:
            value = 0.5 if match["half"] else 0.25
            yield Number(value, "", start, end, step=0.0, spelt=True, share=True)


def _is_own_count(claim: str, number: Number) -> bool:
    if not number.spelt or number.unit:
        return False
    if number.share:
        return bool(_OWN_SHARE.match(claim, number.end))
    return number.value in (0, 1) or bool(_OWN_COUNT.match(claim, number.end))


def _is_few(number: Number) -> bool:
    """True for a small count in words, which only another count of the same things belies."""
    return number.spelt and not (number.unit or number.share) and number.value <= _FEW


def _counted(text: str, number: Number) -> frozenset[str]:
    """The roots of the words right behind a number, of which one is what it counts."""
    words = _COUNTED.match(text, number.end)
    return frozenset(
        one[:_ROOT].lower() for one in re.split("[ -]", words[1] if words else "") if len(one) > 2
    )


def _is_part_of_name(claim: str, number: Number, squeezed: str) -> bool:
    """True for "COCO 2014" where the evidence writes COCO2014."""
    named = _NAMED_BY.search(claim, max(0, number.start - 24), number.start)
    if not named:
        return False
    name = re.sub(r"[\W_]", "", named[1] + claim[number.start : number.end]).lower()
    return name in squeezed
