"""One string with the names of all authors, and what parts them."""

from __future__ import annotations

import html
import re
from functools import cache
from typing import NamedTuple

from store.pattern import pattern
from store.tables import read_table

_AND = pattern(r",?(?<!\s)\s+(?:and|AND|&|und|et)\s+")
_LEADING_AND = pattern(r"\A(?:and|&)\s+")
_INITIALS = pattern(r"(?:[A-ZÀ-ÖØ-Þ]\.?[- ]?){1,4}")
_NAME_ENDING = pattern(r"(?:Jr|Sr|II|III|IV)\.?")
_OTHERS = pattern(r"[\W_]*(?:and|&)?\s*(?:others?|et\.?\s*al(?:ia|ii|\b)?\.?)\W*", re.IGNORECASE)
_LONGEST_OTHERS = 20
"""Longest way to say that there are more authors, in characters."""
_AT_END = pattern(
    r"[,;|]?\s*(?:(?:and|&)\s+others|\bet\.?\s*al(?:ia|ii)?\b\.?|…|\.\.\.)[\s.,;]*\Z",
    re.IGNORECASE,
)
_BLANKS = pattern(r"[^\S\n]{2,}")
_HAN = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3"
_HAN_NAMES = pattern(rf"[{_HAN}·\s,]+")
_WIDE_MARKS = str.maketrans({"；": ";", "，": ",", "、": ",", "｜": "|", "\u00a0": " "})
# An affiliation stands in brackets behind a name or behind all; a nickname stands within.
_BRACKETS = pattern(
    r"\s*(?:\((?:[^()]|\([^()]{0,400}\)){0,2000}\)|\[[^\[\]]{0,400}\]|<[^<>]{0,200}>)"
    r"(?=\s*(?:[,;|\n(\[]|and\b|&|\Z))"
)
_UNCLOSED = pattern(r"\s*\(\([^()]*\Z|\s*\(\d[^()]*\Z")
_NUMBERED = pattern(r"\s*[(\[]\d{1,3}(?:\s?,\s?\d{1,3})*[)\]]")
_RAISED = pattern(
    r"<sup>.{0,80}?</sup>|\$\s*\^[^$]{0,80}\$|\\textsuperscript\{[^{}]{0,80}\}|\^\{[^{}]{0,80}\}",
    re.IGNORECASE | re.DOTALL,
)
_MARKS = pattern(
    r"(?<=[^\W\d_.])(?:\d{1,3}(?:\s?,\s?\d{1,3})*(?![\w]))"
    r"|[¹²³⁰⁴-⁹ᵃ-ᶜ*†‡§¶∗⁎#]+(?:\s?,\s?[¹²³⁰⁴-⁹*†‡§¶∗⁎#]+)*"
)
# What repositories put behind a name: its place in square brackets, its ORCID in any or none.
_PLACE = pattern(r"(?<=\S)\s*\[[^\[\]]{2,400}\](?=\s*(?:[(\[,]|\Z))")
_ORCID = pattern(
    r"\s*[(\[<]?\s*(?:ORCID(?:\s?iD)?\s?:?\s*)?(?:https?://orcid\.org/)?"
    r"\d{4}-?\d{4}-?\d{4}-?\d{3}[\dX]\b\s*[)\]>]?",
    re.IGNORECASE,
)
_HAS_MARKS = pattern(r"[\d()\[\]<>^$*†‡§¶∗⁎#¹²³⁰⁴-⁹ᵃ-ᶜ]")
_GROUP_WORDS = pattern(
    r"\b(?:of|for|on|the|group|committee|consortium|society|institute)\b", re.IGNORECASE
)
_COLON = pattern(r"\s*:\s+")
_GROUP_AT_END = pattern(
    r"\s(?:group|committee|consortium|society|institute|network|team|investigators|collaboration)\.\Z",
    re.IGNORECASE,
)
_CLOSE_COMMA = pattern(r",(?=[^\W\d_])")
_NULL = pattern(r",\s*null\b(?=\s*(?:[;|]|\Z))")  # RefWorks, of a name in one part
_SHORT_NAME = pattern(r"(?!(?:and|&)\s)[^\W\d_][\w.'’ -]*\s[A-Z]{1,3}(?:\s(?:Jr|Sr|\dnd|\drd))?\.?")
_PERSON = pattern(r"[^,]+,[^,]+|[A-Z]\.[^,]+|[^,]+\s[A-Z]{1,3}")


class _Degrees(NamedTuple):
    """`hints` are parts of degrees; looking for these first spares names without most time."""

    hints: frozenset[str]
    sure: re.Pattern[str]
    any: re.Pattern[str]


@cache
def _degrees() -> _Degrees:
    table = read_table(__file__, "degrees.toml")
    sure, either = (
        "|".join(r"\.?\s?".join(map(re.escape, one.split("."))) for one in table[kind].split())
        for kind in ("sure", "either")
    )
    before, after = r"(?:,\s*|\s+)", r"(?=\s*(?:[,;|\n]|\Z)|\s+(?:and|&)\s)"
    return _Degrees(
        frozenset(max(one.split("."), key=len)[:2] for one in table["sure"].split()),
        pattern(rf"{before}(?:{sure})\.?{after}|,\s*(?:{either})\.?,\s*(?:{either})\.?{after}"),
        pattern(rf"(?:{before}(?:{sure}|{either})\.?{after})+"),
    )


def is_others(name: str) -> bool:
    """True for "et al." and "and others" where a name should stand."""
    return len(name) < _LONGEST_OTHERS and _OTHERS.fullmatch(name) is not None


def split_authors(text: str) -> list[str]:
    """The names in one string, parted by semicolons, bars, lines, "and" or commas.

    One comma is part of a name in "Vaswani, Ashish" and "Vaswani, A., Shazeer, N.", and divides
    two names in "A. Vaswani, N. Shazeer". Marks and brackets of affiliations are no part of it.
    """
    if "&" in text:
        text = html.unescape(text)
    text = _BLANKS.sub(" ", text.translate(_WIDE_MARKS).strip())
    if _HAS_MARKS.search(text):
        text = _without_affiliations(text)
    text = without_degrees(_NULL.sub("", text) if "null" in text else text)
    if (found := _AT_END.search(text, max(0, len(text) - _LONGEST_OTHERS))) is not None:
        text = text[: found.start()]
    for mark in (";", "|"):
        if mark in text:
            parts = [" ".join(one.split()) for one in text.split(mark)]
            return [name for part in parts for name in _of_part(part)]
    if "\n" in text:
        lines = [_LEADING_AND.sub("", one.strip()) for one in text.split("\n") if one.strip()]
        if _are_names(lines):
            return lines
        text = " ".join(text.split())
    if ": " in text:
        text = _COLON.sub(", ", text)
    if _is_one_group(text):
        return [text]
    return [name for part in _AND.split(text) for name in _split_at_commas(part)]


def without_degrees(text: str) -> str:
    """Names without the degrees after them: "Jane Doe, PhD, John Roe, MD".

    Some degrees look like initials; they count beside one that does not, or two in a row.
    """
    degrees = _degrees()
    is_plain = not any(map(text.__contains__, degrees.hints)) and text.count(",") < 2
    if is_plain or degrees.sure.search(text) is None:
        return text
    return degrees.any.sub("", text)


def without_marks(name: str) -> str:
    """A name without its ORCID, its affiliation and marks: "Lia Roux1,2*", "Lia Roux [Uni A]"."""
    if not _HAS_MARKS.search(name):
        return name
    name = _PLACE.sub("", _ORCID.sub("", name))
    return _MARKS.sub("", _NUMBERED.sub("", _RAISED.sub("", name)))


def _without_affiliations(text: str) -> str:
    text = _RAISED.sub("", _ORCID.sub("", text))
    for _ in range(4):  # brackets stand within brackets
        less = _BRACKETS.sub("", text)
        if less == text:
            break
        text = less
    return _MARKS.sub("", _UNCLOSED.sub("", text))


def _of_part(part: str) -> list[str]:
    """The names between two semicolons: one, or several persons.

    "and" is part of a group's name there, unless it stands between what only persons are
    called; commas part persons where each has initials after the family name.
    """
    part = _CLOSE_COMMA.sub(", ", _LEADING_AND.sub("", part))
    short = part.split(", ")
    if len(short) > 1 and all(map(_SHORT_NAME.fullmatch, short)):
        return short
    names = _AND.split(part)
    return names if all(map(_PERSON.fullmatch, names)) else [_without_stop(part)]


def _without_stop(name: str) -> str:
    """The name of a group without the full stop that ends the list."""
    is_group = name.endswith(".") and _GROUP_AT_END.search(name) is not None
    return name[:-1] if is_group else name


def _is_one_group(text: str) -> bool:
    """True where "and" stands within a group's name: "Centers for Control and Prevention"."""
    if "," in text:
        return False
    parts = _AND.split(text)
    if len(parts) < 2:
        return False
    if any(_GROUP_WORDS.search(one) for one in parts):
        return True
    words = [len(one.split()) for one in parts]
    return min(words) == 1 and max(words) >= 3


def _are_names(lines: list[str]) -> bool:
    """True where each line holds one name, so that the lines are no wrapped list."""
    return len(lines) > 1 and all(
        len(one.split()) > 1 and not one.endswith(",") and _is_one_name(one) for one in lines
    )


def _is_one_name(line: str) -> bool:
    return len(_AND.split(line)) == 1 and len(_split_at_commas(line)) == 1


def _split_at_commas(text: str) -> list[str]:
    parts: list[str] = []
    for part in (one.strip() for one in text.split(",")):
        if parts and _NAME_ENDING.fullmatch(part):
            parts[-1] += f", {part}"
        elif part:
            parts.append(part)
    if len(parts) < 2:
        return parts
    if _HAN_NAMES.fullmatch(text):
        return parts
    if len(parts) % 2 == 0 and _are_turned(parts):
        return [f"{last}, {first}" for last, first in zip(parts[::2], parts[1::2], strict=True)]
    if len(parts) == 2 and min(len(one.split()) for one in parts) == 1:
        return [", ".join(parts)]
    return _without_last_stop(parts)


def _are_turned(parts: list[str]) -> bool:
    """True for family and given names in turn: initials at each second place, or single words."""
    if all(_INITIALS.fullmatch(one) for one in parts[1::2]):
        return True
    return len(parts) > 2 and all(len(one.split()) == 1 for one in parts)


def _without_last_stop(parts: list[str]) -> list[str]:
    """Names such as "Moreau L" without the full stop that ends the list of them."""
    last = parts[-1]
    ends_list = last.endswith(".") and "." not in "".join(parts[:-1]) and last.count(".") == 1
    if ends_list and not _NAME_ENDING.fullmatch(last.split()[-1]):
        parts[-1] = last[:-1]
    return parts
