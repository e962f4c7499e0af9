"""Comparing texts as a reader would: case, LaTeX, spaces and the writing of numbers aside."""

from __future__ import annotations

import math
import re
import unicodedata
from functools import lru_cache

from assistant.text.numbers.compare import numbers

_LATEX = (
    (re.compile(r"\\(?:times|cdot)\b"), "×"),
    (re.compile(r"\\(?:approx|sim)\b"), "~"),
    (re.compile(r"\\(?:text|mathrm|mathbf|mathcal|emph|textbf|textit)\s*\{([^{}]*)\}"), r"\1"),
    (re.compile(r"\\([%&#_$])"), r"\1"),
    (re.compile(r"[${}]"), ""),
    (re.compile(r"(?<=\d),(?=\d{3}\b)"), ""),
    (re.compile(r"[‐‑‒–—−]"), "-"),
    (re.compile(r"[×✕]"), "x"),
    (re.compile(r"[“”„\"'’‘`*]"), ""),
)
_PARTS = re.compile(r"[^\W\d_]+|\d+(?:\.\d+)?|[^\w\s]")
_MARK = re.compile(r"\s*\[(?:\d{1,3}|\?)\]")
_QUANTITY = re.compile(r"\d[\d.]*\s?-?\s?(?:[^\W\d_]+|%)")
_GAP = r"[\s-]*"


def plain(text: str) -> str:
    """A text without LaTeX, quotes and emphasis, in lower case."""
    text = unicodedata.normalize("NFKC", text)
    for pattern, instead in _LATEX:
        text = pattern.sub(instead, text)
    return " ".join(text.casefold().split())


def unmarked(text: str) -> str:
    """An answer's text without its citation marks."""
    return _MARK.sub("", text)


def fact_is_in(fact: str, text: str) -> bool:
    """True when a text states a fact: the same words or number, however they are written.

    "3.0M" is found in "3.0 M" and "3.0 million", "24x" in "24 times"; "26" is not found in
    "260" or "0.26", nor "AERO" in "aerobic".
    """
    if _pattern(plain(fact)).search(plain(text)):
        return True
    known = numbers(fact)
    if len(known) != 1 or not _QUANTITY.fullmatch(plain(fact)):
        return False
    return any(
        other.unit == known[0].unit and math.isclose(other.value, known[0].value, rel_tol=1e-9)
        for other in numbers(text)
    )


def same_title(one: str, other: str) -> bool:
    """True when two titles differ by no more than their writing."""
    return letters(one) == letters(other)


def begins_title(name: str, title: str) -> bool:
    """True when a title begins with a name, or its part before a colon ends with it."""
    head, own = letters(title.partition(":")[0]), letters(name)
    return bool(own) and (letters(title).startswith(own) or head.endswith(own))


@lru_cache(maxsize=1 << 12)
def letters(title: str) -> str:
    """The letters and digits of a title, as its writing does not change them."""
    return "".join(char for char in plain(title) if char.isalnum())


@lru_cache(maxsize=1 << 12)
def _pattern(fact: str) -> re.Pattern[str]:
    parts = _PARTS.findall(fact)
    parts = [one for one in parts if one != "-"] or parts
    middle = _GAP.join(re.escape(one) for one in parts)
    before = r"(?<![\d.])" if parts and parts[0][0].isdigit() else r"(?<![^\W_])"
    after = r"(?!\d|\.\d)" if parts and parts[-1][-1].isdigit() else r"(?!(?!s\b)[^\W\d_])"
    if parts and not parts[-1][-1].isalnum():
        after = ""
    return re.compile(before + middle + after)
