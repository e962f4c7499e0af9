"""Year and date, from numbers, words, lists and objects: ISO 8601 where it can be."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from store.clean import clean_line
from store.pattern import pattern
from store.readers.values.plain import FIELD_LIMIT, LeftOut, by_bare_key, is_nothing, text_of

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
"""The months as English abbreviates them."""
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_YEAR = pattern(r"(?<!\d)([12]\d{3})(?!\d)")
_ISO = pattern(r"([12]\d{3})(?:-(\d\d)(?:-(\d\d))?)?\Z")
# RIS ends dates in slashes; an instant goes on with T, a range with a slash and another date.
_NUMBERS = pattern(
    r"([12]\d{3})\s?[-/.]\s?(\d{0,2})(?:\s?[-/.]\s?(\d{0,2}))?"
    r"(?:/.*|[T ]\d\d:.*|[T ]\d{6}.*)?/*\s*\Z"
)
_COMPACT = pattern(r"([12]\d{3})(\d\d)(\d\d)?(?:T?\d{2,6}Z?)?\Z")
_YEAR_FIRST = pattern(rf"([12]\d{{3}})[\s,/-]+{_MONTH}(?:[\s,/-]+(\d{{1,2}}))?\Z", re.IGNORECASE)
_MONTH_FIRST = pattern(
    rf"{_MONTH}(?:\s*(\d{{1,2}})(?:st|nd|rd|th)?[\s,/-]+|[\s,/-]*)([12]\d{{3}})\Z", re.IGNORECASE
)
_DAY_FIRST = pattern(
    rf"(?:[a-z]{{3,9}}\.?,?\s+)?(\d{{1,2}})(?:st|nd|rd|th|\.)?[\s/-]+{_MONTH}[\s,/-]+([12]\d{{3}})"
    r"(?:,?\s+\d\d?:.*)?\Z",
    re.IGNORECASE,
)
# RFC 5322, as arXiv's snapshot and feeds have it.
_MAIL = pattern(r"(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) ([12]\d{3}) \d\d:[\d:]+ [A-Z]+\Z")
_SLASHED = pattern(r"(\d{1,2})[/.](\d{1,2})[/.]([12]\d{3})\Z")
# BibLaTeX's pubstate, and "no date": they say that there is no year yet.
_NO_YEAR = pattern(
    r"\W*(?:in ?press|forthcoming|submitted|accepted|to appear|in preparation|preprint"
    r"|prepublished|unpublished|n\.? ?d\.?|no date|undated|ahead of print|online first|none|null"
    r"|n/?a|-+|\?+)\W*",
    re.IGNORECASE,
)
_PART_KEYS = ("dateparts", "datetime", "timestamp", "date", "iso", "edtf", "start", "raw", "value")
_SEASONS = {"1": "Spring", "2": "Summer", "3": "Autumn", "4": "Winter"}
"""The seasons as CSL counts them; ISO 8601-2 adds 20, and writes them for a month."""
# RIS: the fourth part of a date is worded, and of use where the others say no month.
_WORDED_PART = pattern(r"([12]\d{3})/{3}\s*([^\W\d_][^/]{0,40})\Z")
_SECONDS = (5e8, 4.2e9)
"""Numbers that are seconds since 1970 where a date should stand: 1985 to 2103."""


class When(NamedTuple):
    """The year, and the date as ISO 8601 or as it is worded."""

    year: int | None
    date: str | None


NEVER = When(None, None)


def year_and_date(year: object, date: object, said: LeftOut) -> When:
    """Year and date of a record from both of its fields, either of which may hold the other."""
    of_year, of_date = when(year), when(date)
    if of_year.year is None and not is_nothing(year):
        worded = of_year.date and _NO_YEAR.fullmatch(of_year.date)
        if not worded:
            said.leave_out("year", year)
    if of_date == NEVER and not is_nothing(date):
        said.leave_out("date", date)
    found = of_year.year or of_date.year
    told = of_date.date
    if told is None and of_year.date != str(of_year.year):
        told = of_year.date if of_year.year or _says(of_year.date) else None
    return When(found, told or (str(found) if found and not is_nothing(date) else None))


def _says(date: str | None) -> bool:
    return date is not None and _NO_YEAR.fullmatch(date) is not None and date.strip("-?") != ""


def when(value: object) -> When:
    """What a value of any shape says of a day, a month or a year."""
    if isinstance(value, str):
        return _of_text(value)
    if value is None or isinstance(value, bool):
        return NEVER
    if type(value) is int and 1000 <= value <= 2999:
        return When(value, str(value))
    if isinstance(value, int | float):
        return _of_number(value)
    if isinstance(value, list | tuple):
        return _of_list(value)
    if isinstance(value, dict):
        return _of_object(by_bare_key(value))
    return NEVER


def _of_text(value: str) -> When:
    if plain := _ISO.match(value):
        return _dated(plain[1], plain[2], plain[3])
    if (mail := _MAIL.match(value)) and mail[2].lower() in MONTHS:
        return _named(mail[3], mail[2], mail[1])
    text = clean_line(value)
    if not text or len(text) > FIELD_LIMIT:
        return NEVER
    if iso := _iso_of(text):
        return iso
    found = _YEAR.search(text)
    return When(int(found[1]) if found else None, text)


def _iso_of(text: str) -> When | None:
    if "///" in text and (found := _WORDED_PART.match(text)):
        return _of_text(f"{found[1]} {found[2]}")
    if found := _NUMBERS.match(text) or _COMPACT.match(text):
        if not found[2] or int(found[2]) <= 12 or 21 <= int(found[2]) <= 24:
            return _dated(found[1], found[2], found[3])
        return None
    if found := _YEAR_FIRST.match(text):
        return _named(found[1], found[2], found[3])
    if found := _MONTH_FIRST.match(text):
        return _named(found[3], found[1], found[2])
    if found := _DAY_FIRST.match(text):
        return _named(found[3], found[2], found[1])
    if found := _SLASHED.match(text):
        first, second = int(found[1]), int(found[2])
        if first > 12 >= second:
            return _dated(found[3], found[2], found[1])
        if second > 12 >= first or first == second:
            return _dated(found[3], found[1], found[2])
    return None


def _named(year: str, month: str, day: str | None) -> When:
    return _dated(year, str(MONTHS.index(month.lower()) + 1), day)


def _dated(year: str, month: str | None, day: str | None) -> When:
    """ISO 8601 from its parts, as far as they are possible; a season is worded."""
    text = year
    if month and 21 <= int(month) <= 24:
        return When(int(year), f"{year} {_SEASONS[month[-1]]}")
    if month and 1 <= int(month) <= 12:
        text += f"-{int(month):02}"
        if day and 1 <= int(day) <= 31:
            text += f"-{int(day):02}"
    return When(int(year), text)


def _of_number(value: int | float) -> When:
    if isinstance(value, float) and not math.isfinite(value):
        return NEVER
    if value == int(value) and 1000 <= value <= 2999:
        return When(int(value), str(int(value)))
    if value == int(value) and 10_000_101 <= value <= 29_991_231:
        found = _iso_of(str(int(value)))
        return found or NEVER
    for scale in (1, 1000):  # seconds, and milliseconds
        if _SECONDS[0] * scale <= value <= _SECONDS[1] * scale:
            day = datetime.fromtimestamp(value / scale, UTC).date()
            return When(day.year, day.isoformat())
    return NEVER


def _of_list(value: list[object] | tuple[object, ...]) -> When:
    """The first date of a list; a list of numbers is one date: year, month, day."""
    parts = [one for one in value if not is_nothing(one)]
    if not parts:
        return NEVER
    if isinstance(parts[0], list | tuple | Mapping):
        return when(parts[0])
    texts = [text_of(one) for one in parts[:3]]
    if len(texts) > 1 and all(one.isdigit() and len(one) < 3 for one in texts[1:]):
        year, month, day, *_ = *texts, "", ""
        if _ISO.match(year):
            return _dated(year[:4], month, day)
    return when(parts[0])


def _of_object(parts: dict[str, object]) -> When:
    for key in _PART_KEYS:
        if key in parts and (found := when(parts[key])) != NEVER:
            is_year = found.date == str(found.year)
            return _in_season(found, parts["season"]) if is_year and "season" in parts else found
    if "year" in parts:
        named = [text_of(parts.get(key)) for key in ("year", "month", "day")]
        mark = "-" if named[1].isdigit() else " "
        found = _of_text(mark.join(filter(None, named)))
        return _in_season(found, parts["season"]) if "season" in parts and not named[1] else found
    told = next(
        (
            text_of(parts[key])
            for key in ("literal", "medlinedate", "text", "season")
            if key in parts
        ),
        "",
    )
    return _of_text(told) if told else NEVER


def _in_season(when: When, season: object) -> When:
    """A year with the season that CSL gives beside it, as a number or in words."""
    told = text_of(season)
    word = _SEASONS.get(told[-1:], "") if told.isdigit() else told
    return When(when.year, f"{when.date} {word}") if word else when
