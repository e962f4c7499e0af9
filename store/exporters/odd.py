"""Which values a reader of the format may take for something else than what they are.

Readers part words at many signs, drop marks of footnotes and degrees from names, and what other
programs write of their own into notes. What is not plain is called odd, also where none would.
"""

from __future__ import annotations

from typing import Any

from store.exporters.names import may_be_several
from store.pattern import pattern

ISO_DATE = pattern(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
"""A date that is not worded: its year, month and day."""
_URL = pattern(r"https?://[!-~]*[\w/=-]")
_WORDS = pattern(r"\w[\w.:/()'+-]*+(?: [\w.:/()'+-]++)*+")
_NOTE = pattern(r"\w[\w.:/()'\"!?,+-]*+(?: [\w.:/()'\"!?,+-]++)++")
_PLACE = pattern(r"[A-Za-z\u00c0-\u024f]{2,}+(?:(?:,? |-|: |/| & )[A-Za-z\u00c0-\u024f]++)*+")
_PERSON = pattern(r"[^\W\d_][^\W\d_.'’-]*+(?:[.'’-]*+,? ?[^\W\d_]++)*+\.?")
_DEGREE = pattern(
    r"(?:^|[ ,.])(?:[A-Z][a-z]*\.?[A-Z]\.?[A-Za-z]*|[A-Z]{4,}|null|none)\.?(?=[ ,]|\Z)"
)
_SHORT = 5


_LISTS = ("authors", "tags", "keywords", "notes")


def odd_values(fields: dict[str, Any]) -> dict[str, Any]:
    """Those of the fields of a paper that are odd, by their standard names."""
    found = {name: fields[name] for name in _LISTS if name in fields and is_odd(name, fields[name])}
    venue, date, year = fields.get("venue"), fields.get("date"), fields.get("year")
    if venue and (venue == fields["title"] or is_odd("venue", venue)):
        found["venue"] = venue
    if date and year and (is_odd("date", date) or not date.startswith(str(year))):
        found |= {"date": date, "year": year}
    return found


def is_odd(name: str, value: Any) -> bool:
    """True for a value, by its standard name, that reads otherwise where it stands as text."""
    match name:
        case "date":
            return ISO_DATE.fullmatch(value) is None
        case "url":
            return _URL.fullmatch(value) is None
        case "venue":
            return _PLACE.fullmatch(value) is None
        case "authors":
            return may_be_several(value) or not all(map(_is_person, value))
        case "notes":
            return not all(map(_NOTE.fullmatch, value))
        case "tags" | "keywords":
            return not all(len(one) >= _SHORT and _WORDS.fullmatch(one) for one in value)
    return False


def _is_person(name: str) -> bool:
    return " " in name and bool(_PERSON.fullmatch(name)) and not _DEGREE.search(name)
