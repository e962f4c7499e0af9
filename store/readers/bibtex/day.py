"""A date out of its parts, as they stand in fields of their own."""

from __future__ import annotations

from store.pattern import pattern
from store.readers.values.dates import MONTHS

_YEAR = pattern(r"\s*([12]\d{3})(?:\.0)?\s*\Z")
_YEAR_BEFORE = pattern(r"(?<!\s)\s*[12]\d{3}\b")
_MONTH = pattern(r"\s*(?:(\d{1,2})\b(?:\.0\b)?[\s~.]*)?([A-Za-z]{3,9})?\.?[\s~,]*(?:(\d{1,2})\b)?")
_SEASON = pattern(r"(?i)\s*(spring|summer|autumn|fall|winter)\b")
_DAY = pattern(r"\s*(\d{1,2})(?:\.0)?\s*\Z")


def date_of(year: str, month: str, day: str = "") -> str:
    """A date in ISO 8601 as far as its parts are known, or nothing where the month is not.

    The month may be a number or a name, and carry the day ("Mar 5", "5 March", "2024 NOV 6"), or
    be a season, which stays in words.
    """
    of_year = _YEAR.match(year)
    if of_year and (season := _SEASON.match(month)):
        return f"{of_year[1]} {season[1].capitalize()}"
    found = _MONTH.match(_YEAR_BEFORE.sub("", month))
    if not of_year or not found:
        return ""
    before, word, after = found.groups()
    name = word[:3].lower() if word else ""
    number = MONTHS.index(name) + 1 if name in MONTHS else 0
    if not word and before:
        number, before = int(before), after
    if not 1 <= number <= 12:
        return ""
    of_day = _DAY.match(day)
    in_month = int(of_day[1] if of_day else before or after or 0)
    whole = f"{of_year[1]}-{number:02d}"
    return f"{whole}-{in_month:02d}" if 1 <= in_month <= 31 else whole
