"""Numbers written in digits: 1,200, 10^-3, 2×10⁵, ranges and lists with one unit at their end."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace

from assistant.text.numbers.quantity import YEARS, Number, with_unit
from store.pattern import pattern

_EXPONENT = pattern(r"[-+]?\d+")
_LARGEST_EXPONENT = 270
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--")

_DIGITS = pattern(
    r"(?P<whole>\d{1,3}(?:,\d{3})+(?!\d)"
    # Lakhs and crores.
    r"|(?<![\d.,])\d{1,2}(?:,\d\d)+,\d{3}(?!\d)"
    # Thousands parted by spaces: by an ordinary one only where it can be nothing else.
    r"|(?<![\d.,])\d{1,3}(?:[\u00a0\u2009\u202f]\d{3})+(?!\d)"
    r"|(?<![\d.,])[1-9]\d{0,2}(?: 000)+(?![\d.,]\d|\d)|\d+"
    # A decimal without its zero: p < .05.
    r"|(?<![\w.])(?=\.\d))(?P<part>\.\d+)?"
    r"(?:[eE](?P<e>[-+−]?\d{1,3})(?!\w)"
    r"|(?:\s?(?:[×x*·]|\\?times)\s?10)"
    r"(?:\s?\^\s?\{?(?P<p>[-−]?\d{1,3})\}?|(?P<q>[⁻⁰¹²³⁴-⁹]+)|(?P<m>−\d{1,2})(?!\d))"
    r"|\^\s?\{?(?P<r>[-−]?\d{1,3})\}?|(?P<t>[⁻⁰¹²³⁴-⁹]+)"
    # A power of ten that lost its raised figure; a range would have its lower end first.
    r"|(?<=\b10)(?P<u>−[1-9])(?![\d.,]*\d|\s?\\?%))?"
)
_DIGIT = pattern(r"\d")
_RANGE = pattern(r"\s?(?:-|–|—|−|\bto\b|~)\s?")
_LISTED = pattern(r",?\s(?:and|or)\s|,\s")
_DEBRIS = pattern(r"(?:pm|approx|sim|leq|geq|le|ge|times|rightarrow|to|textasciitilde)\Z")
_ENUMERATED = pattern(r"\)(?:\s|\w)")
_ENUMERATES = pattern(r"(?:^|\(|(?:[:;,.]|\band|\bor)\s)\Z")
# The number is part of a name: ResNet50, GPT-4, GPT-4/5, 3D-, v1.2
_NAME_BEFORE = pattern(r"(?:[^\W\d_]|[^\W\d_]\d*[-_/]|[^\W\d_]-(?:\d+/)+|\d[^\W\d_][-_]?|\w\.)\Z")


def in_digits(text: str) -> Iterator[Number]:
    """The numbers of a text that are written in digits, in order."""
    if not _DIGIT.search(text):
        return
    last_end = 0
    row: list[Number] = []
    for match in _DIGITS.finditer(text):
        if match.start() < last_end:
            continue
        number = _read(text, match)
        if row and (number is None or not _is_joined(text, row[-1], number)):
            yield from row
            row = []
        if number is None:
            continue
        last_end = number.end
        if number.unit and number.unit != "x":
            # What has its unit now keeps it: a chain of any length is read once.
            yield from (_shared_unit(one, number, text) for one in row)
            row = []
        row.append(number)
    yield from row


def _is_joined(text: str, first: Number, second: Number) -> bool:
    """True for numbers of a range or of a list, which may share the unit at its end."""
    if _RANGE.fullmatch(text, first.end, second.start):
        return True
    return bool(_LISTED.fullmatch(text, first.end, second.start)) and first.value not in YEARS


def _shared_unit(first: Number, last: Number, text: str) -> Number:
    """A number of a range or list, in the unit of its last when it has none: 2-2.5%.

    The last one has a unit, and it is no factor.
    """
    if first.unit:
        return first
    digits = re.match(r"[\d,]*\d(?:\.\d+)?", text[last.start : last.end])
    written = float(digits[0].replace(",", "")) if digits else 0.0
    factor = last.value / written if written else 1.0
    return replace(
        first,
        value=first.value * factor,
        unit=last.unit,
        step=first.step * factor,
        bare=first.value if first.bare is None else first.bare,
    )


def _power_of_ten(exponent: str) -> float | None:
    """Ten to the power that is written; None for what is none, or none that a float holds."""
    if not _EXPONENT.fullmatch(exponent) or abs(int(exponent)) > _LARGEST_EXPONENT:
        return None
    return float(10.0 ** int(exponent))


def _read(text: str, match: re.Match[str]) -> Number | None:
    before = text[max(0, match.start() - 24) : match.start()]
    if _NAME_BEFORE.search(before) and not _DEBRIS.search(before):
        return None
    if _ENUMERATED.match(text, match.end()) and _ENUMERATES.search(before) and len(match[0]) < 3:
        return None  # "1) first, 2) second", "(3) third"
    value = float(re.sub(r"[,\s]", "", match["whole"]) + (match["part"] or ""))
    if math.isinf(value):
        return None
    step = 10.0 ** -(len(match["part"]) - 1) if match["part"] else 1.0
    power = (match["e"] or match["p"] or match["q"] or match["m"] or "").translate(_SUPERSCRIPTS)
    plain = (match["r"] or match["t"] or match["u"] or "").translate(_SUPERSCRIPTS)
    raised = power or (plain if value == 10 else "")
    if raised and raised != "-":
        scale = _power_of_ten(raised)
        if scale is None:
            return None
        value, step = (value * scale, step * scale) if power else (scale, scale)
    return with_unit(text, match.start(), match.end(), value, step, spelt=False)
