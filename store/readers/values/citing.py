"""Where in its journal or book a paper stands: volume, issue, pages, publisher, ISSN and ISBN.

Check digits: ISSN after ISO 3297, ISBN after ISO 2108. A number whose check digit is wrong, and
what says that there is nothing, is left out and not told: it is no part of what a paper says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from store.pattern import pattern
from store.readers.values.plain import FIELD_LIMIT, plain_line, text_of, texts_of

NAMES = (
    *("volume", "issue", "pages", "first_page", "last_page", "article_number", "publisher"),
    *("issn", "isbn"),
)
"""The standard names of what is read here."""
NUMBER = "number"
"""The name of what is the issue beside a volume, and else a number of any kind."""

_NAMES = frozenset(NAMES)
_LONGEST = 60
_SHORT = 30
# Whole works: a number beside no volume is their own, and one number for pages counts them.
_WHOLE_WORKS = frozenset(("report", "thesis", "patent", "standard", "book"))
_PLAIN_PAGES = pattern(r"([1-9][0-9]*)-([1-9][0-9]*)")
_DASHES = pattern(r"\s*[-\u2010-\u2015\u2212]+\s*")
_WHOLE = pattern(r"[0-9]+\.0")
_NOTHING = pattern(
    r"(?:n\.?/?a\.?|none|null|nil|nan|undefined|unknown|unspecified|not (?:available|specified)"
    r"|in[- ]press|forthcoming|to appear|early (?:view|access)|online first|accepted"
    r"|(?:e?pub(?:lish)?(?:ed)?\s+)?ahead[- ]of[- ]print|no[. ]+pag\S*(?: specified)?"
    r"|\[?s\.\s?[nl]\.\]?|0+|[\W_]*)",
    re.IGNORECASE,
)
_NUMERAL = r"(?=[0-9]|[ivxlcdm]+\b|[a-z]?[0-9])"
_VOLUME = pattern(
    rf"(?:volumes?|vol|v|band|bd|tome|tomo|t|jg|том|т)\b[.:\s]*{_NUMERAL}", re.IGNORECASE
)
_ISSUE = pattern(
    rf"(?:(?:issues?|iss|numbers?|nos?|nr|num|número|numéro|heft|h)\b|№|n[º°])[.:\s]*{_NUMERAL}",
    re.IGNORECASE,
)
_NO_VOLUME = pattern(r"(?:abs/|arxiv|https?:)", re.IGNORECASE)
_PAGES = pattern(
    r"(?:p(?:ages?|p|gs?|ágs?|áginas)?\b|pp(?=[0-9])|seiten?\b|S\.\s)[.:\s]*"
    r"|(?:UNSP|ARTN)\s+|art(?:icle|\.|\b)\s*(?:(?:no|nr|number|id)\b)?[.:\s]*(?=\S*[0-9])",
    re.IGNORECASE,
)
_COUNT = pattern(r"[0-9]+\s*(?:pp?\.?|pages?|seiten?|s\.)", re.IGNORECASE)
_OPEN_END = pattern(r"-?\s*(?:\+|ff?\.?)\s*\Z|[-.,;:]+\Z")
_RANGE = pattern(r"(?<![\w.-])([A-Za-z]{0,4})([0-9]+)-(\1?)([0-9]+)(?![\w.-])")
# An arXiv id, and the number that publishers give a paper before it has pages (PII).
_NO_PAGES = pattern(r"arxiv|[SB]?[0-9X-]{9,14}\([0-9]{2}\)[0-9X-]{5,9}\Z", re.IGNORECASE)
_TWICE = pattern(r"(\S+)-\1")
_ROMAN = pattern(r"[ivxlcdm]+(?:-[ivxlcdm]+)?", re.IGNORECASE)
_DIGIT = pattern(r"[0-9]")
_HAS_NUMERAL = pattern(r"[0-9]|\A[IVXLCDMivxlcdm]+\Z")
_ISSN = pattern(r"(?<![0-9-])([0-9]{4})-?([0-9]{3}[0-9Xx])(?![\w-])")
_CUT_ISSN = pattern(r"[1-9][0-9]{3,6}")
_ISBN = pattern(r"(?<![\w-])(?:97[89][ -]?)?[0-9](?:[ -]?[0-9]){8}[ -]?[0-9Xx](?![\w-])")
_NUMBER_KEYS = (
    *("issnl", "issn", "print", "printed", "electronic", "online", "eissn", "linking", "id"),
)


def place_of(given: Mapping[str, object], kind: str | None) -> dict[str, str]:
    """What named values say of where a paper stands, under the names of `Details`.

    `kind` is the CSL type of the paper. Values may be of any shape.
    """
    if _NAMES.isdisjoint(given) and NUMBER not in given:
        return {}
    found: dict[str, str] = {}
    if "volume" in given and (volume := _volume(_text(given["volume"], "number", "volume"))):
        found["volume"] = volume
    is_placed, is_whole = "volume" in found, kind in _WHOLE_WORKS
    number = given.get("issue", given.get(NUMBER) if is_placed else None)
    is_issued = number is not None and (is_placed or not is_whole)
    if is_issued and (issue := _issue(_text(number, "number"))):
        found["issue"] = issue
    pages = _pages(given, is_placed=is_placed)
    if pages and not (is_whole and pages.isdigit()):
        found["pages"] = pages
    if "publisher" in given and (publisher := _publisher(_text(given["publisher"], "name"))):
        found["publisher"] = publisher
    if "issn" in given and (issn := _first(given["issn"], _issn_in)):
        found["issn"] = issn
    if "isbn" in given and (isbn := _first(given["isbn"], _isbn_in)):
        found["isbn"] = isbn
    return found


def is_said(name: str, text: str) -> bool:
    """True where a text can be the value of one of these names, and is no sentence."""
    if name not in ("publisher", "issn", "isbn"):
        return len(text) <= _SHORT and _HAS_NUMERAL.search(text) is not None
    return bool(place_of({name: text}, None))


def _text(value: object, *keys: str) -> str:
    return value if isinstance(value, str) else text_of(value, *keys)


@lru_cache(maxsize=1 << 12)
def _volume(text: str) -> str:
    volume = _number(text, _VOLUME)
    return "" if _NO_VOLUME.match(volume) else volume


@lru_cache(maxsize=1 << 12)
def _issue(text: str) -> str:
    return _number(text, _ISSUE)


def _number(text: str, before: re.Pattern[str]) -> str:
    """A number of a volume or an issue without the word before it and brackets around it."""
    if len(text) > FIELD_LIMIT:
        return ""
    text = _DASHES.sub("-", plain_line(text))
    if found := before.match(text):
        text = text[found.end() :]
    if text[:1] + text[-1:] in ("()", "[]"):
        text = text[1:-1].strip()
    text = text.rstrip(".,;: ")
    if _NOTHING.fullmatch(text) or len(text) > _LONGEST:
        return ""
    return text[:-2] if _WHOLE.fullmatch(text) else text


def _pages(given: Mapping[str, object], *, is_placed: bool) -> str:
    """The pages, or the first to the last, or the number of the article."""
    value = given.get("pages")
    if type(value) is str:
        if pages := pages_in(value):
            return pages
    elif value is not None:
        # A number alone counts pages as often as it names one.
        is_count = isinstance(value, int | float) and not is_placed
        if not is_count and (pages := pages_in(_listed(value))):
            return pages
    if "first_page" in given:
        first, last = (_text(given.get(name)).strip() for name in ("first_page", "last_page"))
        if last and not _PLAIN_PAGES.fullmatch(first) and pages_in(last):
            first = first if first.endswith(f"-{last}") else f"{first}-{last}"
        if pages := pages_in(first):
            return pages
    return pages_in(_text(given["article_number"])) if "article_number" in given else ""


def _listed(value: object) -> str:
    """Pages as text: those of a list are its first and last."""
    if isinstance(value, list | tuple):
        ends = [text for one in value[:2] if (text := _text(one))]
        return "-".join(ends) if len(value) == 2 else next(iter(ends), "")
    return _text(value, "range", "first", "start")


def pages_in(text: str) -> str:
    """Pages with a hyphen between first and last, which PubMed cuts short: "117-25", "S1-4".

    What says none is "": a count of pages, "n/a", what has neither a digit nor a roman number.
    """
    if plain := _PLAIN_PAGES.fullmatch(text):
        first, last = plain.groups()
        if len(last) < len(first):
            last = first[: len(first) - len(last)] + last
        if last > first or len(last) > len(first):
            return f"{first}-{last}"
    if len(text) > FIELD_LIMIT:
        return ""
    text = _DASHES.sub("-", plain_line(text))
    if _COUNT.fullmatch(text):
        return ""
    if found := _PAGES.match(text):
        text = text[found.end() :]
    text = _OPEN_END.sub("", text).strip()
    if "-" in text:
        parts = text.split("-")
        text = "-".join(_whole(one) for one in parts if not _NOTHING.fullmatch(one.strip()))
    text = _whole(_RANGE.sub(_spelled_out, text))
    is_none = _NOTHING.fullmatch(text) or len(text) > _LONGEST or _NO_PAGES.match(text)
    if is_none or not (_DIGIT.search(text) or _ROMAN.fullmatch(text)):
        return ""
    twice = _TWICE.fullmatch(text)
    return twice[1] if twice else text


def _whole(text: str) -> str:
    """A number without the fraction that a table program gives it."""
    return text[:-2] if _WHOLE.fullmatch(text) else text


def _spelled_out(found: re.Match[str]) -> str:
    """A range whose last page is cut to the digits that differ from those of the first."""
    prefix, first, _, last = found.groups()
    if len(last) >= len(first):
        return found[0]
    whole = first[: len(first) - len(last)] + last
    return f"{prefix}{first}-{prefix}{whole}" if whole > first else found[0]


@lru_cache(maxsize=1 << 12)
def _publisher(text: str) -> str:
    text = plain_line(text) if len(text) <= FIELD_LIMIT else ""
    return "" if _NOTHING.fullmatch(text) else text.rstrip(" ,;:")


def _first(value: object, number_in: Callable[[str], str]) -> str:
    """The first number that one of the texts of a value has, or ""."""
    if isinstance(value, str):
        return number_in(value)
    return next(filter(None, map(number_in, texts_of(value, "value", *_NUMBER_KEYS))), "")


@lru_cache(maxsize=1 << 12)
def _issn_in(text: str) -> str:
    """The first ISSN in a text; where a table program cut off its zeros, it gets them again."""
    if len(text) > FIELD_LIMIT:
        return ""
    text = _DASHES.sub("-", text.strip())
    if _CUT_ISSN.fullmatch(text):
        text = text.zfill(8)
    numbers = (f"{one[1]}{one[2].upper()}" for one in _ISSN.finditer(text))
    return next((f"{one[:4]}-{one[4:]}" for one in numbers if _is_issn(one)), "")


def _is_issn(digits: str) -> bool:
    total = sum(int(one) * (8 - at) for at, one in enumerate(digits[:7]))
    return (total + _value(digits[7])) % 11 == 0 and digits != "00000000"


@lru_cache(maxsize=1 << 12)
def _isbn_in(text: str) -> str:
    """The first ISBN in a text, with the hyphens that it came with."""
    if len(text) > FIELD_LIMIT:
        return ""
    for found in _ISBN.finditer(_DASHES.sub("-", text)):
        digits = found[0].replace("-", "").replace(" ", "").upper()
        if _is_isbn(digits):
            return found[0].replace(" ", "-").upper()
    return ""


def _is_isbn(digits: str) -> bool:
    if len(digits) == 10:
        total = sum(_value(one) * (10 - at) for at, one in enumerate(digits))
        return total % 11 == 0 and digits != "0" * 10
    if "X" in digits:
        return False
    return sum(int(one) * (3 if at % 2 else 1) for at, one in enumerate(digits)) % 10 == 0


def _value(digit: str) -> int:
    return 10 if digit == "X" else int(digit)
