"""The spellings of numbers outside English: 3,1 · 44.000 · 44’000 · ٤٤٬٠٠٠ · 4.4万.

All is respelt as English has it, one character for one, so that offsets stay. What a spelling
leaves open (1,200 may be 1.2) is a second reading, which a claim gets and a source does not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from assistant.text.numbers.quantity import Number, with_unit
from store.pattern import pattern

_MYRIADS = {
    "十": 1e1, "百": 1e2, "千": 1e3, "万": 1e4, "萬": 1e4, "億": 1e8, "亿": 1e8, "兆": 1e12,
    "천": 1e3, "만": 1e4, "억": 1e8,
}  # fmt: skip
# Scripts that put no space between words, so that a letter beside a number makes no name of it.
_UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    r"\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_OTHER = pattern(
    rf"(?P<kilo>千(?=[克米赫瓦]))|(?![0-9])\d|[％٪٫٬～]|(?!\d)[{_UNSPACED}]|(?<=\d)[．，](?=\d)"
)
_SIGNS = {"％": "%", "٪": "%", "٫": ".", "٬": ",", "～": "~", "．": ".", "，": ","}
_RAISED_COMMAS = pattern(r"(?<![\w.,'’])\d{1,3}(?:['’]\d{3})+(?![\d'’])")
_MYRIAD_NUMBER = pattern(
    rf"(?<![\w.,])(?:\d[\d,]*(?:\.\d+)?[{''.join(_MYRIADS)}]{{1,3}}\s?)+(?:(?<!\s)\d{{1,4}}(?![.,]?\d))?"
)
_MYRIAD_PART = pattern(r"(\d[\d,]*)(\.\d+)?([^\W\d_]*)")

# The marks of English change places: a point, a space or a raised comma parts thousands, a comma
# is the decimal one.
_GROUPED = r"[1-9]\d{0,2}(?P<mark>[.'’ \u00a0\u2009\u202f])\d{3}(?:(?P=mark)\d{3})*(?:,\d+)?"
_SECOND = pattern(rf"(?<![\w.,])(?:{_GROUPED}|\d+,\d+)(?![.,'’]?\d)")
_CERTAIN = pattern(r"\d+(?:\.\d{3}){2,}|\d+(?:\.\d{3})+,\d+|0,\d+|\d+,(?:\d{1,2}|\d{4,})")
_THOUSANDS = pattern(r"[1-9]\d{0,2},\d{3}")
_DECIMAL_COMMA = pattern(
    r"(?<![\w.,])(?:\d{1,3}(?:\.\d{3}){2,}|\d{1,3}(?:\.\d{3})+,\d+|\d+,\d{1,2}(?=\s?%))(?![.,]?\d)"
)
_DECIMAL_POINT = pattern(r"(?<![\d.,])\d+\.\d{1,2}(?![.,]?\d)|\d,\d{3}\.\d")
_SWAPPED = str.maketrans({",": ".", **dict.fromkeys(".'’ \u00a0\u2009\u202f", ",")})


class Numeral(NamedTuple):
    """A number that has a second reading: its offsets, and whether the first is hardly meant."""

    start: int
    end: int
    is_certain: bool


def as_english(text: str) -> str:
    """A text with its digits and signs as English has them, as long as before.

    Letters of scripts without spaces become bars, except what multiplies a number.
    """
    if "'" in text or "’" in text:
        text = _RAISED_COMMAS.sub(lambda found: re.sub("['’]", ",", found[0]), text)
    return text if text.isascii() else _OTHER.sub(_respelt, text)


def second_reading(text: str, *, is_english: bool = False) -> tuple[str, tuple[Numeral, ...]]:
    """A text with points and commas the other way round, and where that makes a difference.

    In English a comma before three digits leaves nothing open.
    """
    text = as_english(text)
    found = tuple(
        Numeral(*one.span(), _CERTAIN.fullmatch(one[0]) is not None)
        for one in _SECOND.finditer(text)
        if not (is_english and _THOUSANDS.fullmatch(one[0]))
    )
    for one in found:
        numeral = text[one.start : one.end].translate(_SWAPPED)
        text = text[: one.start] + numeral + text[one.end :]
    return text, found


def has_decimal_commas(text: str) -> bool:
    """True for a text that leaves no doubt that its decimals stand behind a comma."""
    text = as_english(text)
    return bool(_DECIMAL_COMMA.search(text)) and not _DECIMAL_POINT.search(text)


def myriads(text: str) -> Iterator[Number]:
    """The numbers of a text that count in myriads: 4.4万, 1億2000万, 3만 5천."""
    if text.isascii():
        return
    for match in _MYRIAD_NUMBER.finditer(text):
        value, step = 0.0, 1.0
        for digits, decimals, letters in _MYRIAD_PART.findall(match[0]):
            step = 1.0
            for letter in letters:
                step *= _MYRIADS[letter]
            value += float(digits.replace(",", "") + decimals) * step
            step /= 10.0 ** max(len(decimals) - 1, 0)
        end = match.start() + len(match[0].rstrip())
        number = with_unit(text, match.start(), end, value, step, spelt=False)
        if number is not None:
            yield number


def _respelt(match: re.Match[str]) -> str:
    char = match[0]
    if char in _SIGNS:
        return _SIGNS[char]
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    return char if char in _MYRIADS and not match["kilo"] else "|"
