"""A number with its unit as one value, and the reading of what follows a number: 3.0 M, 24×."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from assistant.text.numbers.units import (
    FOREIGN_MAGNITUDES,
    LETTER_MAGNITUDES,
    MAGNITUDES,
    UNITS,
)
from store.pattern import pattern

Hedge = Literal["", "about", "over", "under"]


@dataclass(frozen=True)
class Number:
    """A number of a text.

    `value` is in the base unit `unit` ("%", "x" for times, "s", "hz", "", ...), `step` is
    the value of one in the last place written, `start` and `end` are offsets of the number
    with its unit. `hedge` says how it was put: "about" 3, "over" 3, "under" 3. `spelt` is
    True for words ("ten"). `bare` is the value as written where that is another, for a text that
    leaves the unit out: "aged 16 to 24 years", "3 T". `share` is True for a
    part of a whole ("1/3", "half"); `parts` are the counts of one written as their ratio ("one
    in five"). `orders` is True for a number of orders of magnitude.
    """

    value: float
    unit: str
    start: int
    end: int
    step: float = 1.0
    hedge: Hedge = ""
    spelt: bool = False
    bare: float | None = None
    share: bool = False
    parts: tuple[Number, ...] = ()
    orders: bool = False


YEARS = range(1900, 2101)
"""Whole numbers that are taken for years where they stand as one."""

_LOOK_BACK = 24
_HUNDREDS = pattern(
    rf"[- \u00a0\u202f]?(?P<word>(?:{'|'.join(MAGNITUDES)})(?=s?\b)"
    rf"|(?:{'|'.join(sorted(FOREIGN_MAGNITUDES, key=len, reverse=True))})(?!\w))s?"
    r"(?:(?<=\b\w{3})\.(?=\s\w)|(?<=\b\w{4})\.(?=\s\w))?",
    re.IGNORECASE,
)
# A letter after a space counts in thousands or millions, "100 M"; "k-means" is a name.
_LETTER_APART = pattern(r"[ \u00a0\u202f~]([kKMBT])(?![\w'’]|-(?!param|token))")
_ALSO_UNITS = "kKT"
"""Letters that may be a unit as well: kelvin, tesla."""

_SIGN = pattern(r"\s?\\?(%|×|[xX](?![\w]))")
_TIMES_LATEX = pattern(r"\s?\\?times(?![a-z])")
_UNIT_WORD = pattern(r"(?P<joint>[ \u00a0\u202f~-]?)(?P<word>per cent|[^\W\d_]+)(?![\w])")
_DIMENSION = pattern(r"\s?[x×]\s?\d")
_FACTOR_BEFORE = pattern(
    r"\bfactors? of (?:an? |(?:about|around|roughly|nearly|almost|over|up to|at least|more than)"
    r" )?[~≈$]?\Z",
    re.IGNORECASE,
)
_ABOUT = pattern(
    r"(?:\babout|\baround|\broughly|\bapproximately|\bapprox\.?|\bcirca|\bca\.|\bsome|[~≈]|\\sim"
    r"|\bclose to|\bon the order of)\s*(?:an?\s)?[$+]?\Z",
    re.IGNORECASE,
)
_BOUND = pattern(
    r"(?:\b(?P<not>no|not|never)\s+)?(?:(?P<over>\b(?:(?:more|greater|higher|larger|longer|better"
    r"|bigger) than|over|above|beyond|at least|exceed(?:s|ed|ing)?|upwards? of|a minimum of)|[>≥])"
    r"|\b(?:(?:less|fewer|lower|smaller|shorter) than|under|below|at most|up to|within|nearly"
    r"|almost|just|a maximum of)|[<≤])\s*(?:an?\s|about\s)?[$~+-]?\Z",
    re.IGNORECASE,
)


def hedge_before(text: str, start: int) -> Hedge:
    """How the number at an offset is hedged by the words before it."""
    before = text[max(0, start - _LOOK_BACK) : start]
    return "about" if _ABOUT.search(before) else bound_before(text, start)[0]


def bound_before(text: str, start: int) -> tuple[Literal["", "over", "under"], str]:
    """On which side the number at an offset is bounded by the words before it, and these."""
    bound = _BOUND.search(text, max(0, start - _LOOK_BACK), start)
    if not bound:
        return "", ""
    return "over" if bool(bound["over"]) != bool(bound["not"]) else "under", bound[0].strip()


def has_unit(text: str, end: int) -> bool:
    """True when a unit follows the offset at which a number ends."""
    if _SIGN.match(text, end):
        return True
    word = _UNIT_WORD.match(text, end)
    return word is not None and word["word"].lower() in ("per cent", *UNITS)


def with_unit(
    text: str, start: int, end: int, value: float, step: float, *, spelt: bool
) -> Number | None:
    """Read magnitude and unit after a number; None when the letters there make it a name."""
    hedge = hedge_before(text, start)
    scale, after = _magnitude(text, end, spelt=spelt)
    bare = value if text[end:after].strip() in _ALSO_UNITS and after - end > 1 else None
    value, step, end = value * scale, step * scale, after
    if text.startswith(("$", "}$"), end):
        end = text.index("$", end) + 1
    if not spelt and _DIMENSION.match(text, end):
        return Number(value, "", start, end, step, hedge, spelt)
    sign = _SIGN.match(text, end) or _TIMES_LATEX.match(text, end)
    if sign:
        unit = "%" if "%" in sign[0] else "x"
        return Number(value, unit, start, sign.end(), step, hedge, spelt)
    before = text[max(0, start - 2 * _LOOK_BACK) : start]
    none = "x" if "actor" in before and _FACTOR_BEFORE.search(before) else ""
    word = _UNIT_WORD.match(text, end)
    if not word:
        return Number(value, none, start, end, step, hedge, spelt, bare)
    name = "%" if word["word"].lower() == "per cent" else word["word"].lower()
    unit, factor = UNITS.get(name, ("", 1.0))
    if unit and (len(name) > 1 or word["joint"] != "-"):
        bare = value if factor != 1 else bare
        return Number(value * factor, unit, start, word.end(), step * factor, hedge, spelt, bare)
    if word["joint"] == "" or (word["joint"] == "-" and len(name) == 1):
        return None  # 3D, 1st, 3-D
    return Number(value, none, start, end, step, hedge, spelt, bare)


def _magnitude(text: str, end: int, *, spelt: bool) -> tuple[float, int]:
    """What multiplies the number that ends at an offset, and the offset after it."""
    scaled = _HUNDREDS.match(text, end)
    if scaled:
        word = scaled["word"].lower()
        return MAGNITUDES.get(word) or FOREIGN_MAGNITUDES[word], scaled.end()
    letter = text[end : end + 1]
    if letter in LETTER_MAGNITUDES and not text[end + 1 : end + 2].isalnum():
        return LETTER_MAGNITUDES[letter], end + 1
    apart = None if spelt else _LETTER_APART.match(text, end)
    if apart:
        return LETTER_MAGNITUDES[apart[1]], apart.end()
    return 1.0, end
