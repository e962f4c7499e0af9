"""Parts of a whole in running text: 1/3, two-thirds, one in five, half the cost.

What only looks like one is none: dates (11/21/2026, 2019/20), names (GPT-4/5), 24/7, ordinals
(a third model) and the first half. A word that stands for a share is loosely meant, so that
"half" is 5 % either way, and "more than half" or "almost half" up to 30 % of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from assistant.text.numbers.quantity import YEARS, Number, has_unit, hedge_before, with_unit
from assistant.text.numbers.spelled import word_value
from assistant.text.numbers.units import MAGNITUDES, PARTS, SMALL, TENS
from store.pattern import pattern

_COUNT = "|".join([*list(SMALL)[1:], *TENS])
_SLASH = pattern(
    r"(?<![\w/⁄.,:^-])(?P<some>\d{1,3})[/⁄](?P<all>\d{1,4})(?:th|rd|ths|rds)?(?![\w/⁄]|[.,]\d|-\w)"
    r"|\\[dt]?frac\s?\{(?P<over>\d{1,3})\}\s?\{(?P<under>\d{1,4})\}"
)
_GLYPH = pattern(r"(?:(?<![\d.,])(?P<whole>\d{1,3})[ ]?)?(?P<part>[¼-¾⅐-⅞])")
_AMONG = pattern(
    rf"(?<![\w/.,-])(?P<some>{_COUNT}|\d{{1,3}}) (?:in|out of|in every|out of every|of every) "
    rf"(?:an? (?=hundred|thousand|million))?(?P<all>\d{{1,3}}(?:,\d{{3}})+|\d{{1,4}}|{_COUNT}"
    r"|hundred|thousand|million)(?: (?P<scale>thousand|million|billion))?(?![\w.,]*\d|-?\w)",
    re.IGNORECASE,
)
_MAY_BE_AMONG = pattern(r"\w (?:in|of) (?:every )?(?:[\dtefsno]|an? [htm])", re.IGNORECASE)
_MAY_BE_NAMED = pattern(r"third|quarter|hal[fv]|[a-z]ths?\b", re.IGNORECASE)
_MORE = "fewer|less|more|smaller|larger|faster|slower|lower|higher|shorter|cheaper|longer|better"
_NAMED = pattern(
    rf"\b(?P<many>an?|{'|'.join(list(SMALL)[1:10])}|\d)[- ](?P<part>{'|'.join(PARTS)})\b(?!-)",
    re.IGNORECASE,
)
# "a third of it", but "a third model"; alone only after words that a quantity follows.
_OF_WHOLE = pattern(rf" (?:of|as|the|that|its|their|{_MORE})\b")
_BY = pattern(
    r"\b(?:by|to|than|about|around|roughly|approximately|nearly|almost|over|only|just|least)\s\Z",
    re.IGNORECASE,
)
_CLAUSE_ENDS = pattern(r"\s*(?:[.,;:)]|\Z)|\s(?:and|or|in|on|with|when|while|compared|for|at)\b")
_HALF = pattern(r"\b(?:(?P<noun>half)|(?P<verb>halve[sd]?|halving))\b(?!-)", re.IGNORECASE)
_OF_HALF = pattern(rf" (?:of|as|the|that|its|their|our|this|these|those|{_MORE})\b|[.,;)]|\Z")
_CUT_IN = pattern(r"\b(?:by|in|to|than)\s\Z", re.IGNORECASE)
_ONE_OF_TWO = pattern(
    r"\b(?:first|second|other|another|latter|former|last|upper|lower|left|right|each|both|either"
    r"|top|bottom|two|the|remaining)\s\Z",
    re.IGNORECASE,
)
_HALF_UNIT = pattern(r" an? (?=\w)")


def fractions_in(text: str) -> Iterator[Number]:
    """The parts of a whole that a text names, each with the span that it is written in."""
    # Most sentences have none, and a look for what each needs is quick.
    if "/" in text or "⁄" in text or "frac" in text:
        yield from _slashes(text)
    if not text.isascii():
        yield from _glyphs(text)
    if _MAY_BE_AMONG.search(text):
        yield from _among(text)
    if _MAY_BE_NAMED.search(text):
        yield from _named(text)
        yield from _halves(text)


def _slashes(text: str) -> Iterator[Number]:
    for match in _SLASH.finditer(text):
        some, whole = int(match["some"] or match["over"]), int(match["all"] or match["under"])
        if 0 < some < whole and whole not in YEARS and not has_unit(text, match.end()):
            parts = (_part(some, match), _part(whole, match))
            yield _share(text, match.start(), match.end(), some / whole, parts)


def _glyphs(text: str) -> Iterator[Number]:
    for match in _GLYPH.finditer(text):
        value = unicodedata.numeric(match["part"])
        if not match["whole"]:
            yield _share(text, match.start(), match.end(), value)
            continue
        start, end = match.span()
        number = with_unit(text, start, end, float(match["whole"]) + value, 0.01, spelt=False)
        if number is not None:
            yield number


def _among(text: str) -> Iterator[Number]:
    for match in _AMONG.finditer(text):
        some, whole = _count(match["some"]), _count(match["all"])
        whole *= MAGNITUDES[match["scale"].lower()] if match["scale"] else 1.0
        year = whole in YEARS and match["all"].isdigit()
        if 0 < some < whole and not year and not has_unit(text, match.end()):
            spelt = not match["some"].isdigit()
            parts = (_part(some, match, spelt=spelt), _part(whole, match, spelt=spelt))
            yield _share(text, match.start(), match.end(), some / whole, parts, spelt=spelt)


def _named(text: str) -> Iterator[Number]:
    for match in _NAMED.finditer(text):
        low = match["many"].lower()
        if low in ("a", "an") and not _is_share(text, match):
            continue
        many = 1.0 if low in ("a", "an") else _count(low)
        value = many * PARTS[match["part"].lower()]
        if value < 1:
            yield _share(text, match.start(), match.end(), value, loose=True, spelt=True)


def _halves(text: str) -> Iterator[Number]:
    for match in _HALF.finditer(text):
        before = text[max(0, match.start() - 24) : match.start()]
        if match["verb"]:
            if match["verb"].lower() != "halves" or not _ONE_OF_TWO.search(before):
                yield _share(text, *match.span(), 0.5, loose=True, spelt=True)
            continue
        of_unit = _HALF_UNIT.match(text, match.end())
        if of_unit:
            # "half an hour", "half a million".
            number = with_unit(text, match.start(), of_unit.end() - 1, 0.5, 0.01, spelt=True)
            if number is not None and number.end > of_unit.end():
                yield number
        elif not _ONE_OF_TWO.search(before) and (
            _OF_HALF.match(text, match.end()) or _CUT_IN.search(before)
        ):
            yield _share(text, *match.span(), 0.5, loose=True, spelt=True)


def _is_share(text: str, match: re.Match[str]) -> bool:
    """True for "a third of it" and "by a third", not for "a third model"."""
    if _OF_WHOLE.match(text, match.end()):
        return True
    before = text[max(0, match.start() - 24) : match.start()]
    return bool(_BY.search(before) and _CLAUSE_ENDS.match(text, match.end()))


def _share(
    text: str,
    start: int,
    end: int,
    value: float,
    parts: tuple[Number, ...] = (),
    *,
    loose: bool = False,
    spelt: bool = False,
) -> Number:
    hedge = hedge_before(text, start)
    return Number(
        value,
        "",
        start,
        end,
        step=0.0,
        hedge=hedge or ("about" if loose else ""),
        spelt=spelt,
        share=True,
        parts=parts,
    )


def _part(value: float, match: re.Match[str], *, spelt: bool = False) -> Number:
    return Number(float(value), "", match.start(), match.end(), spelt=spelt)


def _count(word: str) -> float:
    low = word.lower().replace(",", "")
    if low.isdigit():
        return float(low)
    return MAGNITUDES[low] if low in MAGNITUDES else float(word_value(low))
