"""Years that a question gives of publications, and days on which papers were added."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from datetime import date, timedelta

from assistant.query.leaning_words import NUMBERS
from assistant.query.planning.asked import PAPER_NOUNS, PUBLISH, Asked, Span, ordered
from assistant.query.planning.held import is_held
from store.library.library import Library
from store.pattern import pattern
from store.types import Filter

_YEAR = r"(?<![\w.,/:–-])(?:1[89]|20)\d\d(?![\w/]|[.,:]\d)"
_EXPRESSION = pattern(
    rf"\b(?:between|from|in|during)?\s*(?P<first>{_YEAR})\s*(?:-|–|to|until|through|till|and|\.\.)"
    r"\s*(?P<last>(?:1[89]|20)\d\d)(?![\w/])"
    rf"|(?P<lead>[a-z]+(?: to| than| the year| year)?)\s+(?P<one>{_YEAR})"
    r"(?P<tail>\s+(?:or|and)\s+(?:earlier|later|before|after|older|newer)|\s+onwards?|\s+on(?=\W*\Z|[,;]))?"
    rf"|(?P<bare>{_YEAR})(?P<bare_tail>\s+(?:or|and)\s+(?:earlier|later)|\s+onwards?)?"
    r"|\b(?:in|from|of|over|within|during)?\s*(?:the )?(?P<which>last|past|this|previous)"
    r" (?:(?P<number>\d{1,2}|[a-z]+) years|(?P<single>year))\b",
    re.IGNORECASE,
)
_OPEN_START = {"since": 0, "after": 1, "from": 0, "later than": 1, "newer than": 1}
_OPEN_END = {"before": -1, "until": 0, "till": 0, "through": 0, "up to": 0, "by": 0}
_OPEN_END |= {"predate": -1, "predates": -1, "earlier than": -1, "older than": -1, "prior to": -1}
_IN = ("in", "of", "from", "during", "in the year", "the year", "year", "dated", "for")
_MISTYPED = ("before", "after", "since", "until", "during")
_LATER = ("later", "after", "newer")
_NUMBERS = {name: at for at, name in enumerate(NUMBERS, 1)}
_ADDED = pattern(
    r"\b(?:(?:i|we)\s+)?(?:added|imported|ingested)\b[\w\s]{0,24}?\b(?P<when>today|yesterday"
    r"|(?:this|last|past) (?:week|month|year)|(?:since |on )?(?:last )?(?P<day>monday|tuesday"
    r"|wednesday|thursday|friday|saturday|sunday)"
    r"|(?:in |within )?(?:the )?(?:last|past) (?P<number>\d{1,3}|[a-z]+)"
    r" (?P<unit>days|weeks|months)"
    r"|(?:since |after |on )?(?P<iso>\d{4}-\d\d-\d\d))\b",
    re.IGNORECASE,
)
_DAYS = {"days": 1, "weeks": 7, "months": 30}


@dataclass(frozen=True)
class _Years:
    """A range of years as it stands in a question; `is_led` says that a preposition leads it."""

    start: int
    end: int
    first: int | None
    last: int | None
    is_led: bool


def take_added(asked: Asked, today: date) -> None:
    """Take what says when papers were added: "added this week", "added since Monday"."""
    found = _ADDED.search(asked.text)
    place = asked.at_char(*found.span()) if found else None
    if found is None or place is None or not asked.is_free(*place):
        return
    since = _day(found, today)
    if since is not None:
        day = since.isoformat()
        asked.take(Span(*place, Filter(added_since=day), f"added since {day}"))


def _day(found: re.Match[str], today: date) -> date | None:
    when = found["when"].lower()
    if found["iso"]:
        try:
            return date.fromisoformat(found["iso"])
        except ValueError:
            return None
    if found["day"]:
        back = (today.weekday() - ordered("weekdays").index(found["day"].lower())) % 7
        return today - timedelta(days=back or (7 if "last" in when else 0))
    if found["unit"]:
        number = number_of(found["number"])
        return today - timedelta(days=number * _DAYS[found["unit"].lower()]) if number else None
    if when in ("today", "yesterday"):
        return today - timedelta(days=when == "yesterday")
    which, unit = when.split()
    if unit == "week":
        monday = today - timedelta(days=today.weekday())
        return monday if which == "this" else monday - timedelta(days=7)
    first = today.replace(day=1) if unit == "month" else today.replace(month=1, day=1)
    if which == "this":
        return first
    earlier = first - timedelta(days=1)
    return earlier.replace(day=1) if unit == "month" else earlier.replace(month=1, day=1)


def take_years(asked: Asked, library: Library, today: date, *, asks_papers: bool) -> None:
    """Take the years of publication that a question gives; years that are content stay.

    Of publications is a year beside a word of publishing or a word for papers, one that says
    when an author or a venue is meant, and one that follows the topic of a list of papers where
    no abstract holds year and topic together: emissions since 2010 are no publications.
    """
    for found in _EXPRESSION.finditer(asked.text):
        years = _read(found, today)
        place = asked.at_char(years.start, years.end) if years else None
        if years is None or place is None or not asked.is_free(*place):
            continue
        if _is_of_records(asked, library, years, place, asks_papers=asks_papers):
            wanted = Filter(year_from=years.first, year_to=years.last)
            asked.take(Span(*place, wanted, year_words(wanted), year_typed(wanted)))


def year_words(wanted: Filter) -> str:
    """The years of a filter, as they are said: "since 2022", "until 2019", "2020 to 2022"."""
    first, last = wanted.year_from, wanted.year_to
    if first is not None and last is not None:
        return str(first) if first == last else f"{first} to {last}"
    return f"since {first}" if first is not None else f"until {last}" if last is not None else ""


def year_typed(wanted: Filter) -> str:
    """The same as it is typed into a search."""
    first, last = wanted.year_from, wanted.year_to
    if first is None and last is None:
        return ""
    return f"year:{first}" if first == last else f"year:{first or ''}..{last or ''}"


def _read(found: re.Match[str], today: date) -> _Years | None:
    start, end = found.span()
    while found.string[start].isspace():
        start += 1
    if found["first"]:
        first, last = sorted((int(found["first"]), int(found["last"])))
        return _Years(start, end, first, last, True)
    if found["which"]:
        return _relative(found, today, start, end)
    year = int(found["one"] or found["bare"])
    tail = (found["tail"] or found["bare_tail"] or "").lower().split()
    lead = (found["lead"] or "").lower()
    if found["lead"] and lead not in (*_OPEN_START, *_OPEN_END, *_IN):
        near = difflib.get_close_matches(lead, _MISTYPED, 1, 0.85) if len(lead) > 4 else []
        if not near:
            start = found.start("one")
        lead = near[0] if near else ""
    is_led = bool(lead)
    if tail == ["on"] and lead and lead not in ("from", "since"):
        end, tail = found.end("one"), []  # "before 2020 on song"
    if tail:
        later = tail[-1] in _LATER or tail[0] in ("on", "onward", "onwards")
        return _Years(start, end, year if later else None, None if later else year, True)
    if lead in _OPEN_START and lead != "from":
        return _Years(start, end, year + _OPEN_START[lead], None, True)
    if lead in _OPEN_END and lead != "by":
        return _Years(start, end, None, year + _OPEN_END[lead], True)
    return _Years(start, end, year, year, is_led)


def _relative(found: re.Match[str], today: date, start: int, end: int) -> _Years | None:
    which = found["which"].lower()
    if found["single"]:
        year = today.year - (which != "this")
        return _Years(start, end, year, year if which != "past" else None, True)
    number = number_of(found["number"])
    return _Years(start, end, today.year - number, None, True) if number else None


def number_of(text: str) -> int | None:
    """A number in digits or, up to ten, in words; None for another word."""
    if text.isdigit():
        return int(text)
    return _NUMBERS.get(text.lower())


def _is_of_records(
    asked: Asked, library: Library, years: _Years, place: tuple[int, int], *, asks_papers: bool
) -> bool:
    before, after = asked.before(place[0]), asked.plain(place[1] + 1)
    outside = [at for at in asked.topic if not place[0] <= at <= place[1]]
    if not outside:
        return True
    beside = PAPER_NOUNS | PUBLISH
    if after in PAPER_NOUNS or (years.is_led and before in beside):
        return True
    if not years.is_led:
        return False
    if asked.text[years.start :].lower().startswith("predate"):
        return True
    names = any(one.filter.authors or one.filter.venues for one in asked.spans)
    return (asks_papers or names) and not _stand_together(asked, library, years, outside)


def _stand_together(asked: Asked, library: Library, years: _Years, topic: list[int]) -> bool:
    """True where an abstract holds the year and a word of the topic."""
    given = {year for year in (years.first, years.last) if year is not None}
    given |= {int(one) for one in re.findall(r"\d{4}", asked.text[years.start : years.end])}
    words = [asked.words[at].plain for at in topic]
    return any(
        is_held((str(year), word), Filter(), library)
        for year in given
        if library.document_frequency(str(year))
        for word in words
    )
