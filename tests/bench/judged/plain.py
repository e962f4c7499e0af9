"""Values of fields without what is no difference: white space, case, the order of a name.

Superscripts are told by a sign ("10^3"), subscripts are not ("H2O"); quotes and dashes are ASCII.
A name is its words, whatever their order and commas; a date is ISO 8601 or its words; keywords and
the marks of main headings in them have no order.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

from store.tables import read_table

FIELDS = (
    "title", "abstract", "authors", "year", "date", "venue",
    "doi", "pmid", "keywords", "language", "type",
)  # fmt: skip
"""The fields that are compared, in the order in which they are told."""
_TABLES = read_table(__file__, "tables.toml")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ASCII = str.maketrans("“”„‘’–—−‐‑\u00ad∼", '"""\'\'-----~~')
_RAISED = re.compile("[⁰¹²³⁴-⁹⁺⁻⁼⁽⁾ⁿ]+")


def plain_text(value: object) -> str:
    """A text in one line and in lower case, with the signs of ASCII where it can be."""
    text = unicodedata.normalize("NFC", str(value or ""))
    text = _RAISED.sub(lambda found: f"^{found[0]}", text)
    text = unicodedata.normalize("NFKC", text).translate(_ASCII)
    text = re.sub(r"\^\s*[{(]?([-+]?\w+)[})]?", r"^\1", text)
    text = re.sub(r"_\{?(\w)\}?", r"\1", text) if "_" in text else text
    return " ".join(text.split()).casefold().rstrip(". ")


def plain_title(value: object) -> str:
    """A title without the brackets of a translation."""
    text = plain_text(value)
    return text[1:-1].rstrip(".") if text.startswith("[") and text.endswith("]") else text


def plain_doi(value: object) -> str:
    """A DOI without the address before it, in lower case."""
    return re.sub(r"^(https?://(dx\.)?doi\.org/|doi:\s*)", "", str(value or "").strip().lower())


def plain_language(value: object) -> str:
    """A code of ISO 639, without region; nothing where none is determined."""
    name = str(value or "").strip().lower()
    code = str(_TABLES["languages"].get(name, name.partition("-")[0]))
    return "" if code == "und" else code


def plain_date(value: object) -> str:
    """A date as ISO 8601, or its words in the order of the alphabet; a bare year is no date."""
    text = plain_text(value).replace("fall", "autumn").strip("/~?. ")
    text = re.sub(r"(?<=\d)t\d\d:.*", "", text)
    parts = [one for one in re.split(r"[\s/,-]+", text) if one]
    if parts and not re.search(r"\d/+\d{4}$|\d{4}-[a-z]|\d [a-z]+-[a-z]|-\d{4}", text):
        numbers = [_month(one) for one in parts]
        if all(one.isdigit() for one in numbers) and len(numbers) <= 3:
            return _iso(numbers)
    if re.fullmatch(r"(?:c(?:irca)?\.?\s*)?\d{4}[a-z]?", text):
        return ""
    return " ".join(sorted(parts))


def _month(part: str) -> str:
    at = next(
        (at for at, name in enumerate(_MONTHS, 1) if re.fullmatch(name + r"[a-z]*\.?", part)), 0
    )
    return str(at) if at else part


def _iso(numbers: list[str]) -> str:
    year = next((one for one in numbers if len(one) == 4), None)
    if year is None:
        return " ".join(sorted(numbers))
    if numbers[0] != year:
        numbers = numbers[::-1]
    return "-".join(one.zfill(2) for one in numbers) if len(numbers) > 1 else ""


def _name(value: object) -> str:
    return " ".join(sorted(plain_text(value).replace(",", " ").replace(".", " ").split()))


def _many(one: Callable[[object], str], value: object) -> list[str]:
    given = value if isinstance(value, list | tuple) else [value] if value else []
    return [one(entry) for entry in given]


def plain(field: str, value: object) -> object:
    """A value of a field in the form in which it is compared; None where there is none."""
    if isinstance(value, Iterable) and not value:
        return None
    if field == "authors":
        return _many(_name, value) or None
    if field == "keywords":
        return sorted(_many(lambda one: plain_text(one).replace("*", ""), value)) or None
    forms: dict[str, Callable[[object], str]] = {
        "title": plain_title,
        "doi": plain_doi,
        "language": plain_language,
        "date": plain_date,
        "year": lambda one: str(one or "")[:4],
    }
    return forms.get(field, plain_text)(value) or None
